//! The stored form of an interview's events.

use crate::interview::Event;
use crate::interview::event::EVENT_VERSION;
pub use crate::session::stored::StoredEventError;
use crate::session::stored::{decode, encode};

pub fn encode_event(event: &Event) -> String {
    encode(event, EVENT_VERSION)
}

pub fn decode_event(stored: &str) -> Result<Event, StoredEventError> {
    decode(stored, EVENT_VERSION)
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
        assert!(matches!(refused, StoredEventError::Version { stored: 2, known: 1 }), "{refused}");
    }
}
