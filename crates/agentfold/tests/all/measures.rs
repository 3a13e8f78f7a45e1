//! The laws of measuring (`measures.md`), which hold for any events in any order.

use std::collections::{BTreeMap, BTreeSet};

use agentfold::history::{Basis, Interval, Window};
use agentfold::report::{
    Buckets, ChannelRow, Placed, ReportSums, RollUp, Row, SessionsRow, corrections,
};
use agentfold::{Agent, Event, Fold, Instant, Selection, Track, TrackValue};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::value::RawValue;

use crate::adversary::{at, events, instant, streams};

fn fold<'e>(events: impl IntoIterator<Item = &'e Event<'e>>) -> Fold {
    let mut fold = Fold::new();
    for event in events {
        fold.apply(event);
    }
    fold
}

fn instants(events: &[Event<'_>]) -> Vec<Instant> {
    let instants: BTreeSet<Instant> = events.iter().filter_map(at).collect();
    let some = [Instant::from_unix(1_680_737_450, 0).expect("in range")];
    some.into_iter().chain(instants).collect()
}

/// An instant before, at or after one of the stream.
#[derive(Debug, Clone)]
struct Near(Index, i64);

fn near() -> impl Strategy<Value = Near> {
    let steps = prop_oneof![Just(0), Just(-1), Just(1), -2_000_000_000_i64..2_000_000_000];
    (any::<Index>(), steps).prop_map(|(index, step)| Near(index, step))
}

fn resolve(near: &Near, instants: &[Instant]) -> Instant {
    plus(*near.0.get(instants), near.1)
}

fn plus(at: Instant, nanos: i64) -> Instant {
    let nanos = at.unix_nanos() + i128::from(nanos);
    let seconds = i64::try_from(nanos.div_euclid(1_000_000_000)).expect("in range");
    Instant::from_unix(seconds, nanos.rem_euclid(1_000_000_000) as u32).expect("in range")
}

fn length(from: Instant, to: Instant) -> u128 {
    (to.unix_nanos() - from.unix_nanos()).unsigned_abs()
}

/// Rising boundaries near the instants of the stream, and the `as_of` of a report.
fn boundaries() -> impl Strategy<Value = (Vec<Near>, Near)> {
    (prop::collection::vec(near(), 2..8), near())
}

fn buckets(ends: &[Near], as_of: &Near, instants: &[Instant]) -> Option<(Vec<Instant>, Instant)> {
    let ends: BTreeSet<Instant> = ends.iter().map(|end| resolve(end, instants)).collect();
    (ends.len() > 1).then(|| (ends.into_iter().collect(), resolve(as_of, instants)))
}

fn report(fold: &Fold, ends: &[Instant], as_of: Instant, by: RollUp) -> Vec<Row> {
    let buckets = Buckets::new(ends.to_vec(), as_of).expect("rising");
    fold.report(&buckets, by, &Selection::all()).expect("not too many rows").collect()
}

fn channel(row: &Row) -> Option<&ChannelRow> {
    match row {
        Row::Channel(row) => Some(row),
        _ => None,
    }
}

proptest! {
    #[test]
    fn values_and_bases_add_up_to_the_buckets_length(
        lines in streams(), (ends, as_of) in boundaries(), cut in prop::option::of(near()),
    ) {
        let events = events(&lines);
        let instants = instants(&events);
        let Some((ends, as_of)) = buckets(&ends, &as_of, &instants) else { return Ok(()) };
        let mut fold = fold(&events);
        if let Some(cut) = cut {
            fold.compact(resolve(&cut, &instants));
        }
        for by in RollUp::ALL.iter().copied() {
            let rows = report(&fold, &ends, as_of, by);
            let mut unified: BTreeMap<(String, Instant), (u128, BTreeSet<u128>)> = BTreeMap::new();
            for row in &rows {
                match row {
                    Row::Channel(row) => {
                        let agents = row.about.agents.unwrap_or(1);
                        if !matches!(by, RollUp::Group | RollUp::GroupSplit) {
                            let whole = u128::from(agents) * length(row.from, row.to);
                            prop_assert_eq!(row.length_ns, whole);
                        }
                        let sum: u128 = row.state.iter().map(|time| time.ns).sum();
                        prop_assert_eq!(sum, row.length_ns);
                        let online = row.state.iter().filter(|t| t.state.as_deref() == Some("online"));
                        prop_assert_eq!(online.map(|time| time.ns).sum::<u128>(), row.online_ns);
                        prop_assert!(row.busy_ns <= row.online_ns && row.busy_ns <= row.item_ns);
                        prop_assert!(row.item_known_ns <= row.item_ns);
                        prop_assert!(row.doubtful_ns <= row.length_ns);
                        prop_assert!(row.item_least_ns <= row.item_ns);
                        prop_assert!(row.item_ns <= row.item_most_ns);
                        prop_assert!(row.at_capacity_ns <= row.online_ns);
                        prop_assert!(row.offers_accepted <= row.offers_ended);
                        prop_assert!(row.offers_accepted <= row.accepted);
                        prop_assert_eq!(row.offer_time.count, row.offers_accepted);
                        let removed: u64 = row.removed.iter().map(|removed| removed.count).sum();
                        prop_assert!(row.handle_time.count <= removed);
                    }
                    Row::UnifiedState(row) => {
                        let sum = row.observed_ns + row.assumed_ns + row.inferred_ns
                            + row.disputed_ns + row.unknown_ns;
                        prop_assert_eq!(sum, row.ns);
                        prop_assert!(row.ns > 0 && row.ns <= row.length_ns);
                        prop_assert_eq!(row.id.is_none(), row.unknown_ns > 0);
                        prop_assert!(row.involuntary_ns <= row.ns - row.unknown_ns);
                        prop_assert!(row.doubtful_ns <= row.ns - row.unknown_ns);
                        let one = unified.entry((format!("{:?}", row.about), row.from)).or_default();
                        one.0 += row.ns;
                        one.1.insert(row.length_ns);
                    }
                    Row::Chat(row) => {
                        let status: u128 = row.status.iter().map(|time| time.ns).sum();
                        let engaged: u128 = row.engagements.iter().map(|time| time.ns).sum();
                        prop_assert_eq!((status, engaged), (row.length_ns, row.length_ns));
                        prop_assert!(row.busy_ns <= row.online_ns);
                    }
                    _ => prop_assert!(false, "{:?}", row),
                }
            }
            if by == RollUp::Agent {
                for (sum, lengths) in unified.into_values() {
                    prop_assert_eq!(BTreeSet::from([sum]), lengths);
                }
            }
        }
    }

    #[test]
    fn intervals_cover_the_window_without_a_hole(
        lines in streams(), from in near(), to in near(), as_of in near(),
        cut in prop::option::of(near()),
    ) {
        let events = events(&lines);
        let instants = instants(&events);
        let [from, to, as_of] = [from, to, as_of].map(|near| resolve(&near, &instants));
        let mut fold = fold(&events);
        let cut = cut.map(|cut| resolve(&cut, &instants));
        cut.into_iter().for_each(|cut| fold.compact(cut));
        let window = Window { from, to, as_of };
        for agent in fold.agents() {
            let intervals = fold.intervals(agent, None, &window).expect("no track is named");
            let named = fold.intervals(agent, Some(&Track::State("support".to_owned())), &window).expect("a track");
            let spans = fold.chat_spans(agent, &window);
            for track in intervals.chunk_by(|a, b| a.track == b.track).chain([&named[..]]) {
                covers(track, &window)?;
                let alone = fold.intervals(agent, track.first().map(|i| &i.track), &window);
                if !track.is_empty() {
                    prop_assert_eq!(&alone.expect("a track")[..], track);
                }
                for interval in track {
                    let known = cut.is_none_or(|cut| interval.from >= cut);
                    prop_assert!(known || interval.basis == Basis::Unknown);
                }
            }
            let whole: f64 = spans.iter().map(|span| span.duration).sum();
            let ns = length(from, to.min(as_of)) as f64 / 1e9;
            prop_assert!(spans.is_empty() || (whole - ns).abs() < 1e-6);
        }
    }

    #[test]
    fn an_interval_tells_what_the_state_was(
        lines in streams(), when in near(), as_of in any::<Index>(),
    ) {
        let events = events(&lines);
        let instants = instants(&events);
        let (fold, when) = (fold(&events), resolve(&when, &instants));
        let as_of = instant(&events, as_of).max(when);
        let window = Window { from: when, to: plus(when, 1), as_of: as_of.max(plus(when, 1)) };
        for agent in fold.agents() {
            let Some(state) = fold.state_at(agent, when).expect("no history was compacted") else { continue };
            for (name, channel) in &state.channels {
                let track = Track::State(name.clone());
                let told = told(&fold, agent, &track, &window);
                if told.basis != Basis::Inferred {
                    prop_assert_eq!(told.value.as_str(), channel.state.as_deref());
                }
                for item in &channel.work_items {
                    let track = Track::WorkItem { id: item.id.clone(), channel: Some(name.clone()) };
                    let told = self::told(&fold, agent, &track, &window);
                    let reason = Some(item.reason.clone());
                    prop_assert_eq!(told.value, TrackValue::WorkItem { open: true, reason });
                }
            }
            let told = told(&fold, agent, &Track::UnifiedState, &window);
            if told.basis != Basis::Inferred {
                let id = state.unified_state.as_ref().map(|unified| &*unified.id);
                let told = match &told.value {
                    TrackValue::UnifiedState { id, .. } => Some(&**id),
                    _ => None,
                };
                prop_assert_eq!(told, id);
            }
        }
    }

    #[test]
    fn doubtful_parts_are_in_order_and_a_window_that_is_cut_has_the_same(
        lines in streams(), ends in prop::collection::vec(near(), 3), as_of in near(),
        cut in prop::option::of(near()),
    ) {
        let events = events(&lines);
        let instants = instants(&events);
        let (mut fold, as_of) = (fold(&events), resolve(&as_of, &instants));
        cut.into_iter().for_each(|cut| fold.compact(resolve(&cut, &instants)));
        let mut ends: Vec<Instant> = ends.iter().map(|end| resolve(end, &instants)).collect();
        ends.sort();
        for agent in fold.agents() {
            let doubtful = |track: &Track, from, to| {
                let window = Window { from, to, as_of };
                let intervals = fold.intervals(agent, Some(track), &window).expect("a track");
                let mut sum = 0;
                for interval in intervals {
                    let mut end = interval.from;
                    for part in &interval.doubtful {
                        prop_assert!(end <= part.from && part.from < part.to);
                        prop_assert!(interval.basis != Basis::Unknown);
                        sum += length(part.from, part.to);
                        end = part.to;
                    }
                    prop_assert!(end <= interval.to);
                }
                Ok(sum)
            };
            let whole = Window { from: Instant::MIN, to: Instant::MAX, as_of };
            let all = fold.intervals(agent, None, &whole).expect("no track");
            let mut tracks: Vec<Track> = all.into_iter().map(|interval| interval.track).collect();
            tracks.dedup();
            tracks.extend(["support", "chat"].map(|channel| Track::Load(channel.to_owned())));
            for track in tracks {
                let parts = doubtful(&track, ends[0], ends[1])? + doubtful(&track, ends[1], ends[2])?;
                prop_assert_eq!(parts, doubtful(&track, ends[0], ends[2])?, "{}", track);
            }
        }
    }

    #[test]
    fn a_load_is_what_the_state_counts(
        lines in streams(), when in near(), as_of in any::<Index>(), cut in prop::option::of(near()),
    ) {
        let events = events(&lines);
        let instants = instants(&events);
        let (mut fold, when) = (fold(&events), resolve(&when, &instants));
        cut.into_iter().for_each(|cut| fold.compact(resolve(&cut, &instants)));
        let as_of = instant(&events, as_of).max(plus(when, 1));
        for agent in fold.agents() {
            let loads = |name: &str, window: &Window| {
                fold.intervals(agent, Some(&Track::Load(name.to_owned())), window).expect("a track")
            };
            let Ok(Some(state)) = fold.state_at(agent, when) else { continue };
            for (name, channel) in &state.channels {
                let to = plus(when, 1);
                let now = Window { from: when, to, as_of };
                let told = &loads(name, &now)[0];
                prop_assert_eq!(&told.value, &TrackValue::Number(channel.load));
                let on_channel = |track: &Track| {
                    matches!(track, Track::WorkItem { channel: Some(channel), .. } if channel == name)
                };
                let items = fold.intervals(agent, None, &now).expect("no track").into_iter();
                let open = items.filter(|item| matches!(item.value, TrackValue::WorkItem { open: true, .. }));
                let bases = open.filter(|item| on_channel(&item.track)).map(|item| item.basis);
                let worst = bases.filter(|basis| *basis != Basis::Inferred).max();
                prop_assert_eq!(told.basis, worst.unwrap_or(Basis::Observed), "{}", name);
                let whole = Window { from: Instant::MIN, to: Instant::MAX, as_of };
                covers(&loads(name, &whole), &whole)?;
                for pair in loads(name, &whole).windows(2) {
                    let [before, after] = [&pair[0], &pair[1]].map(|told| (&told.value, told.basis));
                    prop_assert_ne!(before, after, "{:?}", pair);
                }
                for told in loads(name, &whole).into_iter().filter(|told| told.basis != Basis::Unknown) {
                    let then = fold.state_at(agent, told.from).expect("after the cut").expect("an event");
                    let load = then.channels.get(name).map_or(0, |channel| channel.load);
                    prop_assert_eq!(told.value, TrackValue::Number(load), "{} at {}", name, told.from);
                }
                let open = loads(name, &whole).iter().filter(|load| load.open).count();
                prop_assert_eq!(open, 1, "open intervals");
            }
        }
    }

    #[test]
    fn a_load_is_doubtful_where_an_item_is(
        lines in streams(), as_of in any::<Index>(), cut in prop::option::of(near()),
    ) {
        let events = events(&lines);
        let (mut fold, as_of) = (fold(&events), instant(&events, as_of));
        let ever = Window { from: Instant::MIN, to: Instant::MAX, as_of: Instant::MAX };
        let told = |agent| fold.intervals(agent, None, &ever).expect("no track").into_iter().map(|told| told.track);
        let tracks: BTreeSet<Track> = fold.agents().flat_map(told).collect();
        cut.into_iter().for_each(|cut| fold.compact(resolve(&cut, &instants(&events))));
        let whole = Window { as_of, ..ever };
        for agent in fold.agents() {
            let doubts = |track: &Track| -> Vec<(Instant, Instant)> {
                let intervals = fold.intervals(agent, Some(track), &whole).expect("a track").into_iter();
                // An item that is only inferred to be open does not count.
                let known = intervals.filter(|interval| interval.basis != Basis::Inferred);
                known.flat_map(|interval| interval.doubtful).map(|part| (part.from, part.to)).collect()
            };
            for name in ["support", "chat", "talk"] {
                let is_on = |track: &&Track| matches!(track, Track::WorkItem { channel: Some(channel), .. } if channel == name);
                let items: Vec<_> = tracks.iter().filter(is_on).flat_map(doubts).collect();
                let load = doubts(&Track::Load(name.to_owned()));
                let is_in = |parts: &[(Instant, Instant)], at: Instant| parts.iter().any(|(from, to)| (*from..*to).contains(&at));
                for at in items.iter().chain(&load).flat_map(|(from, to)| [*from, *to]) {
                    prop_assert_eq!(is_in(&load, at), is_in(&items, at), "{} at {}", name, at);
                }
            }
        }
    }

    #[test]
    fn the_items_of_a_window_were_open_or_heard_of_in_it(
        lines in streams(), from in near(), to in near(), as_of in any::<Index>(),
    ) {
        let events = events(&lines);
        let instants = instants(&events);
        let (from, to) = (resolve(&from, &instants), resolve(&to, &instants));
        let (fold, as_of) = (fold(&events), instant(&events, as_of));
        let end = to.min(as_of);
        for agent in fold.agents() {
            let items = |from, to| {
                let all = fold.intervals(agent, None, &Window { from, to, as_of }).expect("no track").into_iter();
                all.filter(|told| matches!(told.track, Track::WorkItem { .. }))
            };
            let told: BTreeSet<Track> = items(from, to).map(|interval| interval.track).collect();
            if from >= end {
                prop_assert_eq!(told, BTreeSet::new());
                continue;
            }
            let open = items(Instant::MIN, Instant::MAX).filter(|interval| {
                matches!(interval.value, TrackValue::WorkItem { open: true, .. })
                    && interval.basis != Basis::Inferred
                    && interval.from < end
                    && interval.to > from
            });
            let open: BTreeSet<Track> = open.map(|interval| interval.track).collect();
            prop_assert!(open.is_subset(&told), "{:?}", open.difference(&told));
            for track in told.difference(&open) {
                let mut heard = fold.transitions(agent).into_iter().filter(|t| t.track.work_item_id() == track.work_item_id());
                prop_assert!(heard.any(|t| (from..end).contains(&t.at)), "{track:?}");
            }
        }
    }

    #[test]
    fn a_report_as_of_an_instant_knows_nothing_later(
        lines in streams(), (ends, as_of) in boundaries(),
    ) {
        let events = events(&lines);
        let instants = instants(&events);
        let Some((ends, as_of)) = buckets(&ends, &as_of, &instants) else { return Ok(()) };
        let by_then = events.iter().filter(|event| at(event).is_some_and(|at| at <= as_of));
        for by in [RollUp::Agent, RollUp::Group, RollUp::GroupSplit] {
            let all = report(&fold(&events), &ends, as_of, by);
            prop_assert_eq!(&all, &report(&fold(by_then.clone()), &ends, as_of, by));
            prop_assert_eq!(all, report(&fold(events.iter().rev()), &ends, as_of, by));
        }
    }

    #[test]
    fn finer_buckets_add_up_to_the_whole(lines in streams(), (ends, as_of) in boundaries()) {
        let events = events(&lines);
        let instants = instants(&events);
        let Some((ends, as_of)) = buckets(&ends, &as_of, &instants) else { return Ok(()) };
        let fold = fold(&events);
        let whole = report(&fold, &[ends[0], ends[ends.len() - 1]], as_of, RollUp::Agent);
        let parts = report(&fold, &ends, as_of, RollUp::Agent);
        for whole in whole.iter().filter_map(channel) {
            let of = |row: &&ChannelRow| (&row.about, &row.channel) == (&whole.about, &whole.channel);
            let parts: Vec<&ChannelRow> = parts.iter().filter_map(channel).filter(of).collect();
            let sum = |of: fn(&ChannelRow) -> u128| parts.iter().map(|row| of(row)).sum::<u128>();
            let sums = [
                (sum(|row| row.length_ns), whole.length_ns),
                (sum(|row| row.busy_ns), whole.busy_ns),
                (sum(|row| row.item_ns), whole.item_ns),
                (sum(|row| row.doubtful_ns), whole.doubtful_ns),
                (sum(|row| row.item_least_ns), whole.item_least_ns),
                (sum(|row| row.item_most_ns), whole.item_most_ns),
                (sum(|row| row.capacity_ns), whole.capacity_ns),
                (sum(|row| row.at_capacity_ns), whole.at_capacity_ns),
                (sum(|row| row.added.into()), whole.added.into()),
                (sum(|row| row.offers_ended.into()), whole.offers_ended.into()),
                (sum(|row| row.handle_time.sum_ns), whole.handle_time.sum_ns),
                (sum(|row| row.offer_time.count.into()), whole.offer_time.count.into()),
            ];
            for (sum, whole) in sums {
                prop_assert_eq!(sum, whole);
            }
        }
    }

    #[test]
    fn rows_of_agents_add_up_to_their_accounts(lines in streams(), (ends, as_of) in boundaries()) {
        let events = events(&lines);
        let instants = instants(&events);
        let Some((ends, as_of)) = buckets(&ends, &as_of, &instants) else { return Ok(()) };
        let fold = fold(&events);
        let agents = report(&fold, &ends, as_of, RollUp::Agent);
        let groups = report(&fold, &ends, as_of, RollUp::Group);
        let split = report(&fold, &ends, as_of, RollUp::GroupSplit);
        for account in report(&fold, &ends, as_of, RollUp::Account).iter().filter_map(channel) {
            let of = |row: &&ChannelRow| {
                row.about.account_id == account.about.account_id
                    && (row.from, &row.channel) == (account.from, &account.channel)
            };
            let sum = |rows: &[Row], of_row: fn(&ChannelRow) -> u128| -> u128 {
                rows.iter().filter_map(channel).filter(of).map(of_row).sum()
            };
            for (of_row, whole) in [
                ((|row| row.length_ns) as fn(&ChannelRow) -> u128, account.length_ns),
                (|row| row.busy_ns, account.busy_ns),
                (|row| row.item_known_ns, account.item_known_ns),
                (|row| row.doubtful_ns, account.doubtful_ns),
                (|row| row.item_least_ns, account.item_least_ns),
                (|row| row.item_most_ns, account.item_most_ns),
                (|row| row.added.into(), account.added.into()),
                (|row| row.handle_time.sum_ns, account.handle_time.sum_ns),
            ] {
                prop_assert_eq!(sum(&agents, of_row), whole);
                // An agent in two groups counts in both.
                prop_assert!(sum(&groups, of_row) >= whole);
            }
            for (of_row, whole) in [
                ((|row| row.length_ns) as fn(&ChannelRow) -> u128, account.length_ns),
                (|row| row.online_ns, account.online_ns),
                (|row| row.busy_ns, account.busy_ns),
                (|row| row.item_ns, account.item_ns),
                (|row| row.capacity_ns, account.capacity_ns),
                (|row| row.at_capacity_ns, account.at_capacity_ns),
            ] {
                prop_assert_eq!(sum(&split, of_row), whole);
            }
            prop_assert_eq!(
                agents.iter().filter_map(channel).filter(of).count() as u64,
                account.about.agents.expect("a roll-up")
            );
        }
    }

    #[test]
    fn unified_states_and_chats_of_split_groups_add_up_to_their_accounts(
        lines in streams(), (ends, as_of) in boundaries(),
    ) {
        let events = events(&lines);
        let instants = instants(&events);
        let Some((ends, as_of)) = buckets(&ends, &as_of, &instants) else { return Ok(()) };
        let fold = fold(&events);
        let times = |by| {
            let mut times: BTreeMap<String, Vec<u128>> = BTreeMap::new();
            for row in report(&fold, &ends, as_of, by) {
                let (key, sums) = match row {
                    Row::UnifiedState(row) => (
                        format!("{:?} {:?} {:?}", row.about.account_id, row.from, row.id),
                        vec![row.ns, row.unknown_ns, row.involuntary_ns],
                    ),
                    Row::Chat(row) => (
                        format!("{:?} {:?}", row.about.account_id, row.from),
                        vec![row.length_ns, row.concurrency_ns, row.busy_ns],
                    ),
                    _ => continue,
                };
                let times = times.entry(key).or_insert(vec![0; 3]);
                times.iter_mut().zip(sums).for_each(|(sum, more)| *sum += more);
            }
            times
        };
        prop_assert_eq!(times(RollUp::GroupSplit), times(RollUp::Account));
    }

    #[test]
    fn corrections_are_what_makes_one_report_the_other(
        lines in streams(), late in any::<Index>(), (ends, as_of) in boundaries(),
    ) {
        let events = events(&lines);
        let instants = instants(&events);
        let Some((ends, as_of)) = buckets(&ends, &as_of, &instants) else { return Ok(()) };
        let on_time = &events[..late.index(events.len() + 1)];
        let before = report(&fold(on_time), &ends, as_of, RollUp::Agent);
        let after = report(&fold(&events), &ends, as_of, RollUp::Agent);
        prop_assert_eq!(corrections(&after, &after), Ok(Vec::new()));
        let mut rows = before.clone();
        for correction in corrections(&before, &after).expect("the same buckets") {
            prop_assert_ne!(&correction.before, &correction.after);
            match (correction.before, correction.after) {
                (Some(before), after) => {
                    let place = rows.iter().position(|row| *row == before).expect("a row before");
                    rows.splice(place..=place, after);
                }
                (None, after) => rows.extend(after),
            }
        }
        let key = |row: &Row| serde_json::to_string(row).expect("a row is JSON");
        rows.sort_by_key(key);
        let mut after = after;
        after.sort_by_key(key);
        prop_assert_eq!(rows, after);
    }

    #[test]
    fn a_selection_gives_the_rows_that_it_names(lines in streams(), (ends, as_of) in boundaries()) {
        let events = events(&lines);
        let instants = instants(&events);
        let Some((ends, as_of)) = buckets(&ends, &as_of, &instants) else { return Ok(()) };
        let fold = fold(&events);
        let buckets = Buckets::new(ends, as_of).expect("rising");
        let rows = |by, selection: &Selection| -> Vec<Row> {
            fold.report(&buckets, by, selection).expect("not too many rows").collect()
        };
        let all = rows(RollUp::Agent, &Selection::all());
        for agent in fold.agents() {
            let of_agent = |row: &&Row| row.about().agent_id == Some(agent.agent_id)
                && row.about().account_id == Some(agent.account_id);
            let expected: Vec<Row> = all.iter().filter(of_agent).cloned().collect();
            prop_assert_eq!(rows(RollUp::Agent, &Selection::all().agent(agent)), expected);
        }
        let on_support = |row: &&Row| matches!(row, Row::Channel(row) if row.channel == "support");
        let expected: Vec<Row> = all.iter().filter(on_support).cloned().collect();
        prop_assert_eq!(rows(RollUp::Agent, &Selection::all().channel("support")), expected);
        let of_group = |row: &&Row| row.about().group_id == Some(Some("1".to_owned()));
        let groups = rows(RollUp::Group, &Selection::all());
        let expected: Vec<Row> = groups.iter().filter(of_group).cloned().collect();
        prop_assert_eq!(rows(RollUp::Group, &Selection::all().group("1")), expected);
        prop_assert!(rows(RollUp::Agent, &Selection::all().account(77)).is_empty());
    }

    #[test]
    fn a_report_in_slices_is_the_report_in_one(
        lines in streams(), (ends, as_of) in boundaries(), step in 1_i64..2_000_000_000,
    ) {
        let events = events(&lines);
        let instants = instants(&events);
        let Some((ends, as_of)) = buckets(&ends, &as_of, &instants) else { return Ok(()) };
        // More buckets than a slice has, most of them short.
        let from = ends[0];
        let many: BTreeSet<Instant> = (0..1200).map(|n| plus(from, n * step)).collect();
        let many: Vec<Instant> = many.into_iter().collect();
        let fold = fold(&events);
        for by in [RollUp::Agent, RollUp::Channel, RollUp::GroupSplit] {
            let whole = report(&fold, &many, as_of, by);
            let sorted = |mut rows: Vec<Row>| {
                rows.sort_by_cached_key(Placed::place);
                rows
            };
            prop_assert_eq!(&whole, &sorted(whole.clone()));
            let mut parts = Vec::new();
            for part in [&many[..301], &many[300..701], &many[700..]] {
                parts.extend(report(&fold, part, as_of, by));
            }
            prop_assert_eq!(whole, sorted(parts));
        }
    }

    /// Except for doubts: versions that are missing from before a cut raise none, and neither do items that were
    /// closed before it.
    #[test]
    fn answers_about_a_window_are_the_same_without_what_lies_before_it(
        lines in streams(), (ends, as_of) in boundaries(), cut in near(), by in select(RollUp::ALL.to_vec()),
    ) {
        let mut events = events(&lines);
        for event in &mut events {
            if let Event::Availability(event) = event {
                event.detail.version = None;
            }
        }
        let instants = instants(&events);
        let Some((ends, as_of)) = buckets(&ends, &as_of, &instants) else { return Ok(()) };
        let whole = fold(&events);
        let mut compacted = whole.clone();
        compacted.compact(resolve(&cut, &instants).min(ends[0]));
        let rows = |fold: &Fold| -> Vec<Row> {
            let mut rows = report(fold, &ends, as_of, by);
            for row in &mut rows {
                if let Row::Channel(row) = row {
                    row.item_most_ns = 0;
                }
            }
            rows
        };
        prop_assert_eq!(rows(&compacted), rows(&whole));
        let window = Window { from: ends[0], to: ends[ends.len() - 1], as_of };
        // An item that was closed before the cut is forgotten.
        let is_other = |interval: &Interval| !matches!(interval.track, Track::WorkItem { .. });
        let intervals = |fold: &Fold, agent| -> Vec<Interval> {
            let all = fold.intervals(agent, None, &window).expect("all tracks");
            all.into_iter().filter(is_other).collect()
        };
        for agent in whole.agents() {
            prop_assert_eq!(intervals(&compacted, agent), intervals(&whole, agent));
            prop_assert_eq!(compacted.work_items(agent, &window), whole.work_items(agent, &window));
        }
        // The export's instants are cut to microseconds.
        let told = |fold: &Fold| fold.tell_chat("support", plus(ends[0], 1000), as_of);
        prop_assert_eq!(told(&compacted), told(&whole));
    }

    #[test]
    fn a_report_of_agents_that_are_kept_apart_is_that_of_their_fold(
        lines in streams(),
        (ends, as_of) in boundaries(),
        by in select(RollUp::ALL.to_vec()),
        limit in 0..30_u64,
        step in 1..4_usize,
    ) {
        let events = events(&lines);
        let Some((ends, as_of)) = buckets(&ends, &as_of, &instants(&events)) else {
            return Ok(());
        };
        let fold = fold(&events);
        let buckets = Buckets::new(ends.clone(), as_of).expect("rising");
        let mut sums = ReportSums::new(&buckets, by, &Selection::all());
        let few = buckets.clone().with_row_limit(limit);
        let mut few = ReportSums::new(&few, by, &Selection::all());
        let mut in_turn = ReportSums::new(&buckets, by, &Selection::all());
        let mut is_refused = false;
        for (agent, saved) in fold.save_agents() {
            let mut one = Fold::new();
            one.restore(&saved).expect("what was saved");
            sums.add(&one).expect("not too many rows");
            for first in (0..buckets.len()).step_by(step) {
                in_turn.add_buckets(&fold, agent, first..first + step).expect("not too many rows");
            }
            is_refused |= few.add(&one).is_err();
        }
        let rows: Vec<Row> = sums.rows().collect();
        prop_assert_eq!(is_refused, rows.len() as u64 > limit);
        prop_assert!(in_turn.rows().eq(rows.iter().cloned()));
        prop_assert_eq!(rows, report(&fold, &ends, as_of, by));
    }

    #[test]
    fn sessions_are_the_times_that_are_not_offline(
        lines in streams(), (ends, as_of) in boundaries(),
    ) {
        let events = events(&lines);
        let instants = instants(&events);
        let Some((ends, as_of)) = buckets(&ends, &as_of, &instants) else { return Ok(()) };
        let fold = fold(&events);
        let whole = Buckets::new(vec![ends[0], ends[ends.len() - 1]], as_of).expect("rising");
        let parts = Buckets::new(ends, as_of).expect("rising");
        let rows = |buckets: &Buckets| -> Vec<SessionsRow> {
            fold.sessions(buckets, &Selection::all()).expect("not too many").collect()
        };
        let parts = rows(&parts);
        for whole in rows(&whole) {
            let parts: Vec<_> = parts.iter().filter(|row| row.about == whole.about).collect();
            let sum = |of: fn(&SessionsRow) -> u128| parts.iter().map(|row| of(row)).sum::<u128>();
            prop_assert_eq!(sum(|row| row.session_ns), whole.session_ns);
            prop_assert_eq!(sum(|row| row.unknown_ns), whole.unknown_ns);
            prop_assert_eq!(sum(|row| row.logins.into()), u128::from(whole.logins));
            prop_assert_eq!(sum(|row| row.logouts.into()), u128::from(whole.logouts));
            prop_assert!(whole.session_ns + whole.unknown_ns <= whole.length_ns);
            prop_assert_eq!(parts.iter().find_map(|row| row.first_login), whole.first_login);
            prop_assert_eq!(parts.iter().rev().find_map(|row| row.last_logout), whole.last_logout);
            for pair in parts.windows(2) {
                // A login or logout at the boundary itself counts in the later bucket.
                let turns = [pair[1].first_login, pair[1].last_logout].contains(&Some(pair[1].from));
                prop_assert!(turns || pair[0].open == pair[1].continued, "{:?}", pair);
            }
            let ends = u64::from(whole.continued) + whole.logins;
            prop_assert_eq!(ends, whole.sessions);
            // A session that ends where the bucket begins has no part in it.
            let over = (whole.logouts + u64::from(whole.open)).checked_sub(ends);
            prop_assert!(matches!(over, Some(0 | 1)), "{:?}", whole);
        }
    }

    #[test]
    fn rows_read_back_from_their_json(lines in streams(), (ends, as_of) in boundaries()) {
        let events = events(&lines);
        let instants = instants(&events);
        let Some((ends, as_of)) = buckets(&ends, &as_of, &instants) else { return Ok(()) };
        for by in [RollUp::Agent, RollUp::Group, RollUp::Channel] {
            for row in report(&fold(&events), &ends, as_of, by) {
                let text = serde_json::to_string(&row).expect("a row is JSON");
                prop_assert_eq!(&serde_json::from_str::<Row>(&text).expect("a row"), &row);
                // A store may write the keys in any order.
                let fields: BTreeMap<String, Box<RawValue>> = serde_json::from_str(&text).expect("an object");
                let turned: Vec<String> = fields
                    .iter()
                    .rev()
                    .map(|(key, json)| format!("{}:{json}", serde_json::json!(key)))
                    .collect();
                let turned = format!("{{{}}}", turned.join(","));
                prop_assert_eq!(&serde_json::from_str::<Row>(&turned).expect("a row"), &row);
                if let Ok(sorted) = serde_json::to_value(&row) {
                    prop_assert_eq!(serde_json::from_value::<Row>(sorted).expect("a row"), row);
                }
            }
        }
    }
}

/// Returns the only interval of a track in a window of one nanosecond.
fn told(fold: &Fold, agent: Agent, track: &Track, window: &Window) -> Interval {
    let mut intervals = fold.intervals(agent, Some(track), window).expect("a track");
    assert_eq!(intervals.len(), 1, "{intervals:?}");
    intervals.remove(0)
}

/// Fails if the intervals of a track overlap or leave a gap in the window.
fn covers(track: &[Interval], window: &Window) -> Result<(), TestCaseError> {
    let (Some(first), Some(last)) = (track.first(), track.last()) else { return Ok(()) };
    prop_assert_eq!((first.from, last.to), (window.from, window.to.min(window.as_of)));
    prop_assert!(track.iter().all(|interval| interval.from < interval.to));
    prop_assert!(track.windows(2).all(|pair| pair[0].to == pair[1].from));
    let open = track.iter().filter(|interval| interval.open).count();
    prop_assert!(open == 0 || (open == 1 && last.open));
    Ok(())
}
