//! Server-sent events out of a stream of bytes, however it is cut. Only `data` is kept; everything else is skipped.

/// Takes bytes, gives the data of whole events.
#[derive(Debug, Default)]
pub(crate) struct Events {
    line: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
}

impl Events {
    /// What these bytes complete.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut events = Vec::new();
        for byte in bytes {
            if *byte != b'\n' {
                self.line.push(*byte);
                continue;
            }
            let mut line = std::mem::take(&mut self.line);
            if line.last() == Some(&b'\r') {
                line.pop();
            }
            events.extend(self.take_line(&line));
        }
        events
    }

    /// What is left when the stream ends without the last empty line.
    pub(crate) fn finish(&mut self) -> Vec<String> {
        let line = std::mem::take(&mut self.line);
        let mut events = self.take_line(&line).into_iter().collect::<Vec<_>>();
        events.extend(self.take_line(b""));
        events
    }

    fn take_line(&mut self, line: &[u8]) -> Option<String> {
        if line.is_empty() {
            let data = std::mem::take(&mut self.data);
            return std::mem::take(&mut self.has_data).then(|| String::from_utf8_lossy(&data).into_owned());
        }
        if let Some(value) = line.strip_prefix(b"data:") {
            if self.has_data {
                self.data.push(b'\n');
            }
            self.data.extend_from_slice(value.strip_prefix(b" ").unwrap_or(value));
            self.has_data = true;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::Events;
    use proptest::prelude::{Strategy, any, prop, proptest};

    #[test]
    fn events_are_the_same_however_the_bytes_are_cut() {
        let bytes =
            "\u{feff}: hello\r\ndata: {\"a\":\"ü\"}\r\n\r\nevent: x\ndata:one\ndata: two\n\n\ndata: [DONE]".as_bytes();
        let whole = |cuts: usize| {
            let mut events = Events::default();
            let mut all = bytes.chunks(cuts).flat_map(|chunk| events.push(chunk)).collect::<Vec<_>>();
            all.extend(events.finish());
            all
        };
        for cuts in 1..bytes.len() {
            assert_eq!(whole(cuts), ["{\"a\":\"ü\"}", "one\ntwo", "[DONE]"], "cut every {cuts} bytes");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_taken(chunks in prop::collection::vec(any::<Vec<u8>>().prop_map(|bytes| bytes), 0..8)) {
            let mut events = Events::default();
            for chunk in chunks {
                events.push(&chunk);
            }
            events.finish();
            assert!(events.finish().is_empty());
        }
    }
}
