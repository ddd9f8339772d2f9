//! One image: for each of its pushes a card for each policy, and where it came from.

use std::sync::Arc;

use axum::extract::{Query, State};
use ecr_promoter_core::Time;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;

use super::{
    Site, card, frame,
    parts::{Screen, badge, brief, image, moment, policy, text},
    trouble::Trouble,
    url,
};
use crate::{
    asked::Asked,
    explain::{
        self,
        document::{Document, PushTold},
    },
};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    name: String,
}

pub(super) async fn show(State(site): State<Arc<Site>>, Query(wanted): Query<Wanted>) -> Screen {
    let asked = Asked::parse(&wanted.name).map_err(|error| Trouble::asked(error.to_string()))?;
    let told = explain::told(&site.deployment, &site.policies, &asked).await?;
    let document = Document::of(&told.explanation, &told.near, site.paths.as_deref());
    let title = text(&asked.to_string());
    Ok(frame::searched(
        &title,
        &wanted.name,
        &screen(&title, &asked, &document),
    ))
}

fn screen(title: &str, asked: &Asked, document: &Document) -> Markup {
    let digest = document.image.get("digest").and_then(Value::as_str);
    let there = document.image.get("there").and_then(Value::as_bool);
    html! {
        h1 { (title) }
        p {
            a href=(url::repository(&asked.repository)) { (text(asked.repository.as_str())) }
            @if let Some(digest) = digest { " · " code.digest { (text(digest)) } }
        }
        @if there == Some(false) { p.trouble { "The repository does not hold this image any more." } }
        @for failure in document.failures() { p.trouble role="alert" { (text(failure)) } }
        @for push in &document.pushes { (of_push(push, asked, document.looked_at)) }
        @if document.pushes.is_empty() { p { "No tag stands on it. A policy judges pushes of tags: push it under a tag." } }
        @if document.pushes_left_out > 0 { p { "And " (document.pushes_left_out) " more pushes; look for one by its tag." } }
        (invalid(document))
        (near(asked, document))
        h2 { "Ask again" }
        p { "The function judges it again, and promotes it where its criteria are met:" }
        pre { code { "promoter retry " (text(&asked.to_string())) } }
    }
}

fn of_push(push: &PushTold, asked: &Asked, now: Time) -> Markup {
    html! {
        h2 { "Tag " (text(&push.tag)) }
        p {
            @match push.number {
                Some(number) => { "Push " (number) " of this tag, " (moment(push.order_time, now)) "." },
                None => { "The function keeps nothing of this push." },
            }
            @if !push.current { " The tag does not stand on this image any more." }
        }
        (origin(push, now))
        @if push.policies.is_empty() { p { "No policy of " (text(asked.repository.as_str())) " judges it." } }
        @for case in &push.policies { (card::show(case, now)) }
    }
}

/// Where the tag came from, where something was ever promoted to it.
fn origin(push: &PushTold, now: Time) -> Markup {
    let origin = &push.origin;
    html! {
        @if let Some(from) = &origin.moved_from {
            p { "A person moved this tag; the last promotion put " (brief(from)) " here." }
        }
        @if !origin.promotions.is_empty() {
            h3 { "Where it came from" }
            ol.origin {
                @for promotion in &origin.promotions {
                    li { (promoted(promotion, now)) }
                }
            }
        }
    }
}

fn promoted(promotion: &Value, now: Time) -> Markup {
    let words = |place: &str| {
        let words = promotion.pointer(place).and_then(Value::as_str);
        words.unwrap_or_default()
    };
    let at: Option<Time> = words("/at").parse().ok();
    let source = format!(
        "{}:{}@{}",
        words("/source/repository"),
        words("/source/tag"),
        words("/source/digest")
    );
    html! {
        (image(&source)) " by " (policy(&format!("{} {}", words("/policy/source"), words("/policy/name"))))
        @if let Some(at) = at { ", " (moment(at, now)) }
    }
}

/// The policies with a mistake.
fn invalid(document: &Document) -> Markup {
    let words = |value: &Value, place: &str| {
        let words = value.pointer(place).and_then(Value::as_str);
        text(words.unwrap_or_default())
    };
    let errors = |policy: &Value| {
        let errors = policy.get("errors").and_then(Value::as_array);
        errors.cloned().unwrap_or_default()
    };
    html! {
        @for one in &document.invalid {
            section.card {
                h3 { (policy(&format!("{} {}", words(one, "/policy/source"), words(one, "/policy/name")))) " " (badge("failed", "invalid")) }
                p { "It promotes nothing until this is mended:" }
                ul { @for error in errors(one) { li { code { (words(&error, "/place")) } ": " (words(&error, "/message")) } } }
            }
        }
    }
}

/// Where no policy applies: those that nearly do.
fn near(asked: &Asked, document: &Document) -> Markup {
    let repository = text(asked.repository.as_str());
    html! {
        @if !document.near.policies.is_empty() {
            h2 { "No policy has " (repository) " for its source" }
            ul {
                @for near in &document.near.policies {
                    li { (policy(&format!("{} {}", near.source, near.name))) ": its source has "
                        code { (text(&near.has)) } " where " (repository) " has " code { (text(&near.wanted)) } }
                }
            }
        }
        @if let Some(unknown) = &document.near.unknown { p.trouble { (text(unknown)) } }
    }
}
