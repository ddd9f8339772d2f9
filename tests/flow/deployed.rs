//! A world on a socket, and the real binary as its function.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use serde_json::Value;
use tokio::task::JoinHandle;

use crate::world::{Choices, World};

/// Longer than any test takes on a busy machine; ends one that would wait forever.
pub const PATIENCE: Duration = Duration::from_mins(2);
/// How often a condition of another process is looked at.
pub const LOOK: Duration = Duration::from_millis(2);

/// A world on a socket, and the binary as its function.
pub struct Deployed {
    pub world: World,
    folder: tempfile::TempDir,
    serving: JoinHandle<()>,
}

impl Drop for Deployed {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Deployed {
    pub async fn new(environment: &[(&str, &str)]) -> Self {
        Self::with(Choices::default(), environment).await
    }

    /// A world that begins now: the binary's clock is the machine's.
    pub async fn with(choices: Choices, environment: &[(&str, &str)]) -> Self {
        let choices = Choices {
            start: std::time::SystemTime::now().into(),
            timeout: Duration::from_mins(15),
            ..choices
        };
        let processes = choices.processes;
        let world = World::with(choices).await;
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let local = world.local.clone();
        let serving = tokio::spawn(async move { local.serve(listener).await.unwrap() });
        // The server tells processes its address once it was polled.
        while world.local.run_bootstrap("/", 1, Vec::new()).is_err() {
            tokio::task::yield_now().await;
        }
        let folder = tempfile::tempdir().unwrap();
        let mut env = vec![
            ("POLICIES_TABLE".to_owned(), "policies".to_owned()),
            ("PROMOTIONS_TABLE".to_owned(), "promotions".to_owned()),
            ("PROMOTION_PATHS".to_owned(), "* => *".to_owned()),
            ("QUEUE_URL".to_owned(), world.local.queue_url(&base)),
            ("AWS_LAMBDA_LOG_FORMAT".to_owned(), "JSON".to_owned()),
        ];
        let own = environment.iter();
        env.extend(own.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        world
            .local
            .run_bootstrap(wrapper(folder.path()), processes, env)
            .unwrap();
        Self {
            world,
            folder,
            serving,
        }
    }

    /// The processes that were started, oldest first.
    pub fn processes(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.folder.path().join("processes"));
        text.unwrap_or_default()
            .lines()
            .map(str::to_owned)
            .collect()
    }

    /// Everything that the processes wrote.
    pub fn written(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// The log's lines, each of them JSON.
    pub fn log(&self) -> Vec<Value> {
        let written = self.written();
        let line = |line: &str| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
        written.lines().map(line).collect()
    }

    /// Ends the process that runs now, as Lambda ends one.
    pub fn kill(&self) {
        let process = self.processes().pop().unwrap();
        let killed = Command::new("kill").args(["-KILL", &process]).status();
        assert!(killed.unwrap().success());
    }

    /// Hands the binary a payload.
    pub async fn invoke(&self, payload: impl Into<Vec<u8>>) -> Result<Value, String> {
        let answer = tokio::time::timeout(PATIENCE, self.world.local.invoke(payload.into()));
        let answer = answer.await.unwrap()?;
        Ok(serde_json::from_slice(&answer).unwrap())
    }

    /// Waits until every fault on order was met.
    pub async fn faults_met(&self) {
        let met = async {
            while !self.world.waiting_faults().await.is_empty() {
                tokio::time::sleep(LOOK).await;
            }
        };
        tokio::time::timeout(PATIENCE, met).await.unwrap();
    }

    /// Lets everything that can be seen on the queue be handled.
    pub async fn settle(&self) {
        let settled = tokio::time::timeout(PATIENCE, self.world.settle());
        settled.await.unwrap();
    }
}

/// The binary that is tested: the one that was built beside the tests, or another one that the environment names, such as the
/// artefact for Lambda.
pub fn binary() -> String {
    let built = || env!("CARGO_BIN_EXE_bootstrap").to_owned();
    std::env::var("BOOTSTRAP").unwrap_or_else(|_| built())
}

/// The binary, its output and its process's number kept in the folder.
fn wrapper(folder: &Path) -> PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    let path = folder.join("bootstrap");
    let script = format!(
        "#!/bin/sh\necho $$ >> '{0}/processes'\nexec '{1}' >> '{0}/log' 2>&1\n",
        folder.display(),
        binary(),
    );
    std::fs::write(&path, script).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}
