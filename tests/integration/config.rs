//! `#[keycloak::config]`: from variables to settings, and everything that can be wrong on the way.

use std::{
    collections::HashMap,
    ffi::{OsStr, OsString},
    num::NonZeroU16,
    time::Duration,
};

use keycloak::{Algorithm, ConfigError, Secret, TokenCheck, Url};

#[keycloak::config]
struct Auth {
    server_url: Url,
    realm: String,
    client_id: String,
    client_secret: Option<Secret>,
    audience: Vec<String>,
    #[keycloak(default = "5s")]
    leeway: Duration,
    algorithms: Vec<Algorithm>,
    #[keycloak(default = false)]
    enable_token_refresh: bool,
}

const REQUIRED: [(&str, &str); 3] = [
    ("KEYCLOAK_SERVER_URL", "https://sso.example.com"),
    ("KEYCLOAK_REALM", "demo"),
    ("KEYCLOAK_CLIENT_ID", "demo-api"),
];

fn with<'a>(more: &[(&'a str, &'a str)]) -> HashMap<&'a str, &'a str> {
    REQUIRED.iter().chain(more).copied().collect()
}

/// Name and problem of each mistake.
fn mistakes(error: &ConfigError) -> Vec<(&str, &str)> {
    error
        .mistakes()
        .iter()
        .map(|mistake| (mistake.name(), mistake.problem()))
        .collect()
}

#[track_caller]
fn refused(more: &[(&str, &str)]) -> ConfigError {
    match Auth::from_vars(with(more)) {
        Ok(_) => panic!("accepted: {more:?}"),
        Err(error) => error,
    }
}

#[test]
fn reads_every_kind_of_field() {
    let auth = Auth::from_vars(with(&[
        ("KEYCLOAK_CLIENT_SECRET", "s3 cret"),
        ("KEYCLOAK_AUDIENCE", "a, b,,c"),
        ("KEYCLOAK_LEEWAY", " 500ms "),
        ("KEYCLOAK_ALGORITHMS", "ES256,EdDSA"),
        ("KEYCLOAK_ENABLE_TOKEN_REFRESH", "TRUE"),
    ]))
    .unwrap();
    assert_eq!(auth.server_url.as_str(), "https://sso.example.com/");
    assert_eq!(auth.realm, "demo");
    assert_eq!(auth.client_id, "demo-api");
    assert_eq!(auth.client_secret.as_ref().unwrap().expose(), "s3 cret");
    assert_eq!(auth.audience, ["a", "b", "c"]);
    assert_eq!(auth.leeway, Duration::from_millis(500));
    assert_eq!(auth.algorithms, [Algorithm::ES256, Algorithm::EdDSA]);
    assert!(auth.enable_token_refresh);
    auth.build().unwrap();
    auth.builder().explain_refusals().build().unwrap();
}

#[test]
fn what_is_not_set_is_default_none_or_empty() {
    let auth = Auth::from_vars(REQUIRED).unwrap();
    assert!(auth.client_secret.is_none());
    assert!(auth.audience.is_empty());
    assert_eq!(auth.leeway, Duration::from_secs(5));
    assert!(!auth.enable_token_refresh);
}

#[test]
fn empty_means_not_set() {
    let auth = Auth::from_vars(with(&[
        ("KEYCLOAK_CLIENT_SECRET", ""),
        ("KEYCLOAK_CLIENT_SECRET_FILE", ""),
        ("KEYCLOAK_AUDIENCE", ""),
        ("KEYCLOAK_LEEWAY", ""),
    ]))
    .unwrap();
    assert!(auth.client_secret.is_none());
    assert_eq!(auth.leeway, Duration::from_secs(5));

    let error = refused(&[("KEYCLOAK_REALM", "")]);
    assert_eq!(
        mistakes(&error),
        [(
            "KEYCLOAK_REALM",
            "set to the empty string, which counts as not set"
        )]
    );
}

#[test]
fn names_every_problem_at_once_and_no_value() {
    let error = Auth::from_vars([
        ("KEYCLOAK_SERVER_URL", "hunter2-not-a-url"),
        ("KEYCLOAK_RELAM", "hunter2"),
        ("KEYCLOAK_CLIENT_SECRET", "hunter2"),
        ("KEYCLOAK_CLIENT_SECRET_FILE", "/hunter2"),
        ("KEYCLOAK_LEEWAY", "hunter2"),
        ("KEYCLOAK_ALGORITHMS", "RS256,hunter2"),
        ("KEYCLOAK_ENABLE_TOKEN_REFRESH", "hunter2"),
    ])
    .err()
    .unwrap();
    assert_eq!(
        mistakes(&error)
            .iter()
            .map(|(name, _)| *name)
            .collect::<Vec<_>>(),
        [
            "KEYCLOAK_SERVER_URL",
            "KEYCLOAK_REALM",
            "KEYCLOAK_CLIENT_ID",
            "KEYCLOAK_CLIENT_SECRET",
            "KEYCLOAK_LEEWAY",
            "KEYCLOAK_ALGORITHMS",
            "KEYCLOAK_ENABLE_TOKEN_REFRESH",
        ]
    );
    let text = format!("{error} {error:?}");
    assert!(!text.contains("hunter2"), "{text}");
    assert!(
        text.contains("KEYCLOAK_RELAM is set: a misspelling?"),
        "{text}"
    );
}

#[test]
fn what_the_builder_refuses_is_reported_under_the_variable_beside_what_is_missing() {
    let error = Auth::from_vars([
        ("KEYCLOAK_SERVER_URL", "ftp://sso.example.com"),
        ("KEYCLOAK_REALM", "demo"),
        ("KEYCLOAK_LEEWAY", "10m"),
        ("KEYCLOAK_ENABLE_TOKEN_REFRESH", "yes"),
    ])
    .err()
    .unwrap();
    assert_eq!(
        mistakes(&error)
            .iter()
            .map(|(name, _)| *name)
            .collect::<Vec<_>>(),
        [
            "KEYCLOAK_CLIENT_ID",
            "KEYCLOAK_SERVER_URL",
            "KEYCLOAK_CLIENT_SECRET",
            "KEYCLOAK_LEEWAY",
        ]
    );
}

#[cfg(unix)]
#[test]
fn refuses_what_is_not_unicode() {
    use std::os::unix::ffi::OsStrExt as _;
    let mut vars: HashMap<OsString, OsString> = REQUIRED
        .iter()
        .map(|(name, value)| ((*name).into(), (*value).into()))
        .collect();
    vars.insert(
        "KEYCLOAK_REALM".into(),
        OsStr::from_bytes(b"de\xffmo").to_owned(),
    );
    let error = Auth::from_vars(vars).err().unwrap();
    assert_eq!(mistakes(&error), [("KEYCLOAK_REALM", "not valid Unicode")]);
}

mod secret_files {
    use super::*;

    /// A file of its own for each test.
    struct File(std::path::PathBuf);

    impl File {
        fn new(name: &str, content: &[u8]) -> Self {
            let name = format!("keycloak-config-{}-{name}", std::process::id());
            let path = std::env::temp_dir().join(name);
            std::fs::write(&path, content).unwrap();
            Self(path)
        }

        fn path(&self) -> &str {
            self.0.to_str().unwrap()
        }
    }

    impl Drop for File {
        fn drop(&mut self) {
            let _ = std::fs::remove_file(&self.0);
        }
    }

    #[track_caller]
    fn check(name: &str, content: &[u8], expected: Result<&str, &str>) {
        let file = File::new(name, content);
        let loaded = Auth::from_vars(with(&[("KEYCLOAK_CLIENT_SECRET_FILE", file.path())]));
        match (loaded, expected) {
            (Ok(auth), Ok(expected)) => {
                assert_eq!(auth.client_secret.unwrap().expose(), expected);
            }
            (Err(error), Err(expected)) => {
                assert_eq!(
                    mistakes(&error),
                    [("KEYCLOAK_CLIENT_SECRET_FILE", expected)]
                );
                assert!(!error.to_string().contains(file.path()));
            }
            (Ok(_), Err(expected)) => panic!("accepted, instead of: {expected}"),
            (Err(error), Ok(_)) => panic!("refused: {error}"),
        }
    }

    #[test]
    fn one_line_break_at_the_end_does_not_belong_to_the_secret() {
        check("bare", b"s3cret", Ok("s3cret"));
        check("unix", b"s3cret\n", Ok("s3cret"));
        check("dos", b"s3cret\r\n", Ok("s3cret"));
        check("inside", b"s3\ncret\n", Ok("s3\ncret"));
    }

    #[test]
    fn what_an_editor_added_is_not_the_secret() {
        check(
            "marked",
            b"\xef\xbb\xbfs3cret\n",
            Err("names a file whose content begins with a byte order mark"),
        );
        check(
            "quoted",
            b"\"s3cret\"\n",
            Err("names a file whose content has quotation marks that became part of it"),
        );
    }

    #[test]
    fn refuses_files_that_hold_no_secret() {
        check("empty", b"", Err("names a file that is empty"));
        check("newline", b"\n", Err("names a file that is empty"));
        check(
            "binary",
            b"\xff\xfe",
            Err("names a file that is not valid UTF-8"),
        );
        check(
            "long",
            &vec![b'x'; 64 * 1024 + 1],
            Err("names a file that is longer than 64 KiB"),
        );
        check("fits", &vec![b'x'; 64 * 1024], Ok(&"x".repeat(64 * 1024)));
    }

    #[test]
    fn refuses_a_missing_file() {
        let error = refused(&[("KEYCLOAK_CLIENT_SECRET_FILE", "/no/such/file")]);
        assert_eq!(
            mistakes(&error),
            [(
                "KEYCLOAK_CLIENT_SECRET_FILE",
                "names a file that does not exist"
            )]
        );
    }

    #[test]
    fn exist_for_secrets_only() {
        let file = File::new("realm", b"demo");
        let vars = [
            ("KEYCLOAK_SERVER_URL", "https://sso.example.com"),
            ("KEYCLOAK_REALM_FILE", file.path()),
            ("KEYCLOAK_CLIENT_ID", "demo-api"),
        ];
        let error = Auth::from_vars(vars).err().unwrap();
        assert_eq!(mistakes(&error), [("KEYCLOAK_REALM", "not set")]);
    }

    #[test]
    fn a_required_secret_says_that_there_are_two_ways() {
        #[keycloak::config]
        struct Strict {
            server_url: String,
            realm: String,
            client_id: String,
            client_secret: Secret,
        }
        let error = Strict::from_vars(REQUIRED).err().unwrap();
        assert!(
            error
                .to_string()
                .contains("or KEYCLOAK_CLIENT_SECRET_FILE to the path"),
            "{error}"
        );
        let file = File::new("strict", b"s3cret\n");
        let vars = with(&[("KEYCLOAK_CLIENT_SECRET_FILE", file.path())]);
        assert_eq!(
            Strict::from_vars(vars).unwrap().client_secret.expose(),
            "s3cret"
        );
    }
}

#[test]
fn prefix() {
    #[keycloak::config(prefix = "JUDGE")]
    struct Judge {
        server_url: String,
        realm: String,
        client_id: String,
    }
    let vars = [
        ("JUDGE_SERVER_URL", "https://sso.example.com"),
        ("JUDGE_REALM", "judge"),
        ("KEYCLOAK_REALM", "demo"),
        ("JUDGE_CLIENT_ID", "judge-api"),
    ];
    let judge = Judge::from_vars(vars).unwrap();
    assert_eq!(judge.realm, "judge");
    judge.build().unwrap();

    let error = Judge::from_vars(REQUIRED).err().unwrap();
    assert_eq!(
        mistakes(&error),
        [
            ("JUDGE_SERVER_URL", "not set"),
            ("JUDGE_REALM", "not set"),
            ("JUDGE_CLIENT_ID", "not set"),
        ]
    );
}

#[test]
fn fields_of_the_application() {
    type Port = NonZeroU16;

    #[keycloak::config]
    #[derive(Debug)]
    struct App {
        server_url: String,
        realm: String,
        client_id: String,
        #[keycloak(env = "DATABASE_URL")]
        database: String,
        #[keycloak(env = "PORT", default = 8000)]
        port: Port,
        #[keycloak(env = "WORKERS", default = std::cmp::max(1, 2))]
        workers: usize,
        #[keycloak(env = "API_KEY")]
        key: Option<Secret>,
        #[keycloak(env = "TAGS", default = "a,b")]
        tags: Vec<String>,
        #[keycloak(env = "PEERS")]
        peers: Vec<std::net::IpAddr>,
    }
    let app = App::from_vars(with(&[
        ("DATABASE_URL", " postgres://db "),
        ("API_KEY", "hunter2"),
        ("PEERS", "10.0.0.1, ::1"),
    ]))
    .unwrap();
    assert_eq!(app.database, " postgres://db ");
    assert_eq!(app.port.get(), 8000);
    assert_eq!(app.workers, 2);
    assert_eq!(app.tags, ["a", "b"]);
    assert_eq!(app.peers.len(), 2);
    assert_eq!(app.key.as_ref().unwrap().expose(), "hunter2");
    assert!(!format!("{app:?}").contains("hunter2"));

    let error = App::from_vars(with(&[("PORT", "0"), ("PEERS", "10.0.0.1,nowhere")]))
        .err()
        .unwrap();
    assert_eq!(
        mistakes(&error),
        [
            ("DATABASE_URL", "not set"),
            (
                "PORT",
                "not readable (number would be zero for non-zero type)"
            ),
            (
                "PEERS",
                "item 2 is not readable (invalid IP address syntax)"
            ),
        ]
    );
}

#[test]
fn a_default_that_cannot_work_is_found_at_the_first_start() {
    #[keycloak::config]
    struct Wrong {
        server_url: String,
        realm: String,
        client_id: String,
        #[keycloak(default = "soon")]
        leeway: Duration,
    }
    let error = Wrong::from_vars(with(&[("KEYCLOAK_LEEWAY", "5s")]))
        .map(|wrong| wrong.leeway)
        .unwrap_err();
    let (name, problem) = mistakes(&error)[0];
    assert_eq!(name, "KEYCLOAK_LEEWAY");
    assert!(
        problem.starts_with("its default is not a duration"),
        "{problem}"
    );
}

#[test]
fn a_default_for_a_secret_behind_an_alias_is_refused() {
    type Hidden = Secret;

    #[keycloak::config]
    struct Wrong {
        server_url: String,
        realm: String,
        client_id: String,
        #[keycloak(env = "API_KEY", default = "hunter2")]
        key: Hidden,
    }
    let error = Wrong::from_vars(with(&[("API_KEY", "set")]))
        .map(|wrong| wrong.key)
        .unwrap_err();
    assert_eq!(mistakes(&error), [("API_KEY", "a secret with a default")]);
    assert!(!error.to_string().contains("hunter2"));
}

#[test]
fn an_error_of_the_applications_own_type_is_shown_without_the_value() {
    #[derive(Debug)]
    struct Dsn;
    impl std::str::FromStr for Dsn {
        type Err = String;
        fn from_str(text: &str) -> Result<Self, String> {
            Err(match text.rsplit_once('@') {
                Some((login, _)) => format!("no port after {login}\n"),
                None => "no\nhost".to_owned(),
            })
        }
    }
    #[keycloak::config]
    struct App {
        server_url: Url,
        realm: String,
        client_id: String,
        #[keycloak(env = "DSN")]
        dsn: Option<Dsn>,
    }
    for (dsn, expected) in [
        ("pg://user:hunter2@db", "not readable"),
        ("x", r"not readable (no\nhost)"),
    ] {
        let error = App::from_vars(with(&[("DSN", dsn)]))
            .map(|app| app.dsn)
            .unwrap_err();
        assert_eq!(mistakes(&error), [("DSN", expected)]);
    }
}

#[test]
fn a_url_and_a_text_make_the_same_issuer() {
    #[keycloak::config]
    struct Text {
        server_url: String,
        realm: String,
        client_id: String,
    }
    for (url, expected) in [
        ("https://sso.example.com", "https://sso.example.com"),
        ("https://sso.example.com/", "https://sso.example.com"),
        (
            "HTTPS://SSO.example.com:443/auth/",
            "https://sso.example.com/auth",
        ),
        ("http://[0:0::1]:8080", "http://[::1]:8080"),
    ] {
        let vars = || with(&[("KEYCLOAK_SERVER_URL", url)]);
        for keycloak in [
            Auth::from_vars(vars()).unwrap().build().unwrap(),
            Text::from_vars(vars()).unwrap().build().unwrap(),
        ] {
            let shown = format!("{keycloak:?}");
            let server = format!("server_url: \"{expected}\"");
            assert!(shown.contains(&server), "{shown}");
        }
    }
}

mod restrictions {
    use super::*;

    #[keycloak::config]
    struct Listed {
        server_url: Url,
        realm: String,
        client_id: String,
        authorized_parties: Vec<String>,
        any_authorized_party: Option<bool>,
    }

    #[keycloak::config]
    struct Optional {
        server_url: Url,
        realm: String,
        client_id: String,
        authorized_parties: Option<String>,
    }

    const NAME: &str = "KEYCLOAK_AUTHORIZED_PARTIES";

    #[track_caller]
    fn refused<T>(read: Result<T, ConfigError>, fix: &str) {
        let error = read.err().unwrap();
        let names: Vec<_> = mistakes(&error).iter().map(|(name, _)| *name).collect();
        assert_eq!(names, [NAME], "{error}");
        assert!(error.to_string().contains(fix), "{error}");
    }

    #[test]
    fn a_list_of_clients_is_required_where_a_field_names_it() {
        refused(Listed::from_vars(with(&[])), "any_authorized_party");
        for nothing in ["", ",", " , ,"] {
            refused(
                Listed::from_vars(with(&[(NAME, nothing)])),
                "any_authorized_party",
            );
        }
        refused(
            Listed::from_vars(with(&[("KEYCLOAK_AUTHORIZED_PARTYS", "web")])),
            "KEYCLOAK_AUTHORIZED_PARTYS is set: a misspelling?",
        );
        for more in [
            (NAME, "web, mobile"),
            ("KEYCLOAK_ANY_AUTHORIZED_PARTY", "true"),
        ] {
            Listed::from_vars(with(&[more])).unwrap().build().unwrap();
        }
        let open = [(NAME, ""), ("KEYCLOAK_ANY_AUTHORIZED_PARTY", "true")];
        Listed::from_vars(with(&open)).unwrap().build().unwrap();
        let closed = [(NAME, ""), ("KEYCLOAK_ANY_AUTHORIZED_PARTY", "false")];
        refused(Listed::from_vars(with(&closed)), "any_authorized_party");
    }

    #[test]
    fn an_optional_one_may_be_missing_but_neither_empty_nor_misspelt() {
        Optional::from_vars(with(&[])).unwrap().build().unwrap();
        refused(
            Optional::from_vars(with(&[(NAME, "")])),
            "any_authorized_party",
        );
        for misspelt in ["KEYCLOAK_AUTHORIZED_PARTY", "KEYCLOAK_AUTHORISED_PARTIES"] {
            refused(
                Optional::from_vars(with(&[(misspelt, "web")])),
                &format!("{misspelt} is set: a misspelling?"),
            );
        }
    }

    /// No list, however it is written, opens what a longer one closed.
    #[test]
    fn a_value_made_by_hand_is_judged_at_build() {
        let listed = Listed {
            server_url: Url::parse("https://sso.example.com").unwrap(),
            realm: "demo".to_owned(),
            client_id: "api".to_owned(),
            authorized_parties: Vec::new(),
            any_authorized_party: None,
        };
        let error = listed.build().unwrap_err();
        assert_eq!(error.mistakes()[0].name(), "authorized_parties");
    }
}

mod nesting {
    use super::*;

    #[keycloak::config(partial)]
    struct Timeouts {
        #[keycloak(default = "1s")]
        connect_timeout: Duration,
        read_timeout: Option<Duration>,
    }

    #[keycloak::config(prefix = "PARTNER")]
    struct Partner {
        server_url: String,
        realm: String,
        client_id: String,
    }

    #[keycloak::config]
    struct Both {
        server_url: String,
        realm: String,
        client_id: String,
        #[keycloak(nested)]
        timeouts: Timeouts,
        #[keycloak(nested)]
        partner: Partner,
        #[keycloak(nested, prefix = "OTHER")]
        other: Partner,
    }

    const PARTNERS: [(&str, &str); 6] = [
        ("PARTNER_SERVER_URL", "https://partner.example.com"),
        ("PARTNER_REALM", "partner"),
        ("PARTNER_CLIENT_ID", "api"),
        ("OTHER_SERVER_URL", "https://other.example.com"),
        ("OTHER_REALM", "other"),
        ("OTHER_CLIENT_ID", "api"),
    ];

    #[test]
    fn grouping_changes_no_variable_and_prefixes_do() {
        let mut vars = with(&PARTNERS);
        vars.insert("KEYCLOAK_READ_TIMEOUT", "3");
        let both = Both::from_vars(vars).unwrap();
        assert_eq!(both.timeouts.connect_timeout, Duration::from_secs(1));
        assert_eq!(both.timeouts.read_timeout, Some(Duration::from_secs(3)));
        assert_eq!(both.partner.realm, "partner");
        assert_eq!(both.other.realm, "other");
        both.build().unwrap();
        both.partner.build().unwrap();
    }

    #[test]
    fn problems_of_nested_structs_are_in_the_same_error() {
        let mut vars = with(&PARTNERS);
        vars.remove("PARTNER_REALM");
        vars.insert("OTHER_SERVER_URL", "ftp://other.example.com");
        // In range as a duration, out of range as a timeout: the builder's rule.
        vars.insert("KEYCLOAK_CONNECT_TIMEOUT", "61s");
        vars.remove("KEYCLOAK_CLIENT_ID");
        let error = Both::from_vars(vars).err().unwrap();
        let mut names: Vec<_> = mistakes(&error).iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "KEYCLOAK_CLIENT_ID",
                "KEYCLOAK_CONNECT_TIMEOUT",
                "OTHER_SERVER_URL",
                "PARTNER_REALM",
            ]
        );
    }

    #[test]
    fn the_settings_of_an_application_around_one() {
        #[keycloak::config(partial)]
        struct App {
            #[keycloak(env = "DATABASE_URL")]
            database: String,
            #[keycloak(nested)]
            auth: Auth,
        }
        let app = App::from_vars(with(&[("DATABASE_URL", "postgres://db")])).unwrap();
        assert_eq!(app.database, "postgres://db");
        app.auth.build().unwrap();
        assert!(App::from_vars([("DATABASE_URL", "postgres://db")]).is_err());
    }
}

/// Every option there is: the vocabulary of the macro and the functions of the runtime agree.
#[keycloak::config]
struct Everything {
    server_url: Url,
    realm: String,
    client_id: String,
    client_secret: Secret,
    audience: Option<String>,
    any_audience: Option<bool>,
    issuer: Vec<String>,
    authorized_parties: Option<String>,
    any_authorized_party: Option<bool>,
    algorithms: Option<Algorithm>,
    leeway: Option<Duration>,
    groups_claim: Option<String>,
    name_only_groups: Option<bool>,
    jwks_uri: Option<Url>,
    introspection_endpoint: Option<String>,
    token_endpoint: Option<Url>,
    backchannel_url: Option<Url>,
    token_check: Option<TokenCheck>,
    use_token_introspection: Option<bool>,
    enable_token_refresh: Option<bool>,
    explain_refusals: Option<bool>,
    discovery_ttl: Option<Duration>,
    jwks_ttl: Option<Duration>,
    stale_keys: Option<Duration>,
    refetch_refill: Option<Duration>,
    token_cache_bytes: Option<usize>,
    introspection_ttl: Option<Duration>,
    connect_timeout: Option<Duration>,
    read_timeout: Option<Duration>,
    proxy: Option<keycloak::Proxy>,
}

#[test]
fn every_option_reaches_the_builder() {
    let vars = |more: &[(&'static str, &'static str)]| {
        let mut vars = with(more);
        vars.insert("KEYCLOAK_CLIENT_SECRET", "s3cret");
        vars
    };
    Everything::from_vars(vars(&[])).unwrap().build().unwrap();

    // Each value is of the right type and out of the builder's range, so that the builder's
    // complaint proves that it arrived.
    for (name, value) in [
        ("KEYCLOAK_SERVER_URL", "ftp://sso.example.com"),
        ("KEYCLOAK_REALM", " demo"),
        ("KEYCLOAK_CLIENT_ID", " api"),
        ("KEYCLOAK_AUDIENCE", " api"),
        ("KEYCLOAK_ISSUER", "a\tb"),
        ("KEYCLOAK_AUTHORIZED_PARTIES", "a\tb"),
        ("KEYCLOAK_LEEWAY", "301"),
        ("KEYCLOAK_GROUPS_CLAIM", " groups"),
        ("KEYCLOAK_JWKS_URI", "ftp://sso.example.com"),
        ("KEYCLOAK_INTROSPECTION_ENDPOINT", "/introspect"),
        ("KEYCLOAK_TOKEN_ENDPOINT", "ftp://sso.example.com"),
        ("KEYCLOAK_BACKCHANNEL_URL", "ftp://sso.example.com"),
        ("KEYCLOAK_DISCOVERY_TTL", "0"),
        ("KEYCLOAK_JWKS_TTL", "0"),
        ("KEYCLOAK_STALE_KEYS", "25h"),
        ("KEYCLOAK_REFETCH_REFILL", "31s"),
        ("KEYCLOAK_INTROSPECTION_TTL", "2m"),
        ("KEYCLOAK_CONNECT_TIMEOUT", "0ms"),
        ("KEYCLOAK_READ_TIMEOUT", "61s"),
        ("KEYCLOAK_PROXY", "ftp://proxy.example.com"),
    ] {
        let error = Everything::from_vars(vars(&[(name, value)]))
            .err()
            .unwrap_or_else(|| panic!("{name} was accepted"));
        assert_eq!(
            mistakes(&error)
                .iter()
                .map(|(name, _)| *name)
                .collect::<Vec<_>>(),
            [name]
        );
    }
}

/// Fields may be in any order, and the last one does not win.
#[test]
fn how_tokens_are_checked_is_said_once() {
    #[keycloak::config]
    struct CheckFirst {
        server_url: Url,
        realm: String,
        client_id: String,
        client_secret: Secret,
        token_check: Option<TokenCheck>,
        use_token_introspection: Option<bool>,
    }
    let vars = |check: Option<&'static str>, switch: &'static str| {
        let mut vars = with(&[("KEYCLOAK_USE_TOKEN_INTROSPECTION", switch)]);
        vars.insert("KEYCLOAK_CLIENT_SECRET", "s3cret");
        vars.extend(check.map(|check| ("KEYCLOAK_TOKEN_CHECK", check)));
        vars
    };
    for check in ["local", "introspect"] {
        let check_last =
            Everything::from_vars(vars(Some(check), "true")).and_then(|all| all.build());
        let check_first =
            CheckFirst::from_vars(vars(Some(check), "true")).and_then(|all| all.build());
        for built in [check_first, check_last] {
            let error = built.expect_err("two ways to say it");
            let expected = [(
                "KEYCLOAK_USE_TOKEN_INTROSPECTION",
                "set together with `token_check`",
            )];
            assert_eq!(mistakes(&error), expected);
        }
        let off = CheckFirst::from_vars(vars(Some(check), "false"));
        off.unwrap().build().unwrap();
    }
    let alone = Everything::from_vars(vars(None, "true"));
    alone.unwrap().build().unwrap();
}

#[test]
fn raw_identifiers_and_attributes_of_fields() {
    #[derive(Debug, Clone, PartialEq)]
    #[keycloak::config]
    struct Raw {
        /// Documented.
        r#server_url: String,
        realm: String,
        client_id: String,
        #[cfg(any())]
        leeway: Duration,
        #[keycloak(env = "TYPE")]
        r#type: Option<String>,
    }
    let raw = Raw::from_vars(with(&[("TYPE", "x")])).unwrap();
    assert_eq!(raw.r#type.as_deref(), Some("x"));
    raw.build().unwrap();
}

/// The environment cannot be changed safely in a process with threads, so a child reads it.
#[test]
fn from_env_reads_the_environment_of_the_process() {
    let child = |realm: &str| {
        std::process::Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "integration::config::in_a_child",
                "--ignored",
                "--nocapture",
            ])
            .env_clear()
            .envs(REQUIRED)
            .env("KEYCLOAK_REALM", realm)
            .output()
            .unwrap()
    };
    let output = child("from-the-environment");
    assert!(output.status.success(), "{output:?}");
    assert!(!child("another").status.success());
}

#[test]
#[ignore = "run by from_env_reads_the_environment_of_the_process"]
fn in_a_child() {
    assert_eq!(Auth::from_env().unwrap().realm, "from-the-environment");
}
