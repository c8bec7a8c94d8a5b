//! The text that a Prometheus reads (exposition format 0.0.4).

use std::fmt::Write;

use crate::measure::Histogram;

/// What a metric is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Counter,
    Gauge,
    Histogram,
}

/// The text as it grows.
#[derive(Default)]
pub(super) struct Exposition(pub(super) String);

/// Labels with their values.
pub(super) type Labels<'a> = &'a [(&'a str, &'a str)];

impl Exposition {
    /// Begins a metric: all its samples follow, together, as the format demands.
    pub(super) fn family(&mut self, kind: Kind, name: &'static str, help: &str) -> Family<'_> {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        // Writing to a String does not fail.
        write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n").unwrap_or_default();
        Family {
            text: &mut self.0,
            name,
        }
    }

    /// A metric of one sample without labels.
    pub(super) fn one(
        &mut self,
        kind: Kind,
        name: &'static str,
        help: &str,
        value: impl std::fmt::Display,
    ) {
        self.family(kind, name, help).sample(&[], value);
    }
}

/// One metric.
pub(super) struct Family<'a> {
    text: &'a mut String,
    name: &'static str,
}

impl Family<'_> {
    /// One sample.
    pub(super) fn sample(&mut self, labels: Labels<'_>, value: impl std::fmt::Display) {
        let name = self.name;
        self.line(name, labels, value);
    }

    /// A histogram; its values are multiplied by `unit` to be what the name says.
    pub(super) fn histogram(&mut self, labels: Labels<'_>, histogram: &Histogram, unit: Unit) {
        let (buckets, count, sum) = histogram.read();
        let name = format!("{}_bucket", self.name);
        for (bound, below) in buckets {
            let bound = unit.show(bound);
            self.line(&name, &[labels, &[("le", &bound)]].concat(), below);
        }
        self.line(&name, &[labels, &[("le", "+Inf")]].concat(), count);
        self.line(&format!("{}_sum", self.name), labels, unit.show(sum));
        self.line(&format!("{}_count", self.name), labels, count);
    }

    fn line(&mut self, name: &str, labels: Labels<'_>, value: impl std::fmt::Display) {
        self.text.push_str(name);
        for (place, (key, word)) in labels.iter().enumerate() {
            let begin = if place == 0 { '{' } else { ',' };
            let word = word
                .replace('\\', "\\\\")
                .replace('"', "\\\"")
                .replace('\n', "\\n");
            write!(self.text, "{begin}{key}=\"{word}\"").unwrap_or_default();
        }
        let end = if labels.is_empty() { "" } else { "}" };
        writeln!(self.text, "{end} {value}").unwrap_or_default();
    }
}

/// What the numbers of a histogram are.
#[derive(Debug, Clone, Copy)]
pub(super) enum Unit {
    /// Microseconds, told as seconds.
    Micros,
    /// As they are.
    Plain,
}

impl Unit {
    fn show(self, value: u64) -> String {
        match self {
            Self::Plain => value.to_string(),
            Self::Micros => fixed(value, 1_000_000, 6),
        }
    }
}

/// Milliseconds as seconds, without the rounding of floats.
pub(super) fn seconds(millis: i64) -> String {
    let sign = if millis < 0 { "-" } else { "" };
    format!("{sign}{}", fixed(millis.unsigned_abs(), 1_000, 3))
}

fn fixed(value: u64, unit: u64, places: usize) -> String {
    let text = format!("{}.{:0places$}", value / unit, value % unit);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_without_rounding() {
        assert_eq!(seconds(1_500), "1.5");
        assert_eq!(seconds(0), "0");
        assert_eq!(seconds(-20), "-0.02");
        assert_eq!(Unit::Micros.show(2_500), "0.0025");
        assert_eq!(Unit::Micros.show(60_000_000), "60");
    }

    #[test]
    fn a_strange_label_breaks_nothing() {
        let mut text = Exposition::default();
        let mut family = text.family(Kind::Gauge, "a", "b");
        family.sample(&[("name", "x\"y\\z\n"), ("b", "c")], 1);
        assert!(text.0.ends_with("a{name=\"x\\\"y\\\\z\\n\",b=\"c\"} 1\n"));
    }
}
