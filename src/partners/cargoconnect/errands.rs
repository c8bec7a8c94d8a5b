//! What CargoCONNECT is asked beside orders: that somebody be told of an air waybill, or no longer.

use async_trait::async_trait;
use serde_json::Value;

use super::CargoConnect;
use super::orders::{EMAILS, Targets, Wish, awb_of, is_email, is_target};
use crate::order::Action;
use crate::partners::errands::{Argument, Arguments, Errand, Errands, wrong};
use crate::partners::wire::link::question;
use crate::partners::{Outcome, Request};

const AWB: Argument = Argument::needed("awb", "the air waybill, such as 000-12345675");
const URL: Argument = Argument::open("url", "an address that is called");
const EMAIL: Argument = Argument::open(
    "email",
    "a mailbox, five at most; without any and without url those of the destination",
)
.many();

const ERRANDS: &[Errand] = &[
    Errand {
        name: "subscribe",
        about: "Has addresses told of an air waybill, for three weeks or until its delivery.",
        takes: &[
            AWB,
            URL,
            EMAIL,
            Argument::open("airline", "the second airline of an interline freight"),
        ],
        changes: true,
    },
    Errand {
        name: "unsubscribe",
        about: "Has addresses told no longer; that there was nothing to end is as good as its end.",
        takes: &[AWB, URL, EMAIL],
        changes: true,
    },
];

#[async_trait]
impl Errands for CargoConnect {
    fn errands(&self) -> &'static [Errand] {
        ERRANDS
    }

    async fn run(&self, errand: &str, told: &Arguments) -> Result<Value, Outcome> {
        let action = match errand {
            "subscribe" => Action::Create,
            "unsubscribe" => Action::Cancel,
            _ => return Err(wrong(format!("there is no errand “{errand}”"))),
        };
        let wish = wish(told, &self.targets).map_err(wrong)?;
        let body = serde_json::to_vec(&wish);
        let body = body.map_err(|error| Outcome::Parked(self.link.failure(error)))?;
        let request = Request {
            action,
            body: body.into(),
            ..question()
        };
        let answer = self.send(&request).await?;
        match self.outcome(&answer, &request) {
            Outcome::Accepted(_) => Ok(serde_json::from_slice(&answer.body).unwrap_or_default()),
            outcome => Err(outcome),
        }
    }
}

/// What is sent, or what is wrong with what was told.
pub(super) fn wish(told: &Arguments, own: &Targets) -> Result<Wish, String> {
    let awb = awb_of(&told.text("awb"));
    let mut wish = Wish {
        awb: awb.ok_or("“awb” is a prefix and eight digits, such as 000-12345675")?,
        url: told.get("url").map(str::to_owned),
        airline: told.get("airline").map(str::to_owned),
        emails: Vec::new(),
    };
    for email in told.all("email").map(str::trim) {
        if !is_email(email) {
            let shown = crate::problem::excerpt(email);
            return Err(format!("“{shown}” is no e-mail address"));
        }
        if !wish.emails.iter().any(|known| known == email) {
            wish.emails.push(email.to_owned());
        }
    }
    if wish.url.as_deref().is_some_and(|url| !is_target(url)) {
        return Err("“url” is an address with http or https".to_owned());
    }
    if wish.emails.len() > EMAILS {
        return Err(format!("“email” can be told {EMAILS} times at most"));
    }
    if wish.url.is_none() && wish.emails.is_empty() {
        wish.url.clone_from(&own.url);
        wish.emails.clone_from(&own.emails);
    }
    if wish.url.is_none() && wish.emails.is_empty() {
        let why = "tell “url” or “email”: the destination has neither hook nor emails of its own";
        return Err(why.to_owned());
    }
    Ok(wish)
}
