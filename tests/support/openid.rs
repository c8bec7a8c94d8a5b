//! A provider at which people sign in: OpenID Connect as far as we need it, and lies on request.
//!
//! Its tokens are made with `ring` and read by nobody here: what checks them is under test.

use std::collections::BTreeMap;
use std::io::{BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
    RsaPublicKeyComponents,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::http::head;

pub(crate) const CLIENT: &str = "orderdock";
pub(crate) const SECRET: &str = "the client's secret";

/// A running provider; its thread ends with the tests.
pub(crate) struct Provider {
    pub(crate) at: SocketAddr,
    inner: Arc<Inner>,
}

struct Inner {
    rsa: RsaKeyPair,
    ec: EcdsaKeyPair,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Nonce, challenge and redirection of each code.
    codes: BTreeMap<String, (String, String, String)>,
    /// What the token says otherwise than it should.
    claims: Value,
    /// ES256 instead of RS256.
    ec: bool,
    /// The last byte of the signature is another.
    forged: bool,
    /// Where browsers are sent, whatever the redirection says.
    home: Option<SocketAddr>,
}

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Provider {
    pub(crate) fn start() -> Self {
        let made = Command::new("openssl")
            .args(["genpkey", "-algorithm", "RSA", "-outform", "DER"])
            .args(["-pkeyopt", "rsa_keygen_bits:2048"])
            .output()
            .expect("the openssl command is needed");
        let how = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let random = SystemRandom::new();
        let ec = EcdsaKeyPair::generate_pkcs8(how, &random).unwrap();
        let inner = Arc::new(Inner {
            // Which of the two it writes depends on its version.
            rsa: RsaKeyPair::from_der(&made.stdout)
                .or_else(|_| RsaKeyPair::from_pkcs8(&made.stdout))
                .unwrap(),
            ec: EcdsaKeyPair::from_pkcs8(how, ec.as_ref(), &random).unwrap(),
            state: Mutex::default(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        let serving = Arc::clone(&inner);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                // Browsers open connections that they may never use.
                let serving = Arc::clone(&serving);
                std::thread::spawn(move || serving.answer(stream, at));
            }
        });
        Self { at, inner }
    }

    /// What configures it, in a section of its own.
    pub(crate) fn section(&self) -> String {
        format!(
            "[http.oidc]\nissuer = \"http://{}\"\nclient_id = \"{CLIENT}\"\n\
             client_secret = \"{SECRET}\"\nlabel = \"Acme\"\n\
             roles = {{ \"edi-desk\" = \"coordinator\", \"edi-admins\" = \"admin\", \"all\" = \"viewer\" }}\n",
            self.at
        )
    }

    /// What its tokens say from now on, over what is right.
    pub(crate) fn tell(&self, claims: Value) {
        self.inner.state.lock().unwrap().claims = claims;
    }

    /// Signs with its other key from now on.
    pub(crate) fn sign_by_es256(&self) {
        self.inner.state.lock().unwrap().ec = true;
    }

    /// Whether its signatures are those of somebody else.
    pub(crate) fn forge(&self, forged: bool) {
        self.inner.state.lock().unwrap().forged = forged;
    }

    /// Sends browsers there, whatever the redirection says.
    pub(crate) fn send_home(&self, home: SocketAddr) {
        self.inner.state.lock().unwrap().home = Some(home);
    }

    /// Somebody signs in at the address that they were sent to: path and query that they come back by.
    pub(crate) fn sign_in(&self, address: &str) -> String {
        let back = self.inner.authorize(address, self.at);
        let back = url::Url::parse(&back).unwrap();
        back[url::Position::BeforePath..].to_owned()
    }
}

impl Inner {
    fn answer(&self, mut stream: TcpStream, at: SocketAddr) {
        let mut reader = BufReader::new(&stream);
        let mut line = String::new();
        // The request's line looks like a status line to whoever only wants its second word.
        if std::io::BufRead::read_line(&mut reader, &mut line).is_err() || line.is_empty() {
            return;
        }
        let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
        let mut rest = std::io::Cursor::new(b"HTTP/1.1 200 OK\r\n".to_vec()).chain(&mut reader);
        let (_, headers) = head(&mut rest);
        let length = headers
            .get("content-length")
            .map_or(0, |n| n.parse().unwrap());
        let mut body = vec![0; length];
        rest.read_exact(&mut body).unwrap();
        let (status, kind, text) = self.told(&path, &headers, &body, at);
        let answer = format!(
            "HTTP/1.1 {status}\r\n{kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}",
            text.len()
        );
        drop(stream.write_all(answer.as_bytes()));
    }

    fn told(
        &self,
        path: &str,
        headers: &BTreeMap<String, String>,
        body: &[u8],
        at: SocketAddr,
    ) -> (&'static str, String, String) {
        let json = |value: Value| {
            let kind = "Content-Type: application/json".to_owned();
            ("200 OK", kind, value.to_string())
        };
        let issuer = format!("http://{at}");
        match path.split('?').next().unwrap() {
            "/.well-known/openid-configuration" => json(json!({
                "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize?tenant=1"),
                "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/keys"),
            })),
            "/keys" => json(json!({ "keys": self.keys() })),
            "/authorize" => {
                let to = self.authorize(&format!("{issuer}{path}"), at);
                ("302 Found", format!("Location: {to}"), String::new())
            }
            "/token" => match self.grant(body, headers, &issuer) {
                Ok(token) => json(
                    json!({ "access_token": "unused", "token_type": "Bearer", "id_token": token }),
                ),
                Err(why) => (
                    "400 Bad Request",
                    "Content-Type: application/json".to_owned(),
                    json!({ "error": "invalid_grant", "error_description": why }).to_string(),
                ),
            },
            _ => ("404 Not Found", "X-None: 1".to_owned(), String::new()),
        }
    }

    fn keys(&self) -> Value {
        let rsa = RsaPublicKeyComponents::<Vec<u8>>::from(self.rsa.public());
        let point = self.ec.public_key().as_ref();
        json!([
            { "kty": "RSA", "kid": "rsa", "use": "sig", "alg": "RS256",
              "n": b64(&rsa.n),
              "e": b64(&rsa.e) },
            { "kty": "EC", "kid": "ec", "crv": "P-256", "x": b64(&point[1..33]), "y": b64(&point[33..]) },
            { "kty": "OKP", "crv": "Ed25519", "x": "AA" },
        ])
    }

    /// The way back with a code.
    fn authorize(&self, address: &str, at: SocketAddr) -> String {
        let address = url::Url::parse(address).unwrap();
        let asked: BTreeMap<String, String> = address.query_pairs().into_owned().collect();
        assert_eq!(
            asked["tenant"], "1",
            "what the endpoint's own query says is kept"
        );
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["client_id"], CLIENT);
        assert_eq!(asked["code_challenge_method"], "S256");
        assert_eq!(asked["scope"], "openid profile email");
        let mut state = self.state.lock().unwrap();
        let code = format!("code-{}", state.codes.len());
        let back = asked["redirect_uri"].clone();
        let kept = (
            asked["nonce"].clone(),
            asked["code_challenge"].clone(),
            back.clone(),
        );
        state.codes.insert(code.clone(), kept);
        let mut back = url::Url::parse(&back).unwrap();
        if let Some(home) = state.home {
            back.set_ip_host(home.ip()).unwrap();
            back.set_port(Some(home.port())).unwrap();
        }
        back.query_pairs_mut()
            .append_pair("code", &code)
            .append_pair("state", &asked["state"])
            .append_pair("iss", &format!("http://{at}"));
        back.to_string()
    }

    /// A token for a code, once.
    fn grant(
        &self,
        body: &[u8],
        headers: &BTreeMap<String, String>,
        issuer: &str,
    ) -> Result<String, &'static str> {
        let form: BTreeMap<String, String> =
            url::form_urlencoded::parse(body).into_owned().collect();
        let text = |key: &str| form.get(key).map_or("", String::as_str);
        assert!(!headers.contains_key("authorization"));
        let mut state = self.state.lock().unwrap();
        let (nonce, challenge, back) = state.codes.remove(text("code")).ok_or("no such code")?;
        if b64(Sha256::digest(text("code_verifier"))) != challenge {
            return Err("another verifier");
        }
        if text("redirect_uri") != back || text("grant_type") != "authorization_code" {
            return Err("another way back");
        }
        if text("client_id") != CLIENT || text("client_secret") != SECRET {
            return Err("another client");
        }
        let now = orderdock::clock::now().0 / 1000;
        let mut claims = json!({
            "iss": issuer, "aud": CLIENT, "sub": "u-1", "nonce": nonce, "iat": now, "exp": now + 300,
            "preferred_username": "Maria", "groups": ["edi-desk", "all"],
        });
        if let Some(more) = state.claims.as_object() {
            claims.as_object_mut().unwrap().extend(more.clone());
        }
        Ok(self.token(&claims, state.ec, state.forged))
    }

    fn token(&self, claims: &Value, ec: bool, forged: bool) -> String {
        let header = if ec {
            json!({ "alg": "ES256", "kid": "ec" })
        } else {
            json!({ "alg": "RS256", "kid": "rsa" })
        };
        let signed = format!("{}.{}", b64(header.to_string()), b64(claims.to_string()));
        let random = SystemRandom::new();
        let mut signature = if ec {
            let made = self.ec.sign(&random, signed.as_bytes()).unwrap();
            made.as_ref().to_vec()
        } else {
            let mut made = vec![0; self.rsa.public().modulus_len()];
            self.rsa
                .sign(&RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut made)
                .unwrap();
            made
        };
        if forged {
            *signature.last_mut().unwrap() ^= 1;
        }
        format!("{signed}.{}", b64(signature))
    }
}
