"""How often is AWS asked the same while a task's checks are looked at? Once: a call for each resource, not each item.

Rules:
- The same call in the same region is answered by what was answered before, and refused as it was refused before.
- `afresh` forgets all of it: what is waited for has to be looked at again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import field
from itertools import islice

from phases.aws import Answer, AwsError, AwsPort
from phases.checks.answer import MOST_PAGES, as_json
from phases.checks.api_model import ApiModels
from state.cheap_classes import dataclass


@dataclass(slots=True)
class ReadOnce:
    """`AwsPort` for reads. Failures that pass by themselves are not kept: the run pauses at them.

    Attributes:
        known: what each call was answered: its pages, or the error that says something of the resource.
    """

    aws: AwsPort
    known: dict[str, list[Answer] | AwsError | NotImplementedError] = field(default_factory=dict)

    @property
    def region(self) -> str:
        return self.aws.region

    @property
    def sandbox(self) -> bool:
        return self.aws.sandbox

    @property
    def models(self) -> ApiModels:
        return self.aws.models

    def at(self, region: str) -> AwsPort:
        return ReadOnce(self.aws.at(region), self.known)

    def endpoint(self, service: str) -> str:
        return self.aws.endpoint(service)

    def call(self, service: str, operation: str, **params: object) -> Answer:
        return self.aws.call(service, operation, **params)

    def pages(self, service: str, operation: str, **params: object) -> Iterator[Answer]:
        """All pages, each of them read before the first is given."""
        asked = json.dumps([self.region, service, operation, as_json(params)], sort_keys=True)
        if asked not in self.known:
            try:
                self.known[asked] = list(islice(self.aws.pages(service, operation, **params), MOST_PAGES + 1))
            except (AwsError, NotImplementedError) as error:
                if isinstance(error, AwsError) and not error.code:
                    raise  # no answer at all
                self.known[asked] = error
        found = self.known[asked]
        if isinstance(found, BaseException):
            raise found
        return iter(found)

    def afresh(self) -> None:
        """Forget what was answered."""
        self.known.clear()
