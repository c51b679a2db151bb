//! The stored form of an event: JSON with the version that wrote it.

use crate::interview::Event;
use crate::interview::event::EVENT_VERSION;
use serde::Deserialize;

#[derive(Debug, thiserror::Error)]
pub enum StoredEventError {
    #[error(
        "an event was stored in version {stored}, this program knows versions up to {EVENT_VERSION}: use the newer program"
    )]
    Version { stored: u32 },
    #[error("a stored event cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
}

#[derive(Deserialize)]
struct Versioned {
    v: u32,
}

pub fn encode_event(event: &Event) -> String {
    let json = serde_json::to_string(event).expect("an event holds nothing that JSON cannot");
    let fields = json.strip_prefix('{').expect("an event is an object");
    format!("{{\"v\":{EVENT_VERSION},{fields}")
}

pub fn decode_event(stored: &str) -> Result<Event, StoredEventError> {
    let Versioned { v } = serde_json::from_str(stored)?;
    if v > EVENT_VERSION {
        return Err(StoredEventError::Version { stored: v });
    }
    Ok(serde_json::from_str(stored)?)
}

#[cfg(test)]
mod tests {
    use super::{StoredEventError, decode_event, encode_event};
    use crate::interview::Event;

    #[test]
    fn an_event_comes_back_as_it_was_stored() {
        let event = Event::QuestionDelta { turn: 2, attempt: 1, text: "Why \"that\"?".into() };
        let stored = encode_event(&event);
        assert_eq!(stored, r#"{"v":1,"type":"questionDelta","turn":2,"attempt":1,"text":"Why \"that\"?"}"#);
        assert_eq!(decode_event(&stored).unwrap(), event);
    }

    #[test]
    fn an_event_of_a_newer_program_is_refused_by_its_version() {
        let refused = decode_event(r#"{"v":2,"type":"somethingNew"}"#).unwrap_err();
        assert!(matches!(refused, StoredEventError::Version { stored: 2 }), "{refused}");
    }
}
