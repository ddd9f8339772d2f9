//! The pace of writes that share a quota with everybody's builds.

use crate::{
    image::Image,
    world::{Choices, World, stable_to_qa},
};

#[tokio::test(start_paused = true)]
async fn an_invocation_of_ten_puts_one_image_a_second_at_most() {
    let world = World::with(Choices {
        environment: &[("PUT_IMAGE_RATE", "5"), ("MAX_CONCURRENCY", "10")],
        ..Choices::default()
    })
    .await;
    world.policy(stable_to_qa()).await;
    let platforms = ["linux/amd64", "linux/arm64", "linux/s390x"];
    let index = Image::index("a", &platforms, 1);
    let digest = world.push("dev/website", "1-stable", &index).await;
    let event = world.push_event("dev/website", "1-stable", &digest);
    let began = world.clock.now();
    world.ask(&event).await.unwrap();
    assert_eq!(world.tags("qa/website").await["1-stable"], digest);
    // Six blobs are mounted, ten a second; three children and the root are put, one a second.
    let took = (world.clock.now() - began).num_milliseconds();
    assert_eq!(took, 500 + 3_000);
}
