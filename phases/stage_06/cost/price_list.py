"""What does AWS itself say that DynamoDB costs in a region? The Price List API, where the account may ask it.

Rules:
- Asked in us-east-1, one of the regions that answer it, never in the sandbox. Who may not ask gets None, and the dated
  table is used: an estimate is no reason to stop a deployment.
- All four prices or none: on-demand writes and reads, storage and recovery of the Standard class. Of prices in tiers
  the highest counts; the first one is the free tier, which an account has once.

Source: https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-price-list-query-api.html; the usage types:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-understanding-billing.html. Not tried against a real
account.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation

from phases.aws import AwsError, AwsPort, ExpiredToken, NoCredentials, Throttled
from phases.stage_06.cost.prices import Prices

ASKED_IN = "us-east-1"
_MILLION = Decimal(1_000_000)
_USAGE = {  # usage type behind the region's prefix -> the field of `Prices`, and what it is multiplied by
    "WriteRequestUnits": ("write_million", _MILLION),
    "ReadRequestUnits": ("read_million", _MILLION),
    "TimedStorage-ByteHrs": ("storage_gb", Decimal(1)),
    "TimedPITRStorage-ByteHrs": ("recovery_gb", Decimal(1)),
}
_TYPE = re.compile(rf"(?:(?!IA-)[A-Z0-9]+-)?({'|'.join(_USAGE)})")  # IA- is the other table class


def listed_prices(aws: AwsPort, region: str) -> Prices | None:
    """The region's prices of today, None where they cannot be asked for or are not all there.

    Raises ExpiredToken, NoCredentials and Throttled, which signing in or waiting helps.
    """
    if aws.sandbox:
        return None
    wanted = [{"Type": "TERM_MATCH", "Field": "regionCode", "Value": region}]
    try:
        pages = aws.at(ASKED_IN).pages("pricing", "get_products", ServiceCode="AmazonDynamoDB", Filters=wanted)
        return read_prices(text for page in pages for text in page.get("PriceList", []))
    except (ExpiredToken, NoCredentials, Throttled):
        raise
    except AwsError:
        return None


def read_prices(products: Iterable[str]) -> Prices | None:
    """The prices in the products of one region, each a JSON document; None where one of the four is missing."""
    found: dict[str, Decimal] = {}
    for text in products:
        product = json.loads(text)
        usage = _TYPE.fullmatch(str(product.get("product", {}).get("attributes", {}).get("usagetype", "")))
        highest = max(_dollars(product.get("terms", {}).get("OnDemand", {})), default=None)
        if usage and highest:
            field, times = _USAGE[usage[1]]
            found[field] = highest * times
    return Prices(**found) if len(found) == len(_USAGE) else None


def _dollars(terms: Mapping[str, Mapping[str, Mapping[str, Mapping[str, Mapping[str, str]]]]]) -> Iterable[Decimal]:
    for term in terms.values():
        for dimension in term.get("priceDimensions", {}).values():
            try:
                yield Decimal(dimension.get("pricePerUnit", {}).get("USD", ""))
            except InvalidOperation:
                continue
