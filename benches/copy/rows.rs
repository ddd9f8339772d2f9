//! What is copied.

use serde_json::{Value, json};

use crate::image::{Image, OCI_LAYER};

const MIB: usize = 1 << 20;
/// What a request costs more where a row says so, in milliseconds.
const DELAY: u64 = 10;
/// The requests of a copy, by their names.
const REQUESTS: [&str; 13] = [
    "ecr:BatchGetImage",
    "ecr:BatchCheckLayerAvailability",
    "ecr:PutImage",
    "registry:GET v2",
    "registry:GET blob",
    "registry:HEAD blob",
    "registry:POST upload",
    "registry:PATCH upload",
    "registry:PUT blob",
    "registry:mount",
    "registry:GET manifest",
    "registry:PUT manifest",
    "blobs:GET",
];

/// How the blobs come to the target.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Every byte moves.
    Moved,
    /// The registry links them.
    Mounted,
    /// They are there.
    There,
}

/// A row of what is printed.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) image: fn() -> Image,
    pub(crate) way: Way,
    /// Each request takes longer.
    pub(crate) is_slow: bool,
    pub(crate) beside_curl: bool,
    /// How often both copy it.
    pub(crate) rounds: usize,
}

impl Row {
    /// The faults that make its requests slow.
    pub(crate) fn delays(&self) -> Value {
        let slow = |name| json!({"operation": name, "delay_ms": DELAY, "times": 1_000_000});
        let all = REQUESTS.iter().filter(|_| self.is_slow).map(slow);
        all.collect()
    }
}

/// What is measured, in this order.
pub(crate) fn all() -> Vec<Row> {
    use Way::{Mounted, Moved, There};
    vec![
        row("10 x 50 MiB, moved", ten_large, Moved),
        row("10 x 50 MiB, mounted", ten_large, Mounted),
        row("10 x 50 MiB, there", ten_large, There),
        row("4 platforms of 4 x 20 MiB, moved", index, Moved),
        row("4 platforms of 4 x 20 MiB, mounted", index, Mounted),
        row("4 platforms of 4 x 20 MiB, there", index, There),
        slow("100 x 1 MiB, 10 ms a request, moved", hundred_small),
        slow("4 platforms of 4 x 20 MiB, 10 ms, moved", index),
        huge("a layer of 2 GiB, moved", false),
        huge("a layer of 2 GiB beside curl | curl, moved", true),
    ]
}

fn row(name: &'static str, image: fn() -> Image, way: Way) -> Row {
    Row {
        name,
        image,
        way,
        is_slow: false,
        beside_curl: false,
        rounds: 7,
    }
}

fn slow(name: &'static str, image: fn() -> Image) -> Row {
    Row {
        is_slow: true,
        ..row(name, image, Way::Moved)
    }
}

fn huge(name: &'static str, beside_curl: bool) -> Row {
    Row {
        beside_curl,
        rounds: 3,
        ..row(name, one_of_two_gib, Way::Moved)
    }
}

fn ten_large() -> Image {
    of("large", 10, 50 * MIB)
}

fn hundred_small() -> Image {
    of("small", 100, MIB)
}

fn one_of_two_gib() -> Image {
    of("huge", 1, 2048 * MIB)
}

fn index() -> Image {
    let platforms = ["linux/amd64", "linux/arm64", "linux/s390x", "linux/ppc64le"];
    let children = platforms.map(|platform| of(platform, 4, 20 * MIB));
    Image::index_of(children.to_vec(), &platforms)
}

/// An image of so many layers of so many bytes, which no compression makes smaller.
pub(crate) fn of(seed: &str, layers: usize, bytes: usize) -> Image {
    let start = seed.bytes().map(u64::from).sum::<u64>();
    let layer = |number: u64| {
        let mut random = fastrand::Rng::with_seed(start * 1_000 + number);
        let mut layer = vec![0; bytes];
        random.fill(&mut layer);
        layer
    };
    Image::of(seed, OCI_LAYER, (0..layers as u64).map(layer).collect())
}
