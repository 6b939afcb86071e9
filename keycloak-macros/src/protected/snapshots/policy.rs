const ADMINS: Policy = {
    const __KEYCLOAK_TERMS: &[::kc::__private::Term] = &[
        ::kc::__private::Term::Roles(::kc::__private::Set {
            mode: ::kc::__private::Mode::All,
            items: &["admin"],
        }),
    ];
    const _: ::core::option::Option<&'static str> = ::core::option_env!(
        "KEYCLOAK_REALM_EXPORT"
    );
    const __KEYCLOAK_POLICY: ::kc::__private::Policy = ::kc::__private::Policy::__new(
        __KEYCLOAK_TERMS,
        "roles = [\"admin\"]",
    );
    __KEYCLOAK_POLICY
};
