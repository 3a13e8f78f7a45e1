//! What `report --csv` prints.

use std::collections::BTreeMap;

use agentfold_simulate::Feed;
use serde_json::Value;

use crate::events::{half_a_day, ndjson, support_is, webhook};
use crate::report::rows;
use crate::run::Folder;

/// Seconds as nanoseconds, exact.
fn ns(seconds: &str) -> u128 {
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    format!("{whole}{fraction:0<9}").parse().expect("seconds")
}

/// The sum of every column of JSON rows, under its name in CSV.
fn sums_of_json(rows: &[Value]) -> BTreeMap<String, u128> {
    let mut sums: BTreeMap<String, u128> = BTreeMap::new();
    let mut add = |name: String, count: &Value| {
        *sums.entry(name).or_default() += u128::from(count.as_u64().unwrap_or(0));
    };
    for row in rows {
        let prefix = |kind: &str| match row["row"].as_str() {
            Some("chat") => format!("{kind}_"),
            _ => String::new(),
        };
        for (key, value) in row.as_object().expect("a row is an object") {
            let part = |key: &str| match key.strip_suffix("_ns") {
                Some(name) => format!("{name}_s"),
                None => key.to_owned(),
            };
            match value {
                _ if key == "ns" => add("time_s".into(), value),
                Value::Number(number) if number.is_u64() => add(part(key), value),
                Value::Object(times) => {
                    times
                        .iter()
                        .for_each(|(name, time)| add(format!("{key}_{}", part(name)), time));
                }
                Value::Array(list) if key == "removed" => {
                    for removed in list {
                        let reason = removed["reason"].as_str().unwrap_or("without_reason");
                        add(format!("removed_{reason}"), &removed["count"]);
                        add("removed".into(), &removed["count"]);
                    }
                }
                Value::Array(list) => {
                    for time in list {
                        let basis = time["basis"].as_str().expect("a basis");
                        add(format!("{}{basis}_s", prefix(key)), &time["ns"]);
                        if !time[key].is_null() {
                            let value = time[key].to_string();
                            add(format!("{key}_{}_s", value.trim_matches('"')), &time["ns"]);
                        }
                    }
                }
                _ => {}
            }
        }
    }
    sums.retain(|_, sum| *sum > 0);
    sums
}

/// The sum of every column of CSV with seconds or counts.
fn sums_of_csv(text: &str) -> BTreeMap<String, u128> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let skipped =
        ["account_id", "agent_id", "group_id", "id", "name", "channel", "from", "to", "track"];
    let ratios =
        ["occupancy", "utilisation", "average_used_capacity", "acceptance_rate", "adherence"];
    let mut sums: BTreeMap<String, u128> = BTreeMap::new();
    for record in reader.records() {
        for (name, field) in header.iter().zip(record.expect("as long as the header").iter()) {
            if field.is_empty() || skipped.contains(&name) || ratios.contains(&name) {
                continue;
            }
            let count =
                if name.ends_with("_s") { ns(field) } else { field.parse().expect("a count") };
            *sums.entry(name.to_owned()).or_default() += count;
        }
    }
    sums.retain(|_, sum| *sum > 0);
    sums
}

#[test]
fn columns_of_csv_have_the_same_sums_as_json() {
    let folder = Folder::with("day", ndjson(&half_a_day(Feed::Both)));
    for by in ["agent", "channel", "account", "group"] {
        for kind in ["channel", "unified_state", "chat"] {
            let options = format!("report day --every 30m --by {by} --rows {kind}");
            let json = sums_of_json(&rows(&folder.run(&options).printed()));
            let csv = folder.run(&format!("{options} --csv")).printed();
            assert_eq!(sums_of_csv(&csv), json, "{by}, {kind}");
            assert!(!json.is_empty() || (by == "channel" && kind != "channel"), "{by}, {kind}");
        }
    }
}

#[test]
fn a_row_of_csv_is_written_exactly() {
    let fields = r#""work_item_id":"1","channel":"support","reason":"ASSIGNED""#;
    let events = [
        support_is("on, line", 7, 1, "2026-10-25T00:15:00.25Z"),
        webhook(7, 2, "2026-10-25T00:20:00Z", "work_item_added", fields),
        webhook(
            7,
            3,
            "2026-10-25T00:30:00Z",
            "work_item_removed",
            r#""work_item_id":"1","channel":"support""#,
        ),
    ];
    let folder = Folder::with("events", ndjson(&events));
    let options = "--tz Europe/Berlin --as-of 2026-10-25T01:30:00Z";
    let csv = folder.run(&format!("report events --csv {options}")).printed();
    let lines: Vec<&str> = csv.lines().collect();
    assert!(lines[0].starts_with(
        "account_id,agent_id,channel,from,to,length_s,observed_s,assumed_s,inferred_s,disputed_s,unknown_s,doubtful_s,online_s,"
    ));
    assert!(
        lines[0].ends_with(",handle_time_p95_s,\"state_on, line_s\",removed_without_reason"),
        "{}",
        lines[0]
    );
    assert!(lines[1].starts_with(
        "2,7,support,2026-10-25T02:00:00+02:00,2026-10-25T02:00:00+01:00,3600,0,2699.75,0,0,900.25,0,0,"
    ), "{}", lines[1]);
    assert!(lines[1].ends_with(",1,600,600,600,600,600,600,2699.75,1"), "{}", lines[1]);
    assert!(
        lines[2]
            .starts_with("2,7,support,2026-10-25T02:00:00+01:00,2026-10-25T02:30:00+01:00,1800,"),
        "{}",
        lines[2]
    );
    assert_eq!(lines.len(), 3);
    // Without rows, CSV still has its header.
    let nothing = folder.run("report events --csv --rows chat --sparse").printed();
    assert_eq!(nothing.lines().count(), 1);
}
