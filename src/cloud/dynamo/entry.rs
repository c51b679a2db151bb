//! Entries of an inbox as items, named briefly: 200 ms of Opus with its keys fit one write unit (1 KB).

use super::item::{Item, binary, item, number, number_of, optional_number_of, optional_text_of, text, text_of};
use super::look::Stored;
use super::table::TableError;
use crate::ports::feed::{Appended, Entry, SeqRange};
use aws_sdk_dynamodb::types::AttributeValue;
use bytes::Bytes;

pub(super) fn entry_item(pk: &str, seq: u64, entry: &Entry, ttl: AttributeValue) -> Item {
    let (media_ms, data, json, code) = match entry {
        Entry::Audio { media_ms, data } => (Some(number(*media_ms)), Some(binary(data.clone())), None, None),
        Entry::Control { json } => (None, None, Some(text(json)), None),
        Entry::Refused { code } => (None, None, None, Some(text(code))),
    };
    item([
        ("pk", Some(text(pk))),
        ("sk", Some(text(sort_key(seq)))),
        ("m", media_ms),
        ("a", data),
        ("c", json),
        ("r", code),
        ("ttl", Some(ttl)),
    ])
}

/// All of these numbers are lost, whatever else comes for them.
pub(super) fn lost_item(pk: &str, seqs: SeqRange, ttl: AttributeValue) -> Item {
    let mut lost = entry_item(pk, seqs.from_seq, &Entry::Refused { code: LOST.to_owned() }, ttl);
    if seqs.through_seq > seqs.from_seq {
        lost.insert("l".to_owned(), number(seqs.through_seq));
    }
    lost
}

pub(super) fn stored_of(item: &Item) -> Result<Stored, TableError> {
    let unreadable = || TableError::Failed("an entry of an inbox cannot be read".to_owned());
    let from_seq: u64 = text_of(item, "sk")?.parse().map_err(|_| unreadable())?;
    let through_seq = optional_number_of(item, "l")?.unwrap_or(from_seq);
    let entry = if let Some(data) = item.get("a") {
        let data = data.as_b().map_err(|_| unreadable())?;
        Entry::Audio { media_ms: number_of(item, "m")?, data: Bytes::copy_from_slice(data.as_ref()) }
    } else if let Some(json) = optional_text_of(item, "c")? {
        Entry::Control { json: json.to_owned() }
    } else {
        Entry::Refused { code: text_of(item, "r")?.to_owned() }
    };
    Ok(Stored { seqs: SeqRange { from_seq, through_seq }, entry })
}

/// What it means that `there` stands where `entry` was to be stored.
pub(super) fn standing(there: &Item, entry: &Entry) -> Result<Appended, TableError> {
    let stored = stored_of(there)?.entry;
    let lost = matches!(&stored, Entry::Refused { code } if code == LOST);
    Ok(if lost || stored == *entry { Appended::Same } else { Appended::Conflict })
}

/// Numbers in the order of text.
pub(super) fn sort_key(seq: u64) -> String {
    format!("{seq:016}")
}

pub(super) const LOST: &str = "input_lost";

#[cfg(test)]
mod tests {
    use super::super::item::bytes_of;
    use super::*;
    use crate::config::limits::INBOX_SEQ_MAX;

    #[test]
    fn a_frame_of_opus_fits_one_write_unit() {
        // 200 ms at 24 kbit/s in ten packets, ids of 36 characters, and the largest numbers.
        let pk = format!("default#{}#{}", "u".repeat(36), "s".repeat(36));
        let entry = Entry::Audio { media_ms: 7_200_000, data: Bytes::from(vec![7; 620]) };
        let item = entry_item(&pk, INBOX_SEQ_MAX, &entry, number(1_800_000_000));
        assert!(bytes_of(&item) <= 1_024, "{}", bytes_of(&item));
    }

    #[test]
    fn an_item_of_no_kind_is_refused() {
        assert!(stored_of(&item([("sk", Some(text("7")))])).is_err());
        assert!(stored_of(&item([("sk", Some(text("seven"))), ("c", Some(text("{}")))])).is_err());
    }
}
