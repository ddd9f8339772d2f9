//! What a test can see of its world: tags, items, records, requests.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;

use crate::world::World;

impl World {
    /// The tags of a repository and what each points to.
    pub async fn tags(&self, repository: &str) -> BTreeMap<String, String> {
        let asked = self.aws.ecr.describe_images().repository_name(repository);
        let images = asked.max_results(1_000).send().await.unwrap();
        assert!(images.next_token().is_none(), "more than a page");
        let mut tags = BTreeMap::new();
        for image in images.image_details() {
            for tag in image.image_tags() {
                tags.insert(tag.clone(), image.image_digest().unwrap().to_owned());
            }
        }
        tags
    }

    /// The items of the ledger whose partition and sort key begin so.
    pub async fn items(&self, pk: &str, sk: &str) -> Vec<Value> {
        let all = self.aws.dynamodb.scan().table_name("promotions");
        let all = all.into_paginator().items().send();
        let all = all.collect::<Result<Vec<_>, _>>().await.unwrap();
        let begins =
            |item: &std::collections::HashMap<String, AttributeValue>, key: &str, with: &str| {
                item.get(key)
                    .and_then(|value| value.as_s().ok())
                    .is_some_and(|text| text.starts_with(with))
            };
        let mut found: Vec<Value> = all
            .into_iter()
            .filter(|item| begins(item, "pk", pk) && begins(item, "sk", sk))
            .map(|item| serde_dynamo::from_item(item).unwrap())
            .collect();
        found.sort_by_key(|item| format!("{}{}", item["pk"], item["sk"]));
        found
    }

    /// How much is open in the ledger.
    pub async fn open(&self) -> usize {
        let items = self.items("", "").await;
        items
            .iter()
            .filter(|item| !item["due_pk"].is_null())
            .count()
    }

    /// What the cases of a tag are open for, and until when.
    pub async fn open_until(&self, tag: &str) -> Vec<(String, String)> {
        let cases = self.items("IMAGE#", &format!("CASE#{tag}#")).await;
        let open = cases.iter().map(|case| &case["body"]["open"]);
        let open = open.filter(|open| !open.is_null());
        open.map(|open| {
            let [waits, due] = ["waits", "due"].map(|key| open[key].as_str().unwrap().to_owned());
            (waits, due)
        })
        .collect()
    }

    /// Outcomes and reasons, as the records tell them, oldest first; what happened at the same time
    /// in the order of its words.
    pub async fn history(&self) -> Vec<String> {
        let mut lines: Vec<(String, String)> = Vec::new();
        for record in self.items("RECORD#", "BODY").await {
            let text = |key: &str| record[key].as_str().unwrap().to_owned();
            let [repository, tag] = ["repository", "tag"].map(text);
            let [outcome, reason, at] = ["outcome", "reason", "at"].map(text);
            lines.push((at, format!("{repository}:{tag} {outcome}: {reason}")));
        }
        assert_eq!(
            lines.len(),
            self.items("HISTORY#", "").await.len(),
            "each record has its summary"
        );
        lines.sort();
        lines.into_iter().map(|(_, line)| line).collect()
    }

    /// Requests since the last reset whose name begins so.
    pub fn requests(&self, service: &str) -> BTreeMap<String, u64> {
        let mut requests = self.local.requests();
        requests.retain(|name, _| name.starts_with(service));
        requests
    }

    /// How many requests a promotion cost at ECR, at its registry and at its storage.
    pub fn registry_requests(&self) -> u64 {
        ["ecr:", "registry:", "blobs:"]
            .iter()
            .flat_map(|service| self.requests(service).into_values())
            .sum()
    }
}
