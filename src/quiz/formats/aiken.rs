//! Aiken: a question, options `A.` or `A)`, and `ANSWER: A`. Read only; it can hold nothing but single choice.

use super::{ImportError, Imported, Problem, bounded, kept};
use crate::quiz::item::{Body, Choice, Item};

/// A question as far as it is read.
#[derive(Default)]
struct Open {
    line: usize,
    stem: Vec<String>,
    options: Vec<String>,
}

pub(super) fn read(text: &str, language: &str) -> Result<Imported, ImportError> {
    let mut imported = Imported { items: Vec::new(), problems: Vec::new() };
    let mut open = Open::default();
    let mut count = 0;
    for (at, line) in text.lines().enumerate() {
        let (number, line) = (at + 1, line.trim());
        if let Some(answer) = answer(line) {
            count += 1;
            bounded(count, number)?;
            let finished = finished(std::mem::take(&mut open), answer, count, language);
            match finished.and_then(|item| kept(item).map_err(|reason| Problem::new(0, reason))) {
                Ok(item) => imported.items.push(item),
                Err(problem) => imported
                    .problems
                    .push(Problem { line: if problem.line == 0 { number } else { problem.line }, ..problem }),
            }
        } else if let Some((letter, option)) = option(line) {
            if usize::from(letter - b'A') == open.options.len() {
                open.options.push(option.to_owned());
            } else if open.options.is_empty() {
                // A question may begin with what looks like an option of another letter.
                begin(&mut open, number, line);
            } else {
                imported.problems.push(Problem::new(number, format!("option {} is out of order", char::from(letter))));
                open = Open::default();
            }
        } else if !line.is_empty() {
            if !open.options.is_empty() {
                imported.problems.push(Problem::new(open.line, "the question has no line ANSWER"));
                open = Open::default();
            }
            begin(&mut open, number, line);
        }
    }
    if !open.stem.is_empty() || !open.options.is_empty() {
        imported.problems.push(Problem::new(open.line.max(1), "the question has no line ANSWER"));
    }
    Ok(imported)
}

fn begin(open: &mut Open, number: usize, line: &str) {
    if open.stem.is_empty() {
        open.line = number;
    }
    open.stem.push(line.to_owned());
}

fn answer(line: &str) -> Option<&str> {
    line.get(..7).filter(|head| head.eq_ignore_ascii_case("ANSWER:")).map(|_| line[7..].trim())
}

fn option(line: &str) -> Option<(u8, &str)> {
    let letter = *line.as_bytes().first().filter(|byte| byte.is_ascii_uppercase())?;
    let rest = line[1..].strip_prefix(['.', ')'])?;
    rest.starts_with(char::is_whitespace).then(|| (letter, rest.trim()))
}

fn finished(open: Open, answer: &str, count: usize, language: &str) -> Result<Item, Problem> {
    let problem = |reason: &str| Problem::new(open.line, reason);
    if open.stem.is_empty() {
        return Err(problem("there is no question before the answer"));
    }
    if open.options.len() < 2 {
        return Err(problem("the question has fewer than two options"));
    }
    let place = match answer.as_bytes() {
        [letter] if letter.is_ascii_alphabetic() => usize::from(letter.to_ascii_uppercase() - b'A'),
        _ => return Err(problem("ANSWER is one letter")),
    };
    let options: Vec<Choice> = open.options.iter().map(Choice::of).collect();
    let key = options.get(place).ok_or_else(|| problem("ANSWER names no option"))?.id.clone();
    Ok(Item::new(
        format!("aiken-{count}"),
        language,
        open.stem.join(" "),
        Body::SingleChoice { options, keys: vec![key] },
    ))
}
