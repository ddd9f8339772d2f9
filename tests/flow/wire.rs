//! What tests ask of the embedded AWS without an SDK.

use aws_smithy_runtime_api::client::{http::HttpConnector as _, orchestrator::HttpRequest};
use ecr_promoter_local::StreamMapping;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};

use crate::{image::Image, world::World};

impl World {
    /// The stream of the policies invokes the function when a test says so.
    pub fn map_stream(&self) {
        let mapping = StreamMapping {
            table: "policies".to_owned(),
            filter: Some(json!({"eventName": ["INSERT", "MODIFY"]})),
            batch_size: 10,
            retries_max: 20,
        };
        self.local.set_stream(mapping).unwrap();
    }

    /// One call of a JSON API.
    pub async fn api(&self, target: &str, input: &Value) -> Value {
        let mut request = HttpRequest::new(input.to_string().into());
        request.set_method("POST").unwrap();
        request.set_uri("http://local/").unwrap();
        let headers = request.headers_mut();
        headers.insert("x-amz-target", target.to_owned());
        headers.insert(
            "authorization",
            "AWS4-HMAC-SHA256 Credential=AKID/20260307/eu-west-1/dynamodb/aws4_request",
        );
        headers.insert("content-length", input.to_string().len().to_string());
        let (status, body) = self.exchange(request).await;
        assert_eq!(status, 200, "{target}: {}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).unwrap()
    }

    /// Puts a manifest whose blobs are there: for thousands of them, which take the SDK a minute.
    pub async fn put_image(&self, repository: &str, tag: Option<&str>, image: &Image) {
        let mut put = json!({
            "repositoryName": repository,
            "imageManifest": image.manifest,
            "imageManifestMediaType": image.media_type,
        });
        if let Some(tag) = tag {
            put["imageTag"] = json!(tag);
        }
        self.api("AmazonEC2ContainerRegistry_V20150921.PutImage", &put)
            .await;
    }

    /// A blob of a repository, downloaded.
    pub async fn blob(&self, repository: &str, digest: &str) -> Option<Vec<u8>> {
        let get = self
            .aws
            .ecr
            .get_download_url_for_layer()
            .repository_name(repository)
            .layer_digest(digest);
        let url = get.send().await.ok()?.download_url?;
        let (_, body) = self.exchange(HttpRequest::get(url).unwrap()).await;
        Some(body)
    }

    /// The operations of the faults on order that were not met yet.
    pub async fn waiting_faults(&self) -> Vec<String> {
        let request = HttpRequest::get("http://local/_local/faults").unwrap();
        let (_, body) = self.exchange(request).await;
        let faults: Vec<Value> = serde_json::from_slice(&body).unwrap();
        let operation = |fault: &Value| fault["operation"].as_str().unwrap().to_owned();
        faults.iter().map(operation).collect()
    }

    async fn exchange(&self, request: HttpRequest) -> (u16, Vec<u8>) {
        let answer = self.local.connector().call(request).await.unwrap();
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, body.to_vec())
    }
}
