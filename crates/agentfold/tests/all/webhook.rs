//! Verification of deliveries, by the vectors of `tests/vectors/webhook`. `tests/README.md` gives their
//! format.

use std::collections::HashSet;
use std::fs;
use std::time::Duration;

use agentfold::webhook::{
    Flaw, FlawCode, Handled, Headers, Policy, Refused, SIGNATURE_HEADER, Secret, TIMESTAMP_HEADER,
    advise, explain, parse, receive, sign, verify,
};
use agentfold::{Fold, Id, Instant, Limit, Options, Outcome};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use crate::case::files;

/// One delivery, and the expected result.
#[derive(Debug)]
struct Delivery {
    name: String,
    headers: Headers,
    body: Vec<u8>,
    secrets: Vec<String>,
    for_tests: bool,
    now: Instant,
    policy: Policy,
    expected: Value,
}

fn deliveries() -> Vec<Delivery> {
    let in_file = |file: &std::path::PathBuf| {
        let text = fs::read_to_string(file).expect("readable");
        let cases: Vec<Value> = serde_json::from_str(&text).expect("a list of cases");
        assert!(!cases.is_empty(), "no cases in {}", file.display());
        cases
    };
    files("webhook").iter().flat_map(in_file).map(Delivery::new).collect()
}

impl Delivery {
    fn new(case: Value) -> Delivery {
        let of = |key: &str| case[key].clone();
        let headers: Vec<(String, String)> = serde_json::from_value(of("headers")).expect("pairs");
        let (told, mut policy) = (&case["options"], Policy::default());
        policy.account_id = told["account_id"].as_u64().map(Id::new);
        if let Some(max_bytes) = told["max_bytes"].as_u64() {
            policy.read.max_bytes = usize::try_from(max_bytes).expect("a size");
        }
        if let Some(seconds) = told["tolerance_seconds"].as_u64() {
            policy.tolerance = Duration::from_secs(seconds);
        }
        Delivery {
            name: case["name"].as_str().expect("a name").to_owned(),
            headers: headers.into_iter().collect(),
            body: match case["body"].as_str() {
                Some(text) => text.as_bytes().to_vec(),
                None => serde_json::from_value(of("bytes")).expect("a text or bytes"),
            },
            secrets: serde_json::from_value(of("secrets")).expect("texts"),
            for_tests: told["for_tests"] == true,
            now: serde_json::from_value(of("now")).expect("an instant"),
            policy,
            expected: case,
        }
    }

    fn secrets(&self) -> Result<Vec<Secret>, Flaw> {
        let secret = |text: &String| match self.for_tests {
            true => Ok(Secret::for_tests(text)),
            false => Secret::new(text),
        };
        self.secrets.iter().map(secret).collect()
    }

    /// Returns the flaw of its secrets, or else all flaws that `explain` finds.
    fn flaws(&self) -> Vec<Flaw> {
        match self.secrets() {
            Ok(secrets) => explain(&self.headers, &self.body, &secrets, self.now, &self.policy),
            Err(flaw) => vec![flaw],
        }
    }
}

#[test]
fn deliveries_are_verified_as_the_vectors_say() {
    for case in deliveries() {
        let verified = case.secrets().and_then(|secrets| {
            verify(&case.headers, &case.body, &secrets, case.now, &case.policy)
        });
        let (trusted, flaw) = match verified {
            Ok(signed) => (Some(json!(signed)), None),
            Err(flaw) => (None, Some(json!({ "code": flaw.code, "path": flaw.path }))),
        };
        assert_eq!(trusted.as_ref(), case.expected.get("trusted"), "{}: {flaw:?}", case.name);
        assert_eq!(flaw.as_ref(), case.expected.get("flaw"), "{}", case.name);
    }
}

#[test]
fn deliveries_are_explained_as_the_vectors_say() {
    for case in deliveries() {
        let flaws = case.flaws();
        let codes: Vec<FlawCode> = flaws.iter().map(|flaw| flaw.code).collect();
        let expected = case.expected.get("explain").cloned().unwrap_or_else(|| json!([]));
        assert_eq!(json!(codes), expected, "{}", case.name);
        assert!(flaws.iter().all(|flaw| !flaw.message.is_empty()), "{}", case.name);
    }
}

#[test]
fn deliveries_are_answered_as_the_vectors_say() {
    for case in deliveries() {
        let Ok(secrets) = case.secrets() else {
            continue;
        };
        let body = &case.body[..];
        let status = match receive(&case.headers, body, &secrets, case.now, &case.policy) {
            Ok(received) => {
                assert_eq!(Ok(&received.event), parse(body, &case.policy).as_ref());
                advise(&Fold::new().apply(&received.event).outcome)
            }
            Err(refused) => advise(&refused),
        };
        assert_eq!(json!(status), case.expected["status"], "{}", case.name);
    }
}

#[test]
fn every_code_has_a_vector() {
    let told: HashSet<FlawCode> =
        deliveries().iter().flat_map(Delivery::flaws).map(|flaw| flaw.code).collect();
    for code in FlawCode::ALL {
        assert!(told.contains(code), "no vector in tests/vectors/webhook has {code}");
    }
}

#[test]
fn what_is_trusted_is_signed_the_same_way() {
    let mut signed_the_same = 0;
    for case in deliveries() {
        let Some(trusted) = case.expected.get("trusted") else {
            continue;
        };
        let index: usize = serde_json::from_value(trusted["secret"].clone()).expect("an index");
        let secret = &case.secrets().expect("good secrets")[index];
        let at: Instant = serde_json::from_value(trusted["at"].clone()).expect("an instant");
        let signed: Headers = sign(&case.body, secret, at).into_iter().collect();
        let mut policy = case.policy;
        policy.account_id = None;
        let secrets = case.secrets().expect("good secrets");
        let verified = verify(&signed, &case.body, &secrets, case.now, &policy);
        assert_eq!(verified.expect("our own").at, at, "{}", case.name);
        signed_the_same += usize::from(signed == case.headers);
    }
    // Both signatures made by Zendesk are among them.
    assert!(signed_the_same > 10, "{signed_the_same}");
}

#[test]
fn no_secret_no_signature_and_no_body_is_shown() {
    const BODY: &[u8] = br#"{"account_id": "hunter2@example.com"}"#;
    let now = Instant::from_unix(1_767_600_000, 0).expect("in range");
    let policy = Policy::default();
    for text in ["", " ", "\n", "abracadabra", "YWJyYWNhZGFicmE=", " abracadabra "] {
        let told = format!("{:?} {:#?}", Secret::for_tests(text), vec![Secret::for_tests(text)]);
        assert!(!told.contains("abra") && !told.contains("YWJy"), "{told}");
        if let Err(flaw) = Secret::new(text) {
            assert_eq!(flaw.code, FlawCode::EmptySecret);
        }
        for other in ["abracadabra", "simsalabim"] {
            let signed = sign(BODY, &Secret::for_tests(other), now);
            let headers: Headers = signed.clone().into_iter().collect();
            let secrets = [Secret::for_tests(text)];
            let received = receive(&headers, BODY, &secrets, now, &policy);
            let refused = received.expect_err("no event");
            let mut told = format!("{refused} {refused:?}");
            for flaw in explain(&headers, BODY, &secrets, now, &policy) {
                told += &format!("{flaw} {flaw:?} {}", json!(flaw));
            }
            for hidden in ["abra", "YWJy", "simsala", "hunter2", &signed[0].1] {
                assert!(!told.contains(hidden), "{hidden}: {told}");
            }
        }
    }
    for case in deliveries() {
        let secrets = case.secrets();
        let mut told = format!("{secrets:?}");
        for flaw in case.flaws() {
            told += &format!("{flaw} {flaw:?} {}", json!(flaw));
        }
        for secret in case.secrets.iter().filter(|secret| secret.trim().len() > 2) {
            assert!(!told.contains(secret.trim()), "{}: {told}", case.name);
        }
    }
}

#[test]
fn an_event_far_after_now_is_not_received() {
    let body = br#"{"account_id":2,"agent_id":7,"field_name":"status","id":"a","timestamp":"2026-01-06T08:00:01Z","value":"away"}"#;
    let secrets = [Secret::for_tests("abracadabra")];
    let read = |now: &str, policy: &Policy| {
        let now = now.parse().expect("an instant");
        let headers: Headers = sign(body, &secrets[0], now).into_iter().collect();
        receive(&headers, body, &secrets, now, policy).map(|_| ()).map_err(
            |refused| match refused {
                Refused::NoEvent(issues) => issues.first().code,
                Refused::Untrusted(flaw) => panic!("{flaw}"),
            },
        )
    };
    let policy = Policy::default();
    assert_eq!(read("2026-01-05T08:00:00Z", &policy), Err(agentfold::Code::FutureInstant));
    assert_eq!(read("2026-01-05T08:00:01Z", &policy), Ok(()));
    // The policy may have a clock of its own.
    let policy = policy.with_options(Options::default().with_now(Instant::MAX));
    assert_eq!(read("2026-01-05T08:00:00Z", &policy), Ok(()));
}

#[test]
fn every_outcome_has_its_status() {
    let statuses: Vec<(&str, u16)> =
        Handled::ALL.iter().map(|handled| (handled.as_str(), advise(*handled))).collect();
    assert_eq!(
        statuses,
        [
            ("applied", 200),
            ("late", 200),
            ("duplicate", 200),
            ("expired", 200),
            ("limit", 409),
            ("ignored", 200),
            ("unreadable", 400),
            ("untrusted", 401),
            ("not_stored", 409),
            ("too_large", 413),
        ]
    );
    let issues = parse(b"{}", &Policy::default()).expect_err("no fields");
    for outcome in [
        Outcome::Applied,
        Outcome::Late,
        Outcome::Duplicate,
        Outcome::Expired,
        Outcome::Limit { limit: Limit::Agents },
        Outcome::Ignored,
        Outcome::Unreadable { issues },
    ] {
        assert_eq!(Handled::from(&outcome).as_str(), outcome.as_str());
    }
    let policy = Policy::default().with_options(Options::default().with_max_bytes(1));
    let issues = parse(b"{}", &policy).expect_err("two bytes");
    assert_eq!(advise(&Refused::NoEvent(issues.clone())), 413);
    assert_eq!(advise(&Outcome::Unreadable { issues }), 413);
}

proptest! {
    #[test]
    fn what_is_signed_is_trusted_and_nothing_else(
        body in prop::collection::vec(any::<u8>(), 0..200),
        keys in prop::collection::vec("[a-zA-Z0-9+/=]{1,80}", 1..4),
        signer in any::<Index>(),
        seconds in -60_000_000_000_i64..250_000_000_000,
        nanos in 0..1_000_000_000_u32,
        flip in any::<Index>(),
    ) {
        let secrets: Vec<Secret> = keys.iter().map(Secret::for_tests).collect();
        let signer = signer.index(keys.len());
        let at = Instant::from_unix(seconds, nanos).expect("in range");
        let signed = sign(&body, &secrets[signer], at);
        let headers: Headers = signed.clone().into_iter().collect();
        let policy = Policy::default();
        let verified = verify(&headers, &body, &secrets, at, &policy);
        let verified = verified.expect("it was signed by one of them");
        prop_assert_eq!(&keys[verified.secret], &keys[signer]);
        prop_assert_eq!(verified.at, at);
        prop_assert!(explain(&headers, &body, &secrets, at, &policy).is_empty());

        let others = [Secret::for_tests("!")];
        prop_assert!(verify(&headers, &body, &others, at, &policy).is_err());
        let mut changed = body.clone();
        changed.push(0);
        prop_assert!(verify(&headers, &changed, &secrets, at, &policy).is_err());
        changed.pop();
        if let Some(count) = changed.len().checked_sub(1) {
            changed[flip.index(count + 1)] ^= 1;
            prop_assert!(verify(&headers, &changed, &secrets, at, &policy).is_err());
        }
        let mut signature = signed[0].1.clone().into_bytes();
        let place = flip.index(signature.len());
        signature[place] ^= 1;
        let damaged: Headers =
            [(SIGNATURE_HEADER, &signature[..]), (TIMESTAMP_HEADER, signed[1].1.as_bytes())]
                .into_iter()
                .collect();
        prop_assert!(verify(&damaged, &body, &secrets, at, &policy).is_err());
    }

    #[test]
    fn what_is_refused_is_explained_and_nothing_panics(
        names in prop::collection::vec(select(vec![
            "x-zendesk-webhook-signature", "X-Zendesk-Webhook-Signature-Timestamp",
            "x-zendesk-account-id", "host", "é",
        ]), 0..5),
        values in prop::collection::vec(prop_oneof![
            select(vec![
                "2026-01-05T08:00:00Z".to_owned(), "2".to_owned(), "0".repeat(64),
                "S/RDdU2ERmj7LHDDoWJ2onPYH+t7/f2+LTM4dL7UiLM=".to_owned(),
            ]).prop_map(String::into_bytes),
            prop::collection::vec(any::<u8>(), 0..60),
        ], 5),
        body in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..100),
            "[\\[\\]{}\",:\\\\ué0 \n]{0,60}".prop_map(String::into_bytes),
        ],
        secret in ".{0,10}",
        tolerance in any::<u64>(),
        max_depth in 0_usize..5,
    ) {
        let headers: Headers = names.into_iter().zip(values).collect();
        let secrets = [Secret::for_tests(secret)];
        let mut policy = Policy::default().with_tolerance(Duration::from_secs(tolerance));
        policy.read.max_depth = max_depth;
        let now = Instant::from_unix(1_767_600_000, 0).expect("in range");
        let verified = verify(&headers, &body, &secrets, now, &policy);
        let flaws = explain(&headers, &body, &secrets, now, &policy);
        prop_assert_eq!(verified.clone().err(), flaws.first().cloned());
        let received = receive(&headers, &body, &secrets, now, &policy);
        prop_assert!(received.is_err() || verified.is_ok());
    }
}
