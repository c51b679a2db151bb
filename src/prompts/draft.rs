//! A debrief out of what a model wrote: tolerant of fences, thoughts and wrong types around it, strict in what comes out.

use crate::config::limits::{DEBRIEF_FINDINGS_MAX, DEBRIEF_QUOTES_MAX, DEBRIEF_TEXT_BYTES_MAX};
use crate::ports::text_model::{DebriefDraft, DraftFinding, DraftQuote, DraftRating};
use serde_json::Value;

/// Nothing when there is no object with a summary in it.
pub(crate) fn parse(reply: &str, criteria: &[String]) -> Option<DebriefDraft> {
    let object = objects(reply).find(|object| object.get("summary").is_some_and(Value::is_string))?;
    Some(DebriefDraft {
        summary: text(&object["summary"]),
        strengths: findings(&object["strengths"]),
        improvements: findings(&object["improvements"]),
        ratings: ratings(&object["ratings"], criteria),
    })
}

/// Every JSON object that begins somewhere in the text, after thoughts.
pub(super) fn objects(reply: &str) -> impl Iterator<Item = Value> + '_ {
    let reply = match reply.rfind("</think>") {
        Some(end) => &reply[end + "</think>".len()..],
        None => reply,
    };
    reply.match_indices('{').take(OBJECTS_TRIED_MAX).filter_map(|(start, _)| {
        let mut values = serde_json::Deserializer::from_str(&reply[start..]).into_iter::<Value>();
        values.next()?.ok()
    })
}

fn findings(value: &Value) -> Vec<DraftFinding> {
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter()
        .map(|finding| DraftFinding { text: text(&finding["text"]), quotes: quotes(&finding["quotes"]) })
        .filter(|finding| !finding.text.is_empty())
        .take(DEBRIEF_FINDINGS_MAX)
        .collect()
}

/// One for each known criterion, in their order.
fn ratings(value: &Value, criteria: &[String]) -> Vec<DraftRating> {
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
    let named = |rating: &&Value, name: &str| {
        rating["criterion"].as_str().is_some_and(|given| given.trim().to_lowercase() == name.to_lowercase())
    };
    criteria
        .iter()
        .filter_map(|name| {
            let rating = list.iter().find(|rating| named(rating, name))?;
            Some(DraftRating {
                criterion: name.clone(),
                rating: whole(&rating["rating"])
                    .and_then(|rating| u8::try_from(rating).ok())
                    .filter(|rating| (1..=5).contains(rating)),
                rationale: text(&rating["rationale"]),
                quotes: quotes(&rating["quotes"]),
            })
        })
        .collect()
}

fn quotes(value: &Value) -> Vec<DraftQuote> {
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter()
        .filter_map(|quote| {
            let turn = whole(&quote["turn"]).and_then(|turn| u32::try_from(turn).ok())?;
            let quote = text(&quote["quote"]);
            let quote =
                quote.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '“' | '”' | '…')).to_owned();
            (!quote.is_empty()).then_some(DraftQuote { turn, quote })
        })
        .take(DEBRIEF_QUOTES_MAX)
        .collect()
}

/// 4, 4.0 and "4" alike; 4.5 is none of ours.
fn whole(value: &Value) -> Option<u64> {
    value
        .as_u64()
        .or_else(|| {
            value
                .as_f64()
                .filter(|number| number.fract() == 0.0 && (0.0..1e9).contains(number))
                .map(|number| number as u64)
        })
        .or_else(|| value.as_str()?.trim().parse().ok())
}

fn text(value: &Value) -> String {
    let text = value.as_str().unwrap_or_default().trim();
    text[..text.floor_char_boundary(DEBRIEF_TEXT_BYTES_MAX)].to_owned()
}

/// Brace by brace would be quadratic in a hostile reply.
const OBJECTS_TRIED_MAX: usize = 50;

#[cfg(test)]
mod tests {
    use crate::ports::text_model::{DebriefDraft, DraftFinding, DraftQuote, DraftRating};
    use crate::prompts::CRITERIA;

    fn parse(reply: &str) -> Option<DebriefDraft> {
        super::parse(reply, &CRITERIA.map(str::to_owned))
    }

    #[test]
    fn a_debrief_is_found_among_thoughts_and_fences() {
        let reply = "<think>{\"summary\":\"no\"}</think>Here it is:\n```json\n{\"summary\":\" Good. \",\"strengths\":[{\"text\":\"Clear\",\
            \"quotes\":[{\"turn\":\"2\",\"quote\":\"“we cut it”\"},{\"turn\":-1,\"quote\":\"x\"}]},{\"text\":\"\"}],\
            \"ratings\":[{\"criterion\":\"Depth\",\"rating\":4.0},{\"criterion\":\"relevance\",\"rating\":9,\"rationale\":\"so\"},\
            {\"criterion\":\"charm\",\"rating\":5}],\"improvements\":\"none\"}\n```";
        let rating = |criterion: &str, rating, rationale: &str| DraftRating {
            criterion: criterion.to_owned(),
            rating,
            rationale: rationale.to_owned(),
            quotes: Vec::new(),
        };
        assert_eq!(
            parse(reply),
            Some(DebriefDraft {
                summary: "Good.".to_owned(),
                strengths: vec![DraftFinding {
                    text: "Clear".to_owned(),
                    quotes: vec![DraftQuote { turn: 2, quote: "we cut it".to_owned() }],
                }],
                improvements: Vec::new(),
                ratings: vec![rating("relevance", None, "so"), rating("depth", Some(4), "")],
            })
        );
    }

    #[test]
    fn what_is_no_debrief_gives_none() {
        for reply in ["", "Sorry, no.", "{\"summary\":", "[1]", "{\"feedback\":{}}", &"{".repeat(100_000)] {
            assert_eq!(parse(reply), None);
        }
    }
}
