//! Quizzes that begin, and items that are asked for: what a request must hold, and what of it must be there. How items are made is the worker's
//! business; here it is only noted that they are wanted.

use super::Quizzes;
use super::drafts::Opened;
use super::views::{CreateQuiz, Make, QuizView};
use crate::auth::Identity;
use crate::auth::claims::is_id;
use crate::config::limits::{
    QUIZ_ATTEMPTS_MAX, QUIZ_DESCRIPTION_CHARS_MAX, QUIZ_DOCUMENTS_MAX, QUIZ_ITEMS_MAX, QUIZ_TIME_LIMIT_MS_MAX,
    QUIZ_TIME_LIMIT_MS_MIN, QUIZ_TITLE_CHARS_MAX, QUIZ_TOPIC_CHARS_MAX, QUIZ_TRIES_MAX,
};
use crate::handlers::files::{Made, idempotency, may_write, own_course};
use crate::handlers::problem::{Problem, ProblemCode};
use crate::interview::guide;
use crate::ports::documents::{DocumentKey, DocumentState};
use crate::ports::ids::{CourseId, DocumentId};
use crate::ports::quizzes::{Created, NewQuiz, Queued, Quiz, QuizKey, QuizState, QuizSummary, QuizzesError};
use crate::ports::uploads::Idempotency;
use crate::quiz::item::Kind;
use crate::quiz::paper::{Making, MakingState, Paper, Settings, Wanted};
use std::collections::BTreeMap;

impl Quizzes {
    pub async fn create_quiz(
        &self,
        who: &Identity,
        asked: CreateQuiz,
        idempotency_key: Option<&str>,
    ) -> Result<(Made, QuizView), Problem> {
        check_title(&asked.title)?;
        check_description(asked.description.as_deref())?;
        asked.settings.as_ref().map_or(Ok(()), check_settings)?;
        let named = language("language", asked.language.as_deref())?;
        let idempotency = idempotency_key.map(|key| idempotency(key, &asked)).transpose()?;
        let CreateQuiz { course, title, description, language: _, settings, make } = asked;
        let course = place(who, course.as_deref())?;
        // Whoever repeats a request is given what it made, whatever has become of the documents since.
        if let Some(key) = &idempotency
            && let Some(before) = self.quizzes.begun(&who.tenant, &who.user, key).await?
        {
            let (made, quiz) = self.admitted(before)?;
            let paper = Paper::from_json(&quiz.paper_json)?;
            return Ok((made, self.draft_view(quiz, paper).await?));
        }
        let mut paper = paper_in(named, settings.unwrap_or_default());
        paper.description = description.unwrap_or_default();
        if let Some(make) = make {
            let wanted = self.wanted(who, &course, make, 0).await?;
            paper.making = Some(self.queued(wanted));
        }
        self.begin(who, course, title, paper, idempotency).await
    }

    pub(super) async fn begin(
        &self,
        who: &Identity,
        course: CourseId,
        title: String,
        paper: Paper,
        idempotency: Option<Idempotency>,
    ) -> Result<(Made, QuizView), Problem> {
        let draft = self.change_to(title, QuizState::Draft, &paper, None)?;
        let new = NewQuiz {
            key: QuizKey { tenant: who.tenant.clone(), quiz: self.ids.quiz() },
            course,
            owner: who.user.clone(),
            draft,
        };
        let (made, quiz) = self.admitted(self.quizzes.create(new, idempotency, &self.quota).await?)?;
        let paper = Paper::from_json(&quiz.paper_json)?;
        if paper.is_at_work() {
            self.making.start(&quiz.summary.key).await;
        }
        Ok((made, self.draft_view(quiz, paper).await?))
    }

    fn admitted(&self, created: Created) -> Result<(Made, Quiz), Problem> {
        match created {
            Created::New(quiz) => Ok((Made::New, quiz)),
            Created::Same(quiz) => Ok((Made::Before, quiz)),
            Created::Conflict => {
                let detail = "send the same request as before, or another Idempotency-Key";
                Err(Problem::new(ProblemCode::IdempotencyConflict, detail))
            }
            Created::TooMany => {
                let detail = format!("at most {} quizzes; delete some first", self.quota.quizzes_max);
                Err(Problem::new(ProblemCode::QuotaExceeded, detail))
            }
            Created::TooManyAtWork => Err(self.too_many_at_work()),
        }
    }

    /// Asks for (more) items.
    pub async fn make_items(
        &self,
        who: &Identity,
        id: &str,
        if_match: Option<&str>,
        make: Make,
    ) -> Result<QuizView, Problem> {
        let mut opened = self.open(who, id, if_match).await?;
        let wanted = self.wanted(who, opened.course(), make, opened.paper.items.len()).await?;
        opened.paper.making = Some(self.queued(wanted));
        let Opened { quiz, title, state, paper, edition } = opened;
        let change = self.change_to(title, state, &paper, edition.as_ref())?;
        let QuizSummary { key, version, .. } = quiz.summary;
        match self.quizzes.queue(&key, version, change, &self.quota).await? {
            Queued::Now(quiz) => {
                self.making.start(&key).await;
                self.draft_view(*quiz, paper).await
            }
            Queued::TooManyAtWork => Err(self.too_many_at_work()),
        }
    }

    /// Ends the making of items; what is made stays. Idempotent, whatever the worker does meanwhile.
    pub async fn cancel_making(&self, who: &Identity, id: &str) -> Result<QuizView, Problem> {
        for _ in 0..QUIZ_TRIES_MAX {
            let (quiz, mut paper) = self.taught(who, id).await?;
            let Some(making) = paper.making.as_mut().filter(|making| making.state.is_at_work()) else {
                return self.draft_view(quiz, paper).await;
            };
            making.state = MakingState::Cancelled;
            let Opened { quiz, title, state, paper, .. } = Opened::of(quiz, paper);
            let change = self.change_to(title, state, &paper, None)?;
            match self.quizzes.change(&quiz.summary.key, quiz.summary.version, change).await {
                Ok(quiz) => {
                    // Nobody works on what was only queued; a worker that does finds out by itself, and tells so again after all else.
                    if let Some(making) = &paper.making {
                        self.notices.quiz(&quiz.summary, making).await;
                    }
                    return self.draft_view(quiz, paper).await;
                }
                // The worker was faster; the next look sees how far it is.
                Err(QuizzesError::Stale) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Problem::new(ProblemCode::Conflict, "it changes all the time; ask again"))
    }

    fn queued(&self, wanted: Wanted) -> Making {
        Making {
            state: MakingState::Queued,
            missing: wanted.counts.clone(),
            wanted,
            seed: self.ids.seed(),
            attempts: 0,
            made: 0,
            rejected: Vec::new(),
            failure: None,
            model: None,
        }
    }

    /// What is wanted, where it can be had: the documents are there, ready, and of the quiz's course.
    async fn wanted(&self, who: &Identity, course: &CourseId, make: Make, items: usize) -> Result<Wanted, Problem> {
        let Make { documents, topic, counts, difficulty } = make;
        let topic = topic.map(|topic| topic.trim().to_owned()).filter(|topic| !topic.is_empty());
        if topic.as_ref().is_some_and(|topic| topic.chars().count() > QUIZ_TOPIC_CHARS_MAX) {
            return Err(Problem::field("make.topic", format!("at most {QUIZ_TOPIC_CHARS_MAX} characters")));
        }
        if documents.is_empty() && topic.is_none() {
            return Err(Problem::field("make", "name documents, a topic, or both"));
        }
        if documents.len() > QUIZ_DOCUMENTS_MAX {
            return Err(Problem::field("make.documents", format!("at most {QUIZ_DOCUMENTS_MAX}")));
        }
        let counts = counted(&counts, items)?;
        let mut named: Vec<String> = Vec::with_capacity(documents.len());
        for (at, id) in documents.into_iter().enumerate() {
            if !named.contains(&id) {
                self.check_document(who, course, at, &id).await?;
                named.push(id);
            }
        }
        Ok(Wanted { documents: named, topic, counts, difficulty })
    }

    async fn check_document(&self, who: &Identity, course: &CourseId, at: usize, id: &str) -> Result<(), Problem> {
        let field = format!("make.documents[{at}]");
        let key = DocumentKey { tenant: who.tenant.clone(), document: DocumentId::new(id) };
        let found = if is_id(id) { self.documents.get(&key).await? } else { None };
        let found = found.filter(|document| document.course == *course);
        let found = found.ok_or_else(|| Problem::field(&field, "the quiz's course has no such document"))?;
        if guide::is_guide(&found.content.name) {
            return Err(Problem::field(&field, "it guides interviews, and is not for reading"));
        }
        match found.state {
            DocumentState::Ready => Ok(()),
            state => Err(Problem::field(&field, format!("it is not ready ({})", state.as_str()))),
        }
    }

    fn too_many_at_work(&self) -> Problem {
        let detail =
            format!("at most {} quizzes of one owner whose items are being made; wait for one", self.quota.making_max);
        Problem::new(ProblemCode::QuotaExceeded, detail)
    }
}

/// The course that a quiz is to belong to.
pub(super) fn place(who: &Identity, course: Option<&str>) -> Result<CourseId, Problem> {
    let named = course.map_or_else(|| own_course(who), CourseId::new);
    if may_write(who, &named) {
        return Ok(named);
    }
    let detail = "course: only its teachers make quizzes for a course; without one the quiz is your own";
    Err(Problem::new(ProblemCode::Forbidden, detail))
}

pub(super) fn check_title(title: &str) -> Result<(), Problem> {
    if title.trim().is_empty() || title.chars().count() > QUIZ_TITLE_CHARS_MAX || title.chars().any(char::is_control) {
        let what = format!("it must have 1 to {QUIZ_TITLE_CHARS_MAX} characters, without controls");
        return Err(Problem::field("title", what));
    }
    Ok(())
}

pub(super) fn check_description(description: Option<&str>) -> Result<(), Problem> {
    if description.is_some_and(|description| description.chars().count() > QUIZ_DESCRIPTION_CHARS_MAX) {
        return Err(Problem::field("description", format!("at most {QUIZ_DESCRIPTION_CHARS_MAX} characters")));
    }
    Ok(())
}

pub(super) fn check_settings(settings: &Settings) -> Result<(), Problem> {
    let limits = QUIZ_TIME_LIMIT_MS_MIN..=QUIZ_TIME_LIMIT_MS_MAX;
    if settings.time_limit_ms.is_some_and(|limit| !limits.contains(&limit)) {
        let what = format!("it must be {QUIZ_TIME_LIMIT_MS_MIN} to {QUIZ_TIME_LIMIT_MS_MAX}");
        return Err(Problem::field("settings.timeLimitMs", what));
    }
    if settings.attempts_max.is_some_and(|attempts| !(1..=QUIZ_ATTEMPTS_MAX).contains(&attempts)) {
        return Err(Problem::field("settings.attemptsMax", format!("it must be 1 to {QUIZ_ATTEMPTS_MAX}")));
    }
    Ok(())
}

/// An empty one, in the language that was named, or in whatever its text or items turn out to be.
pub(super) fn paper_in(named: Option<String>, settings: Settings) -> Paper {
    named.map_or_else(|| Paper::open(settings.clone()), |language| Paper::new(language, settings.clone()))
}

/// As far as the primary language, where one is named.
pub(super) fn language(field: &str, named: Option<&str>) -> Result<Option<String>, Problem> {
    let Some(named) = named else { return Ok(None) };
    let mut parts = named.split('-');
    let primary = parts.next().unwrap_or_default();
    let is_primary = (2..=3).contains(&primary.len()) && primary.bytes().all(|byte| byte.is_ascii_alphabetic());
    let are_subtags =
        parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    if is_primary && are_subtags && named.len() <= LANGUAGE_BYTES_MAX {
        return Ok(Some(primary.to_ascii_lowercase()));
    }
    Err(Problem::field(field, "it must be a language of BCP 47, like en or de-AT"))
}

/// The longest tag of a language that BCP 47 asks everybody to read (RFC 5646, section 4.4.1).
const LANGUAGE_BYTES_MAX: usize = 35;

fn counted(counts: &BTreeMap<String, u32>, items: usize) -> Result<BTreeMap<Kind, u32>, Problem> {
    let known = |(name, count): (&String, &u32)| match Kind::named(name) {
        Some(kind) => Ok((kind, *count)),
        None => {
            let unknown: String = name.chars().take(QUIZ_TOPIC_CHARS_MAX).collect();
            let kinds: Vec<&str> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
            let what = format!("there is no kind “{unknown}”; there are {}", kinds.join(", "));
            Err(Problem::field("make.counts", what))
        }
    };
    let counts: BTreeMap<Kind, u32> = counts.iter().map(known).collect::<Result<_, _>>()?;
    let room = QUIZ_ITEMS_MAX.saturating_sub(items);
    let wanted: u64 = counts.values().map(|count| u64::from(*count)).sum();
    if counts.is_empty() || counts.values().any(|count| *count == 0) || wanted > room as u64 {
        return Err(Problem::field("make.counts", format!("each is 1 or more, and all together {room} or fewer")));
    }
    Ok(counts)
}
