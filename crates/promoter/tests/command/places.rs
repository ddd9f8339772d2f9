//! `promoter policy validate --json`: each mistake with its file, line and column.

use crate::{
    said::assert_valid,
    world::{stage::Stage, text},
};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn every_mistake_of_a_document_is_a_line_and_a_column_for_programs() {
    let stage = Stage::new().await;
    let good = stage.file("good.json", &policy("good"));
    let bad = stage.file("bad.json", &policy("two words"));
    let broken = stage.folder.path().join("broken.yaml");
    std::fs::write(&broken, "source: [a\nname: b\n").unwrap();
    let broken = broken.to_str().unwrap();
    for (files, wanted, mistakes) in [
        (vec![good.as_str()], 0, 0),
        (vec![good.as_str(), bad.as_str(), broken], 1, 2),
    ] {
        let arguments = [&["validate", "--json"][..], &files].concat();
        let shown = stage.run(&arguments).await;
        assert_eq!(shown.status.code(), Some(wanted), "{shown:?}");
        let document: Value = serde_json::from_str(text(&shown.stdout)).unwrap();
        let schema = include_str!("../../../../docs/policy-validate.schema.json");
        assert_valid(&document, schema);
        let told = document["mistakes"].as_array().unwrap();
        assert_eq!(told.len(), mistakes, "{document:#}");
        assert!(
            told.iter()
                .all(|it| it["line"].is_u64() && it["column"].is_u64()),
            "{document:#}"
        );
    }
}

fn policy(name: &str) -> Value {
    json!({"source": "dev/website", "name": name, "target": {"repository": "qa/website"}})
}
