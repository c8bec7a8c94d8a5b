//! What there is: OpenAPI 3.1, made from the code, and a page of it for people.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType};
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{OpenApi, PartialSchema, ToSchema};

use super::{
    change, charts, deliveries, errands, events, files, followers, house, orders, original, people,
    places, profiles, save,
};
use crate::ledger::{DELIVERY_STATES, FILE_STATES};
use crate::web::Shared;
use crate::web::pages::model::{Field, ORDER, Shape};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "orderdock",
        description = "Files arrive and become orders; orders reach the partners. A key stands in \
            `Authorization: Bearer …`; `orderdock key add` makes one. Mistakes are problem details \
            (RFC 9457). Lists have a cursor: ask the address in `next`."
    ),
    paths(
        files::list,
        files::upload,
        files::show,
        files::original,
        original::view,
        files::retry,
        files::release,
        files::cancel,
        orders::list,
        orders::create,
        orders::show,
        orders::edit,
        orders::evidence,
        orders::retry,
        orders::send,
        orders::cancel,
        followers::follow,
        followers::unfollow,
        deliveries::list,
        deliveries::show,
        deliveries::retry,
        deliveries::release,
        deliveries::cancel,
        places::sources,
        places::source,
        places::destinations,
        places::destination,
        errands::list,
        errands::run,
        change::many,
        charts::charts,
        house::status,
        house::check,
        house::reload,
        people::users,
        people::put_user,
        people::remove_user,
        people::keys,
        people::put_key,
        people::remove_key,
        profiles::list,
        profiles::show,
        save::save,
        profiles::test,
        profiles::records,
        profiles::suggest,
        profiles::explain,
        profiles::import,
        events::stream
    ),
    components(schemas(OrderSchema, change::Of, change::Doing, places::Act, profiles::Format))
)]
struct Api;

/// The canonical order, described by the same model as the form of the console.
pub(super) struct OrderSchema;

impl PartialSchema for OrderSchema {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::AnyValue)
            .description(Some("The canonical order."))
            .into()
    }
}

impl ToSchema for OrderSchema {
    fn name() -> std::borrow::Cow<'static, str> {
        "Order".into()
    }
}

/// A reference to the order's schema.
pub(super) fn order_ref() -> RefOr<Schema> {
    RefOr::Ref(Ref::from_schema_name("Order"))
}

static DESCRIPTION: LazyLock<Value> = LazyLock::new(|| {
    let mut value = serde_json::to_value(Api::openapi()).unwrap_or_default();
    value["components"]["schemas"]["Order"] = object(ORDER);
    value["components"]["schemas"]["Order"]["properties"]["origin"] = json!({ "type": "object" });
    value["components"]["schemas"]["Order"]["required"] = json!(["reference"]);
    value["components"]["securitySchemes"] =
        json!({ "key": { "type": "http", "scheme": "bearer" } });
    value["security"] = json!([{ "key": [] }]);
    for operation in operations(&mut value) {
        // The names of our functions say what is done, and not to what.
        let tag = operation["tags"][0]
            .as_str()
            .unwrap_or_default()
            .replace(' ', "_");
        let name = operation["operationId"].as_str().unwrap_or_default();
        operation["operationId"] = json!(format!("{tag}_{name}"));
        if let Some(fault) = operation["responses"].get_mut("default") {
            fault["description"] = json!("Why it was not done");
        }
        let responses = operation["responses"].as_object_mut();
        for response in responses.into_iter().flat_map(|all| all.values_mut()) {
            faults(response);
            bytes(response);
        }
        bytes(&mut operation["requestBody"]);
    }
    states(&mut value);
    value
});

/// Faults have a media type of their own (RFC 9457 3).
fn faults(response: &mut Value) {
    let json = &response["content"]["application/json"];
    if json["schema"]["$ref"] == "#/components/schemas/Fault" {
        let content = json.clone();
        response["content"] = json!({ "application/problem+json": content });
    }
}

/// Bytes are bytes, and no list of numbers.
fn bytes(message: &mut Value) {
    if let Some(content) = message.pointer_mut("/content/application~1octet-stream") {
        *content = json!({ "schema": { "type": "string", "format": "binary" } });
    }
}

/// Which states each list knows.
fn states(value: &mut Value) {
    let all: BTreeSet<&str> = FILE_STATES
        .iter()
        .chain(&DELIVERY_STATES)
        .copied()
        .collect();
    let all: Vec<&str> = all.into_iter().collect();
    for (path, words) in [
        ("/api/v1/files", &FILE_STATES[..]),
        ("/api/v1/orders", &DELIVERY_STATES[..]),
        ("/api/v1/deliveries", &DELIVERY_STATES[..]),
        ("/api/v1/changes/{of}/{act}", &all[..]),
    ] {
        let verbs = value["paths"][path].as_object_mut().into_iter();
        let verbs = verbs.flat_map(|verbs| verbs.values_mut());
        let parameters = verbs.filter_map(|verb| verb["parameters"].as_array_mut());
        for parameter in parameters.flatten() {
            if parameter["name"] == "state" {
                parameter["schema"] = json!({ "type": "string", "enum": words });
            }
        }
    }
}

fn operations(value: &mut Value) -> impl Iterator<Item = &mut Value> {
    let paths = value["paths"].as_object_mut().into_iter();
    let paths = paths.flat_map(|paths| paths.values_mut());
    paths
        .filter_map(Value::as_object_mut)
        .flat_map(|path| path.values_mut())
}

/// A group of fields as a JSON schema.
fn object(fields: &[Field]) -> Value {
    let properties = fields.iter();
    let properties: Map<String, Value> = properties
        .map(|(key, shape)| ((*key).to_owned(), schema(*shape)))
        .collect();
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

fn schema(shape: Shape) -> Value {
    match shape {
        Shape::Text | Shape::Long => json!({ "type": "string" }),
        Shape::Decimal => json!({ "type": "string", "pattern": "^-?[0-9]+(\\.[0-9]+)?$" }),
        Shape::Whole => json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX }),
        Shape::Date => json!({ "type": "string", "format": "date" }),
        Shape::Time => json!({ "type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$" }),
        Shape::Yes => json!({ "type": "boolean" }),
        Shape::Word(words) => json!({ "type": "string", "enum": words }),
        Shape::Pairs => json!({ "type": "object", "additionalProperties": { "type": "string" } }),
        Shape::Texts => json!({ "type": "array", "items": { "type": "string" } }),
        Shape::One(fields) => object(fields),
        Shape::Each(names, fields) => {
            let each = names
                .iter()
                .map(|name| ((*name).to_owned(), object(fields)));
            let each: Map<String, Value> = each.collect();
            json!({ "type": "object", "properties": each, "additionalProperties": false })
        }
        Shape::Many(fields) => json!({ "type": "array", "items": object(fields) }),
    }
}

/// For programs.
pub(super) async fn openapi() -> Json<&'static Value> {
    Json(&DESCRIPTION)
}

#[derive(Serialize)]
struct Operation {
    verb: String,
    path: String,
    words: String,
    parameters: Vec<(String, String, String)>,
}

/// For people.
pub(super) async fn page(State(site): State<Shared>) -> Response {
    let mut groups: Vec<(String, Vec<Operation>)> = Vec::new();
    let paths = DESCRIPTION["paths"].as_object();
    for (path, verbs) in paths.into_iter().flatten() {
        for (verb, operation) in verbs.as_object().into_iter().flatten() {
            let tag = operation["tags"][0].as_str().unwrap_or_default();
            let made = Operation {
                verb: verb.clone(),
                path: path.clone(),
                words: words(operation),
                parameters: parameters(operation),
            };
            match groups.iter_mut().find(|(name, _)| name == tag) {
                Some((_, group)) => group.push(made),
                None => groups.push((tag.to_owned(), vec![made])),
            }
        }
    }
    site.views.show(
        "api.html",
        json!({ "groups": groups, "words": DESCRIPTION["info"]["description"] }),
    )
}

fn words(operation: &Value) -> String {
    let texts = ["summary", "description"];
    let texts = texts.iter().filter_map(|key| operation[*key].as_str());
    texts.collect::<Vec<_>>().join(" ")
}

fn parameters(operation: &Value) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all = operation["parameters"].as_array().into_iter().flatten();
    all.map(|one| {
        (
            text(&one["name"]),
            text(&one["in"]),
            text(&one["description"]),
        )
    })
    .collect()
}
