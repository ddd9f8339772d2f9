//! The time of the embedded AWS: the system's, or one that a test moves by hand.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};

/// Where everything here reads the time.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<(Mutex<DateTime<Utc>>, tokio::sync::Notify)>>);

impl Clock {
    /// The system's time.
    #[must_use]
    pub fn system() -> Self {
        Self(None)
    }

    /// A time that stands still until [`Clock::advance`].
    #[must_use]
    pub fn manual(start: DateTime<Utc>) -> Self {
        Self(Some(Arc::new((
            Mutex::new(start),
            tokio::sync::Notify::new(),
        ))))
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.0.as_ref().map_or_else(
            || std::time::SystemTime::now().into(),
            |it| *it.0.lock().unwrap_or_else(PoisonError::into_inner),
        )
    }

    /// Moves a manual clock on.
    pub fn advance(&self, by: std::time::Duration) {
        if let Some(it) = &self.0 {
            *it.0.lock().unwrap_or_else(PoisonError::into_inner) += by;
            it.1.notify_waiters();
        }
    }

    /// Resolves when a manual clock was moved; never for the system's.
    pub async fn changed(&self) {
        match &self.0 {
            Some(it) => it.1.notified().await,
            None => std::future::pending().await,
        }
    }
}
