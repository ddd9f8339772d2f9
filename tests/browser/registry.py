"""A `promoter local` with images and policies in it, put there over its own protocols."""

import hashlib
import json
import os
import subprocess
import urllib.request

PROMOTER = os.environ["PROMOTER"]
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
CREDENTIALS = "AWS4-HMAC-SHA256 Credential=x/20261128/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=x"

CLEAN = {
    "source": "dev/website",
    "name": "clean",
    "criteria": [
        {"attribute": "tag", "operator": "ends_with", "value": "stable"},
        {"attribute": "vulnerabilities.critical", "operator": "=", "value": 0},
    ],
    "target": {"repository": "qa/website"},
}
CRITICAL = {
    "name": "CVE-2026-0042",
    "severity": "CRITICAL",
    "attributes": [
        {"key": "package_name", "value": "openssl"},
        {"key": "package_version", "value": "3.0.13"},
        {"key": "patched_version", "value": "3.0.14"},
    ],
}
HOSTILE = "<script>document.title='hostile'</script>\u202e\u009b31m"


class Registry:
    """A running `promoter local`."""

    def __init__(self):
        command = [PROMOTER, "local", "--listen", "127.0.0.1:0", "--repositories", "dev/website,dev/api,qa/website"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.url = self.process.stdout.readline().removeprefix("ready ").strip()

    def close(self):
        self.process.terminate()
        self.process.wait(timeout=30)

    def ask(self, method: str, path: str, data: bytes = b"", headers: dict | None = None) -> bytes:
        request = urllib.request.Request(f"{self.url}{path}", data, headers or {}, method=method)
        request.add_header("authorization", request.get_header("Authorization", "Basic QVdTOng="))
        with urllib.request.urlopen(request, timeout=150) as answer:
            self.location = answer.headers.get("location")
            return answer.read()

    def policy(self, document: dict):
        """Stores a policy as the console does, valid or not."""
        body = json.dumps({"TableName": "policies", "Item": _typed(document)["M"]}).encode()
        headers = {
            "x-amz-target": "DynamoDB_20120810.PutItem",
            "content-type": "application/x-amz-json-1.0",
            "authorization": CREDENTIALS,
        }
        self.ask("POST", "/", body, headers)

    def blob(self, repository: str, data: bytes) -> dict:
        self.ask("POST", f"/v2/{repository}/blobs/uploads/")
        path = self.location.removeprefix(self.url)
        self.ask("PUT", f"{path}{'&' if '?' in path else '?'}digest={_digest(data)}", data)
        return {"digest": _digest(data), "size": len(data)}

    def push(self, repository: str, tag: str, findings: list | None = None) -> str:
        """An image of its own for each tag; scanned, where findings are given."""
        config = self.blob(repository, b'{"architecture":"amd64","os":"linux"}')
        layer = self.blob(repository, f"{repository}:{tag}".encode())
        manifest = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": MANIFEST,
                "config": {"mediaType": CONFIG, **config},
                "layers": [{"mediaType": LAYER, **layer}],
            }
        ).encode()
        digest = _digest(manifest)
        if findings is not None:
            self.ask("PUT", f"/v2/{repository}/manifests/{digest}", manifest, {"content-type": MANIFEST})
            self.scanned(repository, digest, findings)
        self.ask("PUT", f"/v2/{repository}/manifests/{tag}", manifest, {"content-type": MANIFEST})
        # What a policy's check makes due is sent by the schedule, up to a minute later.
        self.ask("GET", "/_local/idle?timeout=120")
        return digest

    def scanned(self, repository: str, digest: str, findings: list):
        scan = {
            "imageScanStatus": {"status": "COMPLETE"},
            "imageScanFindings": {"imageScanCompletedAt": "2126-11-28T00:00:00Z", "findings": findings},
        }
        self.ask("PUT", f"/_local/findings/{repository}/{digest}", json.dumps(scan).encode())


def filled() -> Registry:
    """One image promoted, one held, one that waits, a policy with a mistake, and hostile names."""
    registry = Registry()
    registry.policy(CLEAN)
    registry.policy({**CLEAN, "name": "broken", "criteria": [{"attribute": "tagg", "operator": "equals", "value": "1"}]})
    registry.policy({"source": "dev/api", "name": HOSTILE})
    registry.push("dev/website", "1.0-stable", findings=[CRITICAL])
    registry.push("dev/website", "1.1-stable", findings=[])
    registry.push("dev/website", "1.2-stable")
    return registry


def _digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def _typed(value):
    match value:
        case bool():
            return {"BOOL": value}
        case int():
            return {"N": str(value)}
        case str():
            return {"S": value}
        case list():
            return {"L": [_typed(one) for one in value]}
        case dict():
            return {"M": {key: _typed(one) for key, one in value.items()}}
