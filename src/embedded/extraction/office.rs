//! Word documents and PowerPoint presentations.
//!
//! A Word document keeps no pages: a place in it is a path of headings and a paragraph. Deleted text, headers and footers are not read;
//! a speaker's notes are, after their slide.

use crate::config::limits::EXTRACT_PAGES_MAX;
use crate::embedded::extraction::archive::{self, Forbidden};
use crate::embedded::extraction::collected::Collected;
use crate::ports::extraction::{ExtractCode, ExtractError, Extraction, Locator};
use undoc::docx::DocxParser;
use undoc::model::{Block, Cell, Paragraph, RevisionType, Section, Table};
use undoc::pptx::PptxParser;

pub(super) fn document(content: Vec<u8>) -> Result<Extraction, ExtractError> {
    archive::check(&content, &Forbidden::OFFICE)?;
    let document = DocxParser::from_bytes(content).and_then(|mut parser| parser.parse()).map_err(unreadable)?;
    let mut collected = Collected::default();
    for block in document.sections.iter().flat_map(|section| &section.content) {
        match block {
            Block::Paragraph(paragraph) if paragraph.heading.is_heading() => {
                collected.heading(paragraph.heading.level(), &text_of(paragraph))?;
            }
            Block::Paragraph(paragraph) => collected.paragraph(&text_of(paragraph))?,
            Block::Table(table) => {
                for row in rows_of(table) {
                    collected.paragraph(&row)?;
                }
            }
            Block::Note { label, content } => {
                let text: Vec<String> = content.iter().map(text_of).collect();
                collected.paragraph(&format!("[{label}] {}", text.join("\n")))?;
            }
            Block::Image { alt_text, .. } => collected.paragraph(alt_text.as_deref().unwrap_or_default())?,
            Block::PageBreak | Block::SectionBreak => {}
        }
    }
    collected.finish(document.metadata.title.as_deref(), None)
}

pub(super) fn presentation(content: Vec<u8>) -> Result<Extraction, ExtractError> {
    archive::check(&content, &Forbidden::OFFICE)?;
    let presentation = PptxParser::from_bytes(content).and_then(|mut parser| parser.parse()).map_err(unreadable)?;
    let slides = u32::try_from(presentation.sections.len()).ok().filter(|slides| *slides <= EXTRACT_PAGES_MAX);
    let Some(slides) = slides else {
        let reason = format!("it has more than {EXTRACT_PAGES_MAX} slides");
        return Err(ExtractError::new(ExtractCode::TooLarge, reason));
    };
    let mut collected = Collected::default();
    for (number, section) in (1..).zip(&presentation.sections) {
        slide(section, &Locator::slide(number), &mut collected)?;
    }
    if slides > 0 && collected.is_empty() {
        let reason =
            "none of its slides has text: they are pictures; upload it with text, or run text recognition first";
        return Err(ExtractError::new(ExtractCode::NeedsOcr, reason));
    }
    collected.finish(presentation.metadata.title.as_deref(), Some(slides))
}

fn slide(section: &Section, locator: &Locator, collected: &mut Collected) -> Result<(), ExtractError> {
    for block in &section.content {
        match block {
            Block::Paragraph(paragraph) => {
                let heading = paragraph.heading.is_heading().then(|| paragraph.heading.level());
                collected.place(&text_of(paragraph), heading, locator)?;
            }
            Block::Table(table) => {
                for row in rows_of(table) {
                    collected.place(&row, None, locator)?;
                }
            }
            Block::Image { alt_text, .. } => collected.place(alt_text.as_deref().unwrap_or_default(), None, locator)?,
            Block::Note { .. } | Block::PageBreak | Block::SectionBreak => {}
        }
    }
    for paragraph in section.notes.iter().flatten() {
        collected.place(&text_of(paragraph), None, locator)?;
    }
    Ok(())
}

fn text_of(paragraph: &Paragraph) -> String {
    let mut text = String::new();
    for run in paragraph.runs.iter().filter(|run| run.revision != RevisionType::Deleted) {
        text.push_str(&run.text);
        if let Some(note) = &run.note {
            text.push_str(&format!("[{note}]"));
        }
        if run.line_break {
            text.push('\n');
        }
    }
    text
}

fn rows_of(table: &Table) -> Vec<String> {
    let cell = |cell: &Cell| {
        let own = cell.content.iter().map(text_of).filter(|text| !text.trim().is_empty());
        // Nested tables are rare: undoc's own rendering will do.
        own.chain(cell.nested_tables.iter().map(Table::plain_text)).collect::<Vec<_>>().join(" / ")
    };
    let row = |cells: &[Cell]| {
        let cells: Vec<String> = cells.iter().map(cell).filter(|text| !text.is_empty()).collect();
        cells.join(" | ")
    };
    table.rows.iter().map(|cells| row(&cells.cells)).collect()
}

fn unreadable(error: undoc::Error) -> ExtractError {
    match error {
        undoc::Error::Encrypted => {
            ExtractError::new(ExtractCode::Encrypted, "it is protected with a password; save it without one")
        }
        _ => ExtractError::new(
            ExtractCode::Broken,
            "a part of it is damaged or missing; open it in an office program, save it again and upload that",
        ),
    }
}
