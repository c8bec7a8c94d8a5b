//! Against a scripted token server on this machine.

use std::collections::VecDeque;
use std::sync::Mutex as Lock;

use secrecy::ExposeSecret as _;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

/// Answers each request with the next of the script, the last one for ever; keeps what it heard.
struct Server {
    url: String,
    heard: Arc<Lock<Vec<String>>>,
}

impl Server {
    async fn start(script: &[(u16, &str)]) -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/token", listener.local_addr().unwrap());
        let heard = Arc::new(Lock::new(Vec::new()));
        let mut script: VecDeque<_> = script
            .iter()
            .map(|(status, body)| (*status, (*body).to_owned()))
            .collect();
        let shared = Arc::clone(&heard);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = Vec::new();
                while !is_whole(&request) {
                    if stream.read_buf(&mut request).await.unwrap_or(0) == 0 {
                        break;
                    }
                }
                shared
                    .lock()
                    .unwrap()
                    .push(String::from_utf8(request).unwrap());
                let (status, body) = match script.len() {
                    1 => script.front().cloned().unwrap(),
                    _ => script.pop_front().unwrap(),
                };
                let answer = format!(
                    "HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                    body.len()
                );
                drop(stream.write_all(answer.as_bytes()).await);
            }
        });
        Self { url, heard }
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    fn tokens(&self, grant: Grant) -> Arc<Tokens> {
        Tokens::new(TokenSettings {
            url: self.url.clone(),
            client_id: "client".into(),
            client_secret: Some("client-secret".to_owned().into()),
            client_proof: ClientProof::Body,
            scope: Some("mail read".into()),
            grant,
            ca: None,
        })
        .unwrap()
    }
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse().ok())?
    });
    body.len() >= length.unwrap_or(0)
}

fn refresh() -> Grant {
    Grant::RefreshToken("refresh-secret".to_owned().into())
}

const GOOD: &str = r#"{"access_token":"t1","token_type":"Bearer","expires_in":3600}"#;
const NEXT: &str = r#"{"access_token":"t2","token_type":"bearer","expires_in":"3600"}"#;

#[tokio::test]
async fn many_callers_make_one_request() {
    let server = Server::start(&[(200, GOOD)]).await;
    let tokens = server.tokens(refresh());
    let calls = (0..20).map(|_| {
        let tokens = Arc::clone(&tokens);
        tokio::spawn(async move {
            tokens
                .get()
                .await
                .unwrap()
                .secret()
                .expose_secret()
                .to_owned()
        })
    });
    for call in calls.collect::<Vec<_>>() {
        assert_eq!(call.await.unwrap(), "t1");
    }
    let heard = server.heard();
    assert_eq!(heard.len(), 1);
    for part in [
        "grant_type=refresh_token",
        "refresh_token=refresh-secret",
        "client_id=client",
        "scope=mail%20read",
    ] {
        assert!(heard[0].contains(part), "{part}: {}", heard[0]);
    }
}

#[tokio::test]
async fn a_refused_token_is_replaced_once_whoever_says_so() {
    let server = Server::start(&[(200, GOOD), (200, NEXT)]).await;
    let tokens = server.tokens(refresh());
    let first = tokens.get().await.unwrap();
    tokens.refused(&first).await;
    assert_eq!(tokens.get().await.unwrap().secret().expose_secret(), "t2");
    // Late news about the first token do not harm the second.
    tokens.refused(&first).await;
    assert_eq!(tokens.get().await.unwrap().secret().expose_secret(), "t2");
    assert_eq!(server.heard().len(), 2);
}

#[tokio::test]
async fn a_token_that_has_run_out_is_not_handed_out() {
    let short = r#"{"access_token":"t1","expires_in":0}"#;
    let server = Server::start(&[(200, short), (200, NEXT)]).await;
    let tokens = server.tokens(refresh());
    tokens.get().await.unwrap();
    let token = tokens.state.lock().await.token.clone().unwrap();
    assert!(token.ends.since(token.got) <= Duration::from_secs(1));
    tokens.state.lock().await.token.as_mut().unwrap().ends = token.got;
    assert_eq!(tokens.get().await.unwrap().secret().expose_secret(), "t2");
}

#[tokio::test]
async fn each_grant_is_asked_for_in_its_own_form() {
    let server = Server::start(&[(200, GOOD)]).await;
    server.tokens(Grant::ClientCredentials).get().await.unwrap();
    let password = Grant::Password {
        user: "edi@acme.example".into(),
        password: "p&w".to_owned().into(),
    };
    server.tokens(password).get().await.unwrap();
    let heard = server.heard();
    assert!(heard[0].contains("grant_type=client_credentials"));
    assert!(heard[0].contains("client_secret=client-secret"));
    assert!(heard[1].contains("username=edi%40acme.example"));
    assert!(heard[1].contains("password=p%26w"));
}

#[tokio::test]
async fn a_refusal_is_the_operators_turn_and_tells_no_secret() {
    let body = r#"{"error":"invalid_grant","error_description":"token refresh-secret of client-secret\nis gone"}"#;
    let server = Server::start(&[(400, body)]).await;
    let tokens = server.tokens(refresh());
    let failure = tokens.get().await.unwrap_err();
    assert!(!failure.is_temporary());
    assert!(!failure.to_string().contains("-secret"), "{failure}");
    assert!(
        failure.message.contains("allow the access anew"),
        "{failure}"
    );
    // A server that has just refused is not asked again at once.
    tokens.get().await.unwrap_err();
    assert_eq!(server.heard().len(), 1);
    let shown = format!("{tokens:?} {:?}", refresh_settings(&server.url));
    assert!(!shown.contains("-secret"), "{shown}");
}

fn refresh_settings(url: &str) -> TokenSettings {
    TokenSettings {
        url: url.into(),
        client_id: "client".into(),
        client_secret: Some("client-secret".to_owned().into()),
        client_proof: ClientProof::Header,
        scope: None,
        grant: refresh(),
        ca: None,
    }
}

#[tokio::test]
async fn trouble_at_the_server_passes_and_nonsense_is_told() {
    for (status, body, temporary) in [
        (503, "", true),
        (429, "{}", true),
        (400, r#"{"error":"temporarily_unavailable"}"#, true),
        (401, r#"{"error":"invalid_client"}"#, false),
        (200, "<html>", true),
        (200, "{}", true),
        (200, "{\"access_token\":\"a\\r\\nb\"}", true),
        (302, "", false),
    ] {
        let server = Server::start(&[(status, body)]).await;
        let failure = server.tokens(refresh()).get().await.unwrap_err();
        assert_eq!(
            failure.is_temporary(),
            temporary,
            "{status} {body}: {failure}"
        );
    }
}

#[tokio::test]
async fn a_long_answer_is_not_read() {
    let long = "x".repeat(limits::ANSWER_BYTES + 1);
    let server = Server::start(&[(200, &long)]).await;
    let failure = server.tokens(refresh()).get().await.unwrap_err();
    assert!(failure.message.contains("too long"), "{failure}");
}

#[tokio::test]
async fn a_new_refresh_token_takes_the_place_of_the_old_one() {
    let rotated = r#"{"access_token":"t1","refresh_token":"second"}"#;
    let server = Server::start(&[(200, rotated), (200, NEXT)]).await;
    let tokens = server.tokens(refresh());
    let first = tokens.get().await.unwrap();
    tokens.refused(&first).await;
    tokens.get().await.unwrap();
    assert!(server.heard()[1].contains("refresh_token=second"));
}

#[tokio::test]
async fn tokens_are_only_asked_for_over_tls_or_on_this_machine() {
    drop(rustls::crypto::ring::default_provider().install_default());
    for url in [
        "http://login.example/token",
        "https://u:p@login.example/token",
        "x",
    ] {
        assert!(Tokens::new(refresh_settings(url)).is_err(), "{url}");
    }
}
