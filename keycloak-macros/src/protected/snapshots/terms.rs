/// Documented.
#[cfg(feature = "admin")]
pub(crate) async fn r#match<T: Send>(
    ::kc::__private::Guard { .. }: ::kc::__private::Guard<__keycloak_policy_match>,
    Path(id): Path<u64>,
) -> impl IntoResponse {
    body(id).await
}
const _: ::core::option::Option<&'static str> = ::core::option_env!(
    "KEYCLOAK_REALM_EXPORT"
);
#[cfg(feature = "admin")]
::kc::__private::protected! {
    pub (crate) __keycloak_policy_match Settled, "match", ::core::line!(), { const
    __KEYCLOAK_NAME_0 : & str =
    ::kc::__private::braces(::kc::__private::role_name(names::EDITOR)); const
    __KEYCLOAK_TEMPLATES_1 : bool = ::kc::__private::has_braces(__KEYCLOAK_NAME_0); const
    __KEYCLOAK_POLICY_0 : & ::kc::__private::Policy = ::kc::__private::named_policy(&
    ADMINS); fn __keycloak_check_0 < 'a > (__keycloak_user : & 'a::kc::User,
    __keycloak_parts : & 'a::kc::__private::Parts,) -> ::kc::__private::Verdict < 'a > {
    ::kc::__private::run_check(checks::on_call, __keycloak_user, __keycloak_parts) } },
    Policy::__new(& [Term::Ask(Question { kind : Kind::Roles, subject : None, asked :
    Asked::Set(Set { mode : Mode::All, items : & ["admin", __KEYCLOAK_NAME_0], templates
    : __KEYCLOAK_TEMPLATES_1 }) }), Term::Any(& [Term::Ask(Question { kind :
    Kind::Groups, subject : None, asked : Asked::Set(Set { mode : Mode::Any, items : &
    ["ops", "/eng/**"], templates : false }) }), Term::Not(& Term::Ask(Question { kind :
    Kind::RealmRoles, subject : None, asked : Asked::Set(Set { mode : Mode::All, items :
    & ["guest"], templates : false }) }))]), Term::Ask(Question { kind :
    Kind::ClientRoles, subject : Some("api"), asked : Asked::Set(Set { mode : Mode::None,
    items : & ["banned"], templates : false }) }), Term::Ask(Question { kind :
    Kind::Claim, subject : Some("a.b"), asked : Asked::Set(Set { mode : Mode::All, items
    : & ["x"], templates : false }) }), Term::Ask(Question { kind : Kind::Claim, subject
    : Some("email_verified"), asked : Asked::Flag(true) }), Term::Policy("ADMINS",
    __KEYCLOAK_POLICY_0), Term::Check("checks::on_call", __keycloak_check_0)],
    "roles = [\"admin\", names::EDITOR], any(groups = any[\"ops\", \"/eng/**\"], not(realm_roles = [\"guest\"])), client_roles(\"api\") = none[\"banned\"], claim(\"a.b\") = [\"x\"], claim(\"email_verified\") = true, policy = ADMINS, check = checks::on_call"),
    __path_match perhaps
}
