pub async fn health(
    ::kc::__private::PublicGuard { .. }: ::kc::__private::PublicGuard,
) -> &'static str {
    "ok"
}
::kc::__private::register! {
    kind : Public, handler : "health", policy : ::core::option::Option::None,
}
::kc::__private::openapi_glue! {
    kind : public, handler : health, path : __path_health, policy : (), documented :
    false,
}
