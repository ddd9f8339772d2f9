//! Every request of a promotion, and what can go wrong with one.

use serde_json::{Value, json};

use crate::{
    image::Image,
    world::{Choices, World, stable_to_qa},
};

/// How the image comes to its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Its blobs are mounted.
    Mounted,
    /// Its blobs are streamed.
    Streamed,
    /// An index, mounted.
    Index,
    /// Its target is made first.
    Made,
    /// Its event comes before the image can be read, so the delivery comes back.
    ComesBack,
}

/// One request of a promotion: its name, what tells it from others of that name, where it occurs.
pub struct Operation(pub &'static str, pub &'static str, pub Way);

pub const OPERATIONS: [Operation; 24] = [
    Operation("sqs:ChangeMessageVisibility", "", Way::Mounted),
    Operation("sqs:SendMessage", "", Way::ComesBack),
    Operation("dynamodb:Query", "policies", Way::Mounted),
    Operation("ecr:BatchGetImage", "dev/website", Way::Mounted),
    Operation("dynamodb:BatchGetItem", "TAGS#", Way::Mounted),
    Operation("dynamodb:TransactWriteItems", "TAGS#", Way::Mounted),
    Operation("dynamodb:TransactWriteItems", "PUSH#", Way::Index),
    Operation("dynamodb:PutItem", "CASE#", Way::Index),
    Operation("dynamodb:BatchGetItem", "FROM#", Way::Mounted),
    Operation("ecr:BatchGetImage", "qa/website", Way::Mounted),
    Operation("ecr:DescribeRepositories", "", Way::Made),
    Operation("ecr:CreateRepository", "", Way::Made),
    Operation("ecr:BatchCheckLayerAvailability", "", Way::Mounted),
    Operation("ecr:GetAuthorizationToken", "", Way::Mounted),
    Operation("registry:mount", "", Way::Mounted),
    Operation("ecr:GetDownloadUrlForLayer", "", Way::Streamed),
    Operation("blobs:GET", "", Way::Streamed),
    Operation("registry:PUT blob", "", Way::Streamed),
    Operation("ecr:PutImage", "vnd.oci.image.config", Way::Index),
    Operation("dynamodb:TransactWriteItems", r#""policies""#, Way::Mounted),
    Operation("ecr:PutImage", "", Way::Mounted),
    Operation("dynamodb:TransactWriteItems", "HISTORY#", Way::Mounted),
    Operation("ecr:ListImageReferrers", "", Way::Mounted),
    Operation("events:PutEvents", "", Way::Mounted),
];

/// What goes wrong: its name, then code and status at ECR, at the tables, queue and bus, and at
/// the registry and its storage.
pub struct Kind(pub &'static str, pub [(&'static str, u16); 3]);

pub const KINDS: [Kind; 5] = [
    Kind(
        "throttled",
        [
            ("ThrottlingException", 400),
            ("ThrottlingException", 400),
            ("TOOMANYREQUESTS", 429),
        ],
    ),
    Kind(
        "broken",
        [
            ("ServerException", 500),
            ("InternalServerError", 500),
            ("UNKNOWN", 500),
        ],
    ),
    Kind(
        "denied",
        [
            ("AccessDeniedException", 400),
            ("AccessDeniedException", 400),
            ("DENIED", 403),
        ],
    ),
    Kind(
        "quota",
        [
            ("LimitExceededException", 400),
            ("LimitExceededException", 400),
            ("LIMIT_EXCEEDED", 403),
        ],
    ),
    Kind("cut off", [("ConnectionReset", 0); 3]),
];

impl Operation {
    /// What only reads is the same before its effect and after it.
    pub fn has_effect(&self) -> bool {
        let reads = ["Get", "Query", "Batch", "List", "Describe", "blobs:GET"];
        !reads.iter().any(|it| self.0.contains(it))
    }

    pub fn fault(&self, kind: &Kind, times: u32, after_effect: bool) -> Value {
        let Self(name, aim, _) = self;
        let Kind(_, [ecr, own, registry]) = kind;
        let (code, status) = match name.split_once(':') {
            Some(("ecr", _)) => ecr,
            Some(("registry" | "blobs", _)) => registry,
            _ => own,
        };
        json!([{
            "operation": name, "match": aim, "code": code, "status": status, "times": times,
            "after_effect": after_effect,
        }])
    }
}

impl Way {
    pub const ALL: [Self; 5] = [
        Self::Mounted,
        Self::Streamed,
        Self::Index,
        Self::Made,
        Self::ComesBack,
    ];

    pub fn image(self) -> Image {
        match self {
            Self::Index => Image::index("a", &["linux/amd64", "linux/arm64"], 1),
            _ => Image::single("a", 1),
        }
    }

    /// A world in which the delivery of one push waits to be handled.
    pub async fn world(self) -> World {
        let world = World::with(Choices {
            blob_mounting: self != Self::Streamed,
            environment: &[("CREATE_TARGETS", "true")],
            ..Choices::default()
        })
        .await;
        world.policy(stable_to_qa()).await;
        if self == Self::Made {
            world.delete_repository("qa/website").await;
        }
        let image = self.image();
        if self == Self::ComesBack {
            let event = world.push_event("dev/website", "1-stable", &image.digest());
            world.local.raise(event);
        } else {
            self.push(&world).await;
        }
        world.local.reset_requests();
        world
    }

    pub async fn push(self, world: &World) {
        let image = self.image();
        world.push("dev/website", "1-stable", &image).await;
        for child in &image.children {
            world.drop_events_of(&child.digest()).await;
        }
    }

    /// What a late image's delivery still waits for.
    pub async fn arrive(self, world: &World) {
        if self == Self::ComesBack {
            let image = self.image();
            image
                .push(&world.aws.ecr, "dev/website", Some("1-stable"))
                .await;
        }
    }
}
