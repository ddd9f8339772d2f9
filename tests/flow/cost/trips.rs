//! How long a promotion takes where each request takes the same time: the requests that follow one
//! another, in a list that shows which of them are under way together.

use crate::{
    image::Image,
    trips::{Ticking, four_platforms, no_log4j_by_name},
    world::stable_to_qa,
};

#[tokio::test(start_paused = true)]
async fn a_mounted_image_took_seventeen_round_trips_until_its_tag_stood() {
    let ticking = Ticking::warm(&[stable_to_qa()]).await;
    let path = ticking.push("1-stable", &Image::single("a", 1)).await;
    assert_eq!(path.lengths(), (11, 7), "{path}");
    insta::assert_snapshot!(path, @r"
     1  3 dynamodb:Query policies
     2  dynamodb:BatchGetItem tags+from+target | ecr:BatchGetImage | sqs:ChangeMessageVisibility
     3  dynamodb:TransactWriteItems case+tags+push
     4  dynamodb:BatchGetItem target+from | ecr:BatchCheckLayerAvailability | ecr:BatchGetImage
     5  2 registry:POST blob
     6  dynamodb:TransactWriteItems target+policy+case+from
     7  ecr:PutImage, tagged
     8  dynamodb:TransactWriteItems target+record+history+case+from
     9  ecr:BatchGetImage | ecr:ListImageReferrers
    10  events:PutEvents
    11  dynamodb:PutItem case
    ");
}

#[tokio::test(start_paused = true)]
async fn the_evidence_of_four_platforms_took_forty_nine_round_trips() {
    let ticking = Ticking::warm(&[stable_to_qa(), no_log4j_by_name()]).await;
    let path = ticking.push("1", &four_platforms()).await;
    assert_eq!(path.lengths(), (20, 15), "{path}");
    insta::assert_snapshot!(path, @r"
     1  3 dynamodb:Query policies
     2  dynamodb:BatchGetItem tags+from+target | ecr:BatchGetImage | sqs:ChangeMessageVisibility
     3  dynamodb:TransactWriteItems tags+push
     4  ecr:BatchGetImage
     5  dynamodb:TransactWriteItems in
     6  5 ecr:ListImageReferrers
     7  ecr:BatchGetImage
     8  4 ecr:GetDownloadUrlForLayer
     9  4 storage:GET blob
    10  dynamodb:PutItem case
    11  dynamodb:BatchGetItem target+from | ecr:BatchCheckLayerAvailability | ecr:BatchGetImage
    12  13 registry:POST blob
    13  8 ecr:PutImage
    14  dynamodb:TransactWriteItems target+policy+case+from
    15  ecr:PutImage, tagged
    16  dynamodb:TransactWriteItems target+record+history+case+from
    17  ecr:BatchGetImage | 8 ecr:ListImageReferrers
    18  ecr:ListImageReferrers
    19  events:PutEvents
    20  dynamodb:PutItem case
    ");
}
