//! A basic scan is started if there is none; what is refused is no failure of the record.

use serde_json::json;

use crate::{
    findings::{basic, no_critical},
    image::Image,
    world::World,
};

/// A push without a scan, whose scan is asked for and refused with this code.
async fn refused(code: &str) -> World {
    let world = World::new().await;
    world.policy(no_critical()).await;
    world.push("dev/website", "1", &Image::single("a", 1)).await;
    world.fault(
        json!([{"operation": "ecr:StartImageScan", "code": code, "status": 400, "times": 99}]),
    );
    world.settle().await;
    world
}

fn nothing_waits_or_failed(case: &str, world: &World) {
    let queue = world.local.queue();
    assert_eq!(
        (queue.visible, queue.in_flight, queue.dead),
        (0, 0, 0),
        "{case}: {queue:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_limit_of_one_scan_in_24_hours_says_that_a_scan_runs() {
    let world = refused("LimitExceededException").await;
    nothing_waits_or_failed("at once", &world);
    assert_eq!(world.open().await, 1, "looked at again");
    assert_eq!(
        world.local.requests()["ecr:StartImageScan"],
        1,
        "a quota is not retried"
    );
    // Where it is taken for no scan at all, the grace after the push ends here.
    world.later(15 * 60).await;
    let history = world.history().await;
    assert!(
        history.len() == 1
            && history[0].contains("awaiting")
            && history[0].contains("a basic scan was started"),
        "{history:?}"
    );
    let digest = Image::single("a", 1).digest();
    world.scan("dev/website", &digest, &basic(&world, &[]));
    world.settle().await;
    assert_eq!(world.tags("qa/website").await["1"], digest);
}

#[tokio::test(start_paused = true)]
async fn a_real_scan_of_today_is_not_asked_for_again() {
    let world = World::new().await;
    world.policy(no_critical()).await;
    let digest = world.push("dev/website", "1", &Image::single("a", 1)).await;
    world.settle().await;
    // The scan that ran is too old by the scanner's own word, and today's was asked for already.
    let mut old = basic(&world, &[]);
    let days_ago = world.clock.now() - chrono::TimeDelta::days(31);
    old["imageScanFindings"]["imageScanCompletedAt"] = json!(days_ago.timestamp());
    world.scan("dev/website", &digest, &old);
    world.settle().await;
    nothing_waits_or_failed("a second look", &world);
    // Once for the push; then ECR itself says that today's is used up.
    assert_eq!(world.local.requests()["ecr:StartImageScan"], 2);
    let history = world.history().await.join("\n");
    assert!(
        !history.contains("failed") && !history.contains("held"),
        "{history}"
    );
    assert!(world.tags("qa/website").await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_registry_that_cannot_be_asked_for_a_scan_leads_to_hold_after_ten_minutes() {
    for (case, code) in [
        ("an enhanced registry", "ValidationException"),
        ("no permission to start scans", "AccessDeniedException"),
        (
            "an image that is not scanned",
            "UnsupportedImageTypeException",
        ),
    ] {
        let world = refused(code).await;
        nothing_waits_or_failed(case, &world);
        let history = world.history().await;
        assert!(
            history.len() == 1 && history[0].contains("awaiting"),
            "{case}: {history:?}"
        );
        world.later(9 * 60).await;
        assert_eq!(world.history().await, history, "{case}: not yet");
        world.later(60).await;
        let history = world.history().await;
        assert!(
            history.len() == 2
                && history[1].contains("held")
                && history[1].contains("never scanned"),
            "{case}: {history:?}"
        );
        nothing_waits_or_failed(case, &world);
        assert!(world.tags("qa/website").await.is_empty(), "{case}");
    }
}
