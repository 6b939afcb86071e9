use std::{fmt, str::FromStr};

type Maybe<T> = Option<T>;
type Hidden = keycloak::Secret;
type Names = Vec<String>;

#[derive(Debug, PartialEq)]
enum Mode {
    Fast,
    Slow,
}

#[derive(Debug)]
struct NoMode;

impl fmt::Display for NoMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("neither fast nor slow")
    }
}

impl FromStr for Mode {
    type Err = NoMode;

    fn from_str(text: &str) -> Result<Self, NoMode> {
        match text {
            "fast" => Ok(Self::Fast),
            "slow" => Ok(Self::Slow),
            _ => Err(NoMode),
        }
    }
}

#[keycloak::config]
struct Auth {
    server_url: String,
    realm: String,
    client_id: String,
    client_secret: Maybe<Hidden>,
    audience: Maybe<String>,
    authorized_parties: Names,
    #[keycloak(env = "MODE", default = Mode::Fast)]
    mode: Mode,
    #[keycloak(env = "MODES", default = "fast,slow")]
    modes: Vec<Mode>,
    #[keycloak(env = "NEXT")]
    next: Option<Mode>,
}

pub(crate) fn main() {
    let vars = [
        ("KEYCLOAK_SERVER_URL", "https://sso.example.com"),
        ("KEYCLOAK_REALM", "demo"),
        ("KEYCLOAK_CLIENT_ID", "demo-api"),
        ("KEYCLOAK_AUTHORIZED_PARTIES", "web"),
        ("NEXT", "slow"),
    ];
    let auth = Auth::from_vars(vars).unwrap();
    assert_eq!(auth.mode, Mode::Fast);
    assert_eq!(auth.modes, [Mode::Fast, Mode::Slow]);
    assert_eq!(auth.next, Some(Mode::Slow));
}
