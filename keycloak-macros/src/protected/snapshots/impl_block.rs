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
    fn method(&self) -> usize {
        1
    }
}
const _: ::core::option::Option<&'static str> = ::core::option_env!(
    "KEYCLOAK_REALM_EXPORT"
);
::kc::__private::protected! {
    __keycloak_policy_Api___T__list Settled, "Api::list", ::core::line!(), {},
    Policy::__new(& [Term::Ask(Question { kind : Kind::Roles, subject : None, asked :
    Asked::Set(Set { mode : Mode::All, items : & ["staff"], templates : false }) })],
    "roles = [\"staff\"]")
}
::kc::__private::protected! {
    pub __keycloak_policy_Api___T__one Settled, "Api::one", ::core::line!(), {},
    Policy::__new(& [Term::Ask(Question { kind : Kind::Roles, subject : None, asked :
    Asked::Set(Set { mode : Mode::All, items : & ["staff"], templates : false }) }),
    Term::Ask(Question { kind : Kind::Groups, subject : None, asked : Asked::Set(Set {
    mode : Mode::All, items : & ["ops"], templates : false }) })],
    "roles = [\"staff\"], groups = [\"ops\"]")
}
::kc::__private::public! {
    "Api::health", ::core::line!()
}
const _: () = ::kc::__private::rusts_own::<usize, ::core::primitive::usize>();
const _: () = {
    #[keycloak::protected(__keycloak_is_it_ours(::kc))]
    enum __KeycloakAttribute {}
    ::kc::__private::ours::<__KeycloakAttribute, ::kc::__private::OurProtected>()
};
const _: () = {
    #[public(__keycloak_is_it_ours(::kc))]
    enum __KeycloakAttribute {}
    ::kc::__private::ours::<__KeycloakAttribute, ::kc::__private::OurPublic>()
};
