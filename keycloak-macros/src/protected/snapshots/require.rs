async fn page(
    __keycloak_guard: ::kc::__private::Guard<__keycloak_policy_page>,
    user: User,
    Path(id): Path<String>,
) -> ::core::result::Result<Result<impl IntoResponse, Error>, ::kc::Rejection> {
    let mut __keycloak_pending = __keycloak_guard.pending();
    if __keycloak_pending.needs(0u8) {
        let __keycloak_holds: bool = {
            let _: &::kc::User = &user;
            #[allow(unused_variables)]
            let user: &::kc::User = __keycloak_pending.user();
            async {
                #[allow(clippy::let_and_return)]
                let __keycloak_holds: bool = user.subject() == id;
                __keycloak_holds
            }
                .await
        };
        __keycloak_pending.answer(0u8, __keycloak_holds);
    }
    if let ::core::result::Result::Err(__keycloak_rejection) = __keycloak_pending
        .finish()
    {
        return ::core::result::Result::Err(__keycloak_rejection);
    }
    ::core::result::Result::Ok(
        async move {
            #[allow(
                unreachable_code,
                clippy::diverging_sub_expression,
                clippy::empty_loop,
                clippy::let_unit_value,
                clippy::let_with_type_underscore,
                clippy::needless_return
            )]
            if false {
                let __keycloak_never: Result<_, Error> = loop {};
                return __keycloak_never;
            }
            let page = load(id).await?;
            Ok(page)
        }
            .await,
    )
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
enum __keycloak_policy_page {}
const _: () = {
    const __KEYCLOAK_TERMS: &[::kc::__private::Term] = &[
        ::kc::__private::Term::Any(
            &[
                ::kc::__private::Term::Roles(::kc::__private::Set {
                    mode: ::kc::__private::Mode::All,
                    items: &["admin"],
                }),
                ::kc::__private::Term::Require(0u8, "user.subject() == id"),
            ],
        ),
    ];
    const _: ::core::option::Option<&'static str> = ::core::option_env!(
        "KEYCLOAK_REALM_EXPORT"
    );
    #[automatically_derived]
    impl ::kc::__private::HasPolicy for __keycloak_policy_page {
        const POLICY: ::kc::__private::Policy = ::kc::__private::Policy::__new(
            __KEYCLOAK_TERMS,
            "any(roles = [\"admin\"], require = user.subject() == id)",
        );
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
