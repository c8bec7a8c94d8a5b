//! A real Chromium, driven over WebDriver (W3C) as any client would: JSON over HTTP to `chromedriver`.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use super::http::Ask;
use super::world::INSTALL;

/// The key under which WebDriver names an element (W3C WebDriver, 11.1).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser with one window; ends with the value.
pub(crate) struct Chromium {
    driver: Child,
    at: SocketAddr,
    session: String,
    _profile: tempfile::TempDir,
}

impl Chromium {
    /// A fresh one, without any history.
    pub(crate) fn start() -> Self {
        let profile = tempfile::tempdir().unwrap();
        let log = profile.path().join("driver.log");
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "chromedriver", "--port=0"]);
        let told = std::fs::File::create(&log).unwrap();
        let driver = command
            .stdin(Stdio::null())
            .stdout(told)
            .stderr(Stdio::null())
            .spawn();
        let driver = driver.unwrap_or_else(|_| panic!("chromedriver {INSTALL}"));
        let at = super::events::until(profile.path(), || {
            let log = std::fs::read_to_string(&log).ok()?;
            let (_, rest) = log.split_once("started successfully on port ")?;
            let port: u16 = rest.split('.').next()?.trim().parse().ok()?;
            Some(SocketAddr::from(([127, 0, 0, 1], port)))
        });
        let at = at.unwrap_or_else(|| panic!("chromedriver does not start; it {INSTALL}"));
        let capabilities = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
            "goog:chromeOptions": { "args": [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                "--disable-background-networking", "--disable-component-update", "--no-first-run",
                "--hide-scrollbars", "--force-prefers-reduced-motion", "--window-size=1280,900",
                format!("--user-data-dir={}", profile.path().join("profile").display()),
            ] },
        } } });
        let mut chromium = Self {
            driver,
            at,
            session: String::new(),
            _profile: profile,
        };
        let made = chromium.ask("POST", "/session", &capabilities);
        chromium.session = made["sessionId"]
            .as_str()
            .unwrap_or_else(|| panic!("{made}"))
            .to_owned();
        chromium
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let mut ask = Ask::new(method, path);
        if method == "POST" {
            ask = ask.json(body);
        }
        let reply = ask.send(self.at);
        let mut value = reply.json();
        assert!(reply.status < 400, "{method} {path}: {value:#}");
        value["value"].take()
    }

    fn post(&self, what: &str, body: Value) -> Value {
        self.ask("POST", &format!("/session/{}{what}", self.session), &body)
    }

    fn get(&self, what: &str) -> Value {
        self.ask(
            "GET",
            &format!("/session/{}{what}", self.session),
            &Value::Null,
        )
    }

    /// Goes to an address and returns when it is loaded.
    pub(crate) fn go(&self, url: &str) {
        self.post("/url", json!({ "url": url }));
    }

    pub(crate) fn url(&self) -> String {
        self.get("/url").as_str().unwrap().to_owned()
    }

    /// What the function body answers.
    pub(crate) fn run(&self, script: &str) -> Value {
        self.post("/execute/sync", json!({ "script": script, "args": [] }))
    }

    /// A command of the browser's own protocol.
    pub(crate) fn command(&self, cmd: &str, params: Value) -> Value {
        self.post("/goog/cdp/execute", json!({ "cmd": cmd, "params": params }))
    }

    fn find(&self, css: &str) -> String {
        let found = self.post("/element", json!({ "using": "css selector", "value": css }));
        found[ELEMENT].as_str().unwrap().to_owned()
    }

    /// Types into a field, or names files to one for files.
    pub(crate) fn write(&self, css: &str, text: &str) {
        let element = self.find(css);
        self.post(
            &format!("/element/{element}/value"),
            json!({ "text": text }),
        );
    }

    /// Empties a field and types into it.
    pub(crate) fn replace(&self, css: &str, text: &str) {
        let element = self.find(css);
        self.post(&format!("/element/{element}/clear"), json!({}));
        self.write(css, text);
    }

    pub(crate) fn click(&self, css: &str) {
        let element = self.find(css);
        self.post(&format!("/element/{element}/click"), json!({}));
    }

    /// Presses a key wherever the focus is.
    pub(crate) fn key(&self, key: &str) {
        let press = |kind: &str| json!({ "type": kind, "value": key });
        let actions = json!([{ "type": "key", "id": "keyboard", "actions": [press("keyDown"), press("keyUp")] }]);
        self.post("/actions", json!({ "actions": actions }));
    }

    /// What can be read in the page.
    pub(crate) fn text(&self) -> String {
        self.run("return document.body.innerText")
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Sets the window's size, and whether the system is dark.
    pub(crate) fn look(&self, width: u32, height: u32, scheme: &str) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.command("Emulation.setDeviceMetricsOverride", size);
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.command(
            "Emulation.setEmulatedMedia",
            json!({ "features": features }),
        );
    }

    /// The page as it looks, as PNG.
    pub(crate) fn screenshot(&self, to: &Path) {
        use base64::Engine;
        let params = json!({ "format": "png", "captureBeyondViewport": false });
        let shot = self.command("Page.captureScreenshot", params);
        let bytes =
            base64::engine::general_purpose::STANDARD.decode(shot["data"].as_str().unwrap());
        std::fs::write(to, bytes.unwrap()).unwrap();
    }

    /// What the console was told since the last question, and every address that was asked for.
    pub(crate) fn logs(&self) -> (Vec<String>, Vec<String>) {
        let log = |kind: &str| self.post("/se/log", json!({ "type": kind }));
        let said = log("browser");
        let said = said
            .as_array()
            .unwrap()
            .iter()
            .map(|line| line["message"].to_string())
            .collect();
        let events = log("performance");
        let mut asked = Vec::new();
        for event in events.as_array().unwrap() {
            let event: Value = serde_json::from_str(event["message"].as_str().unwrap()).unwrap();
            if event["message"]["method"] == "Network.requestWillBeSent" {
                let url = &event["message"]["params"]["request"]["url"];
                asked.push(url.as_str().unwrap().to_owned());
            }
        }
        (said, asked)
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let path = format!("/session/{}", self.session);
        if !self.session.is_empty() && !std::thread::panicking() {
            Ask::new("DELETE", &path).send(self.at);
        }
        drop(self.driver.kill());
        drop(self.driver.wait());
    }
}
