//! Whole or nothing: where the function tags an image, all that it consists of is there already, and it is an image that
//! somebody pushed, byte for byte.

use super::Scene;

pub fn broken(scene: &Scene<'_>) -> Vec<String> {
    let facts = scene.facts;
    let mut found = Vec::new();
    for write in &facts.writes {
        let (repository, tag) = &write.place;
        let Some(landed) = write.landed else { continue };
        let Some(image) = facts.images.get(&write.digest) else {
            found.push(format!("{repository}:{tag} stands on what nobody pushed"));
            continue;
        };
        for child in &image.children {
            let key = (repository.clone(), child.digest.clone());
            let there = facts.born.get(&key).is_some_and(|born| *born <= landed);
            if !there && !facts.gone.contains_key(&key) {
                let name = facts.name(&write.digest);
                found.push(format!(
                    "{repository}:{tag} stands on {name}, which lacks a child"
                ));
            }
        }
    }
    found
}
