//! The export's endpoint answers any query with JSON, and a cursor that asks it page by page gets each event once.
#![no_main]

use std::collections::BTreeMap;

use agentfold::Event;
use agentfold::export::{Cursor, Exported, Limit, Reply, Served, Step, Taken, answer};
use agentfold_fuzz::{Told, at};

const URL: &str = "https://example.zendesk.com/api/v2/chat/incremental/agent_events";

libfuzzer_sys::fuzz_target!(|input: (String, Vec<Told>, u8)| {
    let (query, told, limit) = input;
    let now = at(200_000);
    // The export has an event of each id, in the order of instants and ids.
    let mut chats = BTreeMap::new();
    for told in &told {
        if let Event::Chat(chat) = told.event() {
            chats.insert(chat.id.clone(), chat);
        }
    }
    let mut chats: Vec<_> = chats.into_values().collect();
    chats.sort_by(|one, other| (one.timestamp, &one.id).cmp(&(other.timestamp, &other.id)));
    let served = Served { url: URL, now, end: None };
    let asked = |query: &str| answer(query, chats.iter().map(Exported::from), &served);

    let any = asked(&query);
    serde_json::from_str::<serde_json::Value>(&any.body).expect("JSON");

    let limit = Limit::new(u16::from(limit) % 50 + 1).expect("1 to 1000");
    let begin = at(-1);
    let mut cursor = Cursor::new(begin).with_limit(limit);
    let mut pulled = Vec::new();
    loop {
        let Ok(Step::Request(request)) = cursor.next(now) else { panic!("it is old enough") };
        let page = asked(&request.query);
        let (headers, body) = (&[][..], page.body.as_bytes());
        let reply = Reply { host: "example.zendesk.com", status: page.status, headers, body };
        let Ok(Taken::Page(page)) = cursor.take(&reply, now, 0.5) else { panic!("it is a page") };
        for event in &page.events {
            let Ok(Event::Chat(chat)) = Event::parse(event.as_bytes()) else { panic!("{event}") };
            pulled.push(chat.id.into_owned());
        }
        if page.is_last {
            break;
        }
    }
    let expected: Vec<&str> = chats.iter().map(|chat| &*chat.id).collect();
    assert_eq!(pulled, expected);
});
