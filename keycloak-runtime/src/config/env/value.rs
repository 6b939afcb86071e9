//! Types of settings that this crate reads itself, because their own `FromStr` is missing, too
//! narrow, or must not see surrounding blanks.

use std::time::Duration;

use url::Url;

use crate::{
    jose::algorithm::Algorithm,
    settings::{Proxy, TokenCheck},
};

/// A value with a textual form of ours. Blanks around it are dropped: none of these types can
/// contain any.
pub trait Value: Sized {
    /// What to write, for the problem's text.
    const EXPECTED: &'static str;

    /// The value of `text`, which is trimmed.
    fn parse(text: &str) -> Option<Self>;
}

impl Value for bool {
    const EXPECTED: &'static str = "`true` or `false`";

    fn parse(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Some(true),
            "false" | "0" | "no" | "off" => Some(false),
            _ => None,
        }
    }
}

impl Value for Duration {
    const EXPECTED: &'static str =
        "a duration: `500ms`, `5s`, `2m`, `1h`, or a whole number of seconds";

    fn parse(text: &str) -> Option<Self> {
        let digits = text.find(|c: char| !c.is_ascii_digit());
        let (number, unit) = text.split_at(digits.unwrap_or(text.len()));
        let number: u64 = number.parse().ok()?;
        let seconds_per_unit: u64 = match unit {
            "ms" => return Some(Self::from_millis(number)),
            "" | "s" => 1,
            "m" => 60,
            "h" => 3600,
            _ => return None,
        };
        number.checked_mul(seconds_per_unit).map(Self::from_secs)
    }
}

impl Value for Url {
    const EXPECTED: &'static str = "an absolute URL such as `https://sso.example.com`";

    fn parse(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

impl Value for Proxy {
    const EXPECTED: &'static str = "`env`, or a URL such as `http://proxy.example.com:3128`";

    fn parse(text: &str) -> Option<Self> {
        // The builder reports a text that is not a proxy's URL.
        Some(Self::from(text))
    }
}

impl Value for Algorithm {
    const EXPECTED: &'static str = "a name such as `RS256`, `ES256` or `EdDSA`";

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl Value for TokenCheck {
    const EXPECTED: &'static str = "`local`, `introspect` or `local-then-introspect`";

    fn parse(text: &str) -> Option<Self> {
        match text {
            "local" => Some(Self::Local),
            "introspect" => Some(Self::Introspect),
            "local-then-introspect" => Some(Self::LocalThenIntrospect),
            _ => None,
        }
    }
}

macro_rules! numbers {
    ($($ty:ty: $expected:literal),* $(,)?) => {$(
        impl Value for $ty {
            const EXPECTED: &'static str = $expected;

            fn parse(text: &str) -> Option<Self> {
                text.parse().ok()
            }
        }
    )*};
}

numbers! {
    u8: "a whole number from 0 to 255",
    u16: "a whole number from 0 to 65535",
    u32: "a whole number from 0 to 4294967295",
    u64: "a whole number, not negative",
    u128: "a whole number, not negative",
    usize: "a whole number, not negative",
    i8: "a whole number from -128 to 127",
    i16: "a whole number from -32768 to 32767",
    i32: "a whole number",
    i64: "a whole number",
    i128: "a whole number",
    isize: "a whole number",
    f32: "a number",
    f64: "a number",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "cases read better without `&`"
    )]
    fn check<T: Value + PartialEq + std::fmt::Debug>(text: &str, expected: Option<T>) {
        assert_eq!(T::parse(text), expected, "{text}");
    }

    #[test]
    fn durations_have_units_and_bare_numbers_are_seconds() {
        check("500ms", Some(Duration::from_millis(500)));
        check("5s", Some(Duration::from_secs(5)));
        check("2m", Some(Duration::from_mins(2)));
        check("1h", Some(Duration::from_hours(1)));
        check("7", Some(Duration::from_secs(7)));
        check("0", Some(Duration::ZERO));
    }

    #[test]
    fn refuses_what_could_be_read_two_ways() {
        for text in [
            "", "s", "-1s", "+5s", "1.5s", "5 s", "5S", "5sec", "1m30s", "٥s", "1d", "1e3",
        ] {
            check::<Duration>(text, None);
        }
    }

    #[test]
    fn refuses_durations_beyond_the_type() {
        check::<Duration>("18446744073709551616s", None);
        check::<Duration>("18446744073709551615h", None);
    }

    #[test]
    fn booleans_in_the_usual_spellings() {
        for text in ["true", "TRUE", "1", "yes", "on"] {
            check(text, Some(true));
        }
        for text in ["false", "False", "0", "no", "off"] {
            check(text, Some(false));
        }
        check::<bool>("maybe", None);
    }

    #[test]
    fn urls_are_absolute() {
        check(
            "https://sso.example.com",
            Url::parse("https://sso.example.com").ok(),
        );
        check::<Url>("sso.example.com", None);
        check::<Url>("/realms", None);
    }
}
