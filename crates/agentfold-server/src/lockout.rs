//! [`Lockout`]: refuses clients that send many wrong tokens.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::HeaderMap;

const MINUTE: Duration = Duration::from_secs(60);
/// How many wrong tokens a client may send in a minute.
const WRONG: u32 = 20;
/// How many clients are remembered.
const REMEMBERED: usize = 10_000;

/// Counts wrong tokens by client.
#[derive(Debug, Default)]
pub(crate) struct Lockout(Mutex<HashMap<IpAddr, Wrong>>);

#[derive(Debug, Clone, Copy)]
struct Wrong {
    count: u32,
    since: Instant,
}

impl Lockout {
    /// For how long a client has to wait; `None` if it has not.
    pub(crate) fn holds(&self, client: IpAddr, now: Instant) -> Option<Duration> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let wrong = known.get(&network(client)).filter(|wrong| wrong.count >= WRONG)?;
        MINUTE
            .checked_sub(now.saturating_duration_since(wrong.since))
            .filter(|wait| !wait.is_zero())
    }

    pub(crate) fn note_wrong(&self, client: IpAddr, now: Instant) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let client = network(client);
        let is_recent = |wrong: &Wrong| now.saturating_duration_since(wrong.since) < MINUTE;
        if known.len() >= REMEMBERED && !known.contains_key(&client) {
            known.retain(|_, wrong| is_recent(wrong));
            // Whoever did least is forgotten, so that a client cannot free itself by many addresses.
            if known.len() >= REMEMBERED {
                let least = known.iter().min_by_key(|(_, wrong)| (wrong.count, wrong.since));
                let least = least.map(|(client, _)| *client);
                least.and_then(|client| known.remove(&client));
            }
        }
        let wrong = known.entry(client).or_insert(Wrong { count: 0, since: now });
        if !is_recent(wrong) {
            *wrong = Wrong { count: 0, since: now };
        }
        wrong.count = wrong.count.saturating_add(1);
    }
}

/// What counts as one client: an address, or the /64 network of an IPv6 address, of which a client usually
/// has all.
fn network(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        address => address,
    }
}

/// The address of a client: the peer's, or behind a proxy the one that the proxy saw.
///
/// That is the last one in `x-forwarded-for`: a client can write those before it, and each proxy adds one.
pub(crate) fn client_of(peer: SocketAddr, headers: &HeaderMap, is_behind_proxy: bool) -> IpAddr {
    let last = || {
        let line = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
        let address = line.rsplit(',').next()?.trim();
        let with_port = || Some(address.parse::<SocketAddr>().ok()?.ip());
        let bracketed = || address.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
        address.parse().ok().or_else(with_port).or_else(bracketed)
    };
    is_behind_proxy.then(last).flatten().unwrap_or(peer.ip()).to_canonical()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_client_waits_after_twenty_wrong_tokens_until_a_minute_has_passed() {
        let (lockout, start) = (Lockout::default(), Instant::now());
        let second = |n| start + Duration::from_secs(n);
        for n in 0..20 {
            assert_eq!(lockout.holds(ip("192.0.2.1"), second(n)), None);
            lockout.note_wrong(ip("192.0.2.1"), second(n));
        }
        assert_eq!(lockout.holds(ip("192.0.2.1"), second(20)), Some(Duration::from_secs(40)));
        assert_eq!(
            lockout.holds(ip("::ffff:192.0.2.1"), second(20)),
            Some(Duration::from_secs(40))
        );
        assert_eq!(lockout.holds(ip("192.0.2.2"), second(20)), None);
        assert_eq!(lockout.holds(ip("192.0.2.1"), second(60)), None);
        lockout.note_wrong(ip("192.0.2.1"), second(60));
        assert_eq!(lockout.holds(ip("192.0.2.1"), second(60)), None, "a new minute began");
    }

    #[test]
    fn all_addresses_of_an_ipv6_network_are_one_client() {
        let (lockout, now) = (Lockout::default(), Instant::now());
        for n in 0..20 {
            lockout.note_wrong(ip(&format!("2001:db8:0:1::{n}")), now);
        }
        assert!(lockout.holds(ip("2001:db8:0:1:ffff::9"), now).is_some());
        assert_eq!(lockout.holds(ip("2001:db8:0:2::1"), now), None);
    }

    #[test]
    fn many_clients_neither_fill_the_memory_nor_free_one_that_waits() {
        let (lockout, now) = (Lockout::default(), Instant::now());
        for _ in 0..20 {
            lockout.note_wrong(ip("192.0.2.1"), now);
        }
        for n in 0..REMEMBERED as u32 + 50 {
            lockout.note_wrong(IpAddr::V4(n.into()), now);
        }
        assert!(lockout.holds(ip("192.0.2.1"), now).is_some());
        assert_eq!(lockout.0.lock().expect("not poisoned").len(), REMEMBERED);
    }

    #[test]
    fn only_a_proxy_is_believed_and_only_what_it_saw_itself() {
        let peer: SocketAddr = "10.0.0.9:4711".parse().expect("an address");
        let client = |lines: &[&str], is_behind_proxy| {
            let line = |text: &&str| {
                ("x-forwarded-for".parse().expect("a name"), text.parse().expect("a value"))
            };
            client_of(peer, &lines.iter().map(line).collect(), is_behind_proxy)
        };
        assert_eq!(client(&["192.0.2.1"], false), ip("10.0.0.9"));
        assert_eq!(client(&[], true), ip("10.0.0.9"));
        assert_eq!(client(&["nonsense"], true), ip("10.0.0.9"));
        assert_eq!(client(&["198.51.100.1, 192.0.2.1"], true), ip("192.0.2.1"));
        assert_eq!(client(&["198.51.100.1", "192.0.2.1:8080"], true), ip("192.0.2.1"));
        assert_eq!(client(&["[2001:db8::1]"], true), ip("2001:db8::1"));
        assert_eq!(client(&["[2001:db8::1]:443"], true), ip("2001:db8::1"));
    }
}
