//! The pages that people see: sign in, sign out, errors. One file each, no script, no asset from
//! elsewhere; styles are allowed by a nonce, and everything from outside is escaped.

use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};

use crate::dev::{
    export::model::{ClientModel, RealmModel},
    ids,
    issuer::Issuer,
    persona::{self, Persona},
};

const STYLE: &str = include_str!("page.css");

/// More buttons than this do not help; the form below takes every name.
const MAX_PERSONAS: usize = 100;
const MAX_TAGS: usize = 8;

/// The login page: a button for each persona, and a form for name and password.
pub(crate) fn login(
    issuer: &Issuer,
    client: &ClientModel,
    session_code: &str,
    hint: Option<&str>,
    error: Option<&str>,
) -> Response {
    let model = &issuer.model;
    let action = format!(
        "{}/login-actions/authenticate?session_code={session_code}",
        base_path(issuer)
    );
    let action = escaped(&action);
    let (alert, invalid) = match error {
        Some(error) => (
            format!(
                "<p class=\"error\" role=\"alert\" id=\"input-error\">{}</p>",
                escaped(error)
            ),
            " aria-invalid=\"true\" aria-describedby=\"input-error\"",
        ),
        None => (String::new(), ""),
    };
    let heading = heading(model, &format!("Sign in to {}", title_of(client)));
    let personas = buttons(model, &action, hint);
    let name = escaped(hint.unwrap_or_default());
    let body = format!(
        "{heading}{alert}{personas}\
         <form method=\"post\" action=\"{action}\" id=\"kc-form-login\"><h2>With a password</h2>\
         <label for=\"username\">Username or e-mail</label>\
         <input id=\"username\" name=\"username\" value=\"{name}\" autocomplete=\"username\" \
         autocapitalize=\"none\" spellcheck=\"false\" required{invalid}>\
         <label for=\"password\">Password</label>\
         <input id=\"password\" name=\"password\" type=\"password\" \
         autocomplete=\"current-password\" required{invalid}>\
         <button class=\"primary\" id=\"kc-login\">Sign in</button></form>"
    );
    let title = format!("Sign in to {}", realm_title(model));
    page(StatusCode::OK, &title, &body)
}

fn buttons(model: &RealmModel, action: &str, hint: Option<&str>) -> String {
    let personas = persona::all(model);
    if personas.is_empty() {
        return String::new();
    }
    let shown: Vec<_> = personas.iter().take(MAX_PERSONAS).collect();
    let list = shown.iter().map(|persona| button(persona, hint));
    let more = match personas.len().saturating_sub(MAX_PERSONAS) {
        0 => String::new(),
        more => format!("<p>{more} more can sign in below.</p>"),
    };
    format!(
        "<form method=\"post\" action=\"{action}\"><h2 id=\"personas\">Continue as</h2>\
         <ul class=\"personas\" aria-labelledby=\"personas\">{}</ul>{more}</form>",
        list.collect::<String>()
    )
}

fn button(persona: &Persona, hint: Option<&str>) -> String {
    let username = escaped(&persona.username);
    let name = persona.name.as_deref().unwrap_or(&persona.username);
    let initial = escaped(&name.chars().take(1).collect::<String>().to_uppercase());
    let tags = tags(persona);
    let more = match tags.len().saturating_sub(MAX_TAGS) {
        0 => String::new(),
        more => format!("<span class=\"tag\">+{more}</span>"),
    };
    let shown = if tags.is_empty() {
        "<span class=\"none\">no roles, no groups</span>".to_owned()
    } else {
        tags.into_iter().take(MAX_TAGS).chain([more]).collect()
    };
    let (state, note) = if !persona.usable {
        (" disabled", "<span class=\"note\">cannot sign in</span>")
    } else if hint == Some(persona.username.as_str()) {
        ("", "<span class=\"note\">current</span>")
    } else {
        ("", "")
    };
    let name = escaped(name);
    format!(
        "<li><button class=\"persona\" name=\"persona\" value=\"{username}\"{state}>\
         <span class=\"avatar\" aria-hidden=\"true\">{initial}</span>\
         <span class=\"who\"><span class=\"name\">{name}</span> \
         <span class=\"username\">{username}</span>{note}\
         <span class=\"tags\">{shown}</span></span></button></li>"
    )
}

/// Roles and groups, without those that Keycloak gives to every user.
fn tags(persona: &Persona) -> Vec<String> {
    let common = |role: &str| {
        role.starts_with("default-roles-") || matches!(role, "offline_access" | "uma_authorization")
    };
    let tag =
        |class: &str, text: &str| format!("<span class=\"tag {class}\">{}</span> ", escaped(text));
    let realm = persona
        .realm_roles
        .iter()
        .filter(|role| !common(role))
        .map(|role| tag("role", role));
    let client = persona
        .client_roles
        .iter()
        .filter(|(client, _)| client != "account")
        .map(|(client, role)| tag("role", &format!("{client}: {role}")));
    let groups = persona.groups.iter().map(|path| tag("group", path));
    realm.chain(client).chain(groups).collect()
}

/// Something that cannot be answered to the client.
pub(crate) fn error(issuer: &Issuer, status: StatusCode, message: &str) -> Response {
    let body = format!(
        "{}<p class=\"error\" role=\"alert\" id=\"kc-error-message\">{}</p>",
        heading(&issuer.model, "This did not work"),
        escaped(message)
    );
    page(status, "Error", &body)
}

/// Asks before the browser's session ends; `sid` proves that the question was seen.
pub(crate) fn confirm_logout(issuer: &Issuer, sid: &str) -> Response {
    let body = format!(
        "{}<form method=\"post\" action=\"{}/protocol/openid-connect/logout\">\
         <input type=\"hidden\" name=\"confirm\" value=\"{}\">\
         <button class=\"primary\" id=\"kc-logout\">Sign out</button></form>",
        heading(&issuer.model, "Sign out?"),
        escaped(base_path(issuer)),
        escaped(sid)
    );
    page(StatusCode::OK, "Sign out", &body)
}

pub(crate) fn signed_out(issuer: &Issuer) -> Response {
    let body = heading(&issuer.model, "You are signed out");
    page(StatusCode::OK, "Signed out", &body)
}

fn heading(model: &RealmModel, title: &str) -> String {
    format!(
        "<header><p class=\"realm\">{}</p><h1 id=\"kc-page-title\">{}</h1>\
         <p class=\"warning\">Embedded realm for development: no real sign-in.</p></header>",
        escaped(realm_title(model)),
        escaped(title)
    )
}

fn realm_title(model: &RealmModel) -> &str {
    model.display_name.as_deref().unwrap_or(&model.name)
}

fn title_of(client: &ClientModel) -> &str {
    // `${client_account}` and the like are keys of Keycloak's own texts.
    let name = client.name.as_deref().filter(|name| !name.is_empty());
    name.filter(|name| !name.starts_with("${"))
        .unwrap_or(&client.client_id)
}

/// The path of the realm, for links that work under every loopback name.
fn base_path(issuer: &Issuer) -> &str {
    issuer
        .url
        .strip_prefix(&issuer.server_url)
        .unwrap_or_default()
}

fn page(status: StatusCode, title: &str, body: &str) -> Response {
    let nonce = ids::session_id();
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{}</title>\
         <style nonce=\"{nonce}\">{STYLE}</style></head><body><main>{body}</main></body></html>",
        escaped(title)
    );
    let mut response = (status, Html(html)).into_response();
    let headers = response.headers_mut();
    // No `form-action`: browsers apply it to the redirects that follow a form too, and those go
    // to the client.
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; frame-ancestors 'self'"
    );
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    let store = "no-store, must-revalidate, max-age=0";
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(store));
    headers.insert(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("unsafe-none"),
    );
    response
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_escaped() {
        assert_eq!(
            escaped("<a href='x' title=\"y\">&amp;"),
            "&lt;a href=&#39;x&#39; title=&quot;y&quot;&gt;&amp;amp;"
        );
    }
}
