//! The named peers: skopeo, and for one layer `curl | curl`.

use tokio::{net::TcpListener, process::Command};

use crate::{
    deployed::Deployed,
    image::{Image, digest},
};

/// One layer from a registry to another repository of it: opened, streamed, completed by its digest.
const CURL: &str = r#"set -e
own="Authorization: Basic $(printf 'AWS:x' | base64)"
place="$(curl -sf -X POST -H "$own" -H 'Content-Length: 0' -D - -o /dev/null "$1/v2/$2/blobs/uploads/" |
    tr -d '\r' | sed -n 's/^[Ll]ocation: //p')"
case "$place" in /*) place="$1$place" ;; esac
place="$(curl -sf -L -H "$own" "$1/v2/dev/website/blobs/$3" |
    curl -sf -X PATCH -H "$own" -H 'Content-Type: application/octet-stream' -H 'Transfer-Encoding:' -H "Content-Length: $4" \
        -T - -D - -o /dev/null "$place" | tr -d '\r' | sed -n 's/^[Ll]ocation: //p')"
case "$place" in /*) place="$1$place" ;; esac
case "$place" in *\?*) next='&' ;; *) next='?' ;; esac
curl -sf -X PUT -H "$own" -H 'Content-Length: 0' -o /dev/null "$place${next}digest=$3"
times"#;

const SKOPEO: &str = r#"set -e
skopeo copy --quiet --all --preserve-digests --src-tls-verify=false --dest-tls-verify=false \
    --src-creds=AWS:x --dest-creds=AWS:x "docker://$1/dev/website:seed" "docker://$1/$2:1"
times"#;

/// Somebody else who copies within the embedded registry.
pub(crate) struct Peer {
    host: String,
    /// The largest layer, and its bytes.
    layer: (String, usize),
}

impl Peer {
    pub(crate) async fn new(deployed: &Deployed, image: &Image) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let local = deployed.world.local.clone();
        tokio::spawn(async move { local.serve(listener).await });
        let layer = image.blobs.iter().max_by_key(|blob| blob.len());
        let layer = layer.map(|layer| (digest(layer), layer.len()));
        Self {
            host,
            layer: layer.unwrap_or_default(),
        }
    }

    /// Copies the image; the seconds of a processor that it took.
    pub(crate) async fn skopeo(&self, target: &str) -> f64 {
        run(SKOPEO, &[&self.host, target]).await
    }

    /// Copies the largest layer; the seconds of a processor that it took.
    pub(crate) async fn curl(&self, target: &str) -> f64 {
        let (layer, bytes) = &self.layer;
        let (host, bytes) = (format!("http://{}", self.host), bytes.to_string());
        run(CURL, &[&host, target, layer, &bytes]).await
    }
}

async fn run(script: &str, arguments: &[&str]) -> f64 {
    let mut command = Command::new("bash");
    command.args(["-c", script, "peer"]).args(arguments);
    let ran = command.output().await.unwrap();
    let wrong = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{wrong}");
    // The shell's own times, then those of its children, as in `0m1.250s 0m0.310s`.
    let written = String::from_utf8(ran.stdout).unwrap();
    let children = written.lines().last().unwrap_or_default();
    children.split_whitespace().map(seconds).sum()
}

fn seconds(written: &str) -> f64 {
    let (minutes, seconds) = written.trim_end_matches('s').split_once('m').unwrap();
    minutes.parse::<f64>().unwrap() * 60.0 + seconds.parse::<f64>().unwrap()
}
