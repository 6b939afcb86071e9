async fn page(
    ::kc::__private::Guard { .. }: ::kc::__private::Guard<__keycloak_policy_page>,
    user: Option<User>,
) {}
::kc::__private::protected! {
    __keycloak_policy_page Settled, "page", ::core::line!(), {}, Policy::__optional(),
    __path_page perhaps
}
