"""What other clients push is promoted, and what was promoted they can read: skopeo and boto3."""

import hashlib
import json
import subprocess

import boto3
import pytest

import image
from conftest import REPOSITORY

TARGET = "qa/website"
POLICY = {
    "source": REPOSITORY,
    "name": "stable",
    "criteria": [{"attribute": "tag", "operator": "ends_with", "value": "stable"}],
    "target": {"repository": TARGET},
}
READ = ["--src-tls-verify=false", "--src-creds=AWS:x"]
WRITE = ["--dest-tls-verify=false", "--dest-creds=AWS:x"]
INSPECT = ["--tls-verify=false", "--creds=AWS:x"]


@pytest.fixture(scope="module")
def ecr(promoting):
    return boto3.client(
        "ecr",
        endpoint_url=promoting.url,
        region_name="us-east-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",
    )


@pytest.fixture(scope="module")
def seed(promoting, ecr, tmp_path_factory):
    """Two repositories, a policy between them, and an image that the policy does not mean."""
    for repository in (REPOSITORY, TARGET):
        ecr.create_repository(repositoryName=repository)
    folder = tmp_path_factory.mktemp("pushed")
    (folder / "policy.json").write_text(json.dumps(POLICY))
    put = promoting.promoter("policy", "put", "--yes", str(folder / "policy.json"))
    assert put.returncode == 0, put.stderr
    return image.push(promoting, folder, REPOSITORY, "seed").digest


def skopeo(*arguments: str) -> bytes:
    done = subprocess.run(["skopeo", *arguments], capture_output=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def digest_in(ecr, tag: str) -> str:
    described = ecr.describe_images(repositoryName=TARGET, imageIds=[{"imageTag": tag}])
    return described["imageDetails"][0]["imageDigest"]


def test_an_image_from_a_layout_comes_back_from_the_target_as_it_was(promoting, ecr, seed, tmp_path):
    source, target = (f"docker://{promoting.host}/{name}" for name in (REPOSITORY, TARGET))
    out, back = (f"oci:{tmp_path / name}:1" for name in ("out", "back"))
    skopeo("copy", "--preserve-digests", *READ, f"{source}:seed", out)
    skopeo("copy", "--preserve-digests", *WRITE, out, f"{source}:1.0-stable")
    promoting.settled()
    assert digest_in(ecr, "1.0-stable") == seed
    skopeo("copy", "--preserve-digests", *READ, f"{target}:1.0-stable", back)
    raw = skopeo("inspect", "--raw", *INSPECT, f"{target}:1.0-stable")
    assert f"sha256:{hashlib.sha256(raw).hexdigest()}" == seed
    assert "1.0-stable" in json.loads(skopeo("list-tags", *INSPECT, target))["Tags"]


def test_a_tag_that_boto3_puts_is_promoted(promoting, ecr, seed):
    found = ecr.batch_get_image(repositoryName=REPOSITORY, imageIds=[{"imageTag": "seed"}])
    manifest = found["images"][0]["imageManifest"]
    ecr.put_image(repositoryName=REPOSITORY, imageManifest=manifest, imageTag="2.0-stable")
    promoting.settled()
    assert digest_in(ecr, "2.0-stable") == seed
    explained = promoting.promoter("explain", f"{REPOSITORY}:2.0-stable")
    assert explained.returncode == 0, explained.stdout
    pages = ecr.get_paginator("list_images").paginate(repositoryName=TARGET)
    assert "2.0-stable" in {one.get("imageTag") for page in pages for one in page["imageIds"]}
