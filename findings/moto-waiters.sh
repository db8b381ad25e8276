#!/bin/sh
# moto beside botocore's waiters: what is created there and never, or only for a moment, has the state that a waiter waits for.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'moto[cloudfront,ec2]==5.2.5' boto3==1.44.5
"$work/venv/bin/python" - <<'END'
import os

os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x", AWS_DEFAULT_REGION="eu-west-1")
import boto3
from botocore.exceptions import WaiterError
from moto import mock_aws

SOON = {"Delay": 0, "MaxAttempts": 20}


def ends(client, waiter, **of):
    try:
        client.get_waiter(waiter).wait(WaiterConfig=SOON, **of)
    except WaiterError as error:
        return f"no ({str(error).split(': ', 1)[1][:60]})"
    return "yes"


def cloudfront():
    client = boto3.client("cloudfront")
    origin = {"Id": "o", "DomainName": "shop.s3.amazonaws.com", "S3OriginConfig": {"OriginAccessIdentity": ""}}
    behavior = {"TargetOriginId": "o", "ViewerProtocolPolicy": "https-only", "MinTTL": 0}
    behavior["ForwardedValues"] = {"QueryString": False, "Cookies": {"Forward": "none"}}
    config = {"CallerReference": "1", "Comment": "", "Enabled": True, "DefaultCacheBehavior": behavior}
    config["Origins"] = {"Quantity": 1, "Items": [origin]}
    edge = client.create_distribution(DistributionConfig=config)["Distribution"]["Id"]
    print("distribution_deployed ends:", ends(client, "distribution_deployed", Id=edge))
    batch = {"CallerReference": "1", "Paths": {"Quantity": 1, "Items": ["/*"]}}
    made = client.create_invalidation(DistributionId=edge, InvalidationBatch=batch)["Invalidation"]
    print("an invalidation is", made["Status"], "where the waiter (and CloudFront) have Completed; it ends:", end=" ")
    said = ends(client, "invalidation_completed", DistributionId=edge, Id=made["Id"])
    print(said)
    assert made["Status"] == "COMPLETED" and said.startswith("no")


def ecs():
    ec2, client = boto3.client("ec2"), boto3.client("ecs")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="web", Description="web", VpcId=vpc)["GroupId"]
    network = {"awsvpcConfiguration": {"subnets": [subnet], "securityGroups": [group]}}
    client.create_cluster(clusterName="c")
    container = {"name": "web", "image": "web", "memory": 128}
    client.register_task_definition(
        family="web", networkMode="awsvpc", requiresCompatibilities=["FARGATE"], cpu="256", memory="512",
        containerDefinitions=[container],
    )
    fargate = {"cluster": "c", "taskDefinition": "web", "launchType": "FARGATE", "networkConfiguration": network}
    client.create_service(serviceName="web", desiredCount=2, **fargate)
    said = ends(client, "services_stable", cluster="c", services=["web"])
    service = client.describe_services(cluster="c", services=["web"])["services"][0]
    tasks = client.list_tasks(cluster="c", serviceName="web")["taskArns"]
    print(f"a service of 2: {service['pendingCount']} pending, {len(tasks)} tasks; services_stable ends: {said}")
    assert (service["runningCount"], service["pendingCount"], tasks) == (0, 2, []) and said.startswith("no")
    task = client.run_task(**fargate)["tasks"][0]
    seen = [client.describe_tasks(cluster="c", tasks=[task["taskArn"]])["tasks"][0] for _ in range(4)]
    states = [each["lastStatus"] for each in seen]
    print(f"a task that nobody stops, when it is run {task['lastStatus']}, then at each look:", *states)
    assert (task["lastStatus"], states[-1], seen[-1]["desiredStatus"]) == ("RUNNING", "STOPPED", "RUNNING")
    again = client.run_task(**fargate)["tasks"][0]["taskArn"]
    said = ends(client, "tasks_running", cluster="c", tasks=[again])
    print("tasks_running ends:", said)
    assert said.startswith("no")


def codedeploy():
    client = boto3.client("codedeploy")
    client.create_application(applicationName="shop", computePlatform="Server")
    role = "arn:aws:iam::123456789012:role/deploy"
    client.create_deployment_group(applicationName="shop", deploymentGroupName="all", serviceRoleArn=role)
    place = {"bucket": "revisions", "key": "shop.zip", "bundleType": "zip"}
    revision = {"revisionType": "S3", "s3Location": place}
    to = {"applicationName": "shop", "deploymentGroupName": "all", "revision": revision}
    made = client.create_deployment(**to)["deploymentId"]
    said = ends(client, "deployment_successful", deploymentId=made)
    status = client.get_deployment(deploymentId=made)["deploymentInfo"]["status"]
    print(f"a deployment stays {status}; deployment_successful ends: {said}")
    assert status == "Created" and said.startswith("no")


for each in (cloudfront, ecs, codedeploy):
    with mock_aws():
        each()
END
