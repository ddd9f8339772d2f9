//! Reads of ECR that show what stood a moment ago: ECR promises no more.

use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    answer,
    fate::Seen,
    image::Image,
    run::Moment,
    truth::{Facts, Truth},
};

impl Truth {
    /// What a read of ECR would have shown this long ago, where that is something else.
    pub fn stale_answer(&self, seen: &Seen, stale: Duration) -> Option<HttpResponse> {
        if stale.is_zero() || seen.name != "ecr:BatchGetImage" {
            return None;
        }
        let facts = self.facts();
        let (now, then) = (
            self.run.now(),
            self.run.now() - TimeDelta::from_std(stale).ok()?,
        );
        let answer = facts.read(seen, then)?;
        (facts.read(seen, now)? != answer).then(|| answer::json_answer(200, &answer))
    }
}

impl Truth {
    /// Notes what a read of ECR shows.
    pub fn shows(&self, seen: &Seen, stale: Duration) {
        let stale = TimeDelta::from_std(stale).unwrap_or_default();
        let mut facts = self.facts();
        if seen.name == "ecr:BatchGetImage"
            && let Some(answer) = facts.read(seen, self.run.now() - stale)
        {
            facts.shown(seen, &answer);
        }
    }
}

impl Facts {
    /// What BatchGetImage shows of the tags and digests at a moment.
    fn read(&self, seen: &Seen, at: Moment) -> Option<Value> {
        let repository = seen.body["repositoryName"].as_str()?;
        let (mut images, mut failures) = (Vec::new(), Vec::new());
        for id in seen.body["imageIds"].as_array()? {
            let tag = id["imageTag"].as_str();
            let on = match tag {
                Some(tag) => self.stood(&(repository.to_owned(), tag.to_owned()), at),
                None => id["imageDigest"].as_str(),
            };
            let on = on.filter(|it| {
                let key = (repository.to_owned(), (*it).to_owned());
                self.born.get(&key).is_some_and(|born| *born <= at) && !self.gone.contains_key(&key)
            });
            match on.and_then(|it| self.images.get(it)) {
                Some(image) => images.push(shown(repository, tag, image)),
                None => failures.push(json!({
                    "imageId": id, "failureCode": "ImageNotFound", "failureReason": "Requested image not found",
                })),
            }
        }
        Some(json!({"images": images, "failures": failures}))
    }
}

fn shown(repository: &str, tag: Option<&str>, image: &Image) -> Value {
    let mut id = json!({"imageDigest": image.digest});
    if let Some(tag) = tag {
        id["imageTag"] = json!(tag);
    }
    json!({
        "registryId": crate::world::ACCOUNT,
        "repositoryName": repository,
        "imageId": id,
        "imageManifest": image.manifest,
        "imageManifestMediaType": image.media_type,
    })
}
