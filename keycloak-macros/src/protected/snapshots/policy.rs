const ADMINS: Policy = {
    const _: ::core::option::Option<&'static str> = ::core::option_env!(
        "KEYCLOAK_REALM_EXPORT"
    );
    const __KEYCLOAK_POLICY: ::kc::__private::Policy = {
        #[allow(unused_imports)]
        use ::kc::__private::{Mode, Policy, Set, Term};
        Policy::__new(
            &[
                Term::Roles(Set {
                    mode: Mode::All,
                    items: &["admin"],
                }),
            ],
            "roles = [\"admin\"]",
        )
    };
    __KEYCLOAK_POLICY
};
