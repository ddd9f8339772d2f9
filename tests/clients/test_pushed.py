"""What other clients push is promoted, and what was promoted they can read: skopeo, buildah, podman and boto3."""

import hashlib
import json
import os
import subprocess
import tempfile

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


def boto3_at(aws):
    return boto3.client(
        "ecr",
        endpoint_url=aws.url,
        region_name="us-east-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",
    )


@pytest.fixture(scope="module")
def ecr(promoting):
    return boto3_at(promoting)


def put_policy(aws, folder):
    (folder / "policy.json").write_text(json.dumps(POLICY))
    put = aws.promoter("policy", "put", "--yes", str(folder / "policy.json"))
    assert put.returncode == 0, put.stderr


@pytest.fixture(scope="module")
def seed(promoting, ecr, tmp_path_factory):
    """Two repositories, a policy between them, and an image that the policy does not mean."""
    for repository in (REPOSITORY, TARGET):
        ecr.create_repository(repositoryName=repository)
    folder = tmp_path_factory.mktemp("pushed")
    put_policy(promoting, folder)
    return image.push(promoting, folder, REPOSITORY, "seed").digest


def skopeo(*arguments: str) -> bytes:
    done = subprocess.run(["skopeo", *arguments], capture_output=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(params=["buildah", "podman"])
def store(request):
    """A tool with a store of images of its own, which it may not be able to have here."""
    tool = request.param
    # podman takes no path of more than 50 characters.
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        yield tool, usable(tool, folder)


def usable(tool: str, folder: str):
    places = ["--root", f"{folder}/root", "--runroot", f"{folder}/run", "--storage-driver", "vfs"]
    environment = {"PATH": os.environ["PATH"], "HOME": folder, "XDG_RUNTIME_DIR": folder}

    def run(*arguments: str) -> subprocess.CompletedProcess:
        command = [tool, *places, *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)

    def must(*arguments: str) -> str:
        done = run(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    tried = run("images")
    if tried.returncode != 0:
        pytest.skip(f"{tool} cannot keep images here, as where user namespaces are not available: {tried.stderr}")
    return must


def digest_in(ecr, tag: str, repository: str = TARGET) -> str:
    described = ecr.describe_images(repositoryName=repository, imageIds=[{"imageTag": tag}])
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


def test_an_image_of_a_local_store_is_promoted_and_pulled_again(store, promoting, ecr, seed, tmp_path):
    """What comes out of a store has other digests than what came in: its layers are compressed on the way."""
    tool, run = store
    layout, tag = f"oci:{tmp_path / 'layout'}:1", f"{tool}-stable"
    source, target = (f"docker://{promoting.host}/{name}:{tag}" for name in (REPOSITORY, TARGET))
    skopeo("copy", *READ, f"docker://{promoting.host}/{REPOSITORY}:seed", layout)
    own = run("pull", "--quiet", layout)
    run("push", *INSPECT, own, source)
    promoting.settled()
    pushed = digest_in(ecr, tag, REPOSITORY)
    assert digest_in(ecr, tag) == pushed != seed
    run("rmi", "--force", own)
    assert run("pull", "--quiet", *INSPECT, target) == own


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


def test_a_target_that_the_function_made_is_as_its_source(making, tmp_path):
    ecr = boto3_at(making)
    latest = [{"filterType": "WILDCARD", "filter": "latest"}]
    mutability = {"imageTagMutability": "IMMUTABLE_WITH_EXCLUSION", "imageTagMutabilityExclusionFilters": latest}
    ecr.put_image_tag_mutability(repositoryName=REPOSITORY, **mutability)
    put_policy(making, tmp_path)
    pushed = image.push(making, tmp_path, REPOSITORY, "1.0-stable").digest
    making.settled()
    assert digest_in(ecr, "1.0-stable") == pushed
    (made,) = ecr.describe_repositories(repositoryNames=[TARGET])["repositories"]
    assert {key: made[key] for key in mutability} == mutability
    tags = ecr.list_tags_for_resource(resourceArn=made["repositoryArn"])["tags"]
    assert tags == [{"Key": "ecr-promoter:created-by", "Value": f"{REPOSITORY} stable"}]
