//! Lambda and EventBridge around the function: events on their way to the queue, batches from the queue to a sandbox,
//! deadlines, the schedule.

use std::{sync::Arc, time::Duration};

use chrono::{SecondsFormat, TimeDelta};
use ecr_promoter::Invocation;
use ecr_promoter_local::pattern::Pattern;
use serde_json::{Value, json};

use crate::{
    answer,
    chaos::REQUESTS_MAX,
    run::Id,
    sandbox::Sandbox,
    truth::Raised,
    world::{ACCOUNT, REGION, World},
};

/// How long an invocation that thaws after its deadline still runs before Lambda stops it.
const GRACE: Duration = Duration::from_secs(1);
/// After so long without anything new the queue is looked at less often.
const QUIET: TimeDelta = TimeDelta::minutes(3);

impl World {
    /// Sends the events that ECR raised meanwhile on their way, as the shape says.
    pub fn deliver(&self) {
        let events = self.local.events();
        let known = std::mem::replace(&mut self.counts.lock().unwrap().events, events.len());
        for event in events.into_iter().skip(known) {
            if passes(&event) {
                let delays = self.shape().chaos.delivery(&self.run);
                self.send_after(&event, &delays);
            }
        }
    }

    /// Copies of an event come to the queue after these delays.
    pub fn send_after(&self, event: &Value, delays: &[Duration]) {
        let now = self.run.now();
        let arrives = delays
            .iter()
            .map(|it| now + TimeDelta::from_std(*it).unwrap());
        let raised = Raised {
            at: now,
            event: event.clone(),
            arrives: arrives.collect(),
        };
        self.note_delivery(event, delays);
        self.truth.facts().events.push(raised);
        for (copy, delay) in delays.iter().enumerate() {
            let (world, event, delay) = (self.clone(), event.clone(), *delay);
            world.counts.lock().unwrap().travelling += 1;
            self.run.spawn(async move {
                world.run.sleep(delay).await;
                // Nothing goes wrong after so many requests: no event comes again, either.
                if copy == 0 || world.network.sent() < REQUESTS_MAX {
                    world.enqueue(&event).await;
                }
                world.counts.lock().unwrap().travelling -= 1;
            });
        }
    }

    fn note_delivery(&self, event: &Value, delays: &[Duration]) {
        let ordinary = delays.len() == 1 && delays[0] < Duration::from_secs(5);
        if ordinary {
            return;
        }
        let detail = &event["detail"];
        let text = |key: &str| detail[key].as_str().unwrap_or_default().to_owned();
        let name = self.truth.facts().name(&text("image-digest"));
        let (kind, tag) = (
            event["detail-type"].as_str().unwrap_or_default(),
            text("image-tag"),
        );
        let when = match delays {
            [] => "is lost".to_owned(),
            some => format!("arrives after {some:?}"),
        };
        let (action, repository) = (text("action-type"), text("repository-name"));
        self.truth.note(format!(
            "{kind} {action} of {repository}:{tag} {name} {when}"
        ));
    }

    /// Puts a message into the queue.
    pub async fn enqueue(&self, event: &Value) {
        let input = json!({
            "QueueUrl": self.local.queue_url("http://local"), "MessageBody": event.to_string(),
        });
        self.ask("sqs:SendMessage", &input).await;
        self.rings();
    }

    /// Something may have come to the queue.
    pub fn rings(&self) {
        self.counts.lock().unwrap().came = self.run.now();
        self.bell.notify_one();
    }

    /// Polls the queue forever, as often as a second, and starts invocations.
    pub async fn poll(self) {
        loop {
            while self.counts.lock().unwrap().running < self.shape().concurrency {
                let batch = self.receive().await;
                if batch.is_empty() {
                    break;
                }
                self.invoke_with(batch);
            }
            let queue = self.local.queue();
            let waits = queue.visible + queue.in_flight + queue.delayed > 0;
            if !waits {
                // Whatever comes rings.
                self.bell.notified().await;
                continue;
            }
            let long_ago = self.run.now() - self.counts.lock().unwrap().came > QUIET;
            let pause = if long_ago { 20 } else { 1 };
            self.wait(pause).await;
        }
    }

    async fn receive(&self) -> Vec<Value> {
        if self.local.queue().visible == 0 {
            return Vec::new();
        }
        let input = json!({
            "QueueUrl": self.local.queue_url("http://local"), "MaxNumberOfMessages": self.shape().batch_size,
            "MessageSystemAttributeNames": ["All"], "MessageAttributeNames": ["All"],
        });
        let answer = self.ask("sqs:ReceiveMessage", &input).await;
        answer["Messages"].as_array().cloned().unwrap_or_default()
    }

    /// An invocation with a batch; what it does not report as failed is deleted from the queue.
    pub fn invoke_with(&self, batch: Vec<Value>) -> Id {
        let records: Vec<Value> = batch.iter().map(record).collect();
        let world = self.clone();
        self.invoke(json!({"Records": records}), move |answer| async move {
            let Some(answer) = answer else { return };
            let failed = answer["batchItemFailures"].clone();
            let failed: Vec<&str> = failed
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|it| it["itemIdentifier"].as_str())
                .collect();
            for message in &batch {
                if !failed.contains(&message["MessageId"].as_str().unwrap()) {
                    let input = json!({
                        "QueueUrl": world.local.queue_url("http://local"),
                        "ReceiptHandle": message["ReceiptHandle"],
                    });
                    answer::attempt(&world.aws, "sqs:DeleteMessage", &input).await;
                }
            }
        })
    }

    /// An invocation in a sandbox that is idle, or a new one; `then` learns the answer, if there is one.
    pub fn invoke<F: Future<Output = ()> + Send>(
        &self,
        payload: Value,
        then: impl FnOnce(Option<Value>) -> F + Send + 'static,
    ) -> Id {
        let sandbox = self.sandbox();
        let number = {
            let mut counts = self.counts.lock().unwrap();
            counts.running += 1;
            counts.invocations += 1;
            counts.invocations
        };
        let deadline = self.run.now() + TimeDelta::from_std(self.shape().timeout).unwrap();
        let invocation = Invocation {
            request_id: format!("invocation-{number}"),
            deadline,
        };
        let (world, task) = (self.clone(), sandbox.task.clone());
        let running = Running(self.clone());
        let id = self.run.spawn(async move {
            let payload = payload.to_string().into_bytes();
            let answer = sandbox.function.handle(&payload, &invocation).await;
            drop(running);
            if let Err(failure) = &answer {
                world
                    .truth
                    .note(format!("invocation {number} fails: {failure}"));
            }
            then(answer.ok()).await;
            *sandbox.task.lock().unwrap() = None;
            world.idle.lock().unwrap().push(sandbox);
        });
        *task.lock().unwrap() = Some(id);
        self.run.spawn(self.clone().stop_at_deadline(id));
        id
    }

    async fn stop_at_deadline(self, id: Id) {
        self.run.sleep(self.shape().timeout).await;
        while let Some(thaws) = self.run.frozen_until(id) {
            let left = (thaws - self.run.now()).to_std().unwrap_or_default();
            self.run.sleep(left + GRACE).await;
        }
        if self.run.alive(id) {
            self.truth.note("an invocation is stopped at its deadline");
            self.run.kill(id);
        }
    }

    fn sandbox(&self) -> Sandbox {
        if let Some(idle) = self.idle.lock().unwrap().pop() {
            return idle;
        }
        let number = {
            let mut counts = self.counts.lock().unwrap();
            counts.sandboxes += 1;
            counts.sandboxes
        };
        Sandbox::start(self, number, self.skew())
    }

    /// The schedule's event, once.
    pub fn tick(&self) -> Id {
        let time = self.run.now().to_rfc3339_opts(SecondsFormat::Secs, true);
        let event = json!({
            "version": "0", "id": "0", "detail-type": "Scheduled Event", "source": "aws.events",
            "account": ACCOUNT, "time": time, "region": REGION,
            "resources": [format!("arn:aws:events:{REGION}:{ACCOUNT}:rule/ecr-promoter-schedule")],
            "detail": {},
        });
        self.invoke(event, |_| async {})
    }

    /// A direct invocation, and its answer; none where it fails or dies.
    pub async fn request(&self, request: Value) -> Option<Value> {
        self.truth.note(format!("somebody asks {request}"));
        let answer = Arc::new(std::sync::Mutex::new(None));
        let kept = answer.clone();
        let id = self.invoke(request, move |it| async move {
            *kept.lock().unwrap() = it;
        });
        while self.run.alive(id) {
            self.run.sleep(Duration::from_millis(100)).await;
        }
        answer.lock().unwrap().take()
    }
}

/// Whether the template's rule lets an event through.
fn passes(event: &Value) -> bool {
    thread_local! {
        static PATTERN: Pattern = Pattern::parse(&crate::template::pattern()).unwrap();
    }
    PATTERN.with(|pattern| pattern.matches(event))
}

/// Counts an invocation for as long as it runs, however it ends.
struct Running(World);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.counts.lock().unwrap().running -= 1;
        self.0.rings();
    }
}

/// A message as Lambda hands it to a function.
fn record(message: &Value) -> Value {
    let mut attributes = serde_json::Map::new();
    for (name, value) in message["MessageAttributes"]
        .as_object()
        .into_iter()
        .flatten()
    {
        let it = json!({"dataType": value["DataType"], "stringValue": value["StringValue"]});
        attributes.insert(name.clone(), it);
    }
    json!({
        "messageId": message["MessageId"], "receiptHandle": message["ReceiptHandle"], "body": message["Body"],
        "attributes": message["Attributes"], "messageAttributes": attributes, "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs", "awsRegion": REGION,
        "eventSourceARN": format!("arn:aws:sqs:{REGION}:{ACCOUNT}:ecr-promoter"),
    })
}
