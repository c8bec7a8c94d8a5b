//! A wish to hear about an air waybill, in the form of CargoCONNECT.

use serde::{Deserialize, Serialize};

use crate::order::{Action, Order};
use crate::partners::form::{Field, Fields, Form};
use crate::problem::Problem;

/// Mail addresses in one subscription at most.
pub(super) const EMAILS: usize = 5;

/// The fields that stand once.
pub(super) const FIELDS: &[&str] = &["awb", "airlineCode"];

/// Who is told.
#[derive(Debug, Clone, Default)]
pub(super) struct Targets {
    /// Our own address for its calls; then the order's own are told by us and not by it.
    pub(super) url: Option<String>,
    /// Mail addresses that are told of every order, such as a mailbox that is read here.
    pub(super) emails: Vec<String>,
    /// Whether the addresses that an order names are passed on.
    pub(super) pass_on: bool,
}

/// What is frozen and sent, for subscribing and the contrary.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Wish {
    pub(super) awb: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) url: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) emails: Vec<String>,
    #[serde(
        rename = "airlineCode",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub(super) airline: Option<String>,
}

const fn field(name: &'static str, from: &'static str, what: &'static str) -> Field {
    Field { name, from, what }
}

/// `order` in the partner's form, and what is wrong with it.
pub(super) fn fill(order: &Order, targets: &Targets, fields: &Fields) -> (Wish, Vec<Problem>) {
    let mut form = Form::new("CargoCONNECT", order, fields);
    let awb = field("awb", "references.awb", "an air waybill number");
    let told = order.references.get("awb").map(String::as_str);
    let told = form.need(awb, told);
    let number = awb_of(&told);
    if number.is_none() && !told.is_empty() {
        let problem = Problem::error(
            "destination.value",
            "CargoCONNECT takes air waybill numbers of a prefix and eight digits only.",
        );
        form.wrong(
            "references.awb",
            problem.with_value(&told).expecting("000-12345675"),
        );
    }
    let second = field("airlineCode", "references.airline", "a second airline");
    let airline = order.references.get("airline").map(String::as_str);
    let mut wish = Wish {
        awb: number.unwrap_or_default(),
        url: targets.url.clone(),
        emails: targets.emails.clone(),
        airline: form.may(second, airline),
    };
    if targets.pass_on {
        pass_on(&mut form, &mut wish);
    }
    if wish.url.is_none() && wish.emails.is_empty() && order.action != Action::Cancel {
        form.missing(
            "notify",
            "an address that is told, a URL or e-mail addresses",
        );
    }
    (wish, form.problems())
}

/// The addresses that the order names.
fn pass_on(form: &mut Form<'_>, wish: &mut Wish) {
    let order = form.order();
    for (n, address) in order.notify.iter().enumerate() {
        let from = format!("notify[{n}]");
        let is_url = address.contains("://");
        if is_url && is_target(address) && wish.url.is_none() {
            wish.url = Some(address.clone());
        } else if is_url && is_target(address) {
            let what = "calls one address only; the others can be e-mail addresses.";
            form.refuse(&from, "destination.too-many", what);
        } else if is_url || !is_email(address) {
            let problem = Problem::error(
                "destination.value",
                "CargoCONNECT can tell neither a URL nor a mailbox by this address.",
            );
            form.wrong(&from, problem.with_value(address));
        } else if !wish.emails.contains(address) {
            wish.emails.push(address.clone());
        }
    }
    if wish.emails.len() > EMAILS {
        let what = "tells five e-mail addresses at most, those of the operator included.";
        form.refuse("notify", "destination.too-many", what);
    }
}

/// An address that may be called.
pub(super) fn is_target(address: &str) -> bool {
    let url = url::Url::parse(address);
    url.is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

pub(super) fn is_email(address: &str) -> bool {
    let fine = |c: char| c.is_ascii_graphic() && !"<>,;\"".contains(c);
    address.chars().all(fine)
        && address.split_once('@').is_some_and(|(user, host)| {
            !user.is_empty() && host.contains('.') && !host.contains('@')
        })
}

/// The number as it is written there, `NNN-NNNNNNNN`, however blanks and dashes stand in it here.
/// Its check digit is not looked at: that of the partner's own example is wrong.
pub(super) fn awb_of(text: &str) -> Option<String> {
    let plain = |c: &char| !c.is_whitespace() && *c != '-';
    let digits: String = text.chars().filter(plain).collect();
    let fits = digits.len() == 11 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let (prefix, number) = digits.split_at_checked(3)?;
    fits.then(|| format!("{prefix}-{number}"))
}
