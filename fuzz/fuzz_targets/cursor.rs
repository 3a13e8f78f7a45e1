//! A cursor takes any reply, waits or refuses it. What it saves is the same cursor, and it never goes back or past the
//! caller's clock.
#![no_main]

use std::time::Duration;

use agentfold::export::{Cursor, Reply, Step, Taken};
use agentfold_fuzz::at;

libfuzzer_sys::fuzz_target!(|replies: Vec<(u16, u8, Option<String>, String)>| {
    let begin = at(0);
    let (mut cursor, mut now) = (Cursor::new(begin), begin);
    for (later, status, header, body) in &replies {
        now = now.saturating_add(Duration::from_secs(u64::from(*later)));
        let saved = serde_json::to_string(&cursor).expect("a cursor is JSON");
        let restored: Cursor = serde_json::from_str(&saved).expect("what was saved");
        assert_eq!(serde_json::to_string(&restored).expect("a cursor is JSON"), saved);
        // Only the attempts since the last page are not saved.
        assert_eq!(restored.next(now), cursor.next(now));
        let headers: Vec<(&str, &str)> =
            header.iter().map(|value| ("Retry-After", &**value)).collect();
        let status = [200, 200, 200, 204, 301, 400, 401, 403, 404, 408, 422, 429, 500, 503]
            [usize::from(*status) % 14];
        let body = body.as_bytes();
        let reply = Reply { host: "example.zendesk.com", status, headers: &headers, body };
        let Ok(Step::Request(_)) = cursor.next(now) else { continue };
        let before = cursor.clone();
        match cursor.take(&reply, now, 0.5) {
            Ok(Taken::Page(_)) => {
                assert!(cursor.start_time() >= before.start_time());
                assert!(cursor.start_time() <= now);
            }
            Ok(Taken::Pause(pause)) => {
                assert!(pause.length <= Duration::from_secs(86_400));
                assert_eq!(cursor.start_time(), before.start_time());
            }
            Err(_) => assert_eq!(cursor.start_time(), before.start_time()),
        }
    }
});
