//! Log lines: for the journal, for people, or as JSON.
//!
//! A line is one event: a sentence, and values as fields. Nothing in a value can begin a new line or
//! move the cursor, so that no file name can forge one. Crates of others never log below WARN,
//! whatever `RUST_LOG` says: at DEBUG some of them print every byte they send, passwords included.

use std::fmt::{self, Write as _};
use std::io::{IsTerminal, Write};
use std::sync::Mutex;

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber, span};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

use crate::clock;
use crate::config::{LogConfig, LogFormat, LogLevel};

/// How lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `<6>Sentence key=value`: the journal takes the priority and adds the time.
    Journal,
    /// `12:03:04 INFO  Sentence  key=value`.
    Human {
        /// With colours.
        colour: bool,
    },
    /// One JSON object.
    Json,
}

/// Starts logging to standard error. `verbose` counts `-v`. Later calls change nothing.
pub fn start(config: LogConfig, verbose: u8) {
    let stderr = std::io::stderr();
    let form = match config.format {
        LogFormat::Json => Form::Json,
        LogFormat::Journal => Form::Journal,
        LogFormat::Auto if std::env::var_os("JOURNAL_STREAM").is_some() => Form::Journal,
        LogFormat::Auto | LogFormat::Human => Form::Human {
            colour: stderr.is_terminal() && std::env::var_os("NO_COLOR").is_none(),
        },
    };
    let wanted = std::env::var("RUST_LOG").ok();
    let lines = Lines::new(form, stderr);
    // A second start (a test, the demo inside a test) keeps the first.
    tracing_subscriber::registry()
        .with(lines.with_filter(filter(config.level, verbose, wanted.as_deref())))
        .try_init()
        .unwrap_or_default();
}

/// What passes: ours from the level on, others from WARN on.
#[must_use]
pub fn filter(level: LogLevel, verbose: u8, wanted: Option<&str>) -> Targets {
    let level = match (level, verbose) {
        (LogLevel::Trace, _) | (_, 2..) => LevelFilter::TRACE,
        (LogLevel::Debug, _) | (_, 1) => LevelFilter::DEBUG,
        (LogLevel::Info, _) => LevelFilter::INFO,
        (LogLevel::Warn, _) => LevelFilter::WARN,
        (LogLevel::Error, _) => LevelFilter::ERROR,
    };
    let mut targets = Targets::new()
        .with_default(LevelFilter::WARN.min(level))
        .with_target("orderdock", level);
    for directive in wanted.unwrap_or_default().split(',') {
        let (target, level) = directive
            .split_once('=')
            .unwrap_or(("orderdock", directive));
        let ours = target == "orderdock" || target.starts_with("orderdock::");
        // An empty word would be read as ERROR.
        if let Ok(level) = level.trim().parse::<LevelFilter>()
            && ours
            && !directive.is_empty()
        {
            targets = targets.with_target(target, level);
        }
    }
    targets
}

/// Writes each event as one line.
pub struct Lines<W> {
    form: Form,
    to: Mutex<W>,
}

impl<W: Write> Lines<W> {
    /// Lines of `form` to `to`.
    pub fn new(form: Form, to: W) -> Self {
        Self {
            form,
            to: Mutex::new(to),
        }
    }
}

/// The fields of a span or event, in order.
#[derive(Default)]
struct Fields {
    message: String,
    others: Vec<(&'static str, String)>,
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.take(field, value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.take(field, format!("{value:?}"));
    }
}

impl Fields {
    fn take(&mut self, field: &Field, value: String) {
        match field.name() {
            "message" => self.message = value,
            // What the bridge from the `log` crate adds.
            name if name.starts_with("log.") => {}
            name => self.others.push((name, value)),
        }
    }
}

impl<S, W> Layer<S> for Lines<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: Write + 'static,
{
    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, ctx: Context<'_, S>) {
        if let Some(span) = ctx.span(id) {
            let mut fields = Fields::default();
            attributes.record(&mut fields);
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &span::Id, values: &span::Record<'_>, ctx: Context<'_, S>) {
        if let Some(span) = ctx.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, ctx: Context<'_, S>) {
        let mut fields = Fields::default();
        for span in ctx.event_scope(event).into_iter().flatten() {
            if let Some(outer) = span.extensions().get::<Fields>() {
                fields.others.extend(outer.others.iter().cloned());
            }
        }
        event.record(&mut fields);
        let mut line = self.form.line(*event.metadata().level(), &fields, event);
        line.push('\n');
        if let Ok(mut to) = self.to.lock() {
            // Nowhere to say that saying it failed.
            to.write_all(line.as_bytes()).unwrap_or_default();
        }
    }
}

impl Form {
    fn line(self, level: Level, fields: &Fields, event: &Event<'_>) -> String {
        match self {
            Self::Journal => format!("<{}>{}", priority(level), plain(fields, " ")),
            Self::Human { colour } => {
                let time = clock::now().timestamp().strftime("%H:%M:%S");
                let (start, end) = if colour {
                    (paint(level), "\x1b[0m")
                } else {
                    ("", "")
                };
                format!("{time} {start}{level:<5}{end} {}", plain(fields, "  "))
            }
            Self::Json => json(level, fields, event.metadata().target()),
        }
    }
}

/// The priorities of syslog, as sd-daemon(3) wants them.
fn priority(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        _ => 7,
    }
}

fn paint(level: Level) -> &'static str {
    match level {
        Level::ERROR => "\x1b[31m",
        Level::WARN => "\x1b[33m",
        Level::INFO => "\x1b[32m",
        _ => "\x1b[2m",
    }
}

fn plain(fields: &Fields, gap: &str) -> String {
    let mut line = one_line(&fields.message);
    for (key, value) in &fields.others {
        let value = one_line(value);
        let bare = !value.is_empty() && !value.contains([' ', '"', '=']);
        // Writing to a String does not fail.
        if bare {
            write!(line, "{gap}{key}={value}").unwrap_or_default();
        } else {
            write!(line, "{gap}{key}=\"{}\"", value.replace('"', "\\\"")).unwrap_or_default();
        }
    }
    line
}

/// The text with control characters, and those that turn the direction of text, as escapes.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if c.is_control() || turns {
            line.extend(c.escape_default());
        } else {
            line.push(c);
        }
    }
    line
}

fn json(level: Level, fields: &Fields, target: &str) -> String {
    let mut object = serde_json::Map::new();
    let mut put = |key: &str, value: &str| {
        object.insert(key.to_owned(), value.into());
    };
    for (key, value) in &fields.others {
        put(key, value);
    }
    put("time", &clock::now().to_string());
    put("level", &level.as_str().to_lowercase());
    put("target", target);
    put("message", &fields.message);
    serde_json::Value::Object(object).to_string()
}

#[cfg(test)]
mod tests;
