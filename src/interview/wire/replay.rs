//! What a resuming client gets: the log's events in batches, without the pieces of texts that are whole by now.

use crate::interview::Event;
use crate::interview::wire::{StoredEventError, decode_event, event_text, session_id};
use crate::ports::ids::SessionKey;
use crate::ports::journal::Record;
use crate::session::push::{EVENTS_BYTES_MAX, events_message};
use std::collections::HashSet;
use std::sync::Arc;

/// The `session.events` messages after event `after_seq`: at least one, each small enough to be sent, without a gap between them.
pub fn replay(key: &SessionKey, records: &[Record], after_seq: u64) -> Result<Vec<Arc<str>>, StoredEventError> {
    let session = session_id(key);
    let stored = records.iter().flat_map(|record| (record.first_seq..).zip(&record.events));
    let events: Vec<(u64, Event)> = stored
        .filter(|(seq, _)| *seq > after_seq)
        .map(|(seq, stored)| Ok((seq, decode_event(stored)?)))
        .collect::<Result<_, StoredEventError>>()?;
    let whole: HashSet<(u32, u32)> = events.iter().filter_map(|(_, event)| whole_text(event)).collect();

    let mut batches = Vec::new();
    let mut batch: Vec<Arc<str>> = Vec::new();
    let (mut bytes, mut from_seq, mut through_seq) = (0, after_seq + 1, after_seq);
    for (seq, event) in &events {
        if let Event::QuestionDelta { turn, attempt, .. } = event
            && whole.contains(&(*turn, *attempt))
        {
            through_seq = *seq;
            continue;
        }
        let text = event_text(&session, *seq, event);
        if !batch.is_empty() && bytes + text.len() + 1 > EVENTS_BYTES_MAX {
            batches.push(events_message(key, from_seq, through_seq, batch.iter().map(AsRef::as_ref)));
            batch.clear();
            (bytes, from_seq) = (0, through_seq + 1);
        }
        bytes += text.len() + 1;
        through_seq = *seq;
        batch.push(text);
    }
    batches.push(events_message(key, from_seq, through_seq, batch.iter().map(AsRef::as_ref)));
    Ok(batches)
}

/// The text that this event makes whole: its pieces say nothing more.
fn whole_text(event: &Event) -> Option<(u32, u32)> {
    match event {
        Event::QuestionDone { turn, attempt, .. } | Event::QuestionCancelled { turn, attempt, .. } => {
            Some((*turn, *attempt))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::replay;
    use crate::interview::Event;
    use crate::interview::wire::encode_event;
    use crate::ports::clock::UnixMs;
    use crate::ports::ids::{SessionId, SessionKey, TenantId, UserId, WorkerId};
    use crate::ports::journal::{Cursor, Record};
    use protocol::v1::{ServerMessage, decode_server};

    fn key() -> SessionKey {
        SessionKey::new(TenantId::new("default"), UserId::new("ann"), SessionId::new("s1"))
    }

    fn record(first_seq: u64, events: &[Event]) -> Record {
        Record {
            first_seq,
            last_seq: first_seq + events.len() as u64 - 1,
            epoch: 1,
            writer: WorkerId::new("w"),
            cursor: Cursor::default(),
            committed: UnixMs(0),
            events: events.iter().map(encode_event).collect(),
        }
    }

    fn delta(turn: u32, text: &str) -> Event {
        Event::QuestionDelta { turn, attempt: 1, text: text.into() }
    }

    fn done(turn: u32) -> Event {
        Event::QuestionDone { turn, attempt: 1, text: "ab".into(), media_ms: 0, progress: Default::default() }
    }

    fn batches(records: &[Record], after: u64) -> Vec<(u64, u64, Vec<u64>)> {
        replay(&key(), records, after)
            .unwrap()
            .iter()
            .map(|text| match decode_server(text.as_bytes()).unwrap() {
                ServerMessage::SessionEvents(batch) => {
                    let seqs = batch.events.iter().filter_map(ServerMessage::seq).collect();
                    (batch.from_seq, batch.through_seq, seqs)
                }
                other => panic!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn pieces_of_a_whole_text_are_left_out_and_those_of_a_growing_one_are_not() {
        let records = [record(1, &[delta(1, "a"), delta(1, "b"), done(1)]), record(4, &[delta(2, "c")])];
        assert_eq!(batches(&records, 0), [(1, 4, vec![3, 4])]);
        assert_eq!(batches(&records, 1), [(2, 4, vec![3, 4])]);
    }

    #[test]
    fn nothing_new_is_an_empty_batch() {
        assert_eq!(batches(&[record(1, &[done(1)])], 1), [(2, 1, vec![])]);
    }

    #[test]
    fn a_long_log_comes_in_batches_that_follow_each_other() {
        let events: Vec<Event> = (1..=10).map(|turn| delta(turn, &"x".repeat(30_000))).collect();
        let found = batches(&[record(1, &events)], 0);
        assert_eq!(found.first().map(|batch| batch.0), Some(1));
        assert_eq!(found.last().map(|batch| batch.1), Some(10));
        assert!(found.windows(2).all(|pair| pair[0].1 + 1 == pair[1].0), "{found:?}");
        assert!(found.len() > 1);
    }
}
