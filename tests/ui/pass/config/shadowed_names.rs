//! Nothing in the surroundings changes what the generated code means.
#![allow(dead_code, non_camel_case_types)]

mod core {}
mod std {}
struct Option;
struct Some;
struct Result;
struct Config;
struct Tag;
trait ReadKnown {}

trait ByValue: Sized {
    fn read<A, B, C>(self, _: A, _: B, _: C) {}

    fn note<A, B, C, D>(self, _: A, _: B, _: C, _: D) {}

    fn as_ref(self) {}
}

impl<T> ByValue for T {}

#[::keycloak::config]
struct Auth {
    server_url: ::std::string::String,
    realm: ::std::string::String,
    client_id: ::std::string::String,
    leeway: ::std::option::Option<::std::time::Duration>,
}

pub(crate) fn main() {
    let _ = Auth::from_env();
}
