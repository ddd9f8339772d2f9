//! An AWS with our tables and the function on it, as it is deployed.

use std::process::Output;

use aws_config::{Region, SdkConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use ecr_promoter::{Aws as Clients, Config, Function, Invocation, Seam};
use ecr_promoter_core::Registry;
use ecr_promoter_local::HOST_IN_PROCESS;
use serde_json::{Value, json};

use super::Aws;

/// The tables, as the template makes them.
const TABLES: &str = include_str!("../../../../../tests/template/tables.json");

/// An AWS with the function on it.
pub(crate) struct Deployed {
    pub(crate) aws: Aws,
    pub(crate) clients: Clients,
}

impl Deployed {
    pub(crate) async fn new() -> Self {
        let aws = Aws::new().await;
        let mut seam = Seam::network();
        seam.connector = aws.local.connector();
        let credentials = Credentials::from_keys("local", "local", None);
        let config = SdkConfig::builder()
            .endpoint_url(format!("http://{HOST_IN_PROCESS}"))
            .region(Region::from_static("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials));
        let sdk = seam.through(config);
        let clients = Clients::new(seam, &sdk);
        let deployed = Self { aws, clients };
        deployed.tables().await;
        deployed.function();
        deployed.repository("qa/website").await;
        deployed
    }

    async fn tables(&self) {
        let tables: Value = serde_json::from_str(TABLES).unwrap();
        for name in ["policies", "promotions"] {
            let mut input = tables[name].clone();
            input["TableName"] = json!(name);
            let request = http::Request::post("http://local/")
                .header("x-amz-target", "DynamoDB_20120810.CreateTable")
                .header("authorization", "AWS4-HMAC-SHA256 any")
                .body(axum::body::Body::from(input.to_string()));
            let answer = tower::ServiceExt::oneshot(self.aws.local.router(), request.unwrap());
            assert_eq!(answer.await.unwrap().status(), 200, "{name}");
        }
    }

    fn function(&self) {
        let queue_url = self.aws.local.queue_url(&self.aws.url);
        let config = Config::read(|name| {
            let value = match name {
                "POLICIES_TABLE" => "policies",
                "PROMOTIONS_TABLE" => "promotions",
                "PROMOTION_PATHS" => "* => *",
                "QUEUE_URL" => &queue_url,
                _ => return None,
            };
            Some(value.to_owned())
        });
        let registry = Registry::new("000000000000", "us-east-1").unwrap();
        let function = Function::new(config.unwrap(), self.clients.clone(), registry);
        self.aws.local.set_function(move |invocation| {
            let function = function.clone();
            Box::pin(async move {
                let of = Invocation {
                    request_id: invocation.request_id,
                    deadline: invocation.deadline,
                };
                let answer = function.handle(&invocation.payload, &of).await;
                answer
                    .map(|answer| answer.to_string().into_bytes())
                    .map_err(|failure| failure.to_string())
            })
        });
    }

    pub(crate) async fn repository(&self, name: &str) {
        let create = self.aws.ecr.create_repository().repository_name(name);
        create.send().await.unwrap();
    }

    /// Stores a policy as the console would, valid or not.
    pub(crate) async fn policy(&self, document: &Value) {
        let item = serde_dynamo::to_item(document).unwrap();
        let put = self.clients.dynamodb.put_item().table_name("policies");
        put.set_item(Some(item)).send().await.unwrap();
    }

    /// Lets the function handle what is on the queue.
    pub(crate) async fn settle(&self) {
        const STEPS_MAX: usize = 200;
        for _ in 0..STEPS_MAX {
            if !self.aws.local.step().await {
                return;
            }
        }
        panic!("the queue never empties");
    }

    pub(crate) async fn run(&self, arguments: &[&str]) -> Output {
        self.aws.promoter(arguments).await
    }
}
