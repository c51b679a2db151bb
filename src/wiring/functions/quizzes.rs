//! What functions need of quizzes: where they, their attempts and what was observed are kept, and who makes their items.

use crate::config::{BudgetsConfig, Environment, QuizzesConfig};
use crate::embedded::system::RandomIds;
use crate::handlers::Quizzes;
use crate::handlers::notices::Notices;
use crate::handlers::quiz_maker::QuizMaker;
use crate::lambda::quiz::MakeQuiz;
use crate::lambda::rest::ServeRest;
use crate::wiring::WiringError;
use crate::wiring::functions::stack::Stack;
use crate::wiring::functions::{clock, retrieval, speech};
use std::sync::Arc;

pub fn quizzes(environment: &Environment) -> Result<ServeRest, WiringError> {
    let stack = Stack::read(environment)?;
    Ok(ServeRest::quizzes(Quizzes {
        quizzes: Arc::new(stack.quizzes()?),
        attempts: Arc::new(stack.attempts()?),
        evidence: Arc::new(stack.evidence()?),
        documents: Arc::new(stack.documents()?),
        // Passages are read here, and never looked for by their meaning.
        passages: Arc::new(retrieval::text(&stack)?),
        making: Arc::new(stack.quiz_making()?),
        notices: notices(&stack)?,
        clock: clock(),
        ids: Arc::new(RandomIds),
        quota: QuizzesConfig::read(environment)?.quota(),
    }))
}

pub fn quiz(environment: &Environment) -> Result<MakeQuiz, WiringError> {
    let stack = Stack::read(environment)?;
    let maker = QuizMaker {
        quizzes: Arc::new(stack.quizzes()?),
        documents: Arc::new(stack.documents()?),
        passages: retrieval::passages(&stack, environment)?,
        model: speech::quiz_writer(&stack.aws, environment)?,
        budgets: Arc::new(stack.budgets()?),
        limits: BudgetsConfig::read(environment)?.limits(),
        notices: notices(&stack)?,
        clock: clock(),
        ids: Arc::new(RandomIds),
    };
    Ok(MakeQuiz { maker, making: Arc::new(stack.quiz_making()?) })
}

fn notices(stack: &Stack) -> Result<Notices, WiringError> {
    Ok(Notices { register: Arc::new(stack.register()?), connections: Arc::new(stack.connections()?) })
}
