//! No open work once all is quiet: nothing is due, nothing is on the queue, nothing is a dead letter.

use super::Scene;

pub fn broken(scene: &Scene<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for item in scene
        .ledger
        .items
        .iter()
        .filter(|it| it.get("due_pk").is_some())
    {
        found.push(format!(
            "{} {} is due at {}",
            item["pk"], item["sk"], item["due_sk"]
        ));
    }
    let queue = scene.queue;
    if queue.visible + queue.in_flight + queue.delayed + queue.dead > 0 {
        found.push(format!("{queue:?}"));
    }
    found
}
