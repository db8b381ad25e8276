"""Which bucket does the sandbox bring? One a region, for templates that are too large to be sent inline.

It comes into being with the first request that names it, so that listings of buckets show what people made.
"""

from __future__ import annotations

from typing import Any

NAME = "phasegate-sandbox-templates-"  # and the region


def bring_bucket(client: Any, region: str, url: str) -> None:
    """Make the region's bucket when a request is about it: `url` is its URL, or its path."""
    name = f"{NAME}{region}"
    if name not in url:
        return
    place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    if name not in {each["Name"] for each in client.list_buckets()["Buckets"]}:
        client.create_bucket(Bucket=name, **place)
