//! What people, lifecycle rules and scanners do in a world: pushes, tags moved and deleted, policies edited, scans.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    answer,
    image::Image,
    truth::{Edit, Move, Place},
    world::{World, marshal},
};

impl World {
    /// Somebody pushes an image, or moves a tag to one that is there.
    pub async fn push(&self, repository: &str, tag: &str, image: &Image) {
        for child in &image.children {
            self.put(repository, None, child).await;
        }
        self.put(repository, Some(tag), image).await;
        let place = (repository.to_owned(), tag.to_owned());
        if self.stands_on(&place).as_ref() == Some(&image.digest) {
            // ECR says that it is there already, and raises no event.
            return;
        }
        let name = {
            let facts = self.truth.facts();
            facts.name(&image.digest)
        };
        self.truth
            .note(format!("somebody puts {repository}:{tag} on {name}"));
        self.moved(repository, tag, Some(image.digest.clone()));
        self.deliver();
    }

    /// Somebody pushes an image, and its tag later.
    pub async fn push_untagged(&self, repository: &str, image: &Image) {
        for child in &image.children {
            self.put(repository, None, child).await;
        }
        self.put(repository, None, image).await;
        self.deliver();
    }

    async fn put(&self, repository: &str, tag: Option<&str>, image: &Image) {
        let mut input = json!({
            "repositoryName": repository, "imageManifest": image.manifest,
            "imageManifestMediaType": image.media_type,
        });
        if let Some(tag) = tag {
            input["imageTag"] = json!(tag);
        }
        let (done, said) = answer::attempt(&self.aws, "ecr:PutImage", &input).await;
        // The same again changes nothing.
        let same = said["__type"]
            .as_str()
            .is_some_and(|it| it.contains("ImageAlreadyExists"));
        assert!(done || same, "{input}: {said}");
        let now = self.run.now();
        let mut facts = self.truth.facts();
        facts.bear(repository, &image.digest, now);
        if facts
            .images
            .insert(image.digest.clone(), image.clone())
            .is_none()
        {
            facts.known.push(image.digest.clone());
        }
    }

    fn moved(&self, repository: &str, tag: &str, digest: Option<String>) {
        let at = self.run.now();
        self.truth.facts().moves.push(Move {
            at,
            place: (repository.to_owned(), tag.to_owned()),
            digest,
            write: None,
        });
    }

    /// Somebody, or a lifecycle rule, deletes a tag.
    pub async fn untag(&self, repository: &str, tag: &str) {
        let input = json!({"repositoryName": repository, "imageIds": [{"imageTag": tag}]});
        self.ask("ecr:BatchDeleteImage", &input).await;
        self.truth
            .note(format!("somebody deletes the tag {repository}:{tag}"));
        let place = (repository.to_owned(), tag.to_owned());
        let on = {
            let facts = self.truth.facts();
            facts.stood(&place, self.run.now()).map(str::to_owned)
        };
        self.moved(repository, tag, None);
        if let Some(digest) = on {
            self.look_for(repository, &digest).await;
        }
        self.deliver();
    }

    /// Somebody deletes an image with all its tags.
    pub async fn delete(&self, repository: &str, digest: &str) {
        let input = json!({"repositoryName": repository, "imageIds": [{"imageDigest": digest}]});
        let answer = self.ask("ecr:BatchDeleteImage", &input).await;
        if answer["failures"]
            .as_array()
            .is_some_and(|it| !it.is_empty())
        {
            // An index needs it.
            return;
        }
        let name = self.truth.facts().name(digest);
        self.truth
            .note(format!("somebody deletes {repository}@{name}"));
        for (tag, on) in self.tags(repository) {
            if on == digest {
                self.moved(repository, &tag, None);
            }
        }
        self.look_for(repository, digest).await;
        self.deliver();
    }

    /// The images that a repository holds, oldest known first.
    pub fn images_in(&self, repository: &str) -> Vec<Image> {
        let facts = self.truth.facts();
        let here = |it: &&String| {
            facts
                .born
                .contains_key(&(repository.to_owned(), (*it).clone()))
        };
        let known = facts.known.iter().filter(here);
        known.map(|it| facts.images[it].clone()).collect()
    }

    /// Whether an image is still there, since its last tag may have gone and it with that.
    async fn look_for(&self, repository: &str, digest: &str) {
        let input = json!({"repositoryName": repository, "imageIds": [{"imageDigest": digest}]});
        let answer = self.ask("ecr:BatchGetImage", &input).await;
        if answer["images"].as_array().is_some_and(Vec::is_empty) {
            let key = (repository.to_owned(), digest.to_owned());
            let now = self.run.now();
            let mut facts = self.truth.facts();
            facts.born.remove(&key);
            facts.went.insert(key.clone());
            facts.gone.insert(key, now);
        }
    }

    /// The tags of a repository and what each points to.
    pub fn tags(&self, repository: &str) -> BTreeMap<String, String> {
        let facts = self.truth.facts();
        let mut tags = BTreeMap::new();
        for step in facts.moves.iter().filter(|it| it.place.0 == repository) {
            match &step.digest {
                Some(digest) => tags.insert(step.place.1.clone(), digest.clone()),
                None => tags.remove(&step.place.1),
            };
        }
        tags
    }

    pub fn stands_on(&self, place: &Place) -> Option<String> {
        self.tags(&place.0).remove(&place.1)
    }

    /// Somebody stores a policy, or edits one.
    pub async fn policy(&self, document: Value) {
        let name = document["name"].as_str().unwrap_or_default().to_owned();
        self.truth
            .note(format!("somebody stores the policy {document}"));
        let input = json!({"TableName": "policies", "Item": marshal(&document)["M"]});
        self.ask("dynamodb:PutItem", &input).await;
        self.edited(name, Some(document));
    }

    pub async fn delete_policy(&self, source: &str, name: &str) {
        self.truth
            .note(format!("somebody deletes the policy {source} {name}"));
        let key = json!({"source": {"S": source}, "name": {"S": name}});
        self.ask(
            "dynamodb:DeleteItem",
            &json!({"TableName": "policies", "Key": key}),
        )
        .await;
        self.edited(name.to_owned(), None);
    }

    fn edited(&self, name: String, document: Option<Value>) {
        let at = self.run.now();
        self.truth.facts().edits.push(Edit { at, name, document });
    }

    /// A scan ends: clean, or with one critical finding.
    pub fn scan(&self, repository: &str, digest: &str, clean: bool) {
        let findings = if clean {
            json!([])
        } else {
            json!([{"name": "CVE-1", "severity": "CRITICAL"}])
        };
        let now = self.run.now();
        let body = json!({
            "imageScanStatus": {"status": "COMPLETE"},
            "imageScanFindings": {
                "imageScanCompletedAt": now.to_rfc3339(),
                "findingSeverityCounts": if clean { json!({}) } else { json!({"CRITICAL": 1}) },
                "findings": findings,
            },
        });
        let kept = self
            .local
            .ecr()
            .set_findings(repository, digest, body, true);
        if kept.is_ok() {
            let known = self
                .truth
                .facts()
                .scans
                .insert(digest.to_owned(), (now, clean));
            if known.is_none() {
                let name = self.truth.facts().name(digest);
                let what = if clean {
                    "clean"
                } else {
                    "one critical finding"
                };
                self.truth
                    .note(format!("{repository}@{name} is scanned: {what}"));
            }
        }
        self.deliver();
    }

    /// Scans an image and what it consists of.
    pub fn scan_all(&self, repository: &str, image: &Image, clean: bool) {
        for child in &image.children {
            self.scan(repository, &child.digest, clean);
        }
        if image.children.is_empty() {
            self.scan(repository, &image.digest, clean);
        } else {
            let now = self.run.now();
            self.truth
                .facts()
                .scans
                .insert(image.digest.clone(), (now, clean));
        }
    }

    /// Every image at the sources whose scan has not ended is scanned now: what was never scanned is clean.
    pub async fn scan_the_rest(&self) {
        for repository in ["dev/a", "dev/b"] {
            // Children came before what consists of them.
            for image in self.images_in(repository) {
                let now = self.run.now();
                let known = self.truth.facts().scans.get(&image.digest).map(|it| it.1);
                if image.children.is_empty() {
                    let id = json!({"imageDigest": image.digest});
                    let input = json!({"repositoryName": repository, "imageId": id});
                    let (_, said) =
                        answer::attempt(&self.aws, "ecr:DescribeImageScanFindings", &input).await;
                    // The function may have asked for another one since.
                    if said["imageScanStatus"]["status"] != "COMPLETE" {
                        self.scan(repository, &image.digest, known.unwrap_or(true));
                    }
                } else if known.is_none() {
                    let mut facts = self.truth.facts();
                    let clean = |it: &Image| facts.scans.get(&it.digest).is_some_and(|it| it.1);
                    let clean = image.children.iter().all(clean);
                    facts.scans.insert(image.digest.clone(), (now, clean));
                }
            }
        }
    }
}
