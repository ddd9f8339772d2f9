//! What people and lifecycle rules do in a storm beside pushing, drawn from the seed: each is one act.

use std::{collections::BTreeSet, pin::Pin};

use serde_json::{Value, json};

use crate::{
    image::Image,
    storm::{TAGS, draw},
    truth::Move,
    world::World,
};

type Pending = Pin<Box<dyn Future<Output = ()> + Send>>;

/// One act.
pub type Act = fn(World) -> Pending;

/// Where events are late, no request tells yet what the pushes will take: nobody rolls back or asks where policies judge so many.
const JUDGED_MAX: usize = 6;

/// Somebody, or a lifecycle rule, changes a tag at a target.
pub fn act_at_target(world: World) -> Pending {
    Box::pin(async move {
        let repository = if world.run.happens(750) {
            "qa/a"
        } else {
            "prod/a"
        };
        let tags: Vec<(String, String)> = world.tags(repository).into_iter().collect();
        let Some((tag, on)) = draw(&world, &tags).cloned() else {
            return;
        };
        let others = world.images_in(repository);
        let others: Vec<Image> = others.into_iter().filter(|it| it.digest != on).collect();
        match draw(&world, &others) {
            Some(image) if world.run.happens(650) => world.push(repository, &tag, image).await,
            _ => world.untag(repository, &tag).await,
        }
    })
}

/// Whether enough is judged: the pushes to sources, and what people ask for, each by every policy.
pub fn is_enough_judged(world: &World) -> bool {
    let facts = world.truth.facts();
    let pushed = |it: &&Move| it.place.0.starts_with("dev/") && it.digest.is_some();
    let policies: BTreeSet<&String> = facts.edits.iter().map(|it| &it.name).collect();
    let looks = facts.moves.iter().filter(pushed).count() + facts.asked.len();
    looks * policies.len() >= JUDGED_MAX
}

/// Somebody moves a source's tag to an image that is there.
pub fn roll_back(world: World) -> Pending {
    Box::pin(async move {
        if is_enough_judged(&world) {
            return;
        }
        let images = world.images_in("dev/a");
        let tag = *draw(&world, &TAGS).unwrap();
        if let Some(image) = draw(&world, &images)
            && world
                .stands_on(&("dev/a".to_owned(), tag.to_owned()))
                .as_ref()
                != Some(&image.digest)
        {
            world.push("dev/a", tag, image).await;
        }
    })
}

pub fn delete_something(world: World) -> Pending {
    Box::pin(async move {
        let repository = *draw(&world, &["dev/a", "dev/a", "dev/b", "qa/a"]).unwrap();
        let images = world.images_in(repository);
        if let Some(image) = draw(&world, &images) {
            world.delete(repository, &image.digest).await;
        }
    })
}

/// Somebody disables, breaks, narrows, deletes or re-creates a policy.
pub fn edit_policy(world: World) -> Pending {
    Box::pin(async move {
        let documents: Vec<Value> = {
            let facts = world.truth.facts();
            facts
                .edits
                .iter()
                .filter_map(|it| it.document.clone())
                .collect()
        };
        let Some(mut document) = draw(&world, &documents).cloned() else {
            return;
        };
        match world.run.below(5) {
            0 => document["enabled"] = json!(false),
            1 => document["criteria"] = json!("broken"),
            2 => document["target"]["tag"] = json!("edited-%n"),
            3 => {
                let text = |key: &str| document[key].as_str().unwrap().to_owned();
                return world.delete_policy(&text("source"), &text("name")).await;
            }
            // As it was before, whatever became of it.
            _ => {}
        }
        world.policy(document).await;
    })
}
