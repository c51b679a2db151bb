//! From a Markdown file to a guide, or to the line that is wrong and why. The format is told in docs/GUIDES.md.
//!
//! What is not understood is an error and never left out: a teacher relies on what the file says.

mod lines;
mod settings;

use crate::config::limits;
use crate::interview::guide::{Guide, Question};
use crate::ports::text_model::{Criterion, Level};
use lines::Line;
use settings::Setting;

/// Why a file is no guide.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct GuideError {
    /// From 1.
    pub line: usize,
    pub reason: String,
}

impl GuideError {
    fn at(line: usize, reason: impl Into<String>) -> Self {
        Self { line, reason: reason.into() }
    }
}

/// Reads a guide.
pub fn parse(file: &[u8]) -> Result<Guide, GuideError> {
    if file.len() as u64 > limits::GUIDE_BYTES_MAX {
        let reason = format!("the file has {} bytes; a guide has at most {}", file.len(), limits::GUIDE_BYTES_MAX);
        return Err(GuideError::at(1, reason));
    }
    let text = std::str::from_utf8(file).map_err(|error| {
        let line = file[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
        GuideError::at(line, "this is not UTF-8 text")
    })?;
    let mut reading = Reading::default();
    for line in lines::lines(text)? {
        reading.take(line)?;
    }
    reading.finish()
}

/// Where in the file a line stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Part {
    #[default]
    Before,
    Head,
    Questions,
    Rubric,
}

#[derive(Debug, Default)]
struct Reading {
    part: Part,
    title: String,
    notes: String,
    duration_ms: Option<u64>,
    follow_ups: Option<u32>,
    /// With the lines that they stand at.
    questions: Vec<(usize, Draft)>,
    rubric: Vec<(usize, Criterion)>,
    has_rubric: bool,
    last_line: usize,
}

/// A question as it is read; how often it may be followed up is known at the end.
#[derive(Debug, Default)]
struct Draft {
    question: Question,
    follow_ups: Option<(usize, u32)>,
}

impl Reading {
    fn take(&mut self, (at, line): (usize, Line<'_>)) -> Result<(), GuideError> {
        self.last_line = at;
        match (self.part, line) {
            (Part::Before, Line::Heading { level: 1, text }) => {
                self.title = heading(at, "the title", text, limits::GUIDE_TITLE_CHARS_MAX)?;
                self.part = Part::Head;
                Ok(())
            }
            (Part::Before, _) => Err(GuideError::at(at, "a guide begins with its title, as in “# Title”")),
            (_, Line::Heading { level: 1, .. }) => {
                Err(GuideError::at(at, "a guide has one title; parts begin with “##”, questions with “###”"))
            }
            (_, Line::Heading { level: 2, text }) => self.begin_part(at, text),
            (Part::Questions, Line::Heading { level: 3, text }) => self.begin_question(at, text),
            (Part::Rubric, Line::Heading { level: 3, text }) => self.begin_criterion(at, text),
            (Part::Head, Line::Heading { .. }) => {
                Err(GuideError::at(at, "questions come after “## Questions”, criteria after “## Rubric”"))
            }
            (_, Line::Heading { .. }) => Err(GuideError::at(at, "headings go no deeper than “###”")),
            (Part::Head, Line::Item(text)) => self.head_item(at, text),
            (Part::Questions, Line::Item(text)) => self.question_item(at, text),
            (Part::Rubric, Line::Item(text)) => self.criterion_item(at, text),
            (Part::Head, Line::Text(text)) => add(at, "what is said of the guide", &mut self.notes, text, NOTES),
            (Part::Questions, Line::Text(text)) => match self.questions.last_mut() {
                Some((_, draft)) => add(at, "what is said of a question", &mut draft.question.notes, text, NOTES),
                None => Err(GuideError::at(at, "a question begins with “###”")),
            },
            (Part::Rubric, Line::Text(text)) => match self.rubric.last_mut() {
                Some((_, criterion)) => {
                    let chars_max = limits::GUIDE_DESCRIPTION_CHARS_MAX;
                    add(at, "what is said of a criterion", &mut criterion.description, text, chars_max)
                }
                None => Err(GuideError::at(at, "a criterion begins with “###”")),
            },
        }
    }

    fn begin_part(&mut self, at: usize, text: &str) -> Result<(), GuideError> {
        let twice = || GuideError::at(at, format!("“## {text}” stands here for the second time"));
        match text.to_lowercase().as_str() {
            "questions" if self.part == Part::Head && self.questions.is_empty() && !self.has_rubric => {
                self.part = Part::Questions;
                Ok(())
            }
            "questions" if self.has_rubric && self.questions.is_empty() => {
                Err(GuideError::at(at, "“## Questions” comes before “## Rubric”"))
            }
            "questions" => Err(twice()),
            "rubric" if self.has_rubric => Err(twice()),
            "rubric" => {
                self.part = Part::Rubric;
                self.has_rubric = true;
                Ok(())
            }
            _ => Err(GuideError::at(at, format!("a guide has the parts “Questions” and “Rubric”, and no “{text}”"))),
        }
    }

    fn begin_question(&mut self, at: usize, text: &str) -> Result<(), GuideError> {
        let text = heading(at, "the question", lines::unnumbered(text), limits::GUIDE_QUESTION_CHARS_MAX)?;
        if let Some((before, _)) = self.questions.iter().find(|(_, draft)| draft.question.text == text) {
            return Err(GuideError::at(at, format!("this question stands at line {before} already")));
        }
        let question = Question { text, ..Question::default() };
        self.questions.push((at, Draft { question, follow_ups: None }));
        Ok(())
    }

    fn begin_criterion(&mut self, at: usize, text: &str) -> Result<(), GuideError> {
        let name = heading(at, "the criterion", lines::unnumbered(text), limits::REPORT_CRITERION_CHARS_MAX)?;
        let same = |known: &Criterion| known.name.to_lowercase() == name.to_lowercase();
        if let Some((before, _)) = self.rubric.iter().find(|(_, known)| same(known)) {
            return Err(GuideError::at(at, format!("this criterion stands at line {before} already")));
        }
        if self.rubric.len() == limits::REPORT_RATINGS_MAX {
            return Err(GuideError::at(at, format!("a rubric has at most {} criteria", limits::REPORT_RATINGS_MAX)));
        }
        self.rubric.push((at, Criterion { name, ..Criterion::default() }));
        Ok(())
    }

    fn head_item(&mut self, at: usize, text: &str) -> Result<(), GuideError> {
        match settings::setting(at, text, &["time", "follow-ups"])? {
            Some(Setting::Time(_)) if self.duration_ms.is_some() => Err(twice(at, "time")),
            Some(Setting::Time(value)) => {
                let range = limits::GUIDE_MS_MIN..=limits::GUIDE_MS_MAX;
                self.duration_ms = Some(settings::duration(at, value, range)?);
                Ok(())
            }
            Some(Setting::FollowUps(_)) if self.follow_ups.is_some() => Err(twice(at, "follow-ups")),
            Some(Setting::FollowUps(value)) => {
                self.follow_ups = Some(settings::count(at, value)?);
                Ok(())
            }
            Some(Setting::FollowUp(_) | Setting::Keywords(_) | Setting::Level(..)) | None => {
                add(at, "what is said of the guide", &mut self.notes, &format!("- {text}"), NOTES)
            }
        }
    }

    fn question_item(&mut self, at: usize, text: &str) -> Result<(), GuideError> {
        let Some((_, draft)) = self.questions.last_mut() else {
            return Err(GuideError::at(at, "a question begins with “###”"));
        };
        let question = &mut draft.question;
        match settings::setting(at, text, &["time", "follow-ups", "follow-up", "keywords"])? {
            Some(Setting::Time(_)) if question.limit_ms.is_some() => Err(twice(at, "time")),
            Some(Setting::Time(value)) => {
                let range = limits::GUIDE_QUESTION_MS_MIN..=limits::GUIDE_QUESTION_MS_MAX;
                question.limit_ms = Some(settings::duration(at, value, range)?);
                Ok(())
            }
            Some(Setting::FollowUps(_)) if draft.follow_ups.is_some() => Err(twice(at, "follow-ups")),
            Some(Setting::FollowUps(value)) => {
                draft.follow_ups = Some((at, settings::count(at, value)?));
                Ok(())
            }
            Some(Setting::FollowUp(value)) => {
                if question.prepared.len() as u32 == limits::GUIDE_FOLLOW_UPS_MAX {
                    let reason = format!("a question is followed up at most {} times", limits::GUIDE_FOLLOW_UPS_MAX);
                    return Err(GuideError::at(at, reason));
                }
                question.prepared.push(heading(at, "the follow-up", value, limits::GUIDE_QUESTION_CHARS_MAX)?);
                Ok(())
            }
            Some(Setting::Keywords(value)) => settings::keywords(at, value, &mut question.keywords),
            Some(Setting::Level(..)) | None => {
                add(at, "what is said of a question", &mut question.notes, &format!("- {text}"), NOTES)
            }
        }
    }

    fn criterion_item(&mut self, at: usize, text: &str) -> Result<(), GuideError> {
        let Some((_, criterion)) = self.rubric.last_mut() else {
            return Err(GuideError::at(at, "a criterion begins with “###”"));
        };
        match settings::setting(at, text, &["keywords"])? {
            Some(Setting::Keywords(value)) => settings::keywords(at, value, &mut criterion.keywords),
            Some(Setting::Level(rating, text)) => {
                if !(1..=5).contains(&rating) {
                    return Err(GuideError::at(at, format!("levels go from 1 to 5, and this is {rating}")));
                }
                if criterion.levels.iter().any(|level| u32::from(level.rating) == rating) {
                    return Err(twice(at, &format!("level {rating}")));
                }
                let text = heading(at, "the level", text, limits::GUIDE_LEVEL_CHARS_MAX)?;
                criterion.levels.push(Level { rating: rating as u8, text });
                Ok(())
            }
            Some(Setting::Time(_) | Setting::FollowUps(_) | Setting::FollowUp(_)) | None => {
                let chars_max = limits::GUIDE_DESCRIPTION_CHARS_MAX;
                add(at, "what is said of a criterion", &mut criterion.description, &format!("- {text}"), chars_max)
            }
        }
    }

    fn finish(self) -> Result<Guide, GuideError> {
        let Self { part, title, notes, duration_ms, follow_ups, questions, rubric, last_line, .. } = self;
        let end = last_line.max(1);
        if part == Part::Before {
            return Err(GuideError::at(end, "the file is empty; a guide begins with its title, as in “# Title”"));
        }
        if questions.is_empty() {
            return Err(GuideError::at(end, "there is no question; they stand under “## Questions”, each as “### …”"));
        }
        let mut turns = 0;
        let mut whole = Vec::with_capacity(questions.len());
        for (at, Draft { mut question, follow_ups: own }) in questions {
            let prepared = question.prepared.len() as u32;
            question.follow_ups = match own {
                Some((line, count)) if count < prepared => {
                    let reason = format!("{count} follow-ups are allowed, and {prepared} are prepared");
                    return Err(GuideError::at(line, reason));
                }
                Some((_, count)) => count,
                None => follow_ups.unwrap_or(0).max(prepared),
            };
            turns += 1 + question.follow_ups;
            if turns > limits::GUIDE_TURNS_MAX {
                let reason = format!(
                    "with this question and its follow-ups there would be more than {}",
                    limits::GUIDE_TURNS_MAX
                );
                return Err(GuideError::at(at, reason));
            }
            whole.push(question);
        }
        let mut criteria = Vec::with_capacity(rubric.len());
        for (_, mut criterion) in rubric {
            criterion.levels.sort_by_key(|level| level.rating);
            criteria.push(criterion);
        }
        Ok(Guide { title, notes, duration_ms, questions: whole, rubric: criteria })
    }
}

fn heading(at: usize, what: &str, text: &str, chars_max: usize) -> Result<String, GuideError> {
    match text.chars().count() {
        0 => Err(GuideError::at(at, format!("{what} has no text"))),
        chars if chars > chars_max => {
            Err(GuideError::at(at, format!("{what} has {chars} characters; {chars_max} are allowed")))
        }
        _ => Ok(text.to_owned()),
    }
}

/// One more line of running text.
fn add(at: usize, what: &str, to: &mut String, text: &str, chars_max: usize) -> Result<(), GuideError> {
    if !to.is_empty() {
        to.push('\n');
    }
    to.push_str(text);
    if to.chars().count() > chars_max {
        return Err(GuideError::at(at, format!("{what} is longer than {chars_max} characters")));
    }
    Ok(())
}

fn twice(at: usize, what: &str) -> GuideError {
    GuideError::at(at, format!("“{what}” stands here for the second time"))
}

const NOTES: usize = limits::GUIDE_NOTES_CHARS_MAX;
