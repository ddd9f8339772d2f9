//! Every state of evidence and every kind of failure by which an image is not promoted, as `promoter explain` tells it.

mod ways;

use crate::world::{deployed::Deployed, text};
use serde_json::{Value, json};
use ways::{Way, ways};

async fn prepare(world: &Deployed, way: &Way) {
    let (source, target) = (format!("dev/{}", way.name), format!("qa/{}", way.name));
    for name in [&source, &target] {
        world.repository(name).await;
    }
    let mut policy = json!({"source": source, "name": "p", "target": {"repository": target}});
    if let Some((attribute, operator, value)) = &way.criterion {
        policy["criteria"] =
            json!([{"attribute": attribute, "operator": operator, "value": value}]);
    }
    for (key, value) in way.keys.as_object().unwrap() {
        policy[key] = value.clone();
    }
    world.policy(&policy).await;
    let digest = if way.is_chart {
        world.aws.chart(&source, "1.4").await
    } else {
        world.aws.bare(&source, way.name, "1.4").await
    };
    if let Some(scan) = &way.scan {
        let mut scan = scan.clone();
        if let Some(at) = scan.pointer_mut("/imageScanFindings/imageScanCompletedAt") {
            // Rested for long enough to be believed.
            *at = json!(world.aws.local.clock().now().timestamp() - 3_600);
        }
        if let Some(at) = scan.pointer_mut("/imageScanFindings/enhancedFindings/0/firstObservedAt")
        {
            *at = json!(world.aws.local.clock().now().timestamp() - 16 * 86_400 - 3_600);
        }
        let ecr = world.aws.local.ecr();
        ecr.set_findings(&source, &digest, scan, true).unwrap();
    }
    if let Some((kind, document)) = &way.attached {
        world.aws.attach_as(&source, &digest, kind, document).await;
    }
}

fn faults(ways: &[Way]) -> Value {
    let faults = ways.iter().filter_map(|way| {
        let (operation, code) = way.refused?;
        // Of its scan the source is asked, everything else happens at the target.
        let side = if way.name.starts_with("scan") {
            "dev"
        } else {
            "qa"
        };
        Some(json!({
            "operation": operation, "code": code, "status": 400, "times": 1000, "message": "no",
            "match": format!("{side}/{}", way.name),
        }))
    });
    faults.collect()
}

/// Times and digests differ with each run, or say nothing.
fn settled(shown: &str) -> String {
    let lines = shown.lines().map(|line| match line.split_once(", 20") {
        Some((before, _)) => format!("{before}, (time)\n"),
        None => format!("{line}\n"),
    });
    lines.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_state_of_evidence_and_each_failure_is_told_with_what_to_do() {
    let world = Deployed::new().await;
    let ways = ways();
    world
        .aws
        .local
        .set_faults(serde_json::from_value(faults(&ways)).unwrap());
    for way in &ways {
        prepare(&world, way).await;
    }
    world.settle().await;
    let mut all = String::new();
    let mut wrong = Vec::new();
    for way in &ways {
        let image = format!("dev/{}:1.4", way.name);
        let paths = way.paths.map(|paths| ["--paths", paths]);
        let paths = paths.iter().flatten().copied();
        let arguments: Vec<&str> = ["explain", &image].into_iter().chain(paths).collect();
        let output = world.run(&arguments).await;
        if output.status.code() != Some(way.status) {
            wrong.push(format!("{}: {:?}", way.name, output.status.code()));
        }
        let shown = text(&output.stdout);
        assert!(
            shown.lines().all(|line| line.chars().count() <= 80),
            "{shown}"
        );
        all += "## ";
        all += way.name;
        all += "\n";
        all += &settled(shown);
        all += text(&output.stderr);
    }
    insta::assert_snapshot!("states", all);
    assert!(wrong.is_empty(), "{wrong:?}");
}
