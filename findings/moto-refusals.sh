#!/bin/sh
# Changes in moto that AWS refuses or puts off: keys that are to be deleted, records that are no addresses, a database that is changed later.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'moto[kms,rds,route53]==5.2.5' boto3==1.44.5
"$work/venv/bin/python" - <<'END'
import os

os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x", AWS_DEFAULT_REGION="eu-west-1")
import boto3
from botocore.exceptions import ClientError
from moto import mock_aws

with mock_aws():
    kms = boto3.client("kms")
    for what in ("PendingDeletion", "Disabled"):
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        kms.disable_key(KeyId=key) if what == "Disabled" else kms.schedule_key_deletion(
            KeyId=key, PendingWindowInDays=7
        )
        state = kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"]
        secret = kms.encrypt(KeyId=key, Plaintext=b"rows")["CiphertextBlob"]
        opened = kms.decrypt(CiphertextBlob=secret)["Plaintext"]
        print("a key that is", state, "encrypts, and decrypts:", opened)
        assert (state, opened) == (what, b"rows")
    dns = boto3.client("route53")
    zone = dns.create_hosted_zone(Name="shop.example", CallerReference="1")["HostedZone"]["Id"]
    for kind, value in (("A", "10.0.0.1"), ("CNAME", "www.shop.example"), ("AAAA", "no address")):
        records = {"Name": "api.shop.example", "Type": kind, "TTL": 60, "ResourceRecords": [{"Value": value}]}
        changed = dns.change_resource_record_sets(
            HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": records}]}
        )
        print("api.shop.example", kind, value, changed["ChangeInfo"]["Status"])
    kept = [
        each["Type"]
        for each in dns.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
        if each["Name"].startswith("api.")
    ]
    assert sorted(kept) == ["A", "AAAA", "CNAME"], kept
    rds = boto3.client("rds")
    rds.create_db_instance(
        DBInstanceIdentifier="orders",
        DBInstanceClass="db.t3.micro",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="owner",
        MasterUserPassword="example-only",
    )
    later = rds.modify_db_instance(
        DBInstanceIdentifier="orders", DBInstanceClass="db.t3.large", ApplyImmediately=False
    )["DBInstance"]
    print(
        "changed with ApplyImmediately=False:",
        later["DBInstanceClass"],
        "at once, pending:",
        later.get("PendingModifiedValues"),
    )
    assert (later["DBInstanceClass"], later.get("PendingModifiedValues")) == ("db.t3.large", None)
    less = rds.modify_db_instance(DBInstanceIdentifier="orders", AllocatedStorage=5, ApplyImmediately=True)[
        "DBInstance"
    ]["AllocatedStorage"]
    print("storage of 20 GiB made", less, "GiB")
    assert less == 5
END
