"""What tools write, attached by oras-py and by hand: `promoter evidence --json` lists what the document lists."""

import json
import re
from pathlib import Path

import pytest

import image
from conftest import REPOSITORY

SBOMS = Path(__file__).parents[2] / "crates/contents/tests/sboms"
DOCUMENTS = sorted(path.name for path in SBOMS.glob("*.json"))

# oras-py's own types, those that people choose for want of better ones, and those of the formats' specifications.
WAYS = {
    "oras-py, default types": {},
    "oras-py, text/sbom+json": {"layer": "text/sbom+json"},
    "oras-py, application/json": {"layer": "application/json"},
    "oras-py, a plain artifact type": {"config": "application/vnd.example.sbom.v1"},
    "by hand, sbom/example": {"artifact_type": "sbom/example", "layer": "application/octet-stream"},
    "by hand, text/sbom+json": {"artifact_type": "text/sbom+json", "layer": "text/sbom+json"},
    "by hand, SPDX's type": {"artifact_type": "application/spdx+json", "layer": "application/spdx+json"},
    "by hand, CycloneDX's type": {
        "artifact_type": "application/vnd.cyclonedx+json",
        "layer": "application/vnd.cyclonedx+json",
    },
}


def listed(document: dict) -> set:
    """The entries of a document as (name, version, package URL, licenses), read without ecr-promoter's code."""
    if "spdxVersion" in document:
        return {_package(package) for package in document["packages"]}
    described = document.get("metadata", {}).get("component", {})
    entries = list(_nested([described] if described.get("name") else []))
    entries += _nested(document.get("components", []))
    return {_component(entry) for entry in entries}


def _package(package: dict) -> tuple:
    urls = [
        reference["referenceLocator"]
        for reference in package.get("externalRefs", [])
        if reference["referenceType"] == "purl"
    ]
    stated = {package.get("licenseConcluded"), package.get("licenseDeclared")}
    licenses = stated - {None, "NOASSERTION", "NONE"}
    return package["name"], package.get("versionInfo"), next(iter(urls), None), frozenset(licenses)


def _nested(components: list):
    for component in components:
        yield component
        yield from _nested(component.get("components", []))


def _component(component: dict) -> tuple:
    licenses = {
        choice.get("expression") or choice["license"].get("id") or choice["license"]["name"]
        for choice in component.get("licenses", [])
    }
    return component["name"], component.get("version"), component.get("purl"), frozenset(licenses)


def evidence(aws, tag: str) -> dict:
    output = aws.promoter("evidence", f"{REPOSITORY}:{tag}", "--json")
    assert output.returncode == 0, output.stderr
    return json.loads(output.stdout)


def seen(evidence: dict) -> set:
    return {
        (entry["name"], entry["version"], entry["purl"], frozenset(entry["licenses"]))
        for entry in evidence["components"]
    }


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_evidence_is_what_the_document_lists(aws, tmp_path, name, way):
    document = SBOMS / name
    types = WAYS[way]
    tag = re.sub(r"[^\w.-]+", "-", f"{name}-{way}")
    subject = image.push(aws, tmp_path, REPOSITORY, tag)
    if "artifact_type" in types:
        image.attach_by_hand(aws, subject, document, REPOSITORY, **types)
    else:
        image.attach(aws, subject, document, REPOSITORY, f"{tag}-sbom", **types)
    shown = evidence(aws, tag)
    is_spdx = "spdxVersion" in document.read_text()
    if way.endswith("CycloneDX's type" if is_spdx else "SPDX's type"):
        # A document that is not what its type says cannot be trusted to be whole.
        assert shown["sbom"]["state"] == "unknown"
        return
    assert shown["sbom"]["state"] == "seen", shown["sbom"]
    assert seen(shown) == listed(json.loads(document.read_text()))
    assert {entry["origin"] for entry in shown["components"]} == {
        "sbom: referrer (attached by the pusher, unverified)"
    }


def test_a_format_that_is_not_read_is_named(aws, tmp_path):
    subject = image.push(aws, tmp_path, REPOSITORY, "tag-value")
    image.attach(aws, subject, SBOMS / "sbom4python-module.spdx", REPOSITORY, "tag-value-sbom")
    shown = evidence(aws, "tag-value")
    assert shown["sbom"]["state"] == "unknown"
    assert "SPDX in tag-value form" in shown["sbom"]["platforms"][0]["reason"]


def test_nothing_attached_is_awaited(aws, tmp_path):
    image.push(aws, tmp_path, REPOSITORY, "bare")
    assert evidence(aws, "bare")["sbom"]["state"] == "awaited"
