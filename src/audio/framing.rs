//! How Opus packets share one message: each has its length before it, a big-endian u16. What is in a packet is `opus_packet`'s matter.

use crate::audio::AudioError;
use bytes::Bytes;

/// Cuts a message into packets without copying them. An empty packet, or one that ends beyond the message, makes the whole undecodable.
pub fn packets(data: &Bytes) -> Result<Vec<Bytes>, AudioError> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < data.len() {
        let Some(&[high, low]) = data.get(at..at + LENGTH_BYTES) else {
            return Err(AudioError::Undecodable("the message ends within a packet's length".into()));
        };
        let from = at + LENGTH_BYTES;
        let through = from + usize::from(u16::from_be_bytes([high, low]));
        if through == from {
            return Err(AudioError::Undecodable("a packet is empty".into()));
        }
        if through > data.len() {
            return Err(AudioError::Undecodable("the message ends within a packet".into()));
        }
        found.push(data.slice(from..through));
        at = through;
    }
    Ok(found)
}

/// Joins packets into one message; the reverse of [`packets`]. `None` when one is empty or over 65,535 bytes.
pub fn message<P: AsRef<[u8]>>(packets: impl IntoIterator<Item = P>) -> Option<Bytes> {
    let mut joined = Vec::new();
    for packet in packets {
        let packet = packet.as_ref();
        let length = u16::try_from(packet.len()).ok().filter(|length| *length > 0)?;
        joined.extend_from_slice(&length.to_be_bytes());
        joined.extend_from_slice(packet);
    }
    Some(joined.into())
}

const LENGTH_BYTES: usize = 2;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_message_cut_short_is_refused_whole() {
        let whole = message([&b"first"[..], &b"second"[..]]).expect("small packets");
        for cut in [1, 3, 8, whole.len() - 1] {
            assert!(packets(&whole.slice(..cut)).is_err(), "cut at {cut}");
        }
        assert_eq!(packets(&whole.slice(..7)).expect("one packet").len(), 1);
    }

    #[test]
    fn an_empty_packet_is_refused() {
        assert!(packets(&Bytes::from_static(&[0, 0])).is_err());
        assert_eq!(message([b""]), None);
    }

    proptest! {
        #[test]
        fn any_bytes_give_packets_or_an_error(data in proptest::collection::vec(any::<u8>(), 0..300)) {
            let data = Bytes::from(data);
            if let Ok(found) = packets(&data)
                && !found.is_empty()
            {
                prop_assert_eq!(message(&found), Some(data));
            }
        }
    }
}
