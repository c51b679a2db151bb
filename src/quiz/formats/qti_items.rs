//! One item as QTI 2.1: its declarations, its body and how its points come about.

use super::qti::QTI;
use super::xml::escaped;
use crate::quiz::item::{
    Body, Choice, Gap, GapKind, Item, MultipleRule, NumericKey, OptionId, OrderingRule, PairRule, Part, TextKey,
};
use std::collections::BTreeMap;

/// What the parts of an item come to.
#[derive(Default)]
struct Parts {
    declarations: String,
    body: String,
    /// Conditions that set or raise SCORE.
    processing: String,
}

pub(super) fn assessment_item(item: &Item, identifier: &str) -> Result<String, &'static str> {
    let parts = parts(item)?;
    let processing = if parts.processing.is_empty() {
        String::new()
    } else {
        format!("<responseProcessing>\n{}</responseProcessing>\n", parts.processing)
    };
    let title: String = item.stem.chars().take(80).collect();
    Ok(format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<assessmentItem xmlns=\"{QTI}\" identifier=\"{identifier}\" title=\"{}\" xml:lang=\"{}\" \
         adaptive=\"false\" timeDependent=\"false\">\n{}<outcomeDeclaration identifier=\"SCORE\" cardinality=\"single\" baseType=\"float\" \
         normalMaximum=\"{}\"><defaultValue><value>0</value></defaultValue></outcomeDeclaration>\n<itemBody>\n{}</itemBody>\n{processing}</assessmentItem>\n",
        escaped(&title),
        escaped(&item.language),
        parts.declarations,
        item.points,
        parts.body,
    ))
}

fn parts(item: &Item) -> Result<Parts, &'static str> {
    let (prompt, points) = (format!("<prompt>{}</prompt>", escaped(&item.stem)), item.points);
    match &item.body {
        Body::SingleChoice { options, keys } => {
            let correct = keys.iter().filter_map(|key| name(options, key)).collect();
            Ok(Parts {
                declarations: declaration("RESPONSE", "single", "identifier", correct, ""),
                body: choice(options, 1, &prompt),
                processing: matched(points),
            })
        }
        Body::TrueFalse { key } => Ok(Parts {
            declarations: declaration("RESPONSE", "single", "identifier", vec![key.to_string()], ""),
            body: format!(
                "<choiceInteraction responseIdentifier=\"RESPONSE\" shuffle=\"false\" maxChoices=\"1\">{prompt}\
                 <simpleChoice identifier=\"true\">true</simpleChoice><simpleChoice identifier=\"false\">false</simpleChoice></choiceInteraction>\n"
            ),
            processing: matched(points),
        }),
        Body::MultipleChoice { options, keys, rule } => multiple(options, keys, *rule, &prompt, points),
        Body::ShortText { key } => Ok(Parts {
            declarations: declaration("RESPONSE", "single", "string", first(key), &text_mapping(key, points)?),
            body: format!(
                "<p>{}</p>\n<p><textEntryInteraction responseIdentifier=\"RESPONSE\"/></p>\n",
                escaped(&item.stem)
            ),
            processing: mapped("RESPONSE"),
        }),
        Body::Numeric { keys, unit } => Ok(Parts {
            declarations: declaration(
                "RESPONSE",
                "single",
                "float",
                keys.first().map(|key| key.value.to_string()).into_iter().collect(),
                "",
            ),
            body: format!(
                "<p>{}</p>\n<p><textEntryInteraction responseIdentifier=\"RESPONSE\"/> {}</p>\n",
                escaped(&item.stem),
                escaped(unit.as_deref().unwrap_or_default())
            ),
            processing: numeric("RESPONSE", keys, points),
        }),
        Body::Ordering { options, key, rule } => ordering(options, key, *rule, &prompt, points),
        Body::Matching { prompts, targets, key, rule } => Ok(matching(prompts, targets, key, *rule, &prompt, points)),
        Body::Cloze { parts, rule: PairRule::Each } => cloze(item, parts),
        Body::Cloze { .. } => Err("a cloze that counts as a whole has no simple rule in QTI"),
        Body::FreeText { .. } => Ok(Parts {
            declarations: declaration("RESPONSE", "single", "string", Vec::new(), ""),
            body: format!(
                "<extendedTextInteraction responseIdentifier=\"RESPONSE\">{prompt}</extendedTextInteraction>\n"
            ),
            processing: String::new(),
        }),
    }
}

fn name(options: &[Choice], id: &OptionId) -> Option<String> {
    options.iter().position(|option| option.id == *id).map(|place| format!("c{}", place + 1))
}

fn choices(options: &[Choice], element: &str, prefix: char, attributes: &str) -> String {
    options
        .iter()
        .enumerate()
        .map(|(place, option)| {
            format!("<{element} identifier=\"{prefix}{}\"{attributes}>{}</{element}>", place + 1, escaped(&option.text))
        })
        .collect()
}

fn choice(options: &[Choice], most: usize, prompt: &str) -> String {
    format!(
        "<choiceInteraction responseIdentifier=\"RESPONSE\" shuffle=\"true\" maxChoices=\"{most}\">{prompt}{}</choiceInteraction>\n",
        choices(options, "simpleChoice", 'c', "")
    )
}

fn declaration(identifier: &str, cardinality: &str, base: &str, correct: Vec<String>, mapping: &str) -> String {
    let values: String = correct.iter().map(|value| format!("<value>{}</value>", escaped(value))).collect();
    let correct =
        if values.is_empty() { String::new() } else { format!("<correctResponse>{values}</correctResponse>") };
    format!(
        "<responseDeclaration identifier=\"{identifier}\" cardinality=\"{cardinality}\" baseType=\"{base}\">{correct}{mapping}</responseDeclaration>\n"
    )
}

/// All points for the correct response.
fn matched(points: f64) -> String {
    format!(
        "<responseCondition><responseIf><match><variable identifier=\"RESPONSE\"/><correct identifier=\"RESPONSE\"/></match>\
         <setOutcomeValue identifier=\"SCORE\"><baseValue baseType=\"float\">{points}</baseValue></setOutcomeValue></responseIf></responseCondition>\n"
    )
}

/// SCORE grows by what the mapping gives, if there is a response.
fn mapped(identifier: &str) -> String {
    raised(
        &format!("<not><isNull><variable identifier=\"{identifier}\"/></isNull></not>"),
        &format!("<mapResponse identifier=\"{identifier}\"/>"),
    )
}

fn raised(condition: &str, by: &str) -> String {
    format!(
        "<responseCondition><responseIf>{condition}<setOutcomeValue identifier=\"SCORE\"><sum><variable identifier=\"SCORE\"/>{by}</sum>\
         </setOutcomeValue></responseIf></responseCondition>\n"
    )
}

fn mapping(entries: &[(String, f64)], most: f64, attributes: &str) -> String {
    let entries: String = entries
        .iter()
        .map(|(key, value)| format!("<mapEntry mapKey=\"{}\" mappedValue=\"{value}\"{attributes}/>", escaped(key)))
        .collect();
    format!("<mapping lowerBound=\"0\" upperBound=\"{most}\" defaultValue=\"0\">{entries}</mapping>")
}

fn multiple(
    options: &[Choice],
    keys: &[OptionId],
    rule: MultipleRule,
    prompt: &str,
    points: f64,
) -> Result<Parts, &'static str> {
    let correct = keys.iter().filter_map(|key| name(options, key)).collect();
    let each = points / keys.len().max(1) as f64;
    let entries: Vec<(String, f64)> = options
        .iter()
        .enumerate()
        .map(|(place, option)| (format!("c{}", place + 1), if keys.contains(&option.id) { each } else { -each }))
        .collect();
    let (mapping, processing) = match rule {
        MultipleRule::Exact => (String::new(), matched(points)),
        MultipleRule::Penalty => (mapping(&entries, points, ""), mapped("RESPONSE")),
        MultipleRule::RightMinusWrong => return Err("right minus wrong has no simple rule in QTI"),
    };
    Ok(Parts {
        declarations: declaration("RESPONSE", "multiple", "identifier", correct, &mapping),
        body: choice(options, 0, prompt),
        processing,
    })
}

fn first(key: &TextKey) -> Vec<String> {
    key.accepted.first().map(|accepted| accepted.text.replace("\\*", "*")).into_iter().collect()
}

fn text_mapping(key: &TextKey, points: f64) -> Result<String, &'static str> {
    if key.accepted.iter().any(|accepted| accepted.text.replace("\\*", "").contains('*')) {
        return Err("QTI maps whole texts, not patterns");
    }
    let entries: Vec<(String, f64)> =
        key.accepted.iter().map(|accepted| (accepted.text.replace("\\*", "*"), accepted.share * points)).collect();
    Ok(mapping(&entries, points, " caseSensitive=\"false\""))
}

/// The best key first; the first that holds counts.
fn numeric(identifier: &str, keys: &[NumericKey], points: f64) -> String {
    let mut keys: Vec<&NumericKey> = keys.iter().collect();
    keys.sort_by(|a, b| b.share.total_cmp(&a.share));
    let branches: String = keys
        .iter()
        .enumerate()
        .map(|(at, key)| {
            let element = if at == 0 { "responseIf" } else { "responseElseIf" };
            let tolerance = super::gift::absolute(key);
            format!(
                "<{element}><equal toleranceMode=\"absolute\" tolerance=\"{tolerance} {tolerance}\"><variable identifier=\"{identifier}\"/>\
                 <baseValue baseType=\"float\">{}</baseValue></equal><setOutcomeValue identifier=\"SCORE\"><sum><variable identifier=\"SCORE\"/>\
                 <baseValue baseType=\"float\">{}</baseValue></sum></setOutcomeValue></{element}>",
                key.value,
                key.share * points
            )
        })
        .collect();
    format!("<responseCondition>{branches}</responseCondition>\n")
}

fn ordering(
    options: &[Choice],
    key: &[OptionId],
    rule: OrderingRule,
    prompt: &str,
    points: f64,
) -> Result<Parts, &'static str> {
    let correct: Vec<String> = key.iter().filter_map(|id| name(options, id)).collect();
    let each = points / key.len().max(1) as f64;
    let processing = match rule {
        OrderingRule::Exact => matched(points),
        OrderingRule::Positions => correct
            .iter()
            .enumerate()
            .map(|(place, id)| {
                let condition = format!(
                    "<match><index n=\"{}\"><variable identifier=\"RESPONSE\"/></index><baseValue baseType=\"identifier\">{id}</baseValue></match>",
                    place + 1
                );
                raised(&condition, &format!("<baseValue baseType=\"float\">{each}</baseValue>"))
            })
            .collect(),
        OrderingRule::Pairs => return Err("an ordering that counts pairs has no simple rule in QTI"),
    };
    let body = format!(
        "<orderInteraction responseIdentifier=\"RESPONSE\" shuffle=\"true\">{prompt}{}</orderInteraction>\n",
        choices(options, "simpleChoice", 'c', "")
    );
    Ok(Parts { declarations: declaration("RESPONSE", "ordered", "identifier", correct, ""), body, processing })
}

fn matching(
    prompts: &[Choice],
    targets: &[Choice],
    key: &BTreeMap<OptionId, OptionId>,
    rule: PairRule,
    prompt: &str,
    points: f64,
) -> Parts {
    let place = |options: &[Choice], id: &OptionId| options.iter().position(|option| option.id == *id).map(|at| at + 1);
    let pairs: Vec<String> = prompts
        .iter()
        .enumerate()
        .filter_map(|(at, prompt)| Some(format!("p{} t{}", at + 1, place(targets, key.get(&prompt.id)?)?)))
        .collect();
    let each = points / key.len().max(1) as f64;
    let (mapping, processing) = match rule {
        PairRule::Exact => (String::new(), matched(points)),
        PairRule::Each => {
            let entries: Vec<(String, f64)> = pairs.iter().map(|pair| (pair.clone(), each)).collect();
            (mapping(&entries, points, ""), mapped("RESPONSE"))
        }
    };
    let body = format!(
        "<matchInteraction responseIdentifier=\"RESPONSE\" shuffle=\"true\" maxAssociations=\"{}\">{prompt}<simpleMatchSet>{}</simpleMatchSet>\
         <simpleMatchSet>{}</simpleMatchSet></matchInteraction>\n",
        prompts.len(),
        choices(prompts, "simpleAssociableChoice", 'p', " matchMax=\"1\""),
        choices(targets, "simpleAssociableChoice", 't', &format!(" matchMax=\"{}\"", prompts.len()))
    );
    Parts { declarations: declaration("RESPONSE", "multiple", "directedPair", pairs, &mapping), body, processing }
}

fn cloze(item: &Item, parts: &[Part]) -> Result<Parts, &'static str> {
    let whole: f64 = parts.iter().map(|part| if let Part::Gap(gap) = part { gap.weight } else { 0.0 }).sum();
    let mut all = Parts { body: format!("<p>{}</p>\n<p>", escaped(&item.stem)), ..Parts::default() };
    let mut gaps = 0;
    for part in parts {
        match part {
            Part::Text(text) => all.body.push_str(&escaped(text)),
            Part::Gap(gap) => {
                gaps += 1;
                place_gap(gap, &format!("RESPONSE{gaps}"), item.points * gap.weight / whole, &mut all)?;
            }
        }
    }
    all.body.push_str("</p>\n");
    Ok(all)
}

fn place_gap(gap: &Gap, identifier: &str, points: f64, all: &mut Parts) -> Result<(), &'static str> {
    let entry = format!("<textEntryInteraction responseIdentifier=\"{identifier}\"/>");
    match &gap.kind {
        GapKind::Text { key } => {
            all.declarations.push_str(&declaration(
                identifier,
                "single",
                "string",
                first(key),
                &text_mapping(key, points)?,
            ));
            all.processing.push_str(&mapped(identifier));
            all.body.push_str(&entry);
        }
        GapKind::Numeric { keys } => {
            let correct = keys.first().map(|key| key.value.to_string()).into_iter().collect();
            all.declarations.push_str(&declaration(identifier, "single", "float", correct, ""));
            all.processing.push_str(&numeric(identifier, keys, points));
            all.body.push_str(&entry);
        }
        GapKind::Choice { options, key } => {
            let correct: Vec<String> = name(options, key).into_iter().collect();
            let entries: Vec<(String, f64)> = correct.iter().map(|id| (id.clone(), points)).collect();
            all.declarations.push_str(&declaration(
                identifier,
                "single",
                "identifier",
                correct,
                &mapping(&entries, points, ""),
            ));
            all.processing.push_str(&mapped(identifier));
            all.body.push_str(&format!(
                "<inlineChoiceInteraction responseIdentifier=\"{identifier}\" shuffle=\"true\">{}</inlineChoiceInteraction>",
                choices(options, "inlineChoice", 'c', "")
            ));
        }
    }
    Ok(())
}
