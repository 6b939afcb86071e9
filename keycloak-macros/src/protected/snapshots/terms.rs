/// Documented.
#[cfg(feature = "admin")]
pub(crate) async fn r#match<T: Send>(
    ::kc::__private::Guard { .. }: ::kc::__private::Guard<__keycloak_policy_match>,
    Path(id): Path<u64>,
) -> impl IntoResponse {
    body(id).await
}
#[cfg(feature = "admin")]
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
pub(crate) enum __keycloak_policy_match {}
#[cfg(feature = "admin")]
const _: () = {
    const __KEYCLOAK_NAME_0: &str = ::kc::__private::role_name(names::EDITOR);
    const __KEYCLOAK_POLICY_0: &::kc::__private::Policy = ::kc::__private::named_policy(
        &ADMINS,
    );
    fn __keycloak_check_0<'a>(
        __keycloak_user: &'a ::kc::User,
        __keycloak_parts: &'a ::kc::__private::Parts,
    ) -> ::kc::__private::Verdict<'a> {
        ::kc::__private::run_check(checks::on_call, __keycloak_user, __keycloak_parts)
    }
    const __KEYCLOAK_TERMS: &[::kc::__private::Term] = &[
        ::kc::__private::Term::Roles(::kc::__private::Set {
            mode: ::kc::__private::Mode::All,
            items: &["admin", __KEYCLOAK_NAME_0],
        }),
        ::kc::__private::Term::Any(
            &[
                ::kc::__private::Term::Groups(::kc::__private::Set {
                    mode: ::kc::__private::Mode::Any,
                    items: &["ops", "/eng/**"],
                }),
                ::kc::__private::Term::Not(
                    &::kc::__private::Term::Scopes(::kc::__private::Set {
                        mode: ::kc::__private::Mode::All,
                        items: &["guest"],
                    }),
                ),
            ],
        ),
        ::kc::__private::Term::ClientRoles(
            ::core::option::Option::Some("api"),
            ::kc::__private::Set {
                mode: ::kc::__private::Mode::None,
                items: &["banned"],
            },
        ),
        ::kc::__private::Term::Claim(
            "a.b",
            ::kc::__private::Set {
                mode: ::kc::__private::Mode::All,
                items: &["x"],
            },
        ),
        ::kc::__private::Term::ClaimBool("email_verified", true),
        ::kc::__private::Term::Policy("ADMINS", __KEYCLOAK_POLICY_0),
        ::kc::__private::Term::Check("checks::on_call", __keycloak_check_0),
    ];
    const _: ::core::option::Option<&'static str> = ::core::option_env!(
        "KEYCLOAK_REALM_EXPORT"
    );
    #[automatically_derived]
    impl ::kc::__private::HasPolicy for __keycloak_policy_match {
        const POLICY: ::kc::__private::Policy = ::kc::__private::Policy::__new(
            __KEYCLOAK_TERMS,
            "roles = [\"admin\", names::EDITOR], any(groups = any[\"ops\", \"/eng/**\"], not(scopes = [\"guest\"])), client_roles(\"api\") = none[\"banned\"], claim(\"a.b\") = [\"x\"], claim(\"email_verified\") = true, policy = ADMINS, check = checks::on_call",
        );
    }
    ::kc::__private::register! {
        kind : Protected, handler : "match", policy : ::core::option::Option::Some(<
        __keycloak_policy_match as ::kc::__private::HasPolicy > ::POLICY),
    }
};
#[cfg(feature = "admin")]
::kc::__private::openapi_glue! {
    kind : protected, handler : r#match, path : __path_match, policy :
    __keycloak_policy_match, documented : false,
}
