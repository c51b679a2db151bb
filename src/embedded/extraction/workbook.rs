//! Excel workbooks: each row of a sheet with its column's names, so that a row says by itself what its numbers mean.
//!
//! Values are read as the workbook stored them; nothing is calculated. Cells come one by one, so that a sheet with two cells at its
//! far corners costs two cells.

use crate::config::limits::{EXTRACT_CELLS_MAX, EXTRACT_PAGES_MAX};
use crate::embedded::extraction::archive::{self, Forbidden};
use crate::embedded::extraction::child::Told;
use crate::embedded::extraction::collected::{Collected, label};
use crate::ports::extraction::{ExtractCode, ExtractError, Extraction, Locator};
use calamine::{DataRef, ExcelDateTime, Reader, SheetType, Xlsx, XlsxError};
use std::collections::BTreeMap;
use std::io::Cursor;

pub(super) fn read(content: Vec<u8>, told: &mut Told) -> Result<Extraction, ExtractError> {
    archive::check(&content, &Forbidden::OFFICE)?;
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(content)).map_err(unreadable)?;
    let sheets: Vec<String> = workbook
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| sheet.name.clone())
        .collect();
    let count = u32::try_from(sheets.len()).ok().filter(|sheets| *sheets <= EXTRACT_PAGES_MAX);
    let Some(count) = count else {
        let reason = format!("it has more than {EXTRACT_PAGES_MAX} sheets");
        return Err(ExtractError::new(ExtractCode::TooLarge, reason));
    };
    let mut collected = Collected::default();
    let mut cells = 0;
    for (number, name) in (1..).zip(sheets) {
        let mut sheet = Sheet { name: label(&name), columns: None, row: 0, cells: Vec::new() };
        let mut reader = workbook.worksheet_cells_reader(&name).map_err(unreadable)?;
        while let Some(cell) = reader.next_cell().map_err(unreadable)? {
            let Some(text) = text_of(cell.get_value()) else { continue };
            cells += 1;
            if cells > EXTRACT_CELLS_MAX {
                let reason = format!("it has more than {EXTRACT_CELLS_MAX} cells with something in them");
                return Err(ExtractError::new(ExtractCode::TooLarge, reason));
            }
            let is_word = matches!(cell.get_value(), DataRef::String(_) | DataRef::SharedString(_));
            sheet.take(cell.get_position(), Value { text, is_word }, &mut collected)?;
        }
        sheet.close_row(&mut collected)?;
        told.read(number, count);
    }
    collected.finish(None, Some(count))
}

struct Value {
    text: String,
    is_word: bool,
}

struct Sheet {
    name: String,
    /// What the first row calls the columns, if it does; `None` before the first row.
    columns: Option<BTreeMap<u32, String>>,
    row: u32,
    cells: Vec<(u32, Value)>,
}

impl Sheet {
    fn take(&mut self, (row, column): (u32, u32), value: Value, to: &mut Collected) -> Result<(), ExtractError> {
        if row != self.row {
            self.close_row(to)?;
            self.row = row;
        }
        self.cells.push((column, value));
        Ok(())
    }

    fn close_row(&mut self, to: &mut Collected) -> Result<(), ExtractError> {
        let cells = std::mem::take(&mut self.cells);
        if cells.is_empty() {
            return Ok(());
        }
        let locator =
            Locator { sheet: Some(self.name.clone()), row: Some(self.row.saturating_add(1)), ..Locator::default() };
        let text: Vec<String> = match &self.columns {
            Some(columns) => cells.iter().map(|(column, value)| with_column(columns.get(column), value)).collect(),
            None => cells.iter().map(|(_, value)| value.text.clone()).collect(),
        };
        if self.columns.is_none() {
            let named = cells.len() > 1 && cells.iter().all(|(_, value)| value.is_word);
            let names = cells.into_iter().map(|(column, value)| (column, label(&value.text)));
            self.columns = Some(if named { names.collect() } else { BTreeMap::new() });
        }
        to.place(&text.join(" | "), None, &locator)
    }
}

fn with_column(column: Option<&String>, value: &Value) -> String {
    match column {
        Some(column) => format!("{column}: {}", value.text),
        None => value.text.clone(),
    }
}

/// As the sheet shows it, but for number formats; `None` for nothing.
fn text_of(value: &DataRef<'_>) -> Option<String> {
    let text = match value {
        DataRef::Empty => return None,
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(truth) => if *truth { "TRUE" } else { "FALSE" }.to_owned(),
        DataRef::DateTime(moment) => text_of_moment(moment),
        DataRef::Error(error) => error.to_string(),
    };
    Some(text).filter(|text| !text.trim().is_empty())
}

fn text_of_moment(moment: &ExcelDateTime) -> String {
    if moment.is_duration() {
        let seconds = (moment.as_f64() * 86_400.0).round();
        let minutes = (seconds / 60.0).floor();
        return format!("{}:{:02}:{:02}", (minutes / 60.0).floor(), minutes % 60.0, seconds % 60.0);
    }
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    match (hour, minute, second) {
        (0, 0, 0) => format!("{year:04}-{month:02}-{day:02}"),
        _ => format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"),
    }
}

fn unreadable(error: XlsxError) -> ExtractError {
    match error {
        XlsxError::Password => {
            ExtractError::new(ExtractCode::Encrypted, "it is protected with a password; save it without one")
        }
        _ => ExtractError::new(
            ExtractCode::Broken,
            "a part of it is damaged or missing; open it in an office program, save it again and upload that",
        ),
    }
}
