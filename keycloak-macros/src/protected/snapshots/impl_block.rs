impl<T> Api<T> {
    const LIMIT: usize = 1;
    async fn list(
        ::kc::__private::Guard {
            ..
        }: ::kc::__private::Guard<__keycloak_policy_Api___T__list>,
    ) {}
    pub async fn one(
        ::kc::__private::Guard {
            ..
        }: ::kc::__private::Guard<__keycloak_policy_Api___T__one>,
    ) {}
    async fn health(::kc::__private::PublicGuard { .. }: ::kc::__private::PublicGuard) {}
    async fn method(&self) {}
}
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
enum __keycloak_policy_Api___T__list {}
const _: () = {
    const __KEYCLOAK_TERMS: &[::kc::__private::Term] = &[
        ::kc::__private::Term::Roles(::kc::__private::Set {
            mode: ::kc::__private::Mode::All,
            items: &["staff"],
        }),
    ];
    const _: ::core::option::Option<&'static str> = ::core::option_env!(
        "KEYCLOAK_REALM_EXPORT"
    );
    #[automatically_derived]
    impl ::kc::__private::HasPolicy for __keycloak_policy_Api___T__list {
        const POLICY: ::kc::__private::Policy = ::kc::__private::Policy::__new(
            __KEYCLOAK_TERMS,
            "roles = [\"staff\"]",
        );
    }
    ::kc::__private::register! {
        kind : Protected, handler : "Api::list", policy : ::core::option::Option::Some(<
        __keycloak_policy_Api___T__list as ::kc::__private::HasPolicy > ::POLICY),
    }
};
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
pub enum __keycloak_policy_Api___T__one {}
const _: () = {
    const __KEYCLOAK_TERMS: &[::kc::__private::Term] = &[
        ::kc::__private::Term::Roles(::kc::__private::Set {
            mode: ::kc::__private::Mode::All,
            items: &["staff"],
        }),
        ::kc::__private::Term::Groups(::kc::__private::Set {
            mode: ::kc::__private::Mode::All,
            items: &["ops"],
        }),
    ];
    const _: ::core::option::Option<&'static str> = ::core::option_env!(
        "KEYCLOAK_REALM_EXPORT"
    );
    #[automatically_derived]
    impl ::kc::__private::HasPolicy for __keycloak_policy_Api___T__one {
        const POLICY: ::kc::__private::Policy = ::kc::__private::Policy::__new(
            __KEYCLOAK_TERMS,
            "roles = [\"staff\"], groups = [\"ops\"]",
        );
    }
    ::kc::__private::register! {
        kind : Protected, handler : "Api::one", policy : ::core::option::Option::Some(<
        __keycloak_policy_Api___T__one as ::kc::__private::HasPolicy > ::POLICY),
    }
};
::kc::__private::register! {
    kind : Public, handler : "Api::health", policy : ::core::option::Option::None,
}
