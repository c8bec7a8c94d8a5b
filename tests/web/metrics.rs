//! `/metrics`, read by a parser that is as strict as Prometheus' own tools, and the dashboard over it.

use std::collections::{BTreeMap, BTreeSet};

use super::{House, bad, bearer, table};
use crate::support::http::Ask;

/// A metric with its samples.
#[derive(Debug, Default)]
struct Metric {
    kind: String,
    samples: Vec<(String, BTreeMap<String, String>, f64)>,
}

/// Reads the exposition format 0.0.4 and refuses what `promtool check metrics` complains about.
fn read(text: &str) -> BTreeMap<String, Metric> {
    assert!(text.ends_with('\n'), "the last line must end");
    let mut metrics: BTreeMap<String, Metric> = BTreeMap::new();
    let mut current = String::new();
    let mut seen = BTreeSet::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').unwrap();
            assert!(help.len() > 5 && !metrics.contains_key(name), "{line}");
            current = name.to_owned();
            metrics.insert(current.clone(), Metric::default());
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert_eq!(name, current, "the type follows the help");
            metrics.get_mut(name).unwrap().kind = kind.to_owned();
        } else {
            let (name, labels, value) = sample(line);
            assert!(seen.insert((name.clone(), labels.clone())), "twice: {line}");
            let metric = metrics.get_mut(&current).unwrap();
            let of_histogram = ["_bucket", "_sum", "_count"];
            let fits = match metric.kind.as_str() {
                "histogram" => of_histogram
                    .iter()
                    .any(|end| name == format!("{current}{end}")),
                _ => name == current,
            };
            assert!(fits, "{line} under {current}");
            metric.samples.push((name, labels, value));
        }
    }
    metrics
}

fn sample(line: &str) -> (String, BTreeMap<String, String>, f64) {
    let (series, value) = line.rsplit_once(' ').unwrap();
    let value: f64 = value.parse().unwrap();
    assert!(value.is_finite() && value >= 0.0, "{line}");
    let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
    let is_name = |name: &str| {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        !name.is_empty()
            && name.chars().all(fits)
            && !name.starts_with(|c: char| c.is_ascii_digit())
    };
    assert!(is_name(name), "{line}");
    let labels = labels.strip_suffix('}').unwrap();
    let pairs = labels
        .split("\",")
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, word) = pair.split_once("=\"").unwrap();
            assert!(is_name(key) && !key.starts_with("__"), "{line}");
            (key.to_owned(), word.trim_end_matches('"').to_owned())
        });
    (name.to_owned(), pairs.collect(), value)
}

/// The rules of naming that Prometheus' own tool checks.
fn is_well_named(name: &str, metric: &Metric) {
    let own = name.starts_with("orderdock_") || name.starts_with("process_");
    assert!(own, "{name}");
    assert_eq!(metric.kind == "counter", name.ends_with("_total"), "{name}");
    for end in [
        "_bucket",
        "_count",
        "_sum",
        "_info_total",
        "_ms",
        "_milliseconds",
        "_24h",
    ] {
        assert!(!name.ends_with(end), "{name}");
    }
    assert!(
        ["counter", "gauge", "histogram"].contains(&metric.kind.as_str()),
        "{name}"
    );
}

/// Buckets grow, end at +Inf, and that one is the count.
fn is_a_histogram(name: &str, metric: &Metric) {
    let mut series: BTreeMap<BTreeMap<String, String>, Vec<(f64, f64)>> = BTreeMap::new();
    for (sample, labels, value) in &metric.samples {
        let mut labels = labels.clone();
        if let Some(bound) = labels.remove("le") {
            let bound = bound.replace("+Inf", "inf").parse().unwrap();
            series.entry(labels).or_default().push((bound, *value));
        } else if sample.ends_with("_count") {
            assert_eq!(series[&labels].last().unwrap().1, *value, "{name}");
        }
    }
    for buckets in series.values() {
        assert!(
            buckets.is_sorted_by(|a, b| a.0 < b.0 && a.1 <= b.1),
            "{name}: {buckets:?}"
        );
        assert!(buckets.last().unwrap().0.is_infinite(), "{name}");
    }
}

fn value(metrics: &BTreeMap<String, Metric>, name: &str, labels: &[(&str, &str)]) -> f64 {
    let metric = metrics
        .get(name.trim_end_matches("_count"))
        .unwrap_or_else(|| panic!("no {name}"));
    let found = metric.samples.iter().find(|(sample, known, _)| {
        sample == name
            && labels
                .iter()
                .all(|(key, word)| known.get(*key).is_some_and(|w| w == word))
    });
    found.unwrap_or_else(|| panic!("no {name} {labels:?}")).2
}

#[test]
fn metrics_are_what_prometheus_expects_and_count_what_happened() {
    let mut house = House::new();
    let key = house.key("erp", &["--role", "coordinator"]);
    let upload = |house: &House, name: &str, body: String| {
        let ask = bearer(Ask::post(&format!("/api/v1/files?name={name}")), &key).body(body);
        assert_eq!(ask.send(house.at).status, 202);
    };
    upload(&house, "a.csv", table(&["A-1", "A-2"]));
    upload(&house, "b.csv", bad());
    house.until(&key, "/api/v1/files?state=settled", |page| {
        page["items"].as_array().unwrap().len() == 2
    });
    let reply = house.get("/metrics");
    assert!(
        reply
            .header("content-type")
            .starts_with("text/plain; version=0.0.4")
    );
    let metrics = read(&reply.text());
    for (name, metric) in &metrics {
        is_well_named(name, metric);
        if metric.kind == "histogram" {
            is_a_histogram(name, metric);
        }
    }
    let settled = |metrics: &_, verdict| {
        let labels = [("source", "upload"), ("verdict", verdict)];
        value(metrics, "orderdock_source_arrivals_settled_total", &labels)
    };
    assert_eq!(
        (settled(&metrics, "done"), settled(&metrics, "error")),
        (1.0, 1.0)
    );
    let ended = [("destination", "erp"), ("outcome", "delivered")];
    assert_eq!(
        value(
            &metrics,
            "orderdock_destination_deliveries_ended_total",
            &ended
        ),
        2.0
    );
    let attempts = "orderdock_destination_attempt_duration_seconds_count";
    assert_eq!(value(&metrics, attempts, &[("destination", "erp")]), 2.0);
    assert_eq!(
        value(
            &metrics,
            "orderdock_jail_files_total",
            &[("outcome", "read")]
        ),
        2.0
    );
    assert!(
        value(
            &metrics,
            "orderdock_ledger_commit_duration_seconds_count",
            &[]
        ) > 2.0
    );
    assert!(value(&metrics, "orderdock_ledger_commit_batch_size_count", &[]) > 2.0);
    assert!(value(&metrics, "orderdock_ledger_size_bytes", &[]) > 4096.0);
    assert_eq!(
        value(
            &metrics,
            "orderdock_stage_arrivals",
            &[("stage", "claimed")]
        ),
        0.0
    );
    assert_eq!(
        value(&metrics, "orderdock_source_up", &[("source", "inbox")]),
        1.0
    );
    // What was settled is still counted by the next process; what was measured begins anew.
    house.again();
    let metrics = read(&house.get("/metrics").text());
    assert_eq!(
        (settled(&metrics, "done"), settled(&metrics, "error")),
        (1.0, 1.0)
    );
    assert_eq!(
        value(
            &metrics,
            "orderdock_jail_files_total",
            &[("outcome", "read")]
        ),
        0.0
    );
}

#[test]
fn the_dashboard_shows_metrics_that_exist_and_every_metric_is_on_it() {
    let house = House::new();
    let metrics = read(&house.get("/metrics").text());
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/grafana.json");
    let text = std::fs::read_to_string(path).unwrap();
    let board: serde_json::Value = serde_json::from_str(&text).unwrap();
    let panels = board["panels"].as_array().unwrap();
    let mut ids: Vec<i64> = panels
        .iter()
        .map(|panel| panel["id"].as_i64().unwrap())
        .collect();
    ids.dedup();
    assert_eq!(ids.len(), panels.len());
    let mut named = BTreeSet::new();
    for target in panels
        .iter()
        .flat_map(|panel| panel["targets"].as_array().unwrap())
    {
        let expression = target["expr"].as_str().unwrap();
        let words = expression.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        for word in
            words.filter(|word| word.starts_with("orderdock_") || word.starts_with("process_"))
        {
            let base = word
                .trim_end_matches("_bucket")
                .trim_end_matches("_count")
                .trim_end_matches("_sum");
            let metric = metrics
                .get(base)
                .unwrap_or_else(|| panic!("no metric {word}"));
            assert_eq!(metric.kind == "histogram", word != base, "{word}");
            if metric.kind == "counter" || word != base {
                assert!(
                    expression.contains("rate(") || expression.contains("increase("),
                    "{expression}"
                );
            }
            named.insert(base.to_owned());
        }
    }
    let all: BTreeSet<String> = metrics.into_keys().collect();
    let missing: Vec<&String> = all.difference(&named).collect();
    assert!(missing.is_empty(), "not on the dashboard: {missing:?}");
}

#[test]
fn from_elsewhere_the_metrics_are_for_keys_that_see_the_whole_house() {
    let house = House::with("trusted_proxies = [\"127.0.0.1\"]");
    let elsewhere = || Ask::get("/metrics").with("x-forwarded-for", "192.0.2.7");
    let (whole, own) = (
        house.key("prometheus", &[]),
        house.key("own", &["--sender", "star"]),
    );
    let status = |ask: Ask| ask.send(house.at).status;
    assert_eq!(status(elsewhere()), 401);
    assert_eq!(status(bearer(elsewhere(), "odk_guessed")), 401);
    assert_eq!(status(bearer(elsewhere(), &own)), 403);
    assert_eq!(status(bearer(elsewhere(), &whole)), 200);
    assert_eq!(status(Ask::get("/metrics")), 200, "this machine needs none");
}
