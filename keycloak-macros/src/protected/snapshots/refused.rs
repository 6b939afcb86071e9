::core::compile_error! {
    "unknown term `role` (did you mean `roles`?) [KC001]"
}
::core::compile_error! {
    "`roles` is empty, so it asks nothing; name what is asked for, or remove the term [KC004]"
}
async fn page(
    ::kc::__private::Guard { .. }: ::kc::__private::Guard<__keycloak_policy_page>,
) {}
::kc::__private::protected! {
    __keycloak_policy_page Settled, "page", ::core::line!(), {}, Policy::__new(&
    [Term::Any(& [])], ""), __path_page perhaps
}
