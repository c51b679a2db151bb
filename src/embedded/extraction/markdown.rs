//! Markdown: headings, paragraphs, fenced code, front matter.
//!
//! Text keeps its marks, which people and models read well; in headings they go. Only what cuts text is told apart: a list, a table and
//! a quotation are paragraphs.

use crate::embedded::extraction::collected::Collected;
use crate::embedded::extraction::plain;
use crate::ports::extraction::{ExtractError, Extraction};

pub(super) fn read(content: &[u8]) -> Result<Extraction, ExtractError> {
    let text = plain::decode(content, None);
    let (matter, body) = front_matter(&text);
    let mut collected = Collected::default();
    let mut paragraph = Lines::default();
    let mut title = matter.and_then(title_in);
    for line in body.lines() {
        if let Some(fence) = &paragraph.fence {
            let closes = is_closing(line, fence);
            paragraph.push(line);
            if closes {
                paragraph.close(&mut collected)?;
            }
        } else if let Some(fence) = fence_of(line) {
            paragraph.close(&mut collected)?;
            paragraph.push(line);
            paragraph.fence = Some(fence);
        } else if line.trim().is_empty() {
            paragraph.close(&mut collected)?;
        } else if let Some((level, heading)) = heading_of(line) {
            paragraph.close(&mut collected)?;
            title = title.or_else(|| (level == 1).then(|| heading.clone()));
            collected.heading(level, &heading)?;
        } else if let Some(level) = underline_of(line).filter(|_| paragraph.is_one_line()) {
            let heading = bare(&paragraph.take());
            title = title.or_else(|| (level == 1).then(|| heading.clone()));
            collected.heading(level, &heading)?;
        } else {
            paragraph.push(line);
        }
    }
    paragraph.close(&mut collected)?;
    collected.finish(title.as_deref(), None)
}

#[derive(Debug, Default)]
struct Lines {
    text: String,
    lines: usize,
    fence: Option<String>,
}

impl Lines {
    fn push(&mut self, line: &str) {
        if self.lines > 0 {
            self.text.push('\n');
        }
        self.text.push_str(line);
        self.lines += 1;
    }

    fn is_one_line(&self) -> bool {
        self.lines == 1
    }

    fn take(&mut self) -> String {
        std::mem::take(self).text
    }

    fn close(&mut self, collected: &mut Collected) -> Result<(), ExtractError> {
        collected.paragraph(&self.take())
    }
}

/// `---`, fields, `---` at the very beginning; and what follows.
fn front_matter(text: &str) -> (Option<&str>, &str) {
    let Some(rest) = text.strip_prefix("---\n").or_else(|| text.strip_prefix("---\r\n")) else {
        return (None, text);
    };
    let mut at = 0;
    for line in rest.split_inclusive('\n') {
        if matches!(line.trim_end(), "---" | "...") {
            return (Some(&rest[..at]), &rest[at + line.len()..]);
        }
        at += line.len();
    }
    (None, text)
}

fn title_in(matter: &str) -> Option<String> {
    let value = matter.lines().find_map(|line| line.strip_prefix("title:"))?;
    Some(value.trim().trim_matches(['"', '\'']).to_owned())
}

fn fence_of(line: &str) -> Option<String> {
    let line = line.trim_start();
    let mark = line.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
    let fence: String = line.chars().take_while(|character| *character == mark).collect();
    let is_inline = mark == '`' && line[fence.len()..].contains('`');
    (fence.len() >= 3 && !is_inline).then_some(fence)
}

fn is_closing(line: &str, fence: &str) -> bool {
    let line = line.trim();
    line.starts_with(fence) && line.trim_start_matches(&fence[..1]).is_empty()
}

fn heading_of(line: &str) -> Option<(u8, String)> {
    let indent = line.len() - line.trim_start_matches(' ').len();
    let line = line.trim();
    let level = line.bytes().take_while(|byte| *byte == b'#').count();
    let text = line.get(level..)?;
    let is_heading = (1..=6).contains(&level) && indent < 4 && (text.is_empty() || text.starts_with([' ', '\t']));
    is_heading.then(|| (level as u8, bare(text.trim_end_matches('#'))))
}

/// A line below a heading that makes it one.
fn underline_of(line: &str) -> Option<u8> {
    let line = line.trim();
    let is_of = |mark: char| !line.is_empty() && line.chars().all(|character| character == mark);
    if is_of('=') {
        Some(1)
    } else if is_of('-') {
        Some(2)
    } else {
        None
    }
}

/// A heading without marks: of a link its text, of emphasis what is emphasised.
fn bare(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.trim();
    while let Some(at) = rest.find(['[', '*', '`', '\\']) {
        out.push_str(&rest[..at]);
        let mark = &rest[at..];
        let link = mark.strip_prefix('[').and_then(|inner| inner.split_once("]("));
        rest = match link.and_then(|(text, after)| Some((text, after.split_once(')')?.1))) {
            Some((text, after)) => {
                out.push_str(text.trim_matches(['*', '`']));
                after
            }
            None if mark.starts_with('[') => {
                out.push('[');
                &mark[1..]
            }
            None => &mark[1..],
        };
    }
    out.push_str(rest);
    out.trim_matches(['_', ' ']).to_owned()
}
