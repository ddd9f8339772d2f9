//! The search box: an image, a repository, a policy or a digest.

use std::sync::Arc;

use axum::{
    extract::{Query, State},
    response::{IntoResponse, Redirect, Response},
};
use ecr_promoter::ledger::{
    history::{Of, PAGE_MAX},
    record::Summary,
};
use maud::html;
use serde::Deserialize;

use super::{
    Site, frame, history,
    parts::{outcomes, policy_of, text},
    trouble::Trouble,
    url,
};
use crate::asked::Asked;

/// What a digest begins with.
const ALGORITHM: &str = "sha256:";
/// So many digits tell one digest from another.
const DIGITS_MIN: usize = 6;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sought {
    q: String,
}

pub(super) async fn show(
    State(site): State<Arc<Site>>,
    Query(sought): Query<Sought>,
) -> Result<Response, Trouble> {
    let words = sought.q.trim();
    if words.is_empty() {
        return Ok(Redirect::to(url::OVERVIEW).into_response());
    }
    if let Some(digits) = words.strip_prefix(ALGORITHM) {
        return by_digest(&site, words, digits).await;
    }
    if let Some(key) = policy_of(words) {
        return Ok(Redirect::to(&url::policy(&key)).into_response());
    }
    let asked =
        Asked::parse(words).map_err(|error| Trouble::asked(format!("{words:?}: {error}")))?;
    let owned = site.deployment.signed.owns(&asked);
    owned.map_err(|error| Trouble::asked(error.to_string()))?;
    let bare = !words.contains('@') && !words.rsplit('/').next().unwrap_or(words).contains(':');
    let to = if bare {
        url::repository(&asked.repository)
    } else {
        url::image(&asked.to_string())
    };
    Ok(Redirect::to(&to).into_response())
}

/// A digest does not say its repository; the newest records do.
async fn by_digest(site: &Site, words: &str, digits: &str) -> Result<Response, Trouble> {
    if digits.len() < DIGITS_MIN || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(Trouble::asked(format!(
            "expected sha256: and {DIGITS_MIN} digits or more, found {words:?}"
        )));
    }
    let now = site.deployment.now();
    let newest = history::newest(site, Of::Everything, PAGE_MAX).await?;
    let is_it = |summary: &Summary| summary.digest.starts_with(words);
    let found: Vec<Summary> = newest.into_iter().filter(is_it).collect();
    if found.is_empty() {
        return Err(Trouble::missing(format!(
            "{words} is not among the newest {PAGE_MAX} outcomes of the last seven days; look for REPOSITORY@{words}"
        )));
    }
    let main = html! {
        h1 { "Images with " code { (text(words)) } }
        (outcomes(&found, now))
    };
    Ok(frame::searched("Search", words, &main).into_response())
}
