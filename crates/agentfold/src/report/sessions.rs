//! [`Fold::sessions`]: when agents logged in and out
//! ([the contract](crate::contract::measures#sessions)).

use std::borrow::Borrow;
use std::time::Duration;

use super::Buckets;
use super::row::{About, SessionsRow};
use crate::error::Error;
use crate::fold::Fold;
use crate::fold::names::{Name, Names};
use crate::fold::tracks::{Target, Tracks};
use crate::fold::value::{Unified, Value};
use crate::history::{Basis, PlainSteps, Steps, Stretch, Window, plain};
use crate::{Agent, Instant, Selection};

/// A time in which an agent was logged in, was not, or nothing is known.
#[derive(Debug, Clone, Copy)]
struct Presence {
    from: Instant,
    to: Instant,
    /// `None` if nothing is known.
    is_in: Option<bool>,
    basis: Basis,
}

/// The names of Zendesk's unified states, which tell more than the ids.
const OFFLINE: &str = "offline";
const OTHERS: [&str; 3] = ["online", "away", "transfers only"];
/// The id of Zendesk's unified state `offline`.
const OFFLINE_ID: &str = "2";

impl Fold {
    /// Returns when agents logged in and out: a row for each selected agent and bucket, with the first
    /// login, the last logout, and the sessions. The channels of the selection do not matter.
    ///
    /// A session is a time in which the unified state is known and not offline. For an agent without a
    /// unified state, it is a time in which the state of a channel or the chat status is. A session that
    /// goes on across the end of a bucket is in both buckets, but its login counts in the first only.
    ///
    /// Rows are sorted by account, agent and bucket, and computed lazily, some buckets of an agent at a
    /// time.
    ///
    /// # Errors
    /// `too_many_rows` as for [`Fold::report`].
    ///
    /// ```
    /// use agentfold::history::Basis;
    /// use agentfold::report::{Buckets, SessionsRow};
    /// use agentfold::{Fold, Instant, Selection};
    ///
    /// let state = |id, at, previous, new| format!(
    ///     r#"{{"account_id": 2, "detail": {{"agent_id": "7"}}, "id": "{id}",
    ///         "event": {{"updated_at": "2026-01-{at}Z",
    ///                   "previous_unified_state": {{"id": "{previous}", "reason": "UNKNOWN"}},
    ///                   "new_unified_state": {{"id": "{new}", "reason": "UNKNOWN"}}}},
    ///         "type": "zen:event-type:agent.unified_state_changed"}}"#);
    /// let mut fold = Fold::new();
    /// for event in [
    ///     state("a", "05T22:00:00", 2, 3),
    ///     state("b", "06T06:00:00", 3, 2),
    /// ] {
    ///     fold.read(event.as_bytes(), |bad| panic!("{bad:?}"));
    /// }
    ///
    /// let at = |day: &str| -> Instant { format!("2026-01-{day}T00:00:00Z").parse().expect("valid") };
    /// let days = Buckets::new(vec![at("05"), at("06"), at("07")], at("07"))?;
    /// let rows: Vec<SessionsRow> = fold.sessions(&days, &Selection::all())?.collect();
    /// assert_eq!(rows[0].first_login.expect("in the evening").to_string(), "2026-01-05T22:00:00Z");
    /// assert_eq!((rows[0].logins, rows[0].last_logout, rows[0].open), (1, None, true));
    /// assert_eq!((rows[1].logins, rows[1].sessions, rows[1].continued), (0, 1, true));
    /// assert_eq!(rows[1].last_logout_basis, Some(Basis::Observed));
    /// # Ok::<(), agentfold::Error>(())
    /// ```
    pub fn sessions(
        &self,
        buckets: &Buckets,
        selection: &Selection,
    ) -> Result<impl Iterator<Item = SessionsRow> + use<'_>, Error> {
        sessions(self, buckets, selection)
    }

    /// Returns when agents logged in and out, as [`Fold::sessions`] does, and consumes the fold. So rows
    /// can be computed later, for example from a [snapshot](Fold::snapshot) while the original goes on.
    ///
    /// # Errors
    /// `too_many_rows` as for [`Fold::report`].
    ///
    /// ```
    /// use agentfold::report::Buckets;
    /// use agentfold::{Fold, Instant, Selection};
    ///
    /// let buckets = Buckets::new(vec![Instant::MIN, Instant::MAX], Instant::MAX)?;
    /// let rows = Fold::new().snapshot().into_sessions(&buckets, &Selection::all())?;
    /// assert_eq!(rows.count(), 0);
    /// # Ok::<(), agentfold::Error>(())
    /// ```
    pub fn into_sessions(
        self,
        buckets: &Buckets,
        selection: &Selection,
    ) -> Result<impl Iterator<Item = SessionsRow> + use<>, Error> {
        sessions(self, buckets, selection)
    }
}

/// When agents of a fold logged in and out.
fn sessions<F: Borrow<Fold>>(
    fold: F,
    buckets: &Buckets,
    selection: &Selection,
) -> Result<impl Iterator<Item = SessionsRow> + use<F>, Error> {
    let agents = fold.borrow().selected(selection, &buckets.window());
    let pairs = (agents.len() as u64).saturating_mul(buckets.len() as u64);
    buckets.check_rows(pairs, pairs)?;
    let (buckets, slices) = (buckets.clone(), buckets.slices());
    let parts = agents.into_iter().flat_map(move |agent| (0..slices).map(move |s| (agent, s)));
    Ok(parts.flat_map(move |(agent, slice)| {
        let known = fold.borrow();
        let rows = |tracks| rows(agent, tracks, &known.names, &buckets.slice(slice));
        known.tracks(agent).map(rows).unwrap_or_default()
    }))
}

/// The rows of an agent.
fn rows(agent: Agent, tracks: &Tracks, names: &Names, buckets: &Buckets) -> Vec<SessionsRow> {
    // With a moment of the time before, so that a login at the first boundary is seen.
    let window = buckets.window();
    let moment = Duration::from_nanos(1);
    let window = Window { from: window.from.checked_sub(moment).unwrap_or(window.from), ..window };
    let targets = targets(tracks, window.as_of);
    let presences = presences(tracks, &targets, names, &window);

    let mut rows: Vec<SessionsRow> = Vec::with_capacity(buckets.len());
    for bucket in buckets.boundaries().windows(2) {
        let (from, to) = (bucket[0], bucket[1]);
        let mut row = SessionsRow {
            about: About::agent(agent.account_id, agent.agent_id),
            from,
            to,
            length_ns: to.nanos_since(from),
            sessions: 0,
            logins: 0,
            logouts: 0,
            first_login: None,
            first_login_basis: None,
            last_logout: None,
            last_logout_basis: None,
            session_ns: 0,
            unknown_ns: 0,
            continued: false,
            open: false,
        };
        let first = presences.partition_point(|presence| presence.to <= from);
        for place in first..presences.len() {
            let now = presences[place];
            if now.from >= to {
                break;
            }
            let ns = now.to.min(to).nanos_since(now.from.max(from));
            let is_in = now.is_in == Some(true);
            row.session_ns += if is_in { ns } else { 0 };
            row.unknown_ns += if now.is_in.is_none() { ns } else { 0 };
            row.open = is_in;
            if now.from < from {
                row.continued = is_in;
                continue;
            }
            let before = place.checked_sub(1).map(|before| presences[before]);
            let was_in = before.is_some_and(|before| before.is_in == Some(true));
            if is_in && !was_in {
                row.logins += 1;
                if row.first_login.is_none() {
                    let basis = before.map_or(Basis::Unknown, |before| before.basis);
                    let told = basis == Basis::Unknown
                        && begin_offline(tracks, &targets, names, now.from, window.as_of);
                    row.first_login = Some(now.from);
                    row.first_login_basis = Some(if told { Basis::Inferred } else { basis });
                }
            }
            if let (false, Some(before)) = (is_in, before.filter(|_| was_in)) {
                row.logouts += 1;
                row.last_logout = Some(now.from);
                let is_known = now.is_in.is_some();
                row.last_logout_basis = Some(if is_known { before.basis } else { Basis::Unknown });
            }
            if is_in && was_in && now.from == from {
                row.continued = true;
            }
        }
        row.sessions = row.logins + u64::from(row.continued);
        rows.push(row);
    }
    rows
}

/// Whether an agent is logged in at an instant.
pub(crate) fn is_logged_in(tracks: &Tracks, names: &Names, at: Instant) -> bool {
    targets(tracks, at).iter().any(|target| {
        let last = tracks.track(target).and_then(|track| track.last_as_of(Some(at)));
        last.and_then(|last| is_in(last.value, names)) == Some(true)
    })
}

/// The tracks that tell whether an agent is logged in.
fn targets(tracks: &Tracks, as_of: Instant) -> Vec<Target> {
    let is_told = |target: &Target| {
        tracks.track(target).is_some_and(|track| !track.as_of(Some(as_of)).is_empty())
    };
    if is_told(&Target::UnifiedState) {
        return vec![Target::UnifiedState];
    }
    let states = tracks.channels.iter().map(|channel| Target::State(channel.name));
    states.chain([Target::ChatStatus]).filter(is_told).collect()
}

/// When an agent was logged in, in parts that cover a window.
fn presences(tracks: &Tracks, targets: &[Target], names: &Names, window: &Window) -> Vec<Presence> {
    let (mut from, end) = (window.from, window.end());
    let lists: Vec<Vec<Stretch>> =
        targets.iter().map(|target| plain(tracks, target, window)).collect();
    let mut places = vec![0; lists.len()];
    let mut presences = Vec::new();
    while from < end {
        let stretches = || lists.iter().zip(&places).filter_map(|(list, place)| list.get(*place));
        let to = stretches().fold(end, |to, stretch| to.min(stretch.to));
        let told = || stretches().map(|stretch| (is_in(stretch.value, names), stretch.basis));
        let of = |wanted| told().filter(move |(is_in, _)| *is_in == Some(wanted));
        let presence = if let Some((_, basis)) = of(true).min_by_key(|(_, basis)| *basis) {
            (Some(true), basis)
        } else if told().all(|(is_in, _)| is_in.is_some()) {
            of(false).max_by_key(|(_, basis)| *basis).unwrap_or((None, Basis::Unknown))
        } else {
            (None, Basis::Unknown)
        };
        presences.push(Presence { from, to, is_in: presence.0, basis: presence.1 });
        for (list, place) in lists.iter().zip(&mut places) {
            *place += usize::from(list.get(*place).is_some_and(|stretch| stretch.to == to));
        }
        from = to;
    }
    presences
}

/// Whether no track has a transition before an instant, and the first of each states an offline state as
/// the previous one.
fn begin_offline(
    tracks: &Tracks,
    targets: &[Target],
    names: &Names,
    at: Instant,
    as_of: Instant,
) -> bool {
    targets.iter().all(|target| {
        let steps = PlainSteps::new(target, tracks.track(target), as_of);
        let previous = if steps.before(at) == 0 { steps.inferred() } else { None };
        previous.and_then(|value| is_in(value, names)) == Some(false)
    })
}

/// Whether a value means that the agent is logged in; `None` if it is unknown.
fn is_in(value: Value, names: &Names) -> Option<bool> {
    match value {
        Value::Unified(state) => Some(!is_offline(state, names)),
        Value::Name(state) => Some(!is_named(state, OFFLINE, names)),
        _ => None,
    }
}

/// Whether a unified state is Zendesk's `offline`, by its name, or else by its id.
fn is_offline(state: Unified, names: &Names) -> bool {
    let is = |text| state.name.is_some_and(|name| is_named(name, text, names));
    is(OFFLINE) || (names.text(state.id) == OFFLINE_ID && !OTHERS.into_iter().any(is))
}

fn is_named(name: Name, text: &str, names: &Names) -> bool {
    names.text(name).eq_ignore_ascii_case(text)
}
