//! [`Feed`]: the events of an account as they are stored, for programs that follow them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use agentfold::Change;
use bytes::Bytes;
use tokio::sync::broadcast;

/// How many events a follower may be behind.
const BEHIND: usize = 1024;

/// How many events are kept for followers that connect again.
const KEPT: usize = 4096;

/// What followers are told.
#[derive(Clone)]
pub(crate) enum Told {
    Message(Arc<Message>),
    /// More changed than events say, up to the message with this number: all has to be read again.
    Missed(u64),
}

/// An event that was stored, and what it changed.
pub(crate) struct Message {
    /// Its number, from 1 on since the server started.
    pub(crate) number: u64,
    bytes: Bytes,
    changes: Vec<Change>,
    text: OnceLock<String>,
}

impl Message {
    /// The message as JSON: `event`, as it was received, and `changes`.
    pub(crate) fn text(&self) -> &str {
        self.text.get_or_init(|| {
            // An event is JSON, so it is UTF-8. Line breaks between its members mean nothing, and would end a
            // field of an event stream.
            let event = String::from_utf8_lossy(&self.bytes).replace(['\r', '\n'], " ");
            let changes = serde_json::to_string(&self.changes).unwrap_or_default();
            format!(r#"{{"event":{event},"changes":{changes}}}"#)
        })
    }
}

/// The events of an account as they are stored.
pub(crate) struct Feed {
    sender: broadcast::Sender<Told>,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    last: u64,
    messages: VecDeque<Arc<Message>>,
}

/// What a follower gets.
pub(crate) struct Followed {
    /// The messages that it missed; `None` if they are not all kept, so that it has to ask for everything.
    pub(crate) missed: Option<Vec<Arc<Message>>>,
    /// The number of the last message before those to come.
    pub(crate) last: u64,
    pub(crate) to_come: broadcast::Receiver<Told>,
}

impl Feed {
    pub(crate) fn new() -> Feed {
        Feed { sender: broadcast::Sender::new(BEHIND), kept: Mutex::default() }
    }

    pub(crate) fn publish(&self, bytes: Bytes, changes: Vec<Change>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.last += 1;
        let message =
            Arc::new(Message { number: kept.last, bytes, changes, text: OnceLock::new() });
        if kept.messages.len() == KEPT {
            kept.messages.pop_front();
        }
        kept.messages.push_back(Arc::clone(&message));
        // It fails if nobody follows.
        drop(self.sender.send(Told::Message(message)));
    }

    /// Lets all followers read everything again, since something changed that is no event.
    pub(crate) fn publish_missed(&self) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.last += 1;
        kept.messages.clear();
        drop(self.sender.send(Told::Missed(kept.last)));
    }

    /// Follows the events after the one with a number; without one, those to come.
    pub(crate) fn follow(&self, after: Option<u64>) -> Followed {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let after = after.unwrap_or(kept.last);
        let first = kept.messages.front().map_or(kept.last + 1, |first| first.number);
        let is_kept = after <= kept.last && after + 1 >= first;
        let missed = is_kept.then(|| {
            kept.messages.iter().filter(|message| message.number > after).cloned().collect()
        });
        Followed { missed, last: kept.last, to_come: self.sender.subscribe() }
    }

    /// How many programs follow.
    pub(crate) fn followers(&self) -> usize {
        self.sender.receiver_count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(followed: &Followed) -> Option<Vec<u64>> {
        followed.missed.as_ref().map(|all| all.iter().map(|message| message.number).collect())
    }

    #[test]
    fn a_follower_that_connects_again_gets_what_it_missed() {
        let feed = Feed::new();
        assert_eq!(numbers(&feed.follow(None)), Some(vec![]));
        for _ in 0..3 {
            feed.publish(Bytes::from_static(b"{\n}"), Vec::new());
        }
        assert_eq!(numbers(&feed.follow(Some(1))), Some(vec![2, 3]));
        let followed = feed.follow(Some(1));
        let text = followed.missed.as_ref().map(|missed| missed[0].text());
        assert_eq!(text, Some(r#"{"event":{ },"changes":[]}"#));
        // A number of before a restart.
        assert_eq!(numbers(&feed.follow(Some(9))), None);
        for _ in 0..KEPT {
            feed.publish(Bytes::from_static(b"{}"), Vec::new());
        }
        assert_eq!(numbers(&feed.follow(Some(2))), None);
        assert_eq!(numbers(&feed.follow(Some(3))).map(|all| all.len()), Some(KEPT));
    }

    #[test]
    fn a_follower_reads_everything_again_after_a_change_that_is_no_event() {
        let feed = Feed::new();
        feed.publish(Bytes::from_static(b"{}"), Vec::new());
        let mut followed = feed.follow(None);
        feed.publish_missed();
        assert!(matches!(followed.to_come.try_recv(), Ok(Told::Missed(2))));
        assert_eq!(numbers(&feed.follow(Some(1))), None);
        assert_eq!(numbers(&feed.follow(Some(2))), Some(vec![]));
    }
}
