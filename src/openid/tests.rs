//! Tokens that prove something, and many that do not.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Map, Value, json};

use super::claims::visitor;
use super::keys::{self, Key};
use super::provider::Provider;
use super::verify::{Expected, Unproven, challenge, verified};
use super::{OpenIdSettings, Visitor};
use crate::token::ClientProof;

const NOW: i64 = 1_800_000_000;

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

struct Signer(EcdsaKeyPair);

impl Signer {
    fn new() -> Self {
        let random = SystemRandom::new();
        let how = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let key = EcdsaKeyPair::generate_pkcs8(how, &random).unwrap();
        Self(EcdsaKeyPair::from_pkcs8(how, key.as_ref(), &random).unwrap())
    }

    fn keys(&self) -> Vec<Key> {
        let point = self.0.public_key().as_ref();
        let key = json!({ "kty": "EC", "crv": "P-256", "kid": "one", "use": "sig",
            "x": b64(&point[1..33]), "y": b64(&point[33..]) });
        let other = json!({ "kty": "oct", "k": "c2VjcmV0" });
        keys::read(json!({ "keys": [other, key] }).to_string().as_bytes()).unwrap()
    }

    fn token(&self, header: &Value, claims: &Value) -> String {
        let signed = format!("{}.{}", b64(header.to_string()), b64(claims.to_string()));
        let signature = self
            .0
            .sign(&SystemRandom::new(), signed.as_bytes())
            .unwrap();
        format!("{signed}.{}", b64(signature))
    }
}

fn header() -> Value {
    json!({ "alg": "ES256", "kid": "one" })
}

fn claims(more: &Value) -> Value {
    let mut claims = json!({ "iss": "https://id.example", "aud": "orderdock", "sub": "u-1",
        "exp": NOW + 300, "iat": NOW, "nonce": "n" });
    claims
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    claims
}

fn expected() -> Expected<'static> {
    Expected {
        issuer: "https://id.example",
        client: "orderdock",
        nonce: "n",
        now: NOW,
    }
}

fn outcome(header: &Value, more: &Value) -> Result<Map<String, Value>, Unproven> {
    let signer = Signer::new();
    let token = signer.token(header, &claims(more));
    verified(&token, &signer.keys(), &expected())
}

#[test]
fn a_token_for_us_is_believed() {
    for more in [
        json!({}),
        json!({ "aud": ["orderdock"] }),
        json!({ "aud": ["other", "orderdock"], "azp": "orderdock" }),
        json!({ "exp": NOW - 30 }),
        json!({ "iat": NOW + 30 }),
        json!({ "exp": 1_800_000_300.5 }),
    ] {
        assert_eq!(outcome(&header(), &more).unwrap()["sub"], "u-1", "{more}");
    }
    assert!(
        outcome(&json!({ "alg": "ES256" }), &json!({})).is_ok(),
        "no key is named"
    );
}

#[test]
fn a_token_for_others_of_other_times_or_other_sign_ins_is_not() {
    for (more, why) in [
        (json!({ "iss": "https://id.example/" }), Unproven::Issuer),
        (json!({ "iss": null }), Unproven::Issuer),
        (json!({ "aud": "another" }), Unproven::Audience),
        (json!({ "aud": ["another"] }), Unproven::Audience),
        (json!({ "aud": ["other", "orderdock"] }), Unproven::Audience),
        (json!({ "azp": "another" }), Unproven::Audience),
        (json!({ "aud": null }), Unproven::Audience),
        (json!({ "exp": NOW - 120 }), Unproven::Time),
        (json!({ "exp": null }), Unproven::Time),
        (json!({ "exp": "1900000000" }), Unproven::Time),
        (json!({ "iat": NOW + 120 }), Unproven::Time),
        (json!({ "nbf": NOW + 120 }), Unproven::Time),
        (json!({ "nonce": "m" }), Unproven::Nonce),
        (json!({ "nonce": null }), Unproven::Nonce),
    ] {
        assert_eq!(outcome(&header(), &more), Err(why), "{more}");
    }
}

#[test]
fn a_signature_of_another_kind_or_hand_proves_nothing() {
    for (header, why) in [
        (json!({ "alg": "none" }), Unproven::Algorithm),
        (json!({ "alg": "HS256" }), Unproven::Algorithm),
        (json!({ "alg": "es256" }), Unproven::Algorithm),
        (
            json!({ "alg": "ES256", "crit": ["exp"] }),
            Unproven::Algorithm,
        ),
        (json!({ "alg": "RS256" }), Unproven::Signature),
        (json!({ "alg": "ES256", "kid": "two" }), Unproven::Signature),
        (json!({}), Unproven::Shape),
    ] {
        assert_eq!(outcome(&header, &json!({})), Err(why), "{header}");
    }
    let signer = Signer::new();
    let token = signer.token(&header(), &claims(&json!({})));
    let others = Signer::new().keys();
    assert_eq!(
        verified(&token, &others, &expected()),
        Err(Unproven::Signature)
    );
    // What is signed by the right key and then changed.
    let changed = claims(&json!({ "sub": "u-2" }));
    let mut parts: Vec<&str> = token.split('.').collect();
    let other = b64(changed.to_string());
    parts[1] = &other;
    let keys = signer.keys();
    assert_eq!(
        verified(&parts.join("."), &keys, &expected()),
        Err(Unproven::Signature)
    );
    let unsigned = token.rsplit_once('.').unwrap().0.to_owned() + ".";
    assert_eq!(
        verified(&unsigned, &keys, &expected()),
        Err(Unproven::Signature)
    );
    for no_token in ["", ".", "..", "a.b", "a.b.c", "é.é.é"] {
        assert_eq!(
            verified(no_token, &keys, &expected()),
            Err(Unproven::Shape),
            "{no_token}"
        );
    }
}

#[test]
fn a_challenge_is_that_of_the_standard() {
    // RFC 7636, appendix B.
    assert_eq!(
        challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    );
}

#[test]
fn a_description_is_that_of_the_issuer_and_leads_nowhere_unencrypted() {
    let told = |issuer: &str, at: &str| {
        json!({ "issuer": issuer, "authorization_endpoint": format!("{at}/auth"),
            "token_endpoint": format!("{at}/token"), "jwks_uri": format!("{at}/keys") })
        .to_string()
    };
    let read = |text: String| Provider::read(text.as_bytes(), "https://id.example");
    assert!(read(told("https://id.example", "https://id.example")).is_ok());
    assert!(read(told("https://id.example/", "https://id.example")).is_err());
    assert!(read(told("https://id.example", "http://id.example")).is_err());
    assert!(read("{}".to_owned()).is_err());
    assert!(keys::read(b"{\"keys\":[]}").is_err());
}

#[test]
fn a_visitor_is_who_the_named_claims_say() {
    let settings = |name: &str, role: &str| OpenIdSettings {
        issuer: String::new(),
        client_id: String::new(),
        client_secret: None,
        proof: ClientProof::Body,
        scopes: Vec::new(),
        name: name.to_owned(),
        role: role.to_owned(),
        back: String::new(),
        ca: None,
    };
    let claims = json!({ "sub": "u-1", "preferred_username": "maria", "email": "m@acme.example",
        "groups": ["desk", 7], "realm_access": { "roles": ["edi"] }, "https://acme.example/role": "x" });
    let claims = claims.as_object().unwrap();
    let seen = |name: &str, role: &str| visitor(claims, &settings(name, role));
    let roles = |role: &str| seen("preferred_username", role).unwrap().roles;
    assert_eq!(
        seen("preferred_username", "groups"),
        Ok(Visitor {
            subject: "u-1".to_owned(),
            name: "maria".to_owned(),
            roles: vec!["desk".to_owned()],
        })
    );
    assert_eq!(roles("realm_access.roles"), ["edi"]);
    assert_eq!(roles("https://acme.example/role"), ["x"]);
    assert!(roles("nothing").is_empty());
    assert_eq!(
        seen("email", "groups"),
        Err(Unproven::Name("email".to_owned()))
    );
    assert_eq!(
        seen("name", "groups"),
        Err(Unproven::Name("name".to_owned()))
    );
}
