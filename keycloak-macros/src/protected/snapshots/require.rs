async fn page(
    __keycloak_guard: ::kc::__private::PendingGuard<__keycloak_policy_page>,
    user: User,
    Path(id): Path<String>,
) -> ::core::result::Result<Result<impl IntoResponse, Error>, ::kc::Rejection> {
    let __keycloak_handler = {
        #[allow(clippy::unused_async, clippy::too_many_arguments)]
        async fn page(
            #[allow(unused_variables)]
            user: User,
            #[allow(unused_variables)]
            Path(id): Path<String>,
        ) -> Result<impl IntoResponse, Error> {
            let page = load(id).await?;
            Ok(page)
        }
        page
    };
    let mut __keycloak_pending = __keycloak_guard.pending();
    if ::kc::__private::Pending::needs(&__keycloak_pending, 0u8) {
        let __keycloak_holds = {
            ::kc::__private::the_caller(&user);
            #[allow(unused_variables)]
            let user: &::kc::User = ::kc::__private::Pending::user(&__keycloak_pending);
            ::kc::__private::answer(
                async {
                    ::core::result::Result::Ok::<
                        _,
                        ::kc::Deny,
                    >(::kc::__private::rule(user.subject() == id))
                }
                    .await,
            )
        };
        let _ = &user;
        let _ = &id;
        ::kc::__private::Pending::answer(&mut __keycloak_pending, 0u8, __keycloak_holds);
    }
    if let ::core::result::Result::Err(__keycloak_rejection) = __keycloak_pending
        .finish()
    {
        return ::core::result::Result::Err(__keycloak_rejection);
    }
    ::core::result::Result::Ok(__keycloak_handler(user, Path(id)).await)
}
const _: ::core::option::Option<&'static str> = ::core::option_env!(
    "KEYCLOAK_REALM_EXPORT"
);
::kc::__private::protected! {
    __keycloak_policy_page Asking, "page", ::core::line!(), {}, Policy::__new(&
    [Term::Any(& [Term::Ask(Question { kind : Kind::Roles, subject : None, asked :
    Asked::Set(Set { mode : Mode::All, items : & ["admin"], templates : false }) }),
    Term::Require(0u8, "user.subject() == id")])],
    "any(roles = [\"admin\"], require = user.subject() == id)"), __path_page perhaps
}
