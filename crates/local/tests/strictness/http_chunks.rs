//! The registry over HTTP: blobs that go up in chunks.

use crate::http_push::{begin, with_digest};
use crate::world::*;

const CHUNK: usize = 10 * 1024 * 1024;

#[tokio::test]
async fn one_patch_and_an_empty_put_are_a_push() {
    let world = World::new(&["dev/website"]).await;
    let location = begin(&world).await;
    let answer = world.http("PATCH", &location, "hello").await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("range")),
        (201, "0-4")
    );
    assert_eq!(
        world
            .http("PUT", &with_digest(answer.header("location"), b"hello"), "")
            .await
            .status,
        201
    );
}

#[tokio::test]
async fn chunks_are_stored_while_the_range_stays_at_the_first() {
    let world = World::new(&["dev/website"]).await;
    let location = begin(&world).await;
    let blob = [vec![1; CHUNK], vec![2; CHUNK], vec![3; 7]].concat();
    for first in [0, CHUNK] {
        let range = format!("{first}-{}", first + CHUNK - 1);
        let answer = world
            .http_with(
                "PATCH",
                &location,
                &[("content-range", &range)],
                blob[first..first + CHUNK].to_vec(),
            )
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("range")),
            (201, "0-10485759")
        );
    }
    let again = world
        .http_with(
            "PATCH",
            &location,
            &[("content-range", "10485760-20971519")],
            vec![2; CHUNK],
        )
        .await;
    assert_eq!(again.status, 416, "who trusts the range sends again");
    assert_eq!(
        world
            .http("PUT", &with_digest(&location, &blob), vec![3; 7])
            .await
            .status,
        201
    );
}

#[tokio::test]
async fn small_chunks_fail_at_the_end() {
    let world = World::new(&["dev/website"]).await;
    let location = begin(&world).await;
    world.http("PATCH", &location, "hel").await;
    assert_eq!(world.http("PATCH", &location, "lo").await.status, 201);
    let answer = world
        .http("PUT", &with_digest(&location, b"hello"), "")
        .await;
    assert_eq!(answer.refusal(), (400, "BLOB_UPLOAD_INVALID".to_owned()));
}
