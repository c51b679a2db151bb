//! A small tree of an XML file, bounded in depth, without entities of its own; and writing with everything escaped.

use super::ImportError;
use crate::config::limits::QUIZ_IMPORT_DEPTH_MAX;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Node {
    pub name: String,
    pub attributes: BTreeMap<String, String>,
    /// All text directly inside.
    pub text: String,
    pub children: Vec<Node>,
    pub line: usize,
}

impl Node {
    pub(super) fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|child| child.name == name)
    }

    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Node> {
        self.children.iter().filter(move |child| child.name == name)
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    /// The text of `<name><text>…</text></name>`, or of `<name>…</name>`.
    pub(super) fn text_of(&self, name: &str) -> Option<&str> {
        let child = self.child(name)?;
        Some(child.child("text").map_or(child.text.as_str(), |text| text.text.as_str()))
    }
}

/// Counts lines as it goes, so that a file is looked through once.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    fn at(&mut self, position: usize) -> usize {
        let position = position.min(self.text.len());
        if position > self.at {
            self.line += self.text.as_bytes()[self.at..position].iter().filter(|byte| **byte == b'\n').count();
            self.at = position;
        }
        self.line
    }
}

pub(super) fn parse(text: &str) -> Result<Node, ImportError> {
    let mut reader = Reader::from_str(text);
    let mut lines = Lines { text, at: 0, line: 1 };
    let mut open: Vec<Node> = Vec::new();
    let mut root = None;
    loop {
        let line = lines.at(reader.buffer_position() as usize);
        let malformed = |reason: String| ImportError::Malformed { line, reason };
        let event = reader.read_event().map_err(|error| malformed(error.to_string()))?;
        let closed = match event {
            Event::Start(start) => {
                if open.len() >= QUIZ_IMPORT_DEPTH_MAX {
                    return Err(malformed(format!("elements are nested more than {QUIZ_IMPORT_DEPTH_MAX} deep")));
                }
                open.push(node(&start, line)?);
                None
            }
            Event::Empty(start) => Some(node(&start, line)?),
            Event::End(_) => open.pop(),
            Event::Text(text) => {
                push(&mut open, &text.into_inner());
                None
            }
            Event::CData(data) => {
                push(&mut open, &data.into_inner());
                None
            }
            Event::GeneralRef(reference) => {
                let character = reference.resolve_char_ref().map_err(|error| malformed(error.to_string()))?;
                let name = reference.into_inner();
                let resolved = match character {
                    Some(character) => character.to_string(),
                    None => predefined(&name)
                        .ok_or_else(|| malformed(format!("the entity &{}; is not one of XML's own", shortened(&name))))?
                        .to_owned(),
                };
                push(&mut open, &resolved);
                None
            }
            Event::DocType(_) => return Err(malformed("a document type is not read".to_owned())),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => None,
            Event::Eof => break,
        };
        if let Some(closed) = closed {
            match open.last_mut() {
                Some(parent) => parent.children.push(closed),
                None if root.is_none() => root = Some(closed),
                None => return Err(malformed("there is a second root element".to_owned())),
            }
        }
    }
    let line = lines.at(text.len());
    match root {
        Some(root) if open.is_empty() => Ok(root),
        Some(_) | None => {
            Err(ImportError::Malformed { line, reason: "the file ends before its elements do".to_owned() })
        }
    }
}

fn push(open: &mut [Node], text: &str) {
    if let Some(node) = open.last_mut() {
        node.text.push_str(text);
    }
}

fn predefined(name: &str) -> Option<&'static str> {
    match name {
        "amp" => Some("&"),
        "lt" => Some("<"),
        "gt" => Some(">"),
        "quot" => Some("\""),
        "apos" => Some("'"),
        _ => None,
    }
}

fn shortened(name: &str) -> String {
    name.chars().take(40).collect()
}

/// Attributes of one element; the formats need three.
const ATTRIBUTES_MAX: usize = 16;

fn node(start: &BytesStart<'_>, line: usize) -> Result<Node, ImportError> {
    let malformed = |reason: String| ImportError::Malformed { line, reason };
    let mut attributes = BTreeMap::new();
    for (at, attribute) in start.attributes().enumerate() {
        // Each is compared with those before it.
        if at >= ATTRIBUTES_MAX {
            return Err(malformed(format!("an element has more than {ATTRIBUTES_MAX} attributes")));
        }
        let attribute = attribute.map_err(|error| malformed(error.to_string()))?;
        let value =
            attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| malformed(error.to_string()))?;
        attributes.insert(attribute.key.as_ref().to_owned(), value.into_owned());
    }
    Ok(Node { name: start.name().as_ref().to_owned(), attributes, line, ..Node::default() })
}

/// Whether XML 1.0 has a place for it, be it as a reference.
fn is_held(c: char) -> bool {
    (c >= ' ' || matches!(c, '\t' | '\n' | '\r')) && !matches!(c, '\u{fffe}' | '\u{ffff}')
}

/// For what is of one line by its type: a space stands for each run of spaces, breaks and characters that XML cannot hold.
pub(super) fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || !is_held(c));
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Text for an element or an attribute. Characters that XML cannot hold at all become spaces.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\t' | '\n' | '\r' => out.push_str(match c {
                '\t' => "&#9;",
                '\n' => "&#10;",
                _ => "&#13;",
            }),
            c => out.push(if is_held(c) { c } else { ' ' }),
        }
    }
    out
}

/// Plain text from the HTML that other systems keep: tags go, entities become characters, blocks become spaces.
pub(super) fn plain(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    // Beyond the last mark that could end a tag nothing is looked for: a text of open tags is read once, not once for each.
    let last = html.rfind('>').map_or(0, |at| html.len() - at);
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        let tag = &rest[at + 1..];
        let is_tag = tag.len() >= last
            && last > 0
            && tag.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!'));
        match is_tag.then(|| tag.find('>')).flatten() {
            Some(end) => {
                out.push(' ');
                rest = &tag[end + 1..];
            }
            None => {
                out.push('<');
                rest = tag;
            }
        }
    }
    out.push_str(rest);
    let out = ENTITIES.iter().fold(out, |text, (entity, character)| text.replace(entity, character));
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The last one is the mark that begins the others.
const ENTITIES: &[(&str, &str)] =
    &[("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&apos;", "'"), ("&amp;", "&")];
