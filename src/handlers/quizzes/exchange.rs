//! Quizzes as files of questions: a draft that is taken elsewhere, and a file that becomes a draft. How the formats are read and written is
//! `quiz::formats`' business; what could not be is told.

use super::Quizzes;
use super::create::{check_title, language, paper_in, place};
use super::views::{ExportFormat, ImportQuiz, ImportedFormat, ImportedQuiz, UnreadQuestion};
use crate::auth::Identity;
use crate::config::limits::QUIZ_ITEMS_MAX;
use crate::handlers::problem::{Problem, ProblemCode};
use crate::quiz::draft::renamed;
use crate::quiz::formats::{
    ImportError, ImportFormat, Imported, LeftOut, QtiFile, import, to_gift, to_moodle_xml, to_qti,
};
use crate::quiz::paper::Settings;

/// A file that a quiz was written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedQuiz {
    /// The quiz's title, and what the kind of file is known by.
    pub title: String,
    pub extension: &'static str,
    pub media_type: &'static str,
    pub content: ExportContent,
    /// Items that the format cannot hold.
    pub left_out: Vec<LeftOut>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExportContent {
    Text(String),
    /// Files that are to be packed into one.
    Package(Vec<QtiFile>),
}

impl Quizzes {
    /// The draft as it is. Sources stay behind.
    pub async fn export_quiz(&self, who: &Identity, id: &str, format: ExportFormat) -> Result<ExportedQuiz, Problem> {
        let (quiz, paper) = self.taught(who, id).await?;
        let title = quiz.summary.title;
        let (extension, media_type, content, left_out) = match format {
            ExportFormat::Moodle => {
                let exported = to_moodle_xml(&paper.items);
                ("xml", "application/xml", ExportContent::Text(exported.text), exported.left_out)
            }
            ExportFormat::Gift => {
                let exported = to_gift(&paper.items);
                ("gift.txt", "text/plain; charset=utf-8", ExportContent::Text(exported.text), exported.left_out)
            }
            ExportFormat::Qti => {
                let (files, left_out) = to_qti(&paper.items, &title);
                ("zip", "application/zip", ExportContent::Package(files), left_out)
            }
        };
        Ok(ExportedQuiz { title, extension, media_type, content, left_out })
    }

    /// A new draft with the questions of a file.
    pub async fn import_quiz(&self, who: &Identity, asked: ImportQuiz, file: &[u8]) -> Result<ImportedQuiz, Problem> {
        let ImportQuiz { format, title, course, language: named } = asked;
        check_title(&title)?;
        let named = language("language", named.as_deref())?;
        let mut paper = paper_in(named, Settings::default());
        let course = place(who, course.as_deref())?;
        let format = match format {
            ImportedFormat::Moodle => ImportFormat::MoodleXml,
            ImportedFormat::Gift => ImportFormat::Gift,
            ImportedFormat::Aiken => ImportFormat::Aiken,
        };
        let Imported { items, problems } = import(format, file, &paper.language).map_err(unreadable)?;
        if items.is_empty() {
            let first = problems.first().map(|problem| format!(": line {}: {}", problem.line, problem.reason));
            let detail = format!("no question was found{}", first.unwrap_or_default());
            return Err(Problem::new(ProblemCode::ImportUnreadable, detail));
        }
        if items.len() > QUIZ_ITEMS_MAX {
            let detail = format!("it has {} questions; a quiz has at most {QUIZ_ITEMS_MAX}", items.len());
            return Err(Problem::new(ProblemCode::ImportUnreadable, detail));
        }
        for mut item in items {
            item.id = self.item_id(&paper);
            item.body = renamed(item.body, None, &mut || self.ids.seed());
            paper.items.push(item);
        }
        let paper = self.judge(&who.tenant, &course, paper).await?;
        let (_, quiz) = self.begin(who, course, title, paper, None).await?;
        Ok(ImportedQuiz { quiz, problems: problems.into_iter().map(UnreadQuestion::of).collect() })
    }
}

fn unreadable(error: ImportError) -> Problem {
    let code = match error {
        ImportError::TooLarge => ProblemCode::BodyTooLarge,
        ImportError::TooMany { .. } | ImportError::NotText { .. } | ImportError::Malformed { .. } => {
            ProblemCode::ImportUnreadable
        }
    };
    Problem::new(code, error.to_string())
}
