//! Web pages: the text that a reader sees, in blocks, below their headings.
//!
//! Nothing is fetched, and no script, style or comment is read. The tree is walked without recursion, so that nesting costs no stack.

use crate::config::limits::EXTRACT_ELEMENT_DEPTH_MAX;
use crate::embedded::extraction::collected::Collected;
use crate::embedded::extraction::plain;
use crate::ports::extraction::{ExtractCode, ExtractError, Extraction};
use encoding_rs::Encoding;
use html5ever::tendril::TendrilSink;
use html5ever::{Attribute, parse_document};
use markup5ever_rcdom::{Handle, NodeData, RcDom};

pub(super) fn read(content: &[u8]) -> Result<Extraction, ExtractError> {
    let mut collected = Collected::default();
    let title = page(&plain::decode(content, declared_encoding(content)), &mut collected)?;
    collected.finish(title.as_deref(), None)
}

/// Adds what a page says, and answers its title.
pub(super) fn page(html: &str, collected: &mut Collected) -> Result<Option<String>, ExtractError> {
    check_nesting(html)?;
    let dom = parse_document(RcDom::default(), Default::default()).one(html);
    let mut walk = Walk { collected, text: String::new(), title: None, heading: None, verbatim: 0 };
    let mut stack = vec![Step::Enter(dom.document.clone())];
    while let Some(step) = stack.pop() {
        match step {
            Step::Enter(node) => {
                let children = walk.enter(&node)?;
                if children {
                    stack.push(Step::Leave(node.clone()));
                    stack.extend(node.children.borrow().iter().rev().map(|child| Step::Enter(child.clone())));
                }
            }
            Step::Leave(node) => walk.leave(&node)?,
        }
    }
    walk.flush()?;
    Ok(walk.title)
}

/// What the tree builder would take very long for, and no page has. Elements that need no end are not counted.
fn check_nesting(html: &str) -> Result<(), ExtractError> {
    let mut depth: usize = 0;
    for tag in html.split('<').skip(1) {
        let (closes, tag) = tag.strip_prefix('/').map_or((false, tag), |tag| (true, tag));
        let name: String = tag.chars().take_while(char::is_ascii_alphanumeric).take(NAME_CHARS_MAX).collect();
        let name = name.to_ascii_lowercase();
        if name.is_empty() || NEEDS_NO_END.contains(&name.as_str()) {
            continue;
        }
        let is_empty = tag.split_once('>').is_some_and(|(inside, _)| inside.ends_with('/'));
        match closes {
            true => depth = depth.saturating_sub(1),
            false if !is_empty => depth += 1,
            false => {}
        }
        if depth > EXTRACT_ELEMENT_DEPTH_MAX {
            let reason = format!("its elements are nested more than {EXTRACT_ELEMENT_DEPTH_MAX} deep, as no page is");
            return Err(ExtractError::new(ExtractCode::Bomb, reason));
        }
    }
    Ok(())
}

enum Step {
    Enter(Handle),
    Leave(Handle),
}

struct Walk<'a> {
    collected: &'a mut Collected,
    text: String,
    title: Option<String>,
    heading: Option<u8>,
    /// `<pre>` within each other.
    verbatim: usize,
}

impl Walk<'_> {
    /// Whether the node's children are to be walked.
    fn enter(&mut self, node: &Handle) -> Result<bool, ExtractError> {
        let (name, attributes) = match &node.data {
            NodeData::Document => return Ok(true),
            NodeData::Text { contents } => {
                self.say(&contents.borrow());
                return Ok(false);
            }
            NodeData::Element { name, attrs, .. } => (name.local.as_ref(), attrs.borrow()),
            NodeData::Doctype { .. } | NodeData::Comment { .. } | NodeData::ProcessingInstruction { .. } => {
                return Ok(false);
            }
        };
        match name {
            "title" if self.title.is_none() => self.title = Some(text_of(node)),
            "img" => self.say(attribute(&attributes, "alt").unwrap_or_default().as_str()),
            "br" => self.text.push('\n'),
            "td" | "th" if !self.text.trim().is_empty() => self.text.push_str(" | "),
            _ => {}
        }
        if SILENT.contains(&name) {
            return Ok(false);
        }
        if BLOCKS.contains(&name) {
            self.flush()?;
            self.heading = heading_level(name).or(self.heading);
            self.verbatim += usize::from(name == "pre");
        }
        Ok(true)
    }

    fn leave(&mut self, node: &Handle) -> Result<(), ExtractError> {
        let NodeData::Element { name, .. } = &node.data else { return Ok(()) };
        let name = name.local.as_ref();
        if BLOCKS.contains(&name) {
            self.flush()?;
            self.verbatim -= usize::from(name == "pre");
            if heading_level(name).is_some() {
                self.heading = None;
            }
        }
        Ok(())
    }

    /// Runs of white space are one space, as in a browser.
    fn say(&mut self, text: &str) {
        if self.verbatim > 0 {
            self.text.push_str(text);
            return;
        }
        for character in text.chars() {
            if !character.is_ascii_whitespace() {
                self.text.push(character);
            } else if !self.text.is_empty() && !self.text.ends_with([' ', '\n']) {
                self.text.push(' ');
            }
        }
    }

    fn flush(&mut self) -> Result<(), ExtractError> {
        let text = std::mem::take(&mut self.text);
        match self.heading {
            Some(level) => self.collected.heading(level, &text),
            None => self.collected.paragraph(text.trim_end_matches([' ', '|'])),
        }
    }
}

fn text_of(node: &Handle) -> String {
    let children = node.children.borrow();
    let texts = children.iter().filter_map(|child| match &child.data {
        NodeData::Text { contents } => Some(contents.borrow().to_string()),
        _ => None,
    });
    texts.collect()
}

fn attribute(attributes: &[Attribute], name: &str) -> Option<String> {
    attributes.iter().find(|attribute| &*attribute.name.local == name).map(|attribute| attribute.value.to_string())
}

fn heading_level(name: &str) -> Option<u8> {
    match name.as_bytes() {
        [b'h', level @ b'1'..=b'6'] => Some(level - b'0'),
        _ => None,
    }
}

/// `charset=…` near the beginning, in whichever element it stands.
fn declared_encoding(content: &[u8]) -> Option<&'static Encoding> {
    let start = String::from_utf8_lossy(&content[..content.len().min(CHARSET_WITHIN)]).to_ascii_lowercase();
    let (_, value) = start.split_once("charset=")?;
    let name = value.trim_start_matches(['"', '\'', ' ']);
    let end = name.find(|character: char| !(character.is_ascii_alphanumeric() || "-_:".contains(character)))?;
    Encoding::for_label(&name.as_bytes()[..end])
}

const CHARSET_WITHIN: usize = 2048;
const NAME_CHARS_MAX: usize = 16;

const SILENT: &[&str] = &[
    "script", "style", "noscript", "template", "title", "svg", "math", "iframe", "object", "canvas", "audio", "video",
    "select", "textarea", "button",
];

const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "caption",
    "dd",
    "details",
    "dialog",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "html",
    "legend",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "tbody",
    "tfoot",
    "thead",
    "tr",
    "ul",
];

const NEEDS_NO_END: &[&str] = &[
    "area", "base", "body", "br", "col", "colgroup", "dd", "dt", "embed", "head", "hr", "html", "img", "input", "li",
    "link", "meta", "optgroup", "option", "p", "param", "path", "rp", "rt", "source", "tbody", "td", "tfoot", "th",
    "thead", "tr", "track", "wbr",
];
