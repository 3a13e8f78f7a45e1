//! The saved form of a fold: `agentfold`, a version byte, CBOR (RFC 8949), a CRC-32.
//!
//! The parts of the CBOR have a fixed order; new ones are added at the end. Agents are in order, each
//! as it is saved alone. So equal folds save to equal bytes.

use std::convert::Infallible;

use minicbor::bytes::ByteSlice;
use minicbor::{Decode, Decoder, Encode, Encoder};

use super::names::Names;
use super::saved_agent::{SavedAgent, Saver, instant, moment};
use super::{Fold, Known};
use crate::error::{Error, ErrorKind};
use crate::event::InstantFrom;
use crate::{Agent, Instant, Options};

const MAGIC: &[u8] = b"agentfold";
/// The newest version of the form. All older versions stay readable.
const VERSION: u8 = 1;

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
        Some(self.save_part(None, &[(agent, &**self.agents.get(&agent)?)]))
    }

    /// Saves the agents one by one, as [`Fold::save_agent`] does, by account, then agent. Agents
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
        let told = &saved[..saved.len() - sum.len()];
        if crc32fast::hash(told).to_be_bytes() != *sum {
            return Err(ErrorKind::Damaged.into());
        }
        let mut decoder = Decoder::new(body);
        let saved: Saved<'_> = decoder.decode().map_err(|_| ErrorKind::Damaged)?;
        if decoder.position() != body.len() {
            return Err(ErrorKind::Damaged.into());
        }
        self.absorb(saved.fold(&self.options).ok_or(ErrorKind::Damaged)?)
    }

    /// What is known about each agent, by account, then agent.
    fn sorted(&self) -> Vec<(Agent, &Known)> {
        let mut agents: Vec<(Agent, &Known)> =
            self.agents.iter().map(|(a, k)| (*a, &**k)).collect();
        agents.sort_unstable_by_key(|(agent, _)| *agent);
        agents
    }

    fn save_part(&self, cut: Option<Instant>, agents: &[(Agent, &Known)]) -> Vec<u8> {
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
        agents: &[(Agent, &Known)],
    ) -> Result<(), minicbor::encode::Error<Infallible>> {
        let (mut encoder, mut saver) = (Encoder::new(bytes), Saver::new(&self.names));
        let instant = SavedInstant::from(self.options.instant);
        encoder.array(3)?.encode(instant)?.encode(cut.map(moment))?;
        encoder.array(agents.len() as u64)?;
        for (agent, known) in agents {
            encoder.bytes(&saver.agent(*agent, known))?;
        }
        Ok(())
    }
}

/// A saved fold, for reading.
#[derive(Decode)]
struct Saved<'a> {
    #[n(0)]
    instant: SavedInstant,
    /// The cut of agents that are not known yet; `None` if one agent was saved.
    #[n(1)]
    cut: Option<(i64, u32)>,
    /// Each is a [`SavedAgent`], by account, then agent.
    #[b(2)]
    agents: Vec<&'a ByteSlice>,
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

impl Saved<'_> {
    /// The fold that was saved; `None` if it is not consistent.
    fn fold(self, options: &Options) -> Option<Fold> {
        let mut fold = Fold::with_options(options);
        let mut names = Names::new(fold.names.hasher().clone());
        fold.options.instant = match self.instant {
            SavedInstant::UpdatedAt => InstantFrom::UpdatedAt,
            SavedInstant::Time => InstantFrom::Time,
        };
        if let Some(cut) = self.cut {
            fold.cut = instant(cut)?;
        }
        for bytes in self.agents {
            let mut decoder = Decoder::new(bytes);
            let saved: SavedAgent<'_> = decoder.decode().ok()?;
            let known = saved.known(&mut names)?;
            fold.known += usize::from(known.tracks.is_some());
            let is_double = fold.agents.insert(saved.agent(), known.into()).is_some();
            if is_double || decoder.position() != bytes.len() {
                return None;
            }
        }
        fold.names = names.into();
        Some(fold)
    }
}
