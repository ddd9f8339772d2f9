//! Events: as ECR raises one, those that are lost, and those that the function put.

use serde_json::{Value, json};

use crate::world::{ACCOUNT, REGION, World};

impl World {
    /// The event of a push, as ECR raises it now.
    pub fn push_event(&self, repository: &str, tag: &str, digest: &str) -> Value {
        json!({
            "version": "0",
            "id": "13cde686-328b-6117-af20-0e5566167482",
            "detail-type": "ECR Image Action",
            "source": "aws.ecr",
            "account": ACCOUNT,
            "time": self.clock.now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            "region": REGION,
            "resources": [],
            "detail": {
                "result": "SUCCESS",
                "repository-name": repository,
                "image-digest": digest,
                "action-type": "PUSH",
                "image-tag": tag,
            },
        })
    }

    /// Loses the events of an image: EventBridge delivers ECR's as well as it can, no better.
    pub async fn drop_events_of(&self, digest: &str) {
        let receive = self
            .aws
            .sqs
            .receive_message()
            .queue_url(self.local.queue_url("http://local"));
        let messages = receive
            .max_number_of_messages(10)
            .visibility_timeout(0)
            .send()
            .await
            .unwrap();
        for message in messages.messages() {
            if message.body().unwrap().contains(digest) {
                let delete = self
                    .aws
                    .sqs
                    .delete_message()
                    .queue_url(self.local.queue_url("http://local"));
                delete
                    .receipt_handle(message.receipt_handle().unwrap())
                    .send()
                    .await
                    .unwrap();
            }
        }
    }

    /// The events that the function put, oldest first.
    pub fn announced(&self) -> Vec<Value> {
        let mut events = self.local.events();
        events.retain(|event| event["source"] == "ecr-promoter");
        events
    }
}
