//! Nothing outside the administrator's paths: no write of the function's goes to another repository, no blob is taken from
//! one, and no promotion joins two that are not a pair.

use super::Scene;
use crate::model::allowed;

pub fn broken(scene: &Scene<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for (repository, from) in &scene.facts.written {
        let from_some = match from {
            Some(from) => allowed(from, repository),
            None => ["qa/", "prod/"].iter().any(|it| repository.starts_with(it)),
        };
        if !from_some {
            found.push(format!("the function wrote to {repository} from {from:?}"));
        }
    }
    for record in scene.ledger.promoted() {
        if let Some((repository, _)) = &record.target
            && !allowed(&record.source.0, repository)
        {
            found.push(format!("{} was promoted to {repository}", record.source.0));
        }
    }
    found
}
