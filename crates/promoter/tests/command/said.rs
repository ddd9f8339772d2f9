//! What a command said: the status that it ended with, and whether its JSON is what its schema says.

use std::process::Output;

use serde_json::Value;

use crate::world::text;

/// What it printed, once it ended with this status.
pub(crate) fn status(output: &Output, wanted: i32) -> &str {
    assert_eq!(output.status.code(), Some(wanted), "{output:?}");
    text(&output.stdout)
}

pub(crate) fn assert_valid(document: &Value, schema: &str) {
    let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
    let schema: Value = serde_json::from_str(schema).unwrap();
    compiler.add_resource("schema.json", schema).unwrap();
    let schema = compiler.compile("schema.json", &mut schemas).unwrap();
    if let Err(error) = schemas.validate(document, schema) {
        panic!("{error:#}\n{document:#}");
    }
}
