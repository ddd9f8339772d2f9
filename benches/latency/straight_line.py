"""The calls of one promotion in a straight line, each after the one before: what a script makes of it.

    straight_line.py ENDPOINT REGION TAG@DIGEST...

Promotes each of these from dev/website to qa/website, and prints the milliseconds that each took. It judges nothing, holds
nothing against others and survives nothing: it makes the function's calls, with as many bytes, and no more. The first one is not
counted: clients, connections and the registry's token are made with it.
"""

import sys
import time
import urllib.request

import boto3

endpoint, region, *pushes = sys.argv[1:]
session = boto3.Session("bench", "bench", region_name=region)
ecr, dynamodb, events = (session.client(name, endpoint_url=endpoint) for name in ("ecr", "dynamodb", "events"))
MEDIA_TYPES = ["application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.index.v1+json"]
token = ecr.get_authorization_token()["authorizationData"][0]


def policies(source):
    return dynamodb.query(
        TableName="policies",
        KeyConditionExpression="#source = :source",
        ExpressionAttributeNames={"#source": "source"},
        ExpressionAttributeValues={":source": {"S": source}},
        ConsistentRead=True,
    )


def read(*keys):
    keys = [{"pk": {"S": pk}, "sk": {"S": sk}} for pk, sk in keys]
    return dynamodb.batch_get_item(RequestItems={"promotions": {"Keys": keys, "ConsistentRead": True}})


def item(pk, sk):
    return {"pk": {"S": pk}, "sk": {"S": sk}, "v": {"N": "1"}, "body": {"S": "x" * 500}}


def write(*keys):
    puts = [{"Put": {"TableName": "promotions", "Item": item(pk, sk)}} for pk, sk in keys]
    dynamodb.transact_write_items(TransactItems=puts)


def image(repository, tag, digest):
    ids = [{"imageDigest": digest}, {"imageTag": tag}]
    return ecr.batch_get_image(repositoryName=repository, imageIds=ids, acceptedMediaTypes=MEDIA_TYPES)


def mount(blob):
    url = f"{token['proxyEndpoint']}/v2/qa/website/blobs/uploads/?mount={blob}&from=dev/website"
    headers = {"Authorization": f"Basic {token['authorizationToken']}", "Content-Length": "0"}
    with urllib.request.urlopen(urllib.request.Request(url, b"", headers, method="POST")) as answer:
        assert answer.status == 201, answer.status


def promote(tag, digest):
    for source in ("dev/website", "dev/*", "*"):
        policies(source)
    found = image("dev/website", tag, digest)["images"][0]
    manifest = found["imageManifest"]
    read(("TAGS", tag), ("FROM", tag), ("HEAD", tag))
    write(("TAGS", tag), ("PUSH", tag), ("CASE", tag))
    image("qa/website", tag, digest)
    read(("HEAD", tag), ("FROM-QA", tag))
    blobs = [part.split('"')[0] for part in manifest.split('"digest":"')[1:]]
    ecr.batch_check_layer_availability(repositoryName="qa/website", layerDigests=blobs)
    for blob in blobs:
        mount(blob)
    write(("HEAD", tag), ("CASE", tag), ("FROM-QA", tag))
    ecr.put_image(repositoryName="qa/website", imageManifest=manifest, imageTag=tag)
    write(("HEAD", tag), ("CASE", tag), ("FROM-QA", tag), ("RECORD", tag), ("HISTORY", tag))
    events.put_events(Entries=[{"Source": "bench", "DetailType": "Promoted", "Detail": "{}"}])
    dynamodb.put_item(TableName="promotions", Item=item("CASE", tag))


for number, push in enumerate(pushes):
    began = time.perf_counter()
    promote(*push.split("@"))
    if number > 0:
        print(f"{(time.perf_counter() - began) * 1000:.3f}")
