//! One item as QTI 2.1: its declarations, its body, and what becomes of a response.
//!
//! A draft may lack what the schema asks for (options, a key, a gap); such an item is left out with the reason, never written invalid.

use super::qti::QTI;
use super::qti_points::{NO_KEY, declaration, mapped, mapping, matched, number, numeric, placed, typed};
use super::xml::{escaped, one_line};
use crate::quiz::item::{
    Body, Choice, Criterion, Gap, GapKind, Item, MultipleRule, OptionId, OrderingRule, PairRule, Part,
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
    let mut parts = parts(item)?;
    let (mut outcomes, mut feedback) = (score(item.points)?, String::new());
    if let Some(explanation) = item.explanation.as_deref().filter(|explanation| !explanation.trim().is_empty()) {
        outcomes
            .push_str("<outcomeDeclaration identifier=\"FEEDBACK\" cardinality=\"single\" baseType=\"identifier\"/>\n");
        parts.processing.push_str(
            "<setOutcomeValue identifier=\"FEEDBACK\"><baseValue baseType=\"identifier\">explanation</baseValue></setOutcomeValue>\n",
        );
        feedback = format!(
            "<modalFeedback outcomeIdentifier=\"FEEDBACK\" showHide=\"show\" identifier=\"explanation\">{}</modalFeedback>\n",
            escaped(explanation)
        );
    }
    let processing = if parts.processing.is_empty() {
        String::new()
    } else {
        format!("<responseProcessing>\n{}</responseProcessing>\n", parts.processing)
    };
    let title: String = one_line(&item.stem).chars().take(80).collect();
    Ok(format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<assessmentItem xmlns=\"{QTI}\" identifier=\"{identifier}\" title=\"{}\"{} \
         adaptive=\"false\" timeDependent=\"false\">\n{}{outcomes}<itemBody>\n{}</itemBody>\n{processing}{feedback}</assessmentItem>\n",
        escaped(&title),
        language(&item.language),
        parts.declarations,
        parts.body,
    ))
}

fn score(points: f64) -> Result<String, &'static str> {
    Ok(format!(
        "<outcomeDeclaration identifier=\"SCORE\" cardinality=\"single\" baseType=\"float\" normalMaximum=\"{}\">\
         <defaultValue><value>0</value></defaultValue></outcomeDeclaration>\n",
        number(points)?
    ))
}

/// The attribute, where the language is a tag that XML knows (`xs:language`).
fn language(tag: &str) -> String {
    let mut subtags = tag.split('-');
    let first = subtags.next().is_some_and(|first| first.bytes().all(|byte| byte.is_ascii_alphabetic()));
    let sized = tag.split('-').all(|subtag| (1..=8).contains(&subtag.len()));
    if first && sized && subtags.all(|subtag| subtag.bytes().all(|byte| byte.is_ascii_alphanumeric())) {
        format!(" xml:lang=\"{tag}\"")
    } else {
        String::new()
    }
}

fn parts(item: &Item) -> Result<Parts, &'static str> {
    let (prompt, points) = (format!("<prompt>{}</prompt>", escaped(&item.stem)), item.points);
    match &item.body {
        Body::SingleChoice { options, keys } => {
            let [key] = keys.as_slice() else { return Err("a single choice has one key") };
            Ok(Parts {
                declarations: declaration("RESPONSE", "single", "identifier", &[name(options, key)?], ""),
                body: choice(options, 1, &prompt),
                processing: matched(points)?,
            })
        }
        Body::TrueFalse { key } => Ok(Parts {
            declarations: declaration("RESPONSE", "single", "identifier", &[key.to_string()], ""),
            body: format!(
                "<choiceInteraction responseIdentifier=\"RESPONSE\" shuffle=\"false\" maxChoices=\"1\">{prompt}\
                 <simpleChoice identifier=\"true\">true</simpleChoice><simpleChoice identifier=\"false\">false</simpleChoice></choiceInteraction>\n"
            ),
            processing: matched(points)?,
        }),
        Body::MultipleChoice { options, keys, rule } => multiple(options, keys, *rule, &prompt, points),
        Body::ShortText { key } => Ok(Parts {
            declarations: typed("RESPONSE", key, points)?,
            body: entry(&item.stem, ""),
            processing: mapped("RESPONSE"),
        }),
        Body::Numeric { keys, unit } => {
            let (declarations, processing) = numeric("RESPONSE", keys, points)?;
            let unit = unit.as_deref().map(|unit| format!(" {unit}")).unwrap_or_default();
            Ok(Parts { declarations, body: entry(&item.stem, &unit), processing })
        }
        Body::Ordering { options, key, rule } => ordering(options, key, *rule, &prompt, points),
        Body::Matching { prompts, targets, key, rule } => matching(prompts, targets, key, *rule, &prompt, points),
        Body::Cloze { parts, rule: PairRule::Each } => cloze(item, parts),
        Body::Cloze { .. } => Err("a cloze that counts as a whole has no simple rule in QTI"),
        Body::FreeText { rubric, sample } => Ok(Parts {
            declarations: declaration("RESPONSE", "single", "string", &[], ""),
            body: format!(
                "{}<extendedTextInteraction responseIdentifier=\"RESPONSE\">{prompt}</extendedTextInteraction>\n",
                for_scorers(rubric, sample.as_deref())
            ),
            processing: String::new(),
        }),
    }
}

fn name(options: &[Choice], id: &OptionId) -> Result<String, &'static str> {
    let place = options.iter().position(|option| option.id == *id).ok_or(NO_KEY)?;
    Ok(format!("c{}", place + 1))
}

/// At least one, each among the options.
fn names(options: &[Choice], keys: &[OptionId]) -> Result<Vec<String>, &'static str> {
    if keys.is_empty() {
        return Err(NO_KEY);
    }
    keys.iter().map(|key| name(options, key)).collect()
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

/// The question, and a line to write into.
fn entry(stem: &str, after: &str) -> String {
    format!(
        "<p>{}</p>\n<p><textEntryInteraction responseIdentifier=\"RESPONSE\"/>{}</p>\n",
        escaped(stem),
        escaped(after)
    )
}

/// What a person grades by.
fn for_scorers(rubric: &[Criterion], sample: Option<&str>) -> String {
    let lines = rubric.iter().map(|criterion| format!("{} ({})", criterion.text, criterion.weight));
    let lines: String =
        lines.chain(sample.map(str::to_owned)).map(|line| format!("<p>{}</p>", escaped(&line))).collect();
    if lines.is_empty() { lines } else { format!("<rubricBlock view=\"scorer\">{lines}</rubricBlock>\n") }
}

fn multiple(
    options: &[Choice],
    keys: &[OptionId],
    rule: MultipleRule,
    prompt: &str,
    points: f64,
) -> Result<Parts, &'static str> {
    let correct = names(options, keys)?;
    let each = points / keys.len() as f64;
    let entries: Vec<(String, f64)> = options
        .iter()
        .enumerate()
        .map(|(place, option)| (format!("c{}", place + 1), if keys.contains(&option.id) { each } else { -each }))
        .collect();
    let (mapping, processing) = match rule {
        MultipleRule::Exact => (String::new(), matched(points)?),
        MultipleRule::Penalty => (mapping(&entries, points, "")?, mapped("RESPONSE")),
        MultipleRule::RightMinusWrong => return Err("right minus wrong has no simple rule in QTI"),
    };
    Ok(Parts {
        declarations: declaration("RESPONSE", "multiple", "identifier", &correct, &mapping),
        body: choice(options, 0, prompt),
        processing,
    })
}

fn ordering(
    options: &[Choice],
    key: &[OptionId],
    rule: OrderingRule,
    prompt: &str,
    points: f64,
) -> Result<Parts, &'static str> {
    let correct = names(options, key)?;
    let processing = match rule {
        OrderingRule::Exact => matched(points)?,
        OrderingRule::Positions => placed(&correct, points / key.len() as f64)?,
        OrderingRule::Pairs => return Err("an ordering that counts pairs has no simple rule in QTI"),
    };
    let body = format!(
        "<orderInteraction responseIdentifier=\"RESPONSE\" shuffle=\"true\">{prompt}{}</orderInteraction>\n",
        choices(options, "simpleChoice", 'c', "")
    );
    Ok(Parts { declarations: declaration("RESPONSE", "ordered", "identifier", &correct, ""), body, processing })
}

fn matching(
    prompts: &[Choice],
    targets: &[Choice],
    key: &BTreeMap<OptionId, OptionId>,
    rule: PairRule,
    prompt: &str,
    points: f64,
) -> Result<Parts, &'static str> {
    let place = |id: &OptionId| targets.iter().position(|target| target.id == *id).map(|at| at + 1);
    let pairs: Option<Vec<String>> = prompts
        .iter()
        .enumerate()
        .map(|(at, prompt)| Some(format!("p{} t{}", at + 1, place(key.get(&prompt.id)?)?)))
        .collect();
    let pairs = pairs.filter(|pairs| !pairs.is_empty()).ok_or("a line to be matched has no target")?;
    let (mapping, processing) = match rule {
        PairRule::Exact => (String::new(), matched(points)?),
        PairRule::Each => {
            let each = points / key.len() as f64;
            let entries: Vec<(String, f64)> = pairs.iter().map(|pair| (pair.clone(), each)).collect();
            (mapping(&entries, points, "")?, mapped("RESPONSE"))
        }
    };
    let body = format!(
        "<matchInteraction responseIdentifier=\"RESPONSE\" shuffle=\"true\" maxAssociations=\"{}\">{prompt}<simpleMatchSet>{}</simpleMatchSet>\
         <simpleMatchSet>{}</simpleMatchSet></matchInteraction>\n",
        prompts.len(),
        choices(prompts, "simpleAssociableChoice", 'p', " matchMax=\"1\""),
        choices(targets, "simpleAssociableChoice", 't', &format!(" matchMax=\"{}\"", prompts.len()))
    );
    Ok(Parts { declarations: declaration("RESPONSE", "multiple", "directedPair", &pairs, &mapping), body, processing })
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
    if gaps == 0 { Err("it has no gap") } else { Ok(all) }
}

fn place_gap(gap: &Gap, identifier: &str, points: f64, all: &mut Parts) -> Result<(), &'static str> {
    let entry = format!("<textEntryInteraction responseIdentifier=\"{identifier}\"/>");
    match &gap.kind {
        GapKind::Text { key } => {
            all.declarations.push_str(&typed(identifier, key, points)?);
            all.processing.push_str(&mapped(identifier));
            all.body.push_str(&entry);
        }
        GapKind::Numeric { keys } => {
            let (declarations, processing) = numeric(identifier, keys, points)?;
            all.declarations.push_str(&declarations);
            all.processing.push_str(&processing);
            all.body.push_str(&entry);
        }
        GapKind::Choice { options, key } => {
            let correct = name(options, key)?;
            let mapping = mapping(&[(correct.clone(), points)], points, "")?;
            all.declarations.push_str(&declaration(identifier, "single", "identifier", &[correct], &mapping));
            all.processing.push_str(&mapped(identifier));
            all.body.push_str(&format!(
                "<inlineChoiceInteraction responseIdentifier=\"{identifier}\" shuffle=\"true\">{}</inlineChoiceInteraction>",
                choices(options, "inlineChoice", 'c', "")
            ));
        }
    }
    Ok(())
}
