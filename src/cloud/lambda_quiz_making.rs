//! The making of quizzes as asynchronous invocations of a Lambda function.
//!
//! Lambda puts an order into its own queue, and repeats it where it fails. One that is lost is found by the sweep.

use crate::cloud::aws::Aws;
use crate::cloud::lambda_start::LambdaStart;
use crate::ports::quiz_making::{QuizMaking, QuizOrder};
use crate::ports::quizzes::QuizKey;
use async_trait::async_trait;

/// Starts the function that makes items.
#[derive(Clone, Debug)]
pub struct LambdaQuizMaking {
    start: LambdaStart,
}

impl LambdaQuizMaking {
    /// `function`: its name, or the ARN of an alias.
    pub fn new(aws: &Aws, function: &str) -> Self {
        Self { start: LambdaStart::new(aws, function) }
    }
}

#[async_trait]
impl QuizMaking for LambdaQuizMaking {
    async fn start(&self, key: &QuizKey) {
        let order = serde_json::to_vec(&QuizOrder::of(key)).expect("a key is text, which JSON can hold");
        if let Err(error) = self.start.start(order).await {
            tracing::error!(%error, "a quiz's items could not be asked for; the sweep does");
        }
    }
}
