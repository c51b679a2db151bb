//! Trying again what is throttled: waits that double, each drawn from its whole span ("full jitter"), so that those who were turned away
//! together do not come back together.
//!
//! It does not know what is tried, nor why it failed beyond whether trying again may help.

use std::time::Duration;

/// How long and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    pub attempts_max: u32,
    /// The longest that the first wait may be; each next one may be twice as long.
    pub wait_ms: u64,
    pub wait_ms_max: u64,
    /// One attempt.
    pub attempt_ms_max: u64,
}

/// What an attempt came to.
#[derive(Debug)]
pub enum Setback<E> {
    /// The same again may help, after so long where the other side said so.
    Passing {
        error: E,
        wait_ms: Option<u64>,
    },
    Final(E),
}

/// Makes attempts until one succeeds, none would, or patience ends. What takes longer than an attempt may is `too_late`.
pub async fn persist<T, E, F>(
    patience: Patience,
    too_late: impl Fn() -> E + Send,
    mut attempt: impl FnMut() -> F + Send,
) -> Result<T, E>
where
    F: Future<Output = Result<T, Setback<E>>> + Send,
{
    let mut made = 0;
    loop {
        made += 1;
        let answer = tokio::time::timeout(Duration::from_millis(patience.attempt_ms_max), attempt()).await;
        let (error, wait_ms) = match answer {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(Setback::Final(error))) => return Err(error),
            Ok(Err(Setback::Passing { error, wait_ms })) => (error, wait_ms),
            Err(_) => (too_late(), None),
        };
        if made >= patience.attempts_max || wait_ms.is_some_and(|wait| wait > patience.wait_ms_max) {
            return Err(error);
        }
        let span = (patience.wait_ms << (made - 1).min(16)).min(patience.wait_ms_max);
        // What the other side asks for is the least; whoever comes back exactly then comes with everybody else.
        let wait = wait_ms.unwrap_or(0) + drawn_below(span);
        tokio::time::sleep(Duration::from_millis(wait)).await;
    }
}

/// Any number from 0 to `span`. Where there is no randomness, the whole span.
fn drawn_below(span: u64) -> u64 {
    getrandom::u64().map_or(span, |number| number % (span + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    const PATIENCE: Patience = Patience { attempts_max: 4, wait_ms: 1_000, wait_ms_max: 8_000, attempt_ms_max: 10_000 };

    #[tokio::test(start_paused = true)]
    async fn what_passes_is_tried_again_and_what_does_not_is_not() {
        let tried = AtomicU32::new(0);
        let answer = persist(
            PATIENCE,
            || "late",
            || async {
                match tried.fetch_add(1, Ordering::SeqCst) {
                    0 | 1 => Err(Setback::Passing { error: "busy", wait_ms: None }),
                    _ => Ok(7),
                }
            },
        );
        assert_eq!((answer.await, tried.load(Ordering::SeqCst)), (Ok(7), 3));
        let refused = persist::<(), _, _>(PATIENCE, || "late", || async { Err(Setback::Final("no")) });
        assert_eq!(refused.await, Err("no"));
    }

    #[tokio::test(start_paused = true)]
    async fn patience_ends_and_waits_are_those_asked_for_at_least() {
        let mut waited = tokio::time::interval(Duration::from_millis(15_000));
        waited.tick().await;
        let tried = AtomicU32::new(0);
        let answer = persist::<(), _, _>(
            PATIENCE,
            || "late",
            || async {
                tried.fetch_add(1, Ordering::SeqCst);
                Err(Setback::Passing { error: "busy", wait_ms: Some(5_000) })
            },
        );
        assert_eq!(answer.await, Err("busy"));
        assert_eq!(tried.load(Ordering::SeqCst), 4);
        assert!(futures::FutureExt::now_or_never(waited.tick()).is_some(), "three waits of five seconds");
        let beyond = persist::<(), _, _>(
            PATIENCE,
            || "late",
            || async { Err(Setback::Passing { error: "tomorrow", wait_ms: Some(86_400_000) }) },
        );
        assert_eq!(beyond.await, Err("tomorrow"));
    }

    #[tokio::test(start_paused = true)]
    async fn an_attempt_that_hangs_is_given_up() {
        let answer = persist::<(), _, _>(PATIENCE, || "late", std::future::pending);
        assert_eq!(answer.await, Err("late"));
    }
}
