async fn page(
    ::kc::__private::Guard { .. }: ::kc::__private::Guard<__keycloak_policy_page>,
    user: Option<User>,
) {}
#[doc(hidden)]
#[allow(
    non_camel_case_types,
    unreachable_pub,
    unnameable_types,
    dead_code,
    missing_debug_implementations,
    clippy::exhaustive_enums,
    clippy::empty_enums
)]
enum __keycloak_policy_page {}
const _: () = {
    #[automatically_derived]
    impl ::kc::__private::HasPolicy for __keycloak_policy_page {
        const POLICY: ::kc::__private::Policy = ::kc::__private::Policy::__optional();
    }
    ::kc::__private::register! {
        kind : Protected, handler : "page", policy : ::core::option::Option::Some(<
        __keycloak_policy_page as ::kc::__private::HasPolicy > ::POLICY),
    }
};
::kc::__private::openapi_glue! {
    kind : protected, handler : page, path : __path_page, policy :
    __keycloak_policy_page, documented : false,
}
