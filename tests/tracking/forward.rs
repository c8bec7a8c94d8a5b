//! Who hears of an order: by URL, by mail, in a folder.

use std::fs;
use std::path::Path;

use orderdock::tracking::sign;
use serde_json::{Value, json};

use super::{SECRET, drop_in, history, keep_secret, order, orders, show, status, statuses};
use crate::support::dock::Dock;
use crate::support::erp::Erp;
use crate::support::partner::{Answer, Seen};
use crate::support::postfix::Postfix;
use crate::support::sshd::Sshd;
use crate::support::vsftpd::{Tls, Vsftpd};

const CALLS: &str = "[tracking]\ncallbacks = true\nsecret = { file = \"secret\" }\n";

/// A house whose followers are called.
fn calling(erp: &Erp, more: &str) -> Dock {
    let dock = Dock::new(&erp.orders(), &format!("{more}{CALLS}"));
    keep_secret(&dock);
    dock
}

/// The calls that came to `/hook`.
fn calls(hook: &Erp) -> Vec<Seen> {
    let seen = hook.seen().into_iter();
    seen.filter(|one| one.path == "/hook").collect()
}

fn wait_for_notices(dock: &Dock, reference: &str, state: &str, count: usize) -> Vec<Value> {
    dock.until(
        &format!("{count} notices of {reference} are {state}"),
        || {
            let story = show(dock, reference);
            let notices = story["notices"].as_array()?.clone();
            let there = notices.iter().filter(|one| one["state"] == state).count();
            (there == count && notices.len() == count).then_some(notices)
        },
    )
}

#[test]
fn the_url_that_an_order_names_is_called_once_for_each_event_and_can_check_the_signature() {
    let (erp, hook) = (Erp::start(), Erp::start());
    let dock = calling(&erp, "");
    let text = format!("{}allow_private = [\"127.0.0.1\"]\n", dock.config());
    dock.configure(&text);
    // The first answer gets lost; the second says later.
    hook.script([Answer::ResetAfter, Answer::status(503)]);
    let daemon = dock.start();
    let notify = json!({ "notify": [hook.url("/hook")] });
    dock.drop_file("one.json", orders(&[order("C-1", &notify)]));
    dock.wait_for("done", "one.json");
    dock.drop_file("loaded.json", statuses(&[status("C-1", "loaded")]));
    dock.wait_for("done", "loaded.json");
    wait_for_notices(&dock, "C-1", "sent", 1);

    let seen = calls(&hook);
    assert_eq!(seen.len(), 3, "lost, later, taken");
    let header = |one: &Seen, name: &str| one.headers[name].clone();
    let id = header(&seen[0], "webhook-id");
    for one in &seen {
        assert_eq!(
            header(one, "webhook-id"),
            id,
            "a repeat says that it is one"
        );
        let seconds: i64 = header(one, "webhook-timestamp").parse().unwrap();
        let signature = sign::callback(SECRET.as_bytes(), &id, seconds, &one.body);
        assert_eq!(header(one, "webhook-signature"), signature);
    }
    let body: Value = serde_json::from_slice(&seen[2].body).unwrap();
    assert_eq!(body["type"], "order.event");
    assert_eq!(body["event"]["reference"], "C-1");
    assert_eq!(body["event"]["text"], "loaded");
    assert_eq!(body["event"]["place"], "Rotterdam");

    // The last event is told, and nothing after it.
    dock.drop_file("end.json", statuses(&[status("C-1", "delivered")]));
    wait_for_notices(&dock, "C-1", "sent", 2);
    dock.drop_file("late.json", statuses(&[status("C-1", "invoice sent")]));
    dock.wait_for("done", "late.json");
    assert_eq!(history(&dock, "C-1").len(), 3);
    assert_eq!(daemon.stop(), 0);
    assert_eq!(calls(&hook).len(), 4);
    assert_eq!(
        show(&dock, "C-1")["followers"][0]["why"],
        "The order is finished."
    );
}

#[test]
fn a_private_address_is_never_called_unless_the_operator_names_it() {
    let (erp, hook) = (Erp::start(), Erp::start());
    let port = hook.address.port();
    let lane = format!("followers = [\"https://localhost:{port}/hook\"]");
    let dock = calling(&erp, "").with_destination(&lane);
    let daemon = dock.start();
    let notify = json!({ "notify": [
        hook.url("/hook"),
        format!("https://127.0.0.1:{port}/hook"),
        format!("http://[::ffff:127.0.0.1]:{port}/hook"),
        "https://169.254.169.254/latest/meta-data",
    ] });
    dock.drop_file("one.json", orders(&[order("P-1", &notify)]));
    dock.wait_for("done", "one.json");
    dock.drop_file("loaded.json", statuses(&[status("P-1", "loaded")]));
    // The name is only known to be private when it is looked up; the others never follow.
    let notices = wait_for_notices(&dock, "P-1", "given_up", 1);
    let why = notices[0]["detail"].as_str().unwrap();
    assert!(why.contains("private network"), "{why}");
    assert_eq!(show(&dock, "P-1")["followers"], json!([]));
    assert_eq!(daemon.stop(), 0);
    assert_eq!(hook.connections(), 0);
}

#[test]
fn a_daemon_killed_between_call_and_answer_calls_again_under_the_same_id() {
    let (erp, hook) = (Erp::start(), Erp::start());
    let lane = format!("followers = [\"{}\"]", hook.url("/hook"));
    let dock = calling(&erp, "").with_destination(&lane);
    dock.configure(&format!(
        "{}allow_private = [\"127.0.0.1\"]\n",
        dock.config()
    ));
    hook.script([Answer::Silence]);
    let daemon = dock.start();
    dock.drop_file("one.json", orders(&[order("D-1", &json!({}))]));
    dock.wait_for("done", "one.json");
    dock.drop_file("loaded.json", statuses(&[status("D-1", "loaded")]));
    hook.wait_for(1);
    daemon.signal("KILL");
    drop(daemon);
    let daemon = dock.start();
    wait_for_notices(&dock, "D-1", "sent", 1);
    assert_eq!(daemon.stop(), 0);
    let seen = calls(&hook);
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0].headers["webhook-id"], seen[1].headers["webhook-id"]);
    assert_eq!(seen[0].body, seen[1].body);
}

#[test]
fn the_news_of_others_lie_in_the_senders_folder_as_csv() {
    let erp = Erp::start();
    let dock = Dock::new(&erp.orders(), "");
    let root = dock.path("");
    let root = root.to_str().unwrap().trim_end_matches('/');
    let text = dock.config().replace(
        "contact = \"partner@example.com\"\n",
        "contact = \"partner@example.com\"\nstatus_to = \"../status\"\n",
    );
    fs::create_dir_all(dock.path("road")).unwrap();
    fs::create_dir_all(dock.path("status")).unwrap();
    dock.configure(&format!(
        "{text}[[source]]\nname = \"road\"\nkind = \"local\"\npath = \"{root}/road\"\nstable = \"0s\"\n\n\
         [[sender]]\nname = \"carrier\"\ncarries = [\"erp\"]\nmatch = {{ source = \"road\" }}\n\n\
         [[route]]\ndestination = [\"erp\"]\n"
    ));
    let daemon = dock.start();
    dock.drop_file("one.json", orders(&[order("F-1", &json!({}))]));
    dock.wait_for("done", "one.json");
    dock.drop_file("own.json", statuses(&[status("F-1", "said myself")]));
    dock.wait_for("done", "own.json");
    drop_in(&dock, "road", &[status("F-1", "=loaded, \"twice\"")]);
    wait_for_notices(&dock, "F-1", "sent", 1);
    assert_eq!(daemon.stop(), 0);
    let files: Vec<_> = fs::read_dir(dock.path("status")).unwrap().collect();
    assert_eq!(files.len(), 1);
    let path = files[0].as_ref().unwrap().path();
    let name = path.file_name().unwrap().to_str().unwrap();
    assert!(
        name.starts_with("status-F-1-") && name.ends_with(".csv"),
        "{name}"
    );
    let text = fs::read_to_string(&path).unwrap();
    let mut lines = text.lines();
    assert_eq!(
        lines.next(),
        Some("order,shipment,tracking,code,text,place,at,received,by")
    );
    let row = lines.next().unwrap();
    assert!(
        row.starts_with("F-1,,,,\"'=loaded, \"\"twice\"\"\",Rotterdam,2026-11-22T10:15,"),
        "{row}"
    );
    assert_eq!(lines.next(), None);
}

#[test]
fn a_follower_hears_by_mail_and_leaves_by_its_link() {
    let erp = Erp::start();
    let postfix = Postfix::start();
    let dock = Dock::new(
        &erp.orders(),
        &format!(
            "[http]\nlisten = \"127.0.0.1:0\"\npublic_url = \"http://127.0.0.1:1\"\n\n\
             [mail]\nurl = \"smtp://127.0.0.1:{}\"\nfrom = \"Desk <desk@example.com>\"\n\n\
             [tracking]\npage = true\nmails = true\nsecret = {{ file = \"secret\" }}\n",
            postfix.port
        ),
    );
    keep_secret(&dock);
    let daemon = dock.start();
    let notify = json!({ "notify": ["edi@acme.test"] });
    dock.drop_file("one.json", orders(&[order("M-1", &notify)]));
    dock.wait_for("done", "one.json");
    dock.drop_file(
        "loaded.json",
        statuses(&[status("M-1", "loaded"), status("M-1", "sealed")]),
    );
    let mails = postfix.wait_for_mails(1);
    let mail = String::from_utf8_lossy(&mails[0])
        .replace("=\r\n", "")
        .replace("=\n", "");
    assert!(mail.contains("Order M-1: sealed"), "{mail}");
    assert!(
        mail.contains("loaded") && mail.contains("Rotterdam"),
        "{mail}"
    );
    assert!(mail.contains("Auto-Submitted: auto-generated"), "{mail}");
    assert!(
        mail.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"),
        "{mail}"
    );
    let (_, rest) = mail.split_once("/track/leave/").unwrap();
    let token: String = rest.chars().take_while(char::is_ascii_hexdigit).collect();
    let at = super::page::address(&dock);

    // Scanners of mail open every link in it: that ends nothing, however often.
    for _ in 0..2 {
        let asked = crate::support::http::Ask::get(&format!("/track/leave/{token}")).send(at);
        assert_eq!(asked.status, 200, "{}", asked.text());
        let form = format!("<form method=\"post\" action=\"/track/leave/{token}\">");
        assert!(asked.text().contains(&form), "{}", asked.text());
    }
    assert_eq!(
        show(&dock, "M-1")["followers"][0]["why"],
        serde_json::Value::Null
    );

    // RFC 8058: one POST without cookies or anything else.
    let one_click = crate::support::http::Ask::post(&format!("/track/leave/{token}"))
        .form(&[("List-Unsubscribe", "One-Click")])
        .send(at);
    assert_eq!(one_click.status, 200, "{}", one_click.text());
    assert!(
        one_click.text().contains("hears nothing more"),
        "{}",
        one_click.text()
    );
    dock.drop_file("gone.json", statuses(&[status("M-1", "arrived")]));
    dock.wait_for("done", "gone.json");
    dock.until("all events are forwarded", || {
        (show(&dock, "M-1")["followers"][0]["why"] == "They asked for it.").then_some(())
    });
    assert_eq!(daemon.stop(), 0);
    assert_eq!(postfix.mails().len(), 1);
    assert_eq!(history(&dock, "M-1").len(), 3);
}

/// A house whose orders come from `server`, and whose news go to the folder `out` there.
fn news_on_a_server(server: &str, inbox: &Path) {
    let erp = Erp::start();
    let more = format!(
        "[[source]]\nname = \"acme\"\n{server}stable = \"0s\"\npoll = \"200ms\"\n\
         status_to = \"../out\"\nstatus_format = \"json\"\n\n\
         [[sender]]\nname = \"carrier\"\ncarries = [\"erp\"]\nmatch = {{ source = \"inbox\" }}\n\n\
         [[route]]\ndestination = [\"erp\"]\n"
    );
    let dock = Dock::new(&erp.orders(), &more);
    let checked = dock.run(&["check", "--connect"]);
    let told = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert!(
        told.contains("the status folder of source acme can be written"),
        "{told}"
    );
    let daemon = dock.start();
    fs::write(
        inbox.join(".one.json.part"),
        orders(&[order("R-1", &json!({}))]),
    )
    .unwrap();
    fs::rename(inbox.join(".one.json.part"), inbox.join("one.json")).unwrap();
    dock.until("its order is delivered", || {
        let rows = dock.json(&["deliveries", "list", "--json"]);
        rows.iter()
            .any(|row| row["state"] == "delivered")
            .then_some(())
    });
    dock.drop_file("loaded.json", statuses(&[status("R-1", "loaded")]));
    wait_for_notices(&dock, "R-1", "sent", 1);
    assert_eq!(daemon.stop(), 0);
    let out = inbox.with_file_name("out");
    let files = fs::read_dir(&out).unwrap().map(|file| file.unwrap().path());
    let files: Vec<_> = files.collect();
    assert_eq!(files.len(), 1, "{files:?}");
    let told: Value = serde_json::from_slice(&fs::read(&files[0]).unwrap()).unwrap();
    assert_eq!(told["events"][0]["text"], "loaded");
}

#[test]
fn the_news_lie_on_the_sftp_server_that_the_order_came_from() {
    let server = Sshd::start();
    let lines = format!(
        "kind = \"sftp\"\nurl = \"sftp://pw@127.0.0.1:{}/in\"\npassword = \"pw-secret\"\n\
         host_key = \"{}\"\n",
        server.port,
        server.fingerprint("ed25519")
    );
    news_on_a_server(&lines, &server.inbox("pw"));
}

#[test]
fn the_news_lie_on_the_ftp_server_that_the_order_came_from() {
    let server = Vsftpd::start(Tls::None, "");
    let lines = format!(
        "kind = \"ftp\"\nurl = \"ftp://anonymous@127.0.0.1:{}/~/in\"\npassword = \"anybody\"\n",
        server.port
    );
    news_on_a_server(&lines, &server.inbox());
}

#[test]
fn those_who_follow_a_route_hear_of_its_orders_and_of_no_others() {
    let (erp, hook) = (Erp::start(), Erp::start());
    let dock = calling(&erp, "");
    let route = format!(
        "[[route]]\nsource = \"inbox\"\nfile = \"vip-*\"\nformat = \"json\"\n\
         followers = [\"{}\"]\ndestination = [\"erp\"]\n\n[[route]]\n",
        hook.url("/hook")
    );
    let text = dock.config().replacen("[[route]]\n", &route, 1);
    dock.configure(&format!("{text}allow_private = [\"127.0.0.1\"]\n"));
    let daemon = dock.start();
    dock.drop_file("vip-1.json", orders(&[order("V-1", &json!({}))]));
    dock.wait_for("done", "vip-1.json");
    dock.drop_file("one.json", orders(&[order("N-1", &json!({}))]));
    dock.wait_for("done", "one.json");
    let both = [status("V-1", "loaded"), status("N-1", "loaded")];
    dock.drop_file("loaded.json", statuses(&both));
    wait_for_notices(&dock, "V-1", "sent", 1);
    assert_eq!(show(&dock, "N-1")["notices"], json!([]));
    assert_eq!(daemon.stop(), 0);
    assert_eq!(calls(&hook).len(), 1);
}
