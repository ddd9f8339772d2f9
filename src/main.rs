//! The Lambda binary: environment → configuration → clients → the runtime's loop.

use std::process::ExitCode;

use chrono::DateTime;
use ecr_promoter::{Aws, Config, Failure, Function, Invocation, Remedy, Seam, log};
use ecr_promoter_core::Registry;
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn, tracing};
use serde_json::{Value, value::RawValue};
use tokio::sync::OnceCell;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let variable = |name: &str| std::env::var(name).ok();
    log::start(
        variable("AWS_LAMBDA_LOG_LEVEL").as_deref(),
        variable("AWS_LAMBDA_LOG_FORMAT").as_deref(),
    );
    let seam = Seam::network();
    let (config, sdk) = match (Config::read(variable), seam.environment(variable)) {
        (Ok(config), Ok(sdk)) => (config, sdk),
        (config, sdk) => {
            for mistake in config.err().into_iter().chain(sdk.err()).flatten() {
                tracing::error!("{mistake}");
            }
            return ExitCode::FAILURE;
        }
    };
    // The clients are made at the first invocation, which also says whose account this is.
    let start = |registry| Function::new(config.clone(), Aws::new(seam.clone(), &sdk), registry);
    let function = OnceCell::new();
    let service = service_fn(async |event: LambdaEvent<Box<RawValue>>| {
        handle(&function, &start, event)
            .await
            .map_err(|failure| diagnostic(&failure))
    });
    match lambda_runtime::run(service).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("the runtime ended: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn handle(
    function: &OnceCell<Function>,
    start: &impl Fn(Registry) -> Function,
    event: LambdaEvent<Box<RawValue>>,
) -> Result<Value, Failure> {
    let LambdaEvent { payload, context } = event;
    let function = function
        .get_or_try_init(async || registry(&context.invoked_function_arn).map(start))
        .await?;
    let deadline = i64::try_from(context.deadline).unwrap_or(i64::MAX);
    let invocation = Invocation {
        deadline: DateTime::from_timestamp_millis(deadline).unwrap_or_default(),
        request_id: context.request_id,
    };
    function.handle(payload.get().as_bytes(), &invocation).await
}

/// What Lambda shows for a failed invocation.
fn diagnostic(failure: &Failure) -> Diagnostic {
    let code = failure.code().as_str();
    Diagnostic {
        error_type: if code.is_empty() { "Failure" } else { code }.to_owned(),
        error_message: failure.to_string(),
    }
}

/// `arn:aws:lambda:eu-west-1:123456789012:function:ecr-promoter`
fn registry(arn: &str) -> Result<Registry, Failure> {
    let mut parts = arn.split(':').skip(3);
    let (region, account) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    Registry::new(account, region).map_err(|error| {
        Failure::new(
            Remedy::Never,
            format!("read the function's ARN {arn:?}"),
            error.to_string(),
        )
    })
}
