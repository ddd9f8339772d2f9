//! Processes of one binary that serve invocations, as Lambda's execution environments do: each serves one
//! invocation at a time, and one that passes its deadline is killed.
//!
//! A process starts when it is first needed and is killed with its owner. Knows nothing of what it runs.

use std::{path::PathBuf, process::Stdio, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, BufReader},
    process::{Child, Command},
    sync::{Mutex, mpsc, oneshot},
    task::JoinHandle,
};

use crate::{
    clock::Clock,
    function::{FUNCTION, Invocation, deadline, timed_out},
    runtime_api::{Outcome, RuntimeApi, Stopped},
    wait,
};

/// How a binary is run.
pub(crate) struct Settings {
    pub(crate) binary: PathBuf,
    pub(crate) account: String,
    pub(crate) region: String,
    /// Set after, and so instead of, what Lambda sets.
    pub(crate) env: Vec<(String, String)>,
    pub(crate) timeout: Duration,
    pub(crate) clock: Clock,
}

/// Up to this many processes of a binary.
pub(crate) struct Processes {
    jobs: mpsc::Sender<Job>,
    workers: Vec<JoinHandle<()>>,
}

struct Job {
    payload: Vec<u8>,
    request_id: String,
    reply: oneshot::Sender<Outcome>,
}

struct Running {
    child: Child,
    api: RuntimeApi,
}

impl Processes {
    /// Makes room for this many processes; none is started yet. Must be called within a runtime.
    pub(crate) fn new(settings: Settings, most: usize) -> Self {
        let (jobs, receiver) = mpsc::channel(1);
        let receiver = Arc::new(Mutex::new(receiver));
        let settings = Arc::new(settings);
        let worker = |_| tokio::spawn(work(settings.clone(), receiver.clone()));
        let workers = (0..most.max(1)).map(worker).collect();
        Self { jobs, workers }
    }

    /// Waits for a process that is free, and for its answer.
    pub(crate) async fn invoke(&self, payload: Vec<u8>, request_id: String) -> Outcome {
        let (reply, answer) = oneshot::channel();
        let job = Job {
            payload,
            request_id,
            reply,
        };
        let gone = || Stopped::new("Runtime.ExitError", "the function's processes are gone");
        self.jobs.send(job).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        // Each worker owns its process, which is killed when it is dropped.
        self.workers.iter().for_each(JoinHandle::abort);
    }
}

async fn work(settings: Arc<Settings>, jobs: Arc<Mutex<mpsc::Receiver<Job>>>) {
    let mut running = None;
    loop {
        let job = jobs.lock().await.recv().await;
        let Some(Job {
            payload,
            request_id,
            reply,
        }) = job
        else {
            return;
        };
        let (left, outcome) = serve(&settings, running.take(), payload, request_id).await;
        running = left;
        // The caller may have gone.
        let _ = reply.send(outcome);
    }
}

/// One invocation on a process, a new one if there is none; and the process, where it can serve another.
async fn serve(
    settings: &Settings,
    running: Option<Running>,
    payload: Vec<u8>,
    request_id: String,
) -> (Option<Running>, Outcome) {
    let mut running = match Running::of(settings, running).await {
        Ok(running) => running,
        Err(stopped) => return (None, Err(stopped)),
    };
    let deadline = deadline(&settings.clock, settings.timeout);
    let invocation = Invocation {
        payload,
        deadline,
        request_id: request_id.clone(),
    };
    let answer = running.api.hand(invocation);
    let error = tokio::select! {
        biased;
        answer = answer => match answer {
            Ok(outcome) => return (Some(running), outcome),
            Err(_) => Stopped::new("Runtime.NotReady", "the process did not take its last invocation"),
        },
        status = running.child.wait() => {
            let status = status.map_or_else(|error| error.to_string(), |it| it.to_string());
            let message = format!("RequestId: {request_id} Error: Runtime exited with error: {status}");
            Stopped::new("Runtime.ExitError", message)
        }
        () = wait::until(&settings.clock, deadline) => timed_out(&request_id, settings.timeout),
    };
    // One that has already ended need not be killed.
    let _ = running.child.kill().await;
    (None, Err(error))
}

impl Running {
    /// One that runs, a new one if need be.
    async fn of(settings: &Settings, before: Option<Self>) -> Result<Self, Stopped> {
        if let Some(running) = before.and_then(Self::if_alive) {
            return Ok(running);
        }
        Self::start(settings).await.map_err(|error| {
            let message = format!("cannot start {}: {error}", settings.binary.display());
            Stopped::new("Runtime.InvalidEntrypoint", message)
        })
    }

    fn if_alive(mut self) -> Option<Self> {
        matches!(self.child.try_wait(), Ok(None)).then_some(self)
    }

    async fn start(settings: &Settings) -> std::io::Result<Self> {
        let Settings {
            account, region, ..
        } = settings;
        let arn = format!("arn:aws:lambda:{region}:{account}:function:{FUNCTION}");
        let api = RuntimeApi::start(arn).await?;
        let mut command = Command::new(&settings.binary);
        command.env_clear();
        for name in ["PATH", "LLVM_PROFILE_FILE"] {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        let address = api.address.to_string();
        for (name, value) in [
            ("AWS_LAMBDA_RUNTIME_API", address.as_str()),
            ("AWS_LAMBDA_FUNCTION_NAME", FUNCTION),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1769"),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/ecr-promoter"),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "local"),
            ("_HANDLER", "bootstrap"),
            ("TZ", ":UTC"),
            ("AWS_REGION", region),
            ("AWS_DEFAULT_REGION", region),
            ("AWS_ACCESS_KEY_ID", "local"),
            ("AWS_SECRET_ACCESS_KEY", "local"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ] {
            command.env(name, value);
        }
        command.envs(settings.env.iter().map(|(name, value)| (name, value)));
        // Our own standard output is for the process that started us.
        command.stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.kill_on_drop(true).spawn()?;
        child.stdout.take().map(|out| tokio::spawn(show(out)));
        child.stderr.take().map(|err| tokio::spawn(show(err)));
        Ok(Self { child, api })
    }
}

/// The longest line that is shown whole, in bytes.
const LINE_BYTES_MAX: u64 = 64 * 1024;

/// Logs what a process writes, as Lambda does: a line at a time.
async fn show(written: impl AsyncRead + Unpin) {
    let mut written = BufReader::new(written);
    let mut line = Vec::new();
    loop {
        line.clear();
        let mut most = (&mut written).take(LINE_BYTES_MAX);
        match most.read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {
                let line = String::from_utf8_lossy(line.trim_ascii_end());
                tracing::info!(%line, "written");
            }
        }
    }
}
