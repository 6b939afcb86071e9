//! The refusals of a guard as OpenAPI responses: RFC 6750 section 3 and the body of `AuthError`.

use serde_json::json;
use utoipa::openapi::{
    Content, Header, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder, Schema,
    schema::{AdditionalProperties, SchemaType, Type},
};

use crate::{AuthError, Fault};

/// Name of the error body among the document's schemas.
pub(super) const ERROR: &str = "KeycloakError";

/// `401` and `403`: with the schema in place, so that an operation is complete by itself.
pub(super) fn refusals(forbidden: bool) -> Vec<(&'static str, Response)> {
    let unauthorized = refusal(
        "There is no access token, or it is not valid.",
        &Fault::TokenExpired,
    );
    let mut all = vec![("401", unauthorized)];
    if forbidden {
        all.push((
            "403",
            refusal("The caller may not do this.", &Fault::Forbidden),
        ));
    }
    all
}

fn refusal(description: &str, example: &Fault) -> Response {
    let example = AuthError::new(example.clone());
    let mut content = Content::new(Some(error_schema()));
    content.example = Some(json!({
        "error": { "code": example.code(), "message": example.message() }
    }));
    let mut challenge = Header::new(Schema::from(ObjectBuilder::new().schema_type(Type::String)));
    challenge.description = Some("Challenge of RFC 6750 section 3.".to_owned());
    ResponseBuilder::new()
        .description(description)
        .header("WWW-Authenticate", challenge)
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
        .description(Some("What was missing, where the service tells."))
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

/// Lets a response of ours refer to the schema among the components.
pub(super) fn refer(response: &mut RefOr<Response>) {
    let RefOr::T(response) = response else {
        return;
    };
    let own = error_schema();
    for content in response.content.values_mut() {
        if let RefOr::T(content) = content
            && content.schema.as_ref() == Some(&own)
        {
            content.schema = Some(RefOr::Ref(Ref::from_schema_name(ERROR)));
        }
    }
}
