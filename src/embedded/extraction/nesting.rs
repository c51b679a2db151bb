//! How deep the elements of an XML document lie within each other, told from its bytes as they pass.
//!
//! It builds nothing and checks nothing else: what is no XML gives some depth or other. Readers of Office files and books call themselves for
//! each element within an element, so that depth costs them stack.

/// Counts as bytes come.
#[derive(Debug, Default)]
pub(super) struct Nesting {
    depth: usize,
    deepest: usize,
    place: Place,
}

/// What the next byte is part of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Text,
    /// After `<`.
    Opened,
    /// A start tag; `quote`: within an attribute's value, which ends with that mark.
    Start {
        quote: Option<u8>,
        slash: bool,
    },
    End,
    /// `<?…?>`.
    Instruction {
        question: bool,
    },
    /// `<!…`, so many bytes of one of [`SECTIONS`] matched.
    Declared {
        matched: usize,
    },
    /// Within a section, so many bytes of its end matched.
    Section {
        kind: usize,
        matched: usize,
    },
}

/// Beginnings after `<!` and ends of what holds no elements.
const SECTIONS: [(&[u8], &[u8]); 2] = [(b"--", b"-->"), (b"[CDATA[", b"]]>")];

impl Nesting {
    pub(super) fn deepest(&self) -> usize {
        self.deepest
    }

    pub(super) fn read(&mut self, bytes: &[u8]) {
        // Letters of two bytes have zeros between them.
        for byte in bytes.iter().copied().filter(|byte| *byte != 0) {
            self.place = self.after(byte);
        }
    }

    fn after(&mut self, byte: u8) -> Place {
        match (self.place, byte) {
            (Place::Text, b'<') => Place::Opened,
            (Place::Text, _) => Place::Text,
            (Place::Opened, b'/') => Place::End,
            (Place::Opened, b'?') => Place::Instruction { question: false },
            (Place::Opened, b'!') => Place::Declared { matched: 0 },
            (Place::Opened, b'>') => Place::Text,
            (Place::Opened, _) => Place::Start { quote: None, slash: false },
            (Place::Start { quote: Some(quote), .. }, _) => {
                Place::Start { quote: Some(quote).filter(|quote| *quote != byte), slash: false }
            }
            (Place::Start { quote: None, slash }, b'>') => {
                self.depth += usize::from(!slash);
                self.deepest = self.deepest.max(self.depth);
                Place::Text
            }
            (Place::Start { quote: None, .. }, b'"' | b'\'') => Place::Start { quote: Some(byte), slash: false },
            (Place::Start { quote: None, .. }, _) => Place::Start { quote: None, slash: byte == b'/' },
            (Place::End, b'>') => {
                self.depth = self.depth.saturating_sub(1);
                Place::Text
            }
            (Place::End, _) => Place::End,
            (Place::Instruction { question: true }, b'>') => Place::Text,
            (Place::Instruction { .. }, _) => Place::Instruction { question: byte == b'?' },
            (Place::Declared { matched }, _) => declared(matched, byte),
            (Place::Section { kind, matched }, _) => section(kind, matched, byte),
        }
    }
}

fn declared(matched: usize, byte: u8) -> Place {
    // The two beginnings differ in their first byte; a declaration that matches neither is passed over to its `>`.
    let beginning = SECTIONS.iter().position(|(start, _)| start.get(matched) == Some(&byte) && matched < start.len());
    match beginning {
        Some(kind) if matched + 1 == SECTIONS[kind].0.len() => Place::Section { kind, matched: 0 },
        Some(_) => Place::Declared { matched: matched + 1 },
        None if byte == b'>' => Place::Text,
        None => Place::Declared { matched: usize::MAX },
    }
}

fn section(kind: usize, matched: usize, byte: u8) -> Place {
    let end = SECTIONS[kind].1;
    if end[matched] == byte {
        return if matched + 1 == end.len() { Place::Text } else { Place::Section { kind, matched: matched + 1 } };
    }
    // `--->` and `]]]>` end as well: what repeats the end's first byte is as far as it was.
    let matched = if byte == end[0] { matched.min(2) } else { 0 };
    Place::Section { kind, matched }
}

#[cfg(test)]
mod tests {
    use super::Nesting;

    fn deepest(xml: &str) -> usize {
        let mut nesting = Nesting::default();
        // It comes in pieces of any length.
        xml.as_bytes().chunks(3).for_each(|piece| nesting.read(piece));
        nesting.deepest()
    }

    #[test]
    fn elements_count_while_they_are_open() {
        assert_eq!(deepest(""), 0);
        assert_eq!(deepest("<a/>"), 0);
        assert_eq!(deepest("<a><b/><b x='1'></b><c><d></d></c></a>"), 3);
        assert_eq!(deepest(&"<w:tbl w:x=\"1\">".repeat(500)), 500);
        assert_eq!(deepest(&"<p></p>".repeat(500)), 1);
    }

    #[test]
    fn what_only_looks_like_an_element_does_not_count() {
        assert_eq!(deepest("<?xml version='1.0'?><!DOCTYPE html><a x='<b><b>' y=\"/>\">1 > 0</a>"), 1);
        assert_eq!(deepest("<a><!-- <b> -- <b> ---><c/></a>"), 1);
        assert_eq!(deepest("<a><![CDATA[ <b><b> ]] > ]]]><c></c></a>"), 2);
    }

    #[test]
    fn letters_of_two_bytes_are_read_too() {
        let wide: Vec<u8> = "<a><b/><c></c></a>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut nesting = Nesting::default();
        nesting.read(&wide);
        assert_eq!(nesting.deepest(), 2);
    }
}
