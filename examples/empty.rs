//! A function that does nothing, on the same runtime: what `benches/start` measures ours against.

use lambda_runtime::{Error, LambdaEvent, service_fn, tracing};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let nothing = async |_: LambdaEvent<Value>| Ok::<_, Error>(json!({}));
    lambda_runtime::run(service_fn(nothing)).await
}
