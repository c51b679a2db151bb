//! How points come about in QTI 2.1: declared responses with their mappings, and the conditions that raise SCORE.
//!
//! Lists that the schema wants to hold something, and numbers that are none, are refused here, so that an item that could not be valid is left
//! out by name. Of kinds of items nothing is known here.

use super::xml::{escaped, one_line};
use crate::quiz::item::{NumericKey, TextKey};
use std::collections::BTreeSet;

pub(super) const NO_KEY: &str = "it has no key, or one that none of its options is";

/// Without an exponent, as `xs:double` and QTI's `float` both have it.
pub(super) fn number(value: f64) -> Result<String, &'static str> {
    if value.is_finite() { Ok(value.to_string()) } else { Err("it comes to a number that is not finite") }
}

pub(super) fn declaration(
    identifier: &str,
    cardinality: &str,
    base: &str,
    correct: &[String],
    mapping: &str,
) -> String {
    let values: String = correct.iter().map(|value| format!("<value>{}</value>", escaped(value))).collect();
    let correct =
        if values.is_empty() { String::new() } else { format!("<correctResponse>{values}</correctResponse>") };
    format!(
        "<responseDeclaration identifier=\"{identifier}\" cardinality=\"{cardinality}\" baseType=\"{base}\">{correct}{mapping}</responseDeclaration>\n"
    )
}

/// All points for the correct response.
pub(super) fn matched(points: f64) -> Result<String, &'static str> {
    Ok(format!(
        "<responseCondition><responseIf><match><variable identifier=\"RESPONSE\"/><correct identifier=\"RESPONSE\"/></match>\
         <setOutcomeValue identifier=\"SCORE\"><baseValue baseType=\"float\">{}</baseValue></setOutcomeValue></responseIf></responseCondition>\n",
        number(points)?
    ))
}

/// SCORE grows by what the mapping gives, if there is a response.
pub(super) fn mapped(identifier: &str) -> String {
    raised(
        &format!("<not><isNull><variable identifier=\"{identifier}\"/></isNull></not>"),
        &format!("<mapResponse identifier=\"{identifier}\"/>"),
    )
}

/// `each` for every line that stands in its place.
pub(super) fn placed(correct: &[String], each: f64) -> Result<String, &'static str> {
    let by = format!("<baseValue baseType=\"float\">{}</baseValue>", number(each)?);
    let conditions = correct.iter().enumerate().map(|(place, id)| {
        let condition = format!(
            "<match><index n=\"{}\"><variable identifier=\"RESPONSE\"/></index><baseValue baseType=\"identifier\">{id}</baseValue></match>",
            place + 1
        );
        raised(&condition, &by)
    });
    Ok(conditions.collect())
}

fn raised(condition: &str, by: &str) -> String {
    format!("<responseCondition>{}</responseCondition>\n", branch("responseIf", condition, by))
}

fn branch(element: &str, condition: &str, by: &str) -> String {
    format!(
        "<{element}>{condition}<setOutcomeValue identifier=\"SCORE\"><sum><variable identifier=\"SCORE\"/>{by}</sum></setOutcomeValue></{element}>"
    )
}

pub(super) fn mapping(entries: &[(String, f64)], most: f64, attributes: &str) -> Result<String, &'static str> {
    if entries.is_empty() {
        return Err(NO_KEY);
    }
    let entry = |(key, value): &(String, f64)| {
        Ok(format!("<mapEntry mapKey=\"{}\" mappedValue=\"{}\"{attributes}/>", escaped(key), number(*value)?))
    };
    let entries: String = entries.iter().map(entry).collect::<Result<_, &'static str>>()?;
    Ok(format!("<mapping lowerBound=\"0\" upperBound=\"{}\" defaultValue=\"0\">{entries}</mapping>", number(most)?))
}

/// What a typed text may be: the best answer is the correct one, and of answers that differ by their case alone the best counts.
pub(super) fn typed(identifier: &str, key: &TextKey, points: f64) -> Result<String, &'static str> {
    if key.accepted.iter().any(|accepted| accepted.text.replace("\\*", "").contains('*')) {
        return Err("QTI maps whole texts, not patterns");
    }
    let texts =
        key.accepted.iter().map(|accepted| (one_line(&accepted.text.replace("\\*", "*")), accepted.share * points));
    let mut entries: Vec<(String, f64)> = texts.filter(|(text, _)| !text.is_empty()).collect();
    entries.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    let mut known = BTreeSet::new();
    entries.retain(|(text, _)| known.insert(text.to_lowercase()));
    let correct: Vec<String> = entries.iter().take(1).map(|(text, _)| text.clone()).collect();
    let mapping = mapping(&entries, points, " caseSensitive=\"false\"")?;
    Ok(declaration(identifier, "single", "string", &correct, &mapping))
}

/// The declaration and the conditions of a number: the best key first, and the first that holds counts.
pub(super) fn numeric(identifier: &str, keys: &[NumericKey], points: f64) -> Result<(String, String), &'static str> {
    let mut keys: Vec<&NumericKey> = keys.iter().collect();
    keys.sort_by(|a, b| b.share.total_cmp(&a.share));
    let correct = number(keys.first().ok_or(NO_KEY)?.value)?;
    let one = |(at, key): (usize, &&NumericKey)| {
        let condition = format!(
            "<equal {}><variable identifier=\"{identifier}\"/><baseValue baseType=\"float\">{}</baseValue></equal>",
            tolerance(key)?,
            number(key.value)?
        );
        let by = format!("<baseValue baseType=\"float\">{}</baseValue>", number(key.share * points)?);
        Ok(branch(if at == 0 { "responseIf" } else { "responseElseIf" }, &condition, &by))
    };
    let branches: String = keys.iter().enumerate().map(one).collect::<Result<_, &'static str>>()?;
    Ok((
        declaration(identifier, "single", "float", &[correct], ""),
        format!("<responseCondition>{branches}</responseCondition>\n"),
    ))
}

/// QTI's tolerances are positive numbers; without one the comparison is exact.
fn tolerance(key: &NumericKey) -> Result<String, &'static str> {
    let tolerance = super::gift::absolute(key);
    if tolerance == 0.0 {
        return Ok("toleranceMode=\"exact\"".to_owned());
    }
    if tolerance < 0.0 {
        return Err("a tolerance is below zero");
    }
    let tolerance = number(tolerance)?;
    Ok(format!("toleranceMode=\"absolute\" tolerance=\"{tolerance} {tolerance}\""))
}
