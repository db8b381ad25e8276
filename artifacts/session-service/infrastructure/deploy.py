"""Deploy the session service of one profile, or take it away: deploy, destroy.

    python infrastructure/deploy.py deploy  infrastructure/config/dev.json
    python infrastructure/deploy.py destroy infrastructure/config/dev.json

`deploy` zips the handlers, puts the zip where Lambda finds it, makes a change set and executes it, and saves the
stack's outputs in `infrastructure/outputs/<stage>.json`, in the shape that `cdk deploy --outputs-file` writes.
"""

import hashlib
import io
import json
import sys
import time
import zipfile
from pathlib import Path

import boto3
from botocore.exceptions import ClientError

HERE = Path(__file__).parent
HANDLERS = HERE.parent / "service"
WANTED = ("stage", "account", "region", "alarmEmail")
UNCHANGED = "didn't contain changes"


def read_config(path):
    """The profile's settings, all of them filled in."""
    config = json.loads(Path(path).read_text("utf-8"))
    missing = [name for name in WANTED if not str(config.get(name, "")).strip()]
    if missing:
        sys.exit(f"{path}: not filled in: {', '.join(missing)}")
    return config


def stack_name(config):
    return f"SessionManagement-{config['stage']}"


def outputs_file(config):
    return HERE / "outputs" / f"{config['stage']}.json"


def package():
    """The handlers' zip; the same sources are the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for source in sorted(HANDLERS.glob("*.py")):
            entry = zipfile.ZipInfo(source.name, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, source.read_bytes())
    return packed.getvalue()


def upload(session, config):
    """Bucket and key of the zip, which is put there unless it is there."""
    s3, bucket = session.client("s3"), f"session-service-code-{config['account']}-{config['region']}"
    code = package()
    key = f"{hashlib.sha256(code).hexdigest()}.zip"
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("404", "NoSuchBucket"):
            raise
        where = {"LocationConstraint": config["region"]}
        s3.create_bucket(
            Bucket=bucket, **({} if config["region"] == "us-east-1" else {"CreateBucketConfiguration": where})
        )
        nobody = dict.fromkeys(
            ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
        )
        s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=nobody)
    s3.put_object(Bucket=bucket, Key=key, Body=code)
    return bucket, key


def status(cloudformation, name):
    try:
        return cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
    except ClientError as error:
        if "does not exist" in str(error):
            return "not there"
        raise


def settled(cloudformation, name):
    while (now := status(cloudformation, name)).endswith("IN_PROGRESS") and now != "REVIEW_IN_PROGRESS":
        time.sleep(PAUSE)
    return now


def deploy(session, config):
    cloudformation, name = session.client("cloudformation"), stack_name(config)
    bucket, key = upload(session, config)
    values = {
        "Stage": config["stage"],
        "AlarmEmail": config["alarmEmail"],
        "CodeBucket": bucket,
        "CodeKey": key,
    }
    new = status(cloudformation, name) in ("not there", "REVIEW_IN_PROGRESS")
    change_set = cloudformation.create_change_set(
        StackName=name,
        ChangeSetName=f"deploy-{time.time_ns()}",
        ChangeSetType="CREATE" if new else "UPDATE",
        TemplateBody=(HERE / "template.yaml").read_text("utf-8"),
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )["Id"]
    while (made := cloudformation.describe_change_set(ChangeSetName=change_set))["Status"].endswith(
        ("PENDING", "IN_PROGRESS")
    ):
        time.sleep(PAUSE)
    if made["Status"] == "FAILED" and UNCHANGED not in made.get("StatusReason", ""):
        sys.exit(f"{name}: {made.get('StatusReason')}")
    if made["Status"] == "FAILED":
        print(f"{name}: nothing to change")
    else:
        cloudformation.execute_change_set(ChangeSetName=change_set)
        ended = settled(cloudformation, name)
        print(f"{name}: {ended}")
        if ended not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            sys.exit(1)
    save_outputs(cloudformation, config)


def save_outputs(cloudformation, config):
    stack = cloudformation.describe_stacks(StackName=stack_name(config))["Stacks"][0]
    outputs = {entry["OutputKey"]: entry["OutputValue"] for entry in stack["Outputs"]}
    path = outputs_file(config)
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({stack_name(config): outputs}, indent=2, sort_keys=True) + "\n", "utf-8")
    print(f"{path.relative_to(HERE.parent)}: {len(outputs)} outputs")


def destroy(session, config):
    cloudformation, name = session.client("cloudformation"), stack_name(config)
    if status(cloudformation, name) == "not there":
        print(f"{name}: not there")
        return
    cloudformation.delete_stack(StackName=name)
    ended = settled(cloudformation, name)
    print(f"{name}: {ended}")
    if ended not in ("DELETE_COMPLETE", "not there"):
        sys.exit(1)


def connect(config):
    """A session in the profile's account and region, and in no other."""
    session = boto3.Session(region_name=config["region"])
    account = session.client("sts").get_caller_identity()["Account"]
    if account != str(config["account"]):
        sys.exit(f"the credentials are of account {account}; the configuration says {config['account']}")
    return session


# A stack of the sandbox moves on by one resource at each look.
PAUSE = 0.0 if "127.0.0.1" in str(boto3.Session().client("sts", region_name="us-east-1").meta.endpoint_url) else 5.0

if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("deploy", "destroy"):
        sys.exit(__doc__)
    settings = read_config(sys.argv[2])
    {"deploy": deploy, "destroy": destroy}[sys.argv[1]](connect(settings), settings)
