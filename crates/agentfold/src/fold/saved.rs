//! The saved form of a fold: `agentfold`, a version byte, CBOR (RFC 8949), a CRC-32.
//!
//! The parts of the CBOR have a fixed order; new ones are added at the end. Agents are in order, each
//! as it is saved alone. So equal folds save to equal bytes.

use std::convert::Infallible;
use std::sync::Arc;

use minicbor::{Decode, Decoder, Encode, Encoder};

use super::Fold;
use super::held::Held;
use super::saved_agent::{Moment, Saver, instant, moment};
use super::unopened::Unopened;
use crate::error::{Error, ErrorKind};
use crate::event::InstantFrom;
use crate::{Agent, Instant};

const MAGIC: &[u8] = b"agentfold";
/// The newest version of the form. All older versions stay readable.
const VERSION: u8 = 1;
const HEAD: usize = MAGIC.len() + 1;

/// # Saving
impl Fold {
    /// Saves everything that is known. Equal folds save to equal bytes.
    ///
    /// ```
    /// use agentfold::Fold;
    ///
    /// let saved = Fold::new().save();
    /// let mut fold = Fold::new();
    /// fold.restore(&saved)?;
    /// assert_eq!(fold.save(), saved);
    /// # Ok::<(), agentfold::Error>(())
    /// ```
    pub fn save(&self) -> Vec<u8> {
        self.save_part(Some(self.cut), &self.sorted())
    }

    /// Saves what is known about one agent, with its own cut; `None` if nothing is known.
    ///
    /// [`Fold::restore`] restores it, alone or into a fold of many agents.
    ///
    /// ```
    /// use agentfold::{Agent, Fold};
    ///
    /// let mut fold = Fold::new();
    /// fold.read(br#"{"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
    ///     "timestamp": "2026-01-05T09:00:00Z", "value": "away"}"#, |bad| panic!("{bad:?}"));
    ///
    /// let agent = Agent::new(2, 7);
    /// let mut alone = Fold::new();
    /// alone.restore(&fold.save_agent(agent).expect("known"))?;
    /// assert_eq!(alone.state(agent), fold.state(agent));
    /// assert_eq!(fold.save_agent(Agent::new(2, 8)), None);
    /// # Ok::<(), agentfold::Error>(())
    /// ```
    pub fn save_agent(&self, agent: Agent) -> Option<Vec<u8>> {
        Some(self.save_part(None, &[(agent, self.agents.get(&agent)?)]))
    }

    /// Saves the agents one by one, as [`Fold::save_agent`] does, by account, then agent. A store can keep
    /// them apart, and lend them one by one: to be changed, or to be asked and dropped, also for a report
    /// of all ([`ReportSums`](crate::report::ReportSums)). Agents
    /// without an accepted event are included. Together with the [cut](Fold::cut) they are the whole
    /// fold.
    ///
    /// ```
    /// use agentfold::{Fold, Instant};
    ///
    /// let mut fold = Fold::new();
    /// let cut: Instant = "2026-01-05T00:00:00Z".parse()?;
    /// fold.compact(cut);
    /// // From before the cut.
    /// fold.read(br#"{"account_id": 2, "detail": {"agent_id": "10011", "version": "3"}, "id": "a",
    ///     "type": "zen:event-type:agent.channel_created",
    ///     "event": {"updated_at": "2026-01-04T08:00:00Z", "channel": "support"}}"#, |bad| panic!("{bad:?}"));
    /// assert!(fold.is_empty());
    ///
    /// let mut again = Fold::new();
    /// again.compact(cut);
    /// for (_, saved) in fold.save_agents() {
    ///     again.restore(&saved)?;
    /// }
    /// assert_eq!(again.save(), fold.save());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn save_agents(&self) -> impl Iterator<Item = (Agent, Vec<u8>)> {
        let known = self.sorted().into_iter();
        known.map(|(agent, known)| (agent, self.save_part(None, &[(agent, known)])))
    }

    /// Restores a saved fold or agent. An empty fold becomes what was saved; any other fold is
    /// [merged](Fold::merge) with it.
    ///
    /// # Errors
    /// `not_saved`, `damaged` or `newer_version` if the bytes can't be read, `different_options` if
    /// the saved fold dates events by another field. The fold is then unchanged.
    pub fn restore(&mut self, saved: &[u8]) -> Result<(), Error> {
        let [version, rest @ ..] = saved.strip_prefix(MAGIC).ok_or(ErrorKind::NotSaved)? else {
            return Err(ErrorKind::Damaged.into());
        };
        if *version > VERSION {
            return Err(ErrorKind::NewerVersion.into());
        }
        let (body, sum) = rest.split_last_chunk::<4>().ok_or(ErrorKind::Damaged)?;
        let end = HEAD + body.len();
        if crc32fast::hash(&saved[..end]).to_be_bytes() != *sum {
            return Err(ErrorKind::Damaged.into());
        }
        let restored = self.restored(&saved[..end].into()).ok_or(ErrorKind::Damaged)?;
        if self.agents.is_empty() && self.options.instant == restored.options.instant {
            self.cut = self.cut.max(restored.cut);
            (self.agents, self.known, self.names) =
                (restored.agents, restored.known, restored.names);
            self.usual.take();
            return Ok(());
        }
        self.absorb(restored)
    }

    /// The fold that was saved as bytes without their checksum; `None` if it is not consistent.
    fn restored(&self, saved: &Arc<[u8]>) -> Option<Fold> {
        let mut fold = Fold::with_options(&self.options);
        let names = Arc::make_mut(&mut fold.names);
        let mut decoder = Decoder::new(saved);
        decoder.set_position(HEAD);
        if decoder.array().ok()? != Some(3) {
            return None;
        }
        fold.options.instant = decoder.decode::<SavedInstant>().ok()?.into();
        // Of one agent, the cut of those that are not known yet is not saved.
        let cut: Option<Moment> = decoder.decode().ok()?;
        fold.cut = cut.map_or(Some(fold.cut), instant)?;
        let count = decoder.array().ok()??;
        // The count may be wrong, so no more room is made than the bytes are worth.
        fold.agents.reserve(usize::try_from(count).ok()?.min(saved.len() / 16));
        for _ in 0..count {
            let len = decoder.bytes().ok()?.len();
            let place = decoder.position() - len..decoder.position();
            let (agent, unopened) = Unopened::new(saved, place, names)?;
            fold.known += usize::from(unopened.first_and_last().is_some());
            if fold.agents.insert(agent, Held::Saved(unopened.into())).is_some() {
                return None;
            }
        }
        (decoder.position() == saved.len()).then_some(fold)
    }

    /// What is known about each agent, by account, then agent.
    fn sorted(&self) -> Vec<(Agent, &Held)> {
        let mut agents: Vec<(Agent, &Held)> =
            self.agents.iter().map(|(agent, held)| (*agent, held)).collect();
        agents.sort_unstable_by_key(|(agent, _)| *agent);
        agents
    }

    fn save_part(&self, cut: Option<Instant>, agents: &[(Agent, &Held)]) -> Vec<u8> {
        let mut bytes = [MAGIC, &[VERSION]].concat();
        let saved = self.write(&mut bytes, cut, agents);
        saved.expect("memory takes all bytes");
        bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
        bytes
    }

    fn write(
        &self,
        bytes: &mut Vec<u8>,
        cut: Option<Instant>,
        agents: &[(Agent, &Held)],
    ) -> Result<(), minicbor::encode::Error<Infallible>> {
        let (mut encoder, mut saver) = (Encoder::new(bytes), Saver::new(&self.names));
        let instant = SavedInstant::from(self.options.instant);
        encoder.array(3)?.encode(instant)?.encode(cut.map(moment))?;
        encoder.array(agents.len() as u64)?;
        for (agent, held) in agents {
            match held {
                Held::Saved(saved) => encoder.bytes(saved.bytes())?,
                _ => encoder.bytes(&saver.agent(*agent, held))?,
            };
        }
        Ok(())
    }
}

#[derive(Encode, Decode)]
#[cbor(index_only)]
enum SavedInstant {
    #[n(0)]
    UpdatedAt,
    #[n(1)]
    Time,
}

impl From<InstantFrom> for SavedInstant {
    fn from(from: InstantFrom) -> SavedInstant {
        match from {
            InstantFrom::UpdatedAt => SavedInstant::UpdatedAt,
            InstantFrom::Time => SavedInstant::Time,
        }
    }
}

impl From<SavedInstant> for InstantFrom {
    fn from(saved: SavedInstant) -> InstantFrom {
        match saved {
            SavedInstant::UpdatedAt => InstantFrom::UpdatedAt,
            SavedInstant::Time => InstantFrom::Time,
        }
    }
}
