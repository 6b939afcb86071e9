pub async fn health(
    ::kc::__private::PublicGuard { .. }: ::kc::__private::PublicGuard,
) -> &'static str {
    "ok"
}
::kc::__private::public! {
    "health", ::core::line!(), __path_health perhaps
}
