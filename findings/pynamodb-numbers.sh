#!/bin/sh
# PynamoDB and Dyntastic: an item is loaded, one attribute is set, and it is saved: what happens to the others?
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pynamodb==6.1.0 dyntastic==0.18.0 'moto[dynamodb]==5.2.5' boto3==1.44.5
"$work/venv/bin/python" - <<'PYTHON'
import os

os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x", AWS_DEFAULT_REGION="eu-west-1")
import boto3
from dyntastic import Dyntastic
from moto import mock_aws
from pynamodb.attributes import MapAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

# Amazon DynamoDB, "Supported data types": numbers have up to 38 digits.
LONG = "1.123456789012345678901234567890"


class Order(Model):
    class Meta:
        table_name = "orders"
        region = "eu-west-1"

    id = UnicodeAttribute(hash_key=True)
    amount = NumberAttribute(null=True)
    more = MapAttribute(null=True)
    note = UnicodeAttribute(null=True)
    paid = UnicodeAttribute(null=True)


class Payment(Dyntastic):
    __table_name__ = "orders"
    __hash_key__ = "id"
    __table_region__ = "eu-west-1"

    id: str
    amount: float | None = None
    note: str | None = None


with mock_aws():
    client = boto3.client("dynamodb")
    Order.create_table(billing_mode="PAY_PER_REQUEST")
    put = {"id": {"S": "1"}, "amount": {"N": LONG}, "more": {"M": {"tax": {"N": LONG}}}, "paid": {"NULL": True}}
    client.put_item(TableName="orders", Item={**put, "legacy": {"S": "x"}})
    order = Order.get("1")
    order.note = "checked"
    order.save()
    seen = client.get_item(TableName="orders", Key={"id": {"S": "1"}})["Item"]
    print(f"PynamoDB 6.1.0, amount and more.tax of {LONG} after `note` was set and saved:")
    print("   ", seen)
    rounded = {"N": "1.1234567890123457"}
    assert seen["amount"] == rounded and seen["more"] == {"M": {"tax": rounded}}
    assert set(seen) == {"id", "amount", "more", "note"}
    print("    an attribute that the model does not have, and one that was null, are gone")
    client.put_item(TableName="orders", Item={"id": {"S": "2"}, "amount": {"N": "0.5"}})
    payment = Payment.get("2")
    payment.note = "checked"
    try:
        payment.save()
        said = ""
    except TypeError as error:
        said = str(error)
    print(f"Dyntastic 0.18.0, a field declared as float reads {payment.amount!r}; saved: {said}")
    assert payment.amount == 0.5 and said.startswith("Float types are not supported")
PYTHON
