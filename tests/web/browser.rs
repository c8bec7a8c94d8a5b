//! The console in a real browser, as people use it. Screenshots go to `target/screens/`.

use std::path::{Path, PathBuf};

use super::{House, PASSWORD, bad, table};
use crate::support::chromium::Chromium;
use crate::support::partner::Answer;

const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";

struct Desk {
    house: House,
    browser: Chromium,
    screens: PathBuf,
}

/// The page in light and dark, on a desk and on a phone; each is checked.
pub(crate) fn shoot(browser: &Chromium, screens: &Path, name: &str) {
    for (scheme, place, width, height) in [
        ("light", "desk", 1280, 900),
        ("dark", "desk", 1280, 900),
        ("dark", "phone", 390, 844),
        ("light", "phone", 390, 844),
    ] {
        browser.look(width, height, scheme);
        browser.screenshot(&screens.join(format!("{name}-{place}-{scheme}.png")));
        let wrong = browser.run(include_str!("checks.js"));
        let none = serde_json::json!([]);
        assert_eq!(wrong, none, "{name}, {place}, {scheme}: {wrong:#}");
    }
    browser.look(1280, 900, "light");
}

/// Where the pictures go.
pub(crate) fn screens() -> PathBuf {
    let screens = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screens");
    std::fs::create_dir_all(&screens).unwrap();
    screens
}

impl Desk {
    fn open() -> Self {
        Self::of(House::new())
    }

    fn of(house: House) -> Self {
        house.person("maria", "admin");
        let desk = Self {
            house,
            browser: Chromium::start(),
            screens: screens(),
        };
        desk.browser.look(1280, 900, "light");
        desk
    }

    fn go(&self, path: &str) {
        self.browser.go(&format!("http://{}{path}", self.house.at));
    }

    fn log_in(&self) {
        self.go("/login");
        self.shoot("login");
        self.browser.write("#name", "maria");
        self.browser.write("#password", PASSWORD);
        self.browser.click("form button");
        self.until("the first page", || {
            self.browser.text().contains("Needs a person")
        });
    }

    fn until(&self, what: &str, mut happened: impl FnMut() -> bool) {
        self.house.dock.until(what, || happened().then_some(()));
    }

    fn shoot(&self, name: &str) {
        shoot(&self.browser, &self.screens, name);
    }

    /// Writes a file for the browser to send.
    fn file(&self, name: &str, text: &str) -> String {
        let path = self.house.dock.path(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// No page said anything in the console, and none asked anybody else.
    fn is_clean(&self, allowed: &[&str]) {
        let (said, asked) = self.browser.logs();
        let said: Vec<_> = said
            .iter()
            .filter(|line| !allowed.iter().any(|part| line.contains(part)))
            .collect();
        assert!(said.is_empty(), "{said:?}");
        let ours = format!("http://{}/", self.house.at);
        // The browser's own first tab is made of pages within it.
        let own = |url: &&String| {
            url.starts_with(&ours) || url.starts_with("data:") || url.starts_with("chrome://")
        };
        let others: Vec<_> = asked.iter().filter(|url| !own(url)).collect();
        assert!(others.is_empty() && !asked.is_empty(), "{others:?}");
    }
}

#[test]
fn a_person_sends_files_reads_what_is_wrong_and_finds_the_orders() {
    let desk = Desk::open();
    desk.log_in();
    let (good, wrong) = (table(&["A-1", "A-2"]), bad());
    let files = [desk.file("good.csv", &good), desk.file("bad.csv", &wrong)];
    desk.go("/upload");
    desk.shoot("upload-empty");
    desk.browser.write("#files", &files.join("\n"));
    desk.browser.click("form.drop button");
    desk.until("both results are shown without a reload", || {
        let text = desk.browser.text();
        text.contains("done") && text.contains("row 3, column “quantity”") && text.contains("ten")
    });
    desk.shoot("upload");
    desk.go("/");
    desk.shoot("now");
    desk.go("/files");
    desk.shoot("files");
    desk.browser.click("a[href='/files/1']");
    desk.until("the file's story", || {
        desk.browser.text().contains("Its way")
    });
    desk.go("/files?state=error");
    desk.browser
        .run("document.querySelector('tbody a').click()");
    desk.until("the finding at its cell", || {
        desk.browser.text().contains("row 3, column “quantity”")
    });
    desk.until("the original with its cell marked", || {
        desk.browser
            .run("scrollTo(0, document.body.scrollHeight); return document.querySelectorAll('td mark').length")
            == 1
    });
    desk.browser.run("scrollTo(0, 0)");
    desk.shoot("file-error");
    desk.until("it is put away", || {
        let files = desk.house.dock.json(&["files", "list", "--json"]);
        files.iter().all(|file| file["stage"] == "settled")
    });
    desk.browser.click("button[value=retry]");
    desk.until("it was read again", || {
        desk.browser
            .text()
            .contains("maria had the file read again")
    });
    desk.go("/orders");
    desk.shoot("orders");
    desk.browser.write("input[name=q]", &format!("a-2{ENTER}"));
    desk.until("the order is found", || {
        let text = desk.browser.text();
        text.contains("A-2") && !text.contains("A-1")
    });
    desk.browser.click("tbody a");
    desk.until("the order", || desk.browser.text().contains("Lines"));
    desk.shoot("order");
    desk.go("/charts");
    desk.shoot("charts");
    desk.browser
        .run("document.querySelector('details summary').click()");
    desk.shoot("charts-table");
    desk.go("/profiles");
    desk.shoot("profiles");
    desk.browser
        .write("#new-file", &desk.file("sample.csv", &good));
    desk.browser
        .run("document.querySelector('#new-file').form.requestSubmit()");
    desk.until("a profile is suggested", || {
        desk.browser
            .text()
            .contains("What each field was guessed from")
    });
    desk.shoot("profile-suggested");
    desk.browser.click("button[value=try]");
    desk.until("the sample is explained", || {
        desk.browser.text().contains("What came of sample.csv")
    });
    desk.shoot("profile-tried");
    desk.go("/api");
    desk.shoot("api");
    desk.is_clean(&[]);
}

#[test]
fn a_person_corrects_a_held_order_sends_it_and_sends_a_refused_one_again() {
    let desk = Desk::open();
    desk.log_in();
    let path = desk.file("held.csv", &table(&["H-1", "H-2"]));
    desk.go("/upload");
    desk.browser
        .run("document.querySelector('select[name=source]').value = 'review'");
    desk.browser.write("#files", &path);
    desk.browser.click("form.drop button");
    desk.until("it is read", || {
        desk.browser.text().contains("2 deliveries open")
    });
    desk.go("/held");
    desk.shoot("held");
    desk.go("/held/1");
    desk.shoot("edit");
    desk.browser
        .replace("input[name='lines.0.quantity']", "ten");
    desk.browser.click("button[value=save]");
    desk.until("what is wrong is said", || {
        desk.browser.text().contains("not right yet")
    });
    desk.shoot("edit-wrong");
    desk.browser.replace("input[name='lines.0.quantity']", "7");
    desk.house
        .erp
        .script([Answer::json(422, "{\"message\":\"no such item\"}")]);
    desk.browser.click("button[value=send]");
    desk.until("the partner refuses it", || {
        desk.go("/orders/1");
        desk.browser.text().contains("no such item")
    });
    desk.shoot("order-refused");
    desk.browser.click("button[value=retry]");
    desk.house.erp.wait_for(2);
    desk.until("it is delivered", || {
        desk.go("/orders/1");
        desk.browser.text().contains("delivered")
    });
    // 422 is the answer to a form that is wrong; the browser writes it down as it does with all.
    desk.is_clean(&["422"]);
}

#[test]
fn the_console_is_used_with_the_keyboard_alone() {
    let desk = Desk::open();
    desk.go("/login");
    let focus = || {
        desk.browser
            .run("return document.activeElement.name || document.activeElement.innerText")
    };
    assert_eq!(focus(), "name", "the first field has the focus");
    desk.browser.write("#name", "maria");
    desk.browser.key(TAB);
    assert_eq!(focus(), "password");
    desk.browser
        .write("#password", &format!("{PASSWORD}{ENTER}"));
    desk.until("the first page", || {
        desk.browser.text().contains("Needs a person")
    });
    desk.browser.key(TAB);
    assert_eq!(focus(), "Skip to the content");
    let mut seen = Vec::new();
    for _ in 0..9 {
        desk.browser.key(TAB);
        let outline = desk
            .browser
            .run("return getComputedStyle(document.activeElement).outlineStyle");
        assert_eq!(outline, "solid", "the focus is seen at {}", focus());
        seen.push(focus().as_str().unwrap().trim().to_owned());
    }
    assert_eq!(
        seen,
        [
            "orderdock",
            "Now",
            "Files",
            "Orders",
            "Held",
            "Upload",
            "Profiles",
            "Charts",
            "Log out"
        ]
    );
    desk.browser.key(ENTER);
    desk.until("logged out", || desk.browser.url().ends_with("/login"));
}

/// What somebody has told of the order T-1.
const TOLD: [(&str, &str, &str); 3] = [
    ("2026-11-20T16:05", "collected", "Rotterdam"),
    ("2026-11-21T04:40", "arrived at the hub", "Venlo"),
    ("2026-11-22T10:15", "out for delivery", "Köln"),
];

fn tracked() -> (String, String) {
    let order = serde_json::json!([{ "reference": "T-1", "kind": "transport",
        "references": { "customer": "4500012345" },
        "parties": {
            "consignor": { "name": "Acme Tools B.V.", "street": "Kade", "house_no": "1", "postcode": "3011 AB",
                "city": "Rotterdam", "country": "NL" },
            "consignee": { "name": "Jansen & Söhne GmbH", "street": "Domplatz", "house_no": "7",
                "postcode": "50667", "city": "Köln", "country": "DE" } },
        "lines": [{ "number": "1", "item_id": "SKU-1", "description": "Cordless drill", "quantity": "4" }] }]);
    let updates: Vec<_> = TOLD
        .iter()
        .map(|(at, text, place)| {
            serde_json::json!({ "order": "T-1", "at": at, "text": text, "place": place })
        })
        .collect();
    let updates = serde_json::json!({ "status_updates": updates });
    (order.to_string(), updates.to_string())
}

#[test]
fn the_public_page_a_tracked_order_and_signing_in_elsewhere_are_looked_at() {
    let provider = crate::support::openid::Provider::start();
    let desk = Desk::of(House::with(&format!(
        "public_url = \"http://127.0.0.1:1\"\n{}\n[tracking]\npage = true\ncallbacks = true\n\
         secret = \"a secret of more than twenty-four letters\"\n",
        provider.section()
    )));
    let (order, updates) = tracked();
    desk.house.dock.drop_file("one.json", order);
    desk.house.dock.wait_for("done", "one.json");
    desk.house.dock.drop_file("told.json", updates);
    desk.house.dock.wait_for("done", "told.json");
    desk.go("/track");
    desk.shoot("track");
    desk.browser.write("#number", "T-1");
    desk.browser.write("#postcode", &format!("9999{ENTER}"));
    desk.until("there is no such order", || {
        desk.browser.text().contains("No order goes by this number")
    });
    desk.shoot("track-wrong");
    desk.browser.write("#postcode", &format!("50667{ENTER}"));
    desk.until("the milestones", || {
        desk.browser.text().contains("out for delivery")
    });
    desk.shoot("tracked");
    // The cookie of a session is strict: coming back from another site must not lose it.
    provider.send_home(desk.house.at);
    provider.tell(serde_json::json!({ "preferred_username": "jan" }));
    desk.go("/orders/1");
    desk.until("the page to log in", || {
        desk.browser.text().contains("Sign in with Acme")
    });
    desk.shoot("login-provider");
    desk.browser.click("a[href^='/login/openid']");
    desk.until("the order that was wanted", || {
        desk.browser.text().contains("out for delivery")
    });
    desk.shoot("order-tracked");
    provider.tell(serde_json::json!({ "preferred_username": "jan", "groups": ["cooks"] }));
    desk.browser.click("form.who button");
    desk.until("logged out", || desk.browser.url().ends_with("/login"));
    desk.browser.click("a[href^='/login/openid']");
    desk.until("why not", || {
        desk.browser.text().contains("you have no role here")
    });
    desk.shoot("login-refused");
}

/// What each page costs, with lists that are full: its first paint is printed, which says something on a
/// quiet machine only; its weight is bounded.
#[test]
fn no_page_weighs_more_than_a_hundred_kilobytes() {
    let desk = Desk::open();
    let many: Vec<String> = (0..300).map(|n| format!("W-{n}")).collect();
    let names: Vec<&str> = many.iter().map(String::as_str).collect();
    desk.house.dock.drop_file("many.csv", table(&names));
    for n in 0..60 {
        desk.house.dock.drop_file(&format!("bad-{n}.csv"), bad());
    }
    desk.house.erp.wait_for(300);
    desk.until("all is put away", || {
        desk.house
            .dock
            .json(&[
                "files", "list", "--state", "settled", "--limit", "100", "--json",
            ])
            .len()
            == 61
    });
    desk.go("/login");
    desk.browser.write("#name", "maria");
    desk.browser
        .write("#password", &format!("{PASSWORD}{ENTER}"));
    desk.until("the first page", || {
        desk.browser.text().contains("Needs a person")
    });
    desk.browser.command(
        "Network.setCacheDisabled",
        serde_json::json!({ "cacheDisabled": true }),
    );
    for path in [
        "/login",
        "/",
        "/files",
        "/files/1",
        "/files/2",
        "/orders",
        "/orders/1",
        "/held",
        "/upload",
        "/profiles",
        "/profiles/cargooffice",
        "/charts",
        "/charts?span=week",
        "/api",
    ] {
        desk.go(path);
        let mut told = serde_json::Value::Null;
        desk.until("it is painted", || {
            told = desk.browser.run(
                "const paint = performance.getEntriesByType('paint').find((e) => e.name == 'first-contentful-paint');
                 const all = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
                 return [paint ? paint.startTime : null, all.reduce((sum, e) => sum + e.transferSize, 0)];",
            );
            !told[0].is_null()
        });
        let weight = told[1].as_f64().unwrap();
        println!(
            "{path}: first paint {:.0} ms, {:.1} kB",
            told[0].as_f64().unwrap(),
            weight / 1000.0
        );
        assert!(weight > 0.0 && weight < 100_000.0, "{path}: {weight} bytes");
    }
}
