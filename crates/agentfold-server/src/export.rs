//! [`Exporter`]: pages of the Chat export, made from what is stored.

use agentfold::event::Chat;
use agentfold::export::{self, Answer, Exported, Query, Served};
use agentfold::{Fold, Instant};

use crate::answers::{Known, moved};
use crate::history::{History, begin_of, day_of};
use crate::rows::{Sink, Unanswered};

/// How long the export holds events back.
const HELD_BACK_NS: i128 = 5 * 60 * 1_000_000_000;
/// How many days of all agents are in memory.
const SPAN: i64 = 2;

/// What is kept of an account from one page of the export until the next, which is probably of the same days.
#[derive(Default)]
pub(crate) struct Exporter {
    days: Option<Days>,
    quiet: Option<Quiet>,
}

/// All agents as known of some days in a row, and what is left of the days before.
struct Days {
    fold: Fold,
    from: i64,
    until: i64,
    late_days: i64,
}

/// Since when, and until which day, the export is known to have no event, unless a late one came since.
struct Quiet {
    begin: Instant,
    until: i64,
    late_days: i64,
}

impl Exporter {
    /// Answers a query, without `?`, as Zendesk's export of agent events does, for one channel instead of Chat.
    pub(crate) fn page(
        &mut self,
        known: &Known<'_>,
        channel: &str,
        query: &str,
        url: &str,
        sink: &mut dyn Sink,
    ) -> Result<Answer, Unanswered> {
        let Known { live, since, history, now, .. } = known;
        let served = |now| Served { url, now, end: None };
        let begin = match Query::parse(query, *now) {
            Ok(query) => query.start_time(),
            Err(bad) => return Ok(bad.answer()),
        };
        let first = history.first()?.map_or(*since, |first| first.max(day_of(begin)));
        if first >= *since {
            return Ok(live.answer_export(channel, query, &served(*now)));
        }
        let late_days = history.late_days()?;
        let is_quiet = |quiet: &Quiet| {
            quiet.late_days == late_days && begin >= quiet.begin && first < quiet.until
        };
        if !self.quiet.as_ref().is_some_and(is_quiet) {
            self.quiet = Some(Quiet { begin, until: first, late_days });
        }
        let mut day = self.quiet.as_ref().map_or(first, |quiet| quiet.until);
        let mut told: Vec<Chat<'static>> = Vec::new();
        let answer = |told: &[Chat<'_>], now| {
            export::answer(query, told.iter().map(Exported::from), &served(now))
        };
        // Few days at a time, and what they tell: a page may be of many days in which little happened.
        while day + SPAN <= *since {
            let fold = self.days(history, day, Some(day + SPAN), sink)?;
            let now = moved(begin_of(day + SPAN), HELD_BACK_NS);
            told.extend(fold.tell_chat(channel, begin.max(begin_of(day)), now));
            if told.is_empty()
                && let Some(quiet) = &mut self.quiet
            {
                quiet.until = day + SPAN;
            }
            let page = answer(&told, now);
            if is_full(&page) {
                return Ok(page);
            }
            day += SPAN;
        }
        let from = begin.max(begin_of(day));
        told.extend(match day < *since {
            true => self.days(history, day, None, sink)?.tell_chat(channel, from, *now),
            false => live.tell_chat(channel, from, *now),
        });
        Ok(answer(&told, *now))
    }

    /// The fold of the days from one until another, exclusive. Reads what is not there yet.
    fn days(
        &mut self,
        history: &History<'_>,
        from: i64,
        until: Option<i64>,
        sink: &mut dyn Sink,
    ) -> Result<&Fold, Unanswered> {
        let late_days = history.late_days()?;
        // Taken, so that days that are read only in part are not kept.
        let kept = self
            .days
            .take()
            .filter(|days| days.from <= from && from <= days.until && days.late_days == late_days);
        let mut days = match kept {
            Some(days) => days,
            None => {
                let mut fold = Fold::new();
                for agent in history.agents()? {
                    history.at_once(|history| history.load(agent, from, Some(from), &mut fold))?;
                    sink.turn()?;
                }
                Days { fold, from, until: from, late_days }
            }
        };
        days.fold.compact(begin_of(from));
        days.from = from;
        if until.is_none_or(|until| until > days.until) {
            for agent in history.agents()? {
                let fold = &mut days.fold;
                history.at_once(|history| history.load_days(agent, days.until, until, fold))?;
                sink.turn()?;
            }
            // Today goes on: it is read again for the next page.
            days.until = until.unwrap_or(i64::MIN);
        }
        Ok(&self.days.insert(days).fold)
    }
}

fn is_full(page: &Answer) -> bool {
    !page.body.ends_with(r#""next_page":""}"#)
}
