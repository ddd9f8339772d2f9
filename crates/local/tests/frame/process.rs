//! A function in processes behind the Runtime API. The process is this test binary again, made to serve by
//! `serve_invocations`.

use std::{fs, net::SocketAddr, os::unix::fs::PermissionsExt, path::PathBuf, time::Duration};

use chrono::DateTime;
use ecr_promoter_local::{Clock, Local, LocalError, Options};
use serde_json::{Value, json};

use crate::http::exchange;

/// Serves invocations by the Runtime API until there are no more.
#[test]
#[ignore = "is the process that the other tests start"]
fn serve_invocations() {
    if let Ok(address) = std::env::var("AWS_LAMBDA_RUNTIME_API") {
        let address = address.parse().unwrap();
        while serve_one(address).is_some() {}
    }
}

/// Echoes, fails, ends or hangs, as the payload says.
fn serve_one(address: SocketAddr) -> Option<()> {
    let base = "/2018-06-01/runtime/invocation";
    let next = exchange(address, &format!("GET {base}/next"), "", "")?;
    let header = |name: &str| {
        let mut lines = next.head.lines();
        lines.find_map(|it| it.strip_prefix(name)?.strip_prefix(": "))
    };
    let id = header("lambda-runtime-aws-request-id")?;
    let payload: Value = serde_json::from_str(&next.body).ok()?;
    match payload["do"].as_str()? {
        "exit" => std::process::exit(3),
        "hang" => loop {
            std::thread::park();
        },
        "fail" => {
            let error = json!({"errorMessage": "no such luck", "errorType": "Luck"}).to_string();
            exchange(address, &format!("POST {base}/{id}/error"), "", &error)?;
        }
        _ => {
            let wrong = format!("POST {base}/another/response");
            let answer = json!({
                "process": std::process::id(),
                "deadline": header("lambda-runtime-deadline-ms"),
                "arn": header("lambda-runtime-invoked-function-arn"),
                "function": std::env::var("AWS_LAMBDA_FUNCTION_NAME").ok(),
                "endpoint": std::env::var("AWS_ENDPOINT_URL").ok(),
                "status_of_another_id": exchange(address, &wrong, "", "{}")?.status,
            });
            let path = format!("POST {base}/{id}/response");
            exchange(address, &path, "", &answer.to_string())?;
        }
    }
    Some(())
}

/// A binary without arguments that becomes this one, serving.
fn bootstrap(folder: &tempfile::TempDir) -> PathBuf {
    let path = folder.path().join("bootstrap");
    let this = std::env::current_exe().unwrap();
    let script = format!(
        "#!/bin/sh\nexec '{}' --exact process::serve_invocations --ignored --nocapture\n",
        this.display()
    );
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

fn local() -> Local {
    let clock = Clock::manual(DateTime::UNIX_EPOCH);
    Local::open(Options {
        clock,
        ..Options::default()
    })
    .unwrap()
}

fn endpoint() -> Vec<(String, String)> {
    vec![(
        "AWS_ENDPOINT_URL".to_owned(),
        "http://127.0.0.1:1".to_owned(),
    )]
}

async fn invoke(local: &Local, what: &str) -> Result<Value, String> {
    let answer = local
        .invoke(json!({"do": what}).to_string().into_bytes())
        .await?;
    Ok(serde_json::from_slice(&answer).unwrap())
}

#[tokio::test]
async fn a_process_serves_until_it_ends_or_its_deadline_passes() {
    let folder = tempfile::tempdir().unwrap();
    let local = local();
    local
        .run_bootstrap(bootstrap(&folder), 1, endpoint())
        .unwrap();

    let first = invoke(&local, "echo").await.unwrap();
    assert_eq!(first["deadline"], "60000");
    assert_eq!(
        first["arn"],
        "arn:aws:lambda:us-east-1:000000000000:function:ecr-promoter"
    );
    assert_eq!(first["function"], "ecr-promoter");
    assert_eq!(first["endpoint"], "http://127.0.0.1:1");
    assert_eq!(first["status_of_another_id"], 400);
    assert_eq!(invoke(&local, "fail").await, Err("no such luck".to_owned()));
    let second = invoke(&local, "echo").await.unwrap();
    assert_eq!(
        first["process"], second["process"],
        "a failure does not end the process"
    );

    let error = invoke(&local, "exit").await.unwrap_err();
    assert!(
        error.ends_with("Runtime exited with error: exit status: 3"),
        "{error}"
    );
    let third = invoke(&local, "echo").await.unwrap();
    assert_ne!(second["process"], third["process"]);

    let passing = async {
        loop {
            tokio::task::yield_now().await;
            local.clock().advance(Duration::from_secs(10));
        }
    };
    let error = tokio::select! {
        answer = invoke(&local, "hang") => answer.unwrap_err(),
        () = passing => unreachable!(),
    };
    assert!(
        error.ends_with("Task timed out after 60.00 seconds"),
        "{error}"
    );
    let fourth = invoke(&local, "echo").await.unwrap();
    assert_ne!(third["process"], fourth["process"]);
}

#[tokio::test]
async fn processes_serve_side_by_side() {
    let folder = tempfile::tempdir().unwrap();
    let local = local();
    local
        .run_bootstrap(bootstrap(&folder), 2, endpoint())
        .unwrap();
    let hanging = invoke(&local, "hang");
    let serving = async {
        // The one that hangs is handed over first; the other must not wait for it.
        tokio::task::yield_now().await;
        invoke(&local, "echo").await
    };
    tokio::select! {
        _ = hanging => unreachable!(),
        answer = serving => assert!(answer.is_ok()),
    }
}

#[tokio::test]
async fn a_binary_that_cannot_run_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let local = local();
    let none = folder.path().join("none");
    let error = local.run_bootstrap(&none, 1, endpoint()).unwrap_err();
    assert!(
        matches!(&error, LocalError::Bootstrap { path, .. } if *path == none),
        "{error}"
    );
    let error = local
        .run_bootstrap(bootstrap(&folder), 1, Vec::new())
        .unwrap_err();
    assert!(matches!(error, LocalError::NoAddress), "{error}");
    let text = folder.path().join("text");
    fs::write(&text, "no binary").unwrap();
    local.run_bootstrap(&text, 1, endpoint()).unwrap();
    let error = invoke(&local, "echo").await.unwrap_err();
    assert!(error.starts_with("cannot start"), "{error}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_process_ends_with_its_account() {
    let folder = tempfile::tempdir().unwrap();
    let local = local();
    local
        .run_bootstrap(bootstrap(&folder), 1, endpoint())
        .unwrap();
    drop(local.start_poller());
    let process = invoke(&local, "echo").await.unwrap()["process"].clone();
    let runs = || {
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        stat.rsplit_once(") ")
            .is_some_and(|(_, it)| !it.starts_with('Z'))
    };
    assert!(runs());
    drop(local);
    let ended = async {
        while runs() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), ended)
        .await
        .unwrap();
}
