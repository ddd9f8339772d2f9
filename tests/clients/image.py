"""An image, and documents attached to it: by oras-py, and by hand over the registry's API."""

import hashlib
import io
import json
import tarfile
import tempfile
from pathlib import Path

import oras.client
import oras.oci
import requests

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
EMPTY = "application/vnd.oci.empty.v1+json"
CREDENTIALS = ("AWS", "x")


def digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def push(aws, folder: Path, repository: str, tag: str) -> oras.oci.Subject:
    """Pushes a small image with oras-py and returns what to attach to: each tag has its own image."""
    layer = _tar("srv/tag", tag.encode())
    config = {
        "architecture": "amd64",
        "os": "linux",
        "rootfs": {"type": "layers", "diff_ids": [digest(layer)]},
    }
    (folder / "layer.tar").write_bytes(layer)
    (folder / "config.json").write_text(json.dumps(config))
    _push(
        aws,
        f"{repository}:{tag}",
        files=[f"{folder / 'layer.tar'}:{LAYER}"],
        manifest_config=f"{folder / 'config.json'}:{CONFIG}",
    )
    manifest = _call(aws, "GET", f"{repository}/manifests/{tag}", headers={"Accept": MANIFEST}).content
    return oras.oci.Subject(MANIFEST, digest(manifest), len(manifest))


def attach(aws, subject, document: Path, repository: str, tag: str, *, layer: str = "", config: str = ""):
    """Attaches a document with oras-py, which chooses the types that are not given. The config's is the artifact's."""
    with tempfile.NamedTemporaryFile() as empty:
        empty.write(b"{}")
        empty.flush()
        _push(
            aws,
            f"{repository}:{tag}",
            files=[f"{document}:{layer}" if layer else str(document)],
            manifest_config=f"{empty.name}:{config}" if config else None,
            subject=subject,
        )


def attach_by_hand(aws, subject, document: Path, repository: str, *, artifact_type: str, layer: str):
    """Attaches a document as a manifest with an artifact type, which oras-py does not write."""
    body = document.read_bytes()
    for blob in (body, b"{}"):
        upload = _call(aws, "POST", f"{repository}/blobs/uploads/")
        location = requests.compat.urljoin(aws.url, upload.headers["Location"])
        between = "&" if "?" in location else "?"
        _call(aws, "PUT", f"{location}{between}digest={digest(blob)}", data=blob)
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "artifactType": artifact_type,
        "config": {"mediaType": EMPTY, "digest": digest(b"{}"), "size": 2},
        "layers": [{"mediaType": layer, "digest": digest(body), "size": len(body)}],
        "subject": {"mediaType": subject.mediaType, "digest": subject.digest, "size": subject.size},
    }
    data = json.dumps(manifest).encode()
    headers = {"Content-Type": MANIFEST}
    _call(aws, "PUT", f"{repository}/manifests/{digest(data)}", data=data, headers=headers)


def _tar(name: str, data: bytes) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        entry = tarfile.TarInfo(name)
        entry.size = len(data)
        tar.addfile(entry, io.BytesIO(data))
    return file.getvalue()


def _push(aws, name: str, **what):
    registry = oras.client.OrasClient(hostname=aws.host, insecure=True, auth_backend="basic")
    registry.auth.set_basic_auth(*CREDENTIALS)
    registry.push(target=f"{aws.host}/{name}", disable_path_validation=True, quiet=True, **what)


def _call(aws, method: str, path: str, **what) -> requests.Response:
    response = requests.request(
        method, requests.compat.urljoin(f"{aws.url}/v2/", path), auth=CREDENTIALS, timeout=60, **what
    )
    assert response.ok, f"{method} {path}: {response.status_code} {response.text}"
    return response
