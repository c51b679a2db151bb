//! The making of a quiz's items: started asynchronously, it takes the quiz as far as it goes, or for as long as an invocation lasts; then it
//! hands over.
//!
//! An order may come twice, late, or for a quiz that needs nothing: whoever does not get hold of it has nothing to do. What breaks off fails
//! as an invocation and is not repeated: when the hold on the quiz is over the sweep asks for it again.

use crate::config::limits::QUIZ_MAKING_FAREWELL_MS;
use crate::handlers::quiz_maker::{QuizMaker, Ran};
use crate::lambda::{Function, FunctionError, Invocation};
use crate::ports::clock::UnixMs;
use crate::ports::quiz_making::{QuizMaking, QuizOrder};
use serde_json::{Value, json};
use std::sync::Arc;

/// Makes one quiz at a time.
pub struct MakeQuiz {
    pub maker: QuizMaker,
    /// Starts the successor.
    pub making: Arc<dyn QuizMaking>,
}

impl std::fmt::Debug for MakeQuiz {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MakeQuiz").field("maker", &self.maker).finish_non_exhaustive()
    }
}

impl Function for MakeQuiz {
    type Event = QuizOrder;
    type Answer = Value;

    async fn call(&self, order: QuizOrder, invocation: Invocation) -> Result<Value, FunctionError> {
        let Some(key) = order.key() else {
            return Err(FunctionError::Failed("an order of another release: are two at work?".to_owned()));
        };
        let until = UnixMs(invocation.deadline.0.saturating_sub(QUIZ_MAKING_FAREWELL_MS));
        let ran = self.maker.run(&key, Some(until)).await.map_err(|error| FunctionError::Failed(error.to_string()))?;
        let outcome = match ran {
            Ran::Settled => "settled",
            Ran::Later => "later",
            Ran::Overtaken => "not needed",
            Ran::HandedOver => {
                self.making.start(&key).await;
                "handed over"
            }
        };
        Ok(json!({ "outcome": outcome }))
    }
}
