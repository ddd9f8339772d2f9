//! One direct invocation of the function, and its answer.

use serde_json::{Value, json};

use super::{
    chosen::Chosen,
    lambda::{Invoked, Lambda},
};
use crate::refusal::Refusal;

/// What came back.
#[derive(Debug, Default)]
pub(super) struct Answered {
    /// The function's answer.
    pub(super) answer: Option<Value>,
    /// What it failed of as a whole.
    pub(super) error: Option<String>,
}

/// Has the function judge an image; a refusal of Lambda's is one for all images.
pub(super) async fn ask(lambda: &Lambda, image: &Chosen, again: bool) -> Result<Answered, Refusal> {
    let mut request = json!({"repository": image.repository});
    if let Value::Object(members) = &mut request {
        match (&image.digest, &image.tag) {
            (Some(digest), _) => members.insert("digest".to_owned(), json!(digest)),
            (None, tag) => members.insert("tag".to_owned(), json!(tag)),
        };
        if again {
            members.insert("again".to_owned(), json!(true));
        }
    }
    let Invoked { payload, is_error } = lambda.invoke(&request).await?;
    if !is_error {
        return Ok(Answered {
            answer: Some(payload),
            error: None,
        });
    }
    let message = payload.get("errorMessage").and_then(Value::as_str);
    Ok(Answered {
        answer: None,
        error: Some(message.unwrap_or("it failed without a word").to_owned()),
    })
}

impl Answered {
    fn decisions(&self) -> impl Iterator<Item = &Value> {
        let answer = self.answer.as_ref();
        let decisions = answer.and_then(|answer| answer.get("decisions")?.as_array());
        decisions.into_iter().flatten()
    }

    pub(super) fn is_failed(&self) -> bool {
        let failed = |decision: &Value| decision.get("outcome").is_some_and(|it| it == "failed");
        self.error.is_some() || self.decisions().any(failed)
    }

    /// A row for each decision.
    pub(super) fn rows(&self, image: &Chosen) -> Vec<Vec<String>> {
        let image = image.to_string();
        if let Some(error) = &self.error {
            return vec![vec![
                image,
                "-".to_owned(),
                "failed".to_owned(),
                error.clone(),
            ]];
        }
        let rows = self.decisions().map(|decision| {
            let text = |place: &str| {
                let text = decision.pointer(place).and_then(Value::as_str);
                text.unwrap_or_default().to_owned()
            };
            vec![
                image.clone(),
                format!("{} {}", text("/policy/source"), text("/policy/name")),
                text("/outcome"),
                text("/reason"),
            ]
        });
        let rows: Vec<_> = rows.collect();
        if rows.is_empty() {
            let none = "no policy applies".to_owned();
            return vec![vec![image, "-".to_owned(), "-".to_owned(), none]];
        }
        rows
    }
}
