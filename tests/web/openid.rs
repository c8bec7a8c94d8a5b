//! Signing in at a provider: who is let in, as whom, and everybody who is not.

use serde_json::{Value, json};

use super::{House, PASSWORD};
use crate::support::dock::Dock;
use crate::support::http::{Ask, Reply};
use crate::support::openid::Provider;

/// A house whose people sign in at a provider.
fn house() -> (House, Provider) {
    let provider = Provider::start();
    let house = House::with(&format!(
        "public_url = \"http://127.0.0.1:1\"\n{}",
        provider.section()
    ));
    (house, provider)
}

/// A browser on its way: where it was sent to, and the cookie it was given.
fn begin(house: &House, to: &str) -> (String, String) {
    let sent = house.get(&format!("/login/openid?to={to}"));
    assert_eq!(sent.status, 303, "{}", sent.text());
    (sent.header("location").to_owned(), cookie(&sent))
}

/// The cookie that an answer sets, without what is said about it.
fn cookie(reply: &Reply) -> String {
    let set = reply.header("set-cookie");
    set.split(';').next().unwrap().to_owned()
}

/// A page's text; templates escape more than they would have to.
fn plain(reply: &Reply) -> String {
    reply.text().replace("&#x2f;", "/")
}

fn back(house: &House, path: &str, cookie: &str) -> Reply {
    Ask::get(path).with("Cookie", cookie).send(house.at)
}

/// There and back.
fn sign_in(house: &House, provider: &Provider) -> Reply {
    let (address, kept) = begin(house, "/files");
    back(house, &provider.sign_in(&address), &kept)
}

/// The session that an answer opens: it sets a cookie for that, and takes the other away.
fn session(reply: &Reply) -> Option<String> {
    let set = reply.header("set-cookie");
    let name = set.split(';').next()?;
    name.starts_with("orderdock=").then(|| name.to_owned())
}

/// What the record of actions says.
fn record(house: &House) -> Vec<(String, String)> {
    let path = house.dock.path("state/orderdock.db");
    let ledger = rusqlite::Connection::open(path).unwrap();
    let mut rows = ledger
        .prepare("SELECT who, what FROM action ORDER BY id")
        .unwrap();
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    rows.unwrap().map(Result::unwrap).collect()
}

fn people(house: &House) -> Vec<Value> {
    house.dock.json(&["user", "list", "--json"])
}

#[test]
fn somebody_signs_in_with_the_role_of_their_group_and_is_recorded() {
    let (house, provider) = house();
    let login = plain(&house.get("/login?to=/files"));
    assert!(login.contains("Sign in with Acme") && login.contains("/login/openid?to=/files"));
    assert!(!login.contains("Nobody can log in yet"));
    let reply = sign_in(&house, &provider);
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert!(
        plain(&reply).contains("content=\"0;url=/files\""),
        "{}",
        reply.text()
    );
    let own = session(&reply).expect("a session");
    let page = back(&house, "/", &own).text();
    assert!(
        page.contains("<span title=\"coordinator\">maria</span>"),
        "{page}"
    );
    assert_eq!(back(&house, "/api/v1/users", &own).status, 403);
    // With the other key and another group the same person comes again, and may do more.
    provider.sign_by_es256();
    provider.tell(json!({ "groups": ["edi-admins"] }));
    let again = session(&sign_in(&house, &provider)).expect("a session");
    assert_eq!(back(&house, "/api/v1/users", &again).status, 200);
    let known = people(&house);
    assert_eq!(known.len(), 1);
    assert_eq!(
        (&known[0]["name"], &known[0]["provider"]),
        (&json!("maria"), &json!(true))
    );
    // No password opens this account, not even none.
    assert_eq!(house.try_password("maria", "").status, 401);
    let issuer = format!("http://{}", provider.at);
    let said = |role: &str| {
        (
            "maria".to_owned(),
            format!("signed in at {issuer} with the role {role}"),
        )
    };
    assert_eq!(record(&house), [said("coordinator"), said("admin")]);
    // Called otherwise at the provider, they are the same person here.
    provider.tell(json!({ "preferred_username": "maria.jansen" }));
    assert!(session(&sign_in(&house, &provider)).is_some());
    assert_eq!(people(&house)[0]["name"], "maria.jansen");
    assert_eq!(people(&house).len(), 1);
    assert_eq!(
        back(&house, "/", &again).status,
        303,
        "the old name's session has ended"
    );
}

#[test]
fn whoever_is_not_proven_reads_why_and_gets_no_session() {
    let (house, provider) = house();
    let refused = |status: u16, words: &str| {
        let reply = sign_in(&house, &provider);
        let text = reply.text();
        assert_eq!(reply.status, status, "{words}: {text}");
        assert!(text.contains(words), "{words}: {text}");
        assert_eq!(session(&reply), None, "{words}");
    };
    for (claims, words) in [
        (json!({ "nonce": "another" }), "belongs to another sign-in"),
        (json!({ "aud": "another" }), "made for another program"),
        (
            json!({ "iss": "https://elsewhere.example" }),
            "from another provider",
        ),
        (json!({ "exp": 1_000_000_000 }), "it has run out"),
        (json!({ "iat": 4_000_000_000_i64 }), "not good at this time"),
        (json!({ "groups": ["cooks"] }), "you have no role here"),
        (json!({ "groups": null }), "you have no role here"),
        (
            json!({ "preferred_username": null }),
            "does not say who you are",
        ),
        (json!({ "preferred_username": "a b" }), "cannot be one here"),
        (json!({ "sub": null }), "does not say who you are"),
    ] {
        provider.tell(claims);
        refused(403, words);
    }
    provider.tell(json!({}));
    provider.forge(true);
    refused(403, "not signed by the provider");
    provider.forge(false);
    assert!(people(&house).is_empty(), "none of them is known now");
    assert!(record(&house).is_empty());
    // Who has a password here keeps their name.
    house.person("maria", "viewer");
    refused(409, "Somebody else is called like you here");
    assert_eq!(house.try_password("maria", PASSWORD).status, 303);
}

#[test]
fn a_sign_in_is_one_browsers_and_good_once() {
    let (house, provider) = house();
    let refused = |path: &str, kept: &str| {
        let reply = back(&house, path, kept);
        assert_eq!(reply.status, 400, "{}", reply.text());
        assert!(reply.text().contains("did not begin in this browser"));
        assert_eq!(session(&reply), None);
    };
    let (address, kept) = begin(&house, "/");
    let path = provider.sign_in(&address);
    refused(&path, "");
    refused(&path, "orderdock-sign-in=guess");
    let (_, others) = begin(&house, "/");
    refused(&path, &others);
    refused(&path.replace("state=", "state=x"), &kept);
    refused("/login/openid/back", &kept);
    refused(
        "/login/openid/back?state=&code=code-0",
        "orderdock-sign-in=",
    );
    // A code that the provider does not know, and one for another sign-in's verifier.
    let (address, kept) = begin(&house, "/");
    let path = provider
        .sign_in(&address)
        .replace("code=code", "code=other");
    let reply = back(&house, &path, &kept);
    assert_eq!(reply.status, 403);
    assert!(reply.text().contains("did not take the code"));
    let (first, kept_first) = begin(&house, "//elsewhere.example/");
    let (second, _) = begin(&house, "/");
    let (path, other) = (provider.sign_in(&first), provider.sign_in(&second));
    let code = |path: &str| {
        path.split("code=")
            .nth(1)
            .unwrap()
            .split('&')
            .next()
            .unwrap()
            .to_owned()
    };
    let mixed = path.replace(&code(&path), &code(&other));
    assert_eq!(
        back(&house, &mixed, &kept_first).status,
        403,
        "the verifier is of another"
    );
    // The provider says no; another provider answers; and what was used is used up.
    let (address, kept) = begin(&house, "/");
    let state = provider.sign_in(&address);
    let state = state
        .split("state=")
        .nth(1)
        .unwrap()
        .split('&')
        .next()
        .unwrap();
    let no = format!("/login/openid/back?error=access_denied%3Cb%3E&state={state}");
    let reply = back(&house, &no, &kept);
    assert_eq!(reply.status, 403);
    assert!(
        reply.text().contains("access_denied&lt;b&gt;"),
        "{}",
        reply.text()
    );
    let (address, kept) = begin(&house, "/");
    let mixed_up = provider.sign_in(&address).replace("iss=http", "iss=https");
    assert_eq!(back(&house, &mixed_up, &kept).status, 403);
    let (address, kept) = begin(&house, "//elsewhere.example/");
    let path = provider.sign_in(&address);
    let reply = back(&house, &path, &kept);
    assert_eq!(reply.status, 200);
    assert!(
        plain(&reply).contains("content=\"0;url=/\""),
        "nobody is sent elsewhere"
    );
    refused(&path, &kept);
}

#[test]
fn a_provider_that_is_not_there_stops_nobody_with_a_password() {
    let house = House::with(
        "public_url = \"http://127.0.0.1:1\"\n\
         [http.oidc]\nissuer = \"http://127.0.0.1:1\"\nclient_id = \"x\"\nroles = { \"x\" = \"viewer\" }\n",
    );
    let reply = house.get("/login/openid");
    assert_eq!(reply.status, 503);
    assert!(reply.text().contains("The provider could not be asked"));
    house.person("jan", "viewer");
    assert_eq!(house.try_password("jan", PASSWORD).status, 303);
    let without = House::new();
    assert_eq!(without.get("/login/openid").status, 404);
    assert_eq!(without.get("/login/openid/back?code=x&state=y").status, 404);
}

#[test]
fn a_provider_needs_a_way_back_and_says_who_may_come() {
    let check = |http: &str| {
        let dock = Dock::new("http://127.0.0.1:1/", &format!("[http]\n{http}"));
        let output = dock.run(&["check"]);
        assert_eq!(output.status.code(), Some(2));
        let said = [output.stdout, output.stderr].concat();
        String::from_utf8(said).unwrap()
    };
    let wrong = "[http.oidc]\nissuer = \"https://id.example\"\nclient_id = \"x\"\n";
    let said = check(wrong);
    assert!(
        said.contains("needs `public_url`") && said.contains("`roles` says who may come in"),
        "{said}"
    );
    let said = check(&format!("{wrong}roles = {{ \"desk\" = \"boss\" }}\n"));
    assert!(
        said.contains("\"viewer\", \"coordinator\" or \"admin\""),
        "{said}"
    );
    let said = check("[http.oidc]\nissuer = \"http://id.example\"\n");
    assert!(
        said.contains("unencrypted") && said.contains("`client_id` is missing"),
        "{said}"
    );
}
