//! The making of quizzes on one machine: the worker, and the tasks that it runs in.

use crate::embedded::quiz_making::QuizMakingTasks;
use crate::embedded::sqlite::Store;
use crate::embedded::system::RandomIds;
use crate::embedded::waiting::{Work, Worked};
use crate::gateway::Sockets;
use crate::handlers::notices::Notices;
use crate::handlers::quiz_maker::{QuizMaker, Ran};
use crate::ports::budgets::BudgetLimits;
use crate::ports::clock::Clock;
use crate::ports::passages::Passages;
use crate::ports::quizzes::QuizKey;
use crate::ports::text_model::TextModel;
use std::sync::Arc;

/// What the making of quizzes stands on.
pub(super) struct MakingGround {
    pub(super) store: Arc<Store>,
    pub(super) passages: Arc<dyn Passages>,
    pub(super) sockets: Arc<Sockets>,
    pub(super) model: Arc<dyn TextModel>,
    pub(super) limits: BudgetLimits,
    pub(super) clock: Arc<dyn Clock>,
}

/// Starts to make whatever waits, too.
pub(super) fn quiz_making(ground: MakingGround) -> QuizMakingTasks {
    let MakingGround { store, passages, sockets, model, limits, clock } = ground;
    let maker = QuizMaker {
        quizzes: store.clone(),
        documents: store.clone(),
        passages,
        model,
        budgets: store.clone(),
        limits,
        notices: Notices { register: sockets.clone(), connections: sockets },
        clock: Arc::clone(&clock),
        ids: Arc::new(RandomIds),
    };
    QuizMakingTasks::start(store, clock, work(maker))
}

fn work(maker: QuizMaker) -> Work<QuizKey> {
    Arc::new(move |key| {
        let maker = maker.clone();
        Box::pin(async move {
            match maker.run(&key, None).await {
                Ok(Ran::Settled | Ran::HandedOver | Ran::Overtaken | Ran::Later) => Worked::Done,
                Err(error) => {
                    tracing::error!(%error, "a quiz could not be made for now");
                    metrics::counter!("viva_quizzes_put_off_total").increment(1);
                    Worked::Later
                }
            }
        })
    })
}
