//! No headers but those of a correct signature are trusted; what is refused is explained; and what is signed is
//! trusted until a byte changes.
#![no_main]

use agentfold::webhook::{Headers, Policy, Secret, explain, receive, sign, verify};
use agentfold_fuzz::at;

libfuzzer_sys::fuzz_target!(|input: (Vec<(String, Vec<u8>)>, Vec<u8>, Option<(u16, u8)>)| {
    let (mut given, mut body, change) = input;
    let now = at(0);
    let secrets = ["a secret of sixteen", "another of sixteen"];
    let secrets = secrets.map(|secret| Secret::new(secret).expect("long enough"));
    let policy = Policy::default();

    let headers: Headers = given.iter().map(|(name, value)| (name, value)).collect();
    let flaws = explain(&headers, &body, &secrets, now, &policy);
    assert!(!flaws.is_empty(), "nobody can guess a signature");
    assert_eq!(verify(&headers, &body, &secrets, now, &policy), Err(flaws[0].clone()));

    let signed = sign(&body, &secrets[1], now);
    // Other headers do not matter, but those that verification uses may occur once.
    given.retain(|(name, _)| !name.to_ascii_lowercase().replace('_', "-").contains("x-zendesk-"));
    given.extend(signed.map(|(name, value)| (name.to_owned(), value.into_bytes())));
    let headers: Headers = given.iter().map(|(name, value)| (name, value)).collect();
    assert_eq!(verify(&headers, &body, &secrets, now, &policy).map(|it| it.secret), Ok(1));
    // Whatever the body is.
    drop(receive(&headers, &body, &secrets, now, &policy));
    let Some((place, bits)) = change else { return };
    if let Some(byte) = body.get_mut(usize::from(place)).filter(|_| bits != 0) {
        *byte ^= bits;
        assert!(verify(&headers, &body, &secrets, now, &policy).is_err());
    }
});
