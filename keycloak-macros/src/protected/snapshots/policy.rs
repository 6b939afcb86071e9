const ADMINS: Policy = {
    const _: ::core::option::Option<&'static str> = ::core::option_env!(
        "KEYCLOAK_REALM_EXPORT"
    );
    const __KEYCLOAK_POLICY: ::kc::__private::Policy = {
        #[allow(unused_imports)]
        use ::kc::__private::terms::*;
        Policy::__new(
            &[
                Term::Ask(Question {
                    kind: Kind::Roles,
                    subject: None,
                    asked: Asked::Set(Set {
                        mode: Mode::All,
                        items: &["admin"],
                        templates: false,
                    }),
                }),
            ],
            "roles = [\"admin\"]",
        )
    };
    __KEYCLOAK_POLICY
};
