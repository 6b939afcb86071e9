//! The refusals of a guard as OpenAPI responses: RFC 6750 section 3 and the body of `AuthError`.

use axum::http::StatusCode;
use serde_json::json;
use utoipa::{
    ToSchema,
    openapi::{
        Content, Header, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder, Schema,
        schema::{AdditionalProperties, SchemaType, Type},
    },
};

use super::scopes::{are_everything, ways};
use crate::{base::fault::Fault, error::AuthError, policy::term::Policy};

/// Name of the error body among the document's schemas.
pub(super) const ERROR: &str = "KeycloakError";

/// What the guards of these policies may answer, with the schema in place, so that an operation is
/// complete by itself.
pub(super) fn refusals(policies: &[Policy]) -> Vec<(&'static str, Response)> {
    let mut all = vec![
        (
            "400",
            refusal(
                "The `Authorization` header is malformed.",
                &Fault::InvalidHeader,
            ),
        ),
        (
            "401",
            refusal(
                "There is no access token, or it is not valid.",
                &Fault::TokenExpired,
            ),
        ),
        (
            "503",
            refusal(
                "The token cannot be checked now; try again later.",
                &Fault::ProviderConnection,
            ),
        ),
    ];
    if !policies.iter().all(|policy| policy.optional) {
        all.push((
            "403",
            refusal("The caller may not do this.", &forbidden(policies)),
        ));
    }
    all
}

/// Scopes are told, what else a policy asks for is not.
fn forbidden(policies: &[Policy]) -> Fault {
    let way = ways(policies).into_iter().next().unwrap_or_default();
    if way.is_empty() || !policies.iter().all(are_everything) {
        Fault::Forbidden
    } else {
        Fault::MissingScopes { scopes: way.into() }
    }
}

fn refusal(description: &str, fault: &Fault) -> Response {
    let error = AuthError::new(fault.clone());
    let mut content = Content::new(Some(error_schema()));
    content.example = Some(json!({
        "error": { "code": error.code(), "message": error.message() }
    }));
    let (header, words) = if error.status() == StatusCode::SERVICE_UNAVAILABLE {
        ("Retry-After", "Seconds, RFC 9110 section 10.2.3.")
    } else {
        ("WWW-Authenticate", "Challenge of RFC 6750 section 3.")
    };
    let mut value = Header::new(Schema::from(ObjectBuilder::new().schema_type(Type::String)));
    value.description = Some(words.to_owned());
    ResponseBuilder::new()
        .description(description)
        .header(header, value)
        .content("application/json", content)
        .build()
}

/// `{"error": {"code", "message", "details"?}}`.
pub(super) fn error_schema() -> RefOr<Schema> {
    let text = |description: &str| {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(description))
    };
    let details = ObjectBuilder::new()
        .schema_type(SchemaType::new(Type::Object))
        .description(Some("What is missing, if the service says so."))
        .additional_properties(Some(AdditionalProperties::FreeForm(true)));
    let error = ObjectBuilder::new()
        .property("code", text("Stable code."))
        .required("code")
        .property("message", text("For people."))
        .required("message")
        .property("details", details);
    let body = ObjectBuilder::new()
        .description(Some("Why a request was refused."))
        .property("error", error)
        .required("error");
    RefOr::T(Schema::from(body))
}

/// The body that refusals have, in the place of ours.
#[derive(Clone)]
pub(super) enum Body {
    /// `{"error": ..}`.
    Ours,
    /// The application's own, of which nothing is said.
    Untold,
    /// The application's own.
    Own {
        content_type: String,
        name: String,
        schemas: Vec<(String, RefOr<Schema>)>,
    },
}

impl Body {
    pub(super) fn of<T: ToSchema>(content_type: String) -> Self {
        let name = T::name().into_owned();
        let mut schemas = vec![(name.clone(), T::schema())];
        T::schemas(&mut schemas);
        Self::Own {
            content_type,
            name,
            schemas,
        }
    }

    /// The schemas that responses refer to.
    pub(super) fn schemas(&self) -> Vec<(String, RefOr<Schema>)> {
        match self {
            Self::Ours => vec![(ERROR.to_owned(), error_schema())],
            Self::Untold => Vec::new(),
            Self::Own { schemas, .. } => schemas.clone(),
        }
    }

    /// Gives a response of ours this body.
    pub(super) fn put_into(&self, response: &mut RefOr<Response>) {
        let RefOr::T(response) = response else {
            return;
        };
        let own = [error_schema(), RefOr::Ref(Ref::from_schema_name(ERROR))];
        let is_ours = |content: &RefOr<Content>| match content {
            RefOr::T(content) => content
                .schema
                .as_ref()
                .is_some_and(|own_| own.contains(own_)),
            RefOr::Ref(_) => false,
        };
        match self {
            Self::Ours => {
                for content in response.content.values_mut() {
                    if is_ours(content)
                        && let RefOr::T(content) = content
                    {
                        content.schema = Some(RefOr::Ref(Ref::from_schema_name(ERROR)));
                    }
                }
            }
            Self::Untold | Self::Own { .. } => {
                let before = response.content.len();
                response.content.retain(|_, content| !is_ours(content));
                if let Self::Own {
                    content_type, name, ..
                } = self
                    && response.content.len() < before
                {
                    let schema = RefOr::Ref(Ref::from_schema_name(name));
                    let content = RefOr::T(Content::new(Some(schema)));
                    response.content.insert(content_type.clone(), content);
                }
            }
        }
    }
}
