"""What happens when AWS asks to slow down? The call is made again, later, and the person sees it.

Rules:
- Only a throttled call is made again: AWS refused it, so nothing has happened. Any other failure may hide an effect
  and is passed on.
- boto3 has tried three times within seconds before we hear of it; this waits longer, and says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from phases.aws import AwsPort, Throttled
from phases.checks.api_model import ApiModels
from workflow.ports import Clock, Person

WAITS = (2, 4, 8, 16, 30)  # [s] before each further try


class PatientAws:
    """An AwsPort that makes throttled calls again. Raises as the port within, Throttled when all tries are used up."""

    def __init__(self, port: AwsPort, clock: Clock, person: Person) -> None:
        self._port = port
        self._clock = clock
        self._person = person

    @property
    def region(self) -> str:
        return self._port.region

    @property
    def sandbox(self) -> bool:
        return self._port.sandbox

    @property
    def models(self) -> ApiModels:
        return self._port.models

    def at(self, region: str) -> PatientAws:
        return PatientAws(self._port.at(region), self._clock, self._person)

    def endpoint(self, service: str) -> str:
        return self._port.endpoint(service)

    def call(self, service: str, operation: str, **params: object) -> dict[str, Any]:
        for number, seconds in enumerate(WAITS, 1):
            try:
                return self._port.call(service, operation, **params)
            except Throttled:
                self._wait(number, seconds, service, operation)
        return self._port.call(service, operation, **params)

    def pages(self, service: str, operation: str, **params: object) -> Iterator[dict[str, Any]]:
        """All pages, one at a time. A throttled listing is begun anew behind those that were given: none is lost, and
        what moved on meanwhile may come twice."""
        given = 0
        for number, seconds in enumerate((*WAITS, None), 1):
            try:
                for page in islice(self._port.pages(service, operation, **params), given, None):
                    given += 1
                    yield page
                return
            except Throttled:
                if seconds is None:
                    raise
                self._wait(number, seconds, service, operation)

    def _wait(self, number: int, seconds: float, service: str, operation: str) -> None:
        told = f"AWS asks to slow down ({service}:{operation}); try {number + 1} of {len(WAITS) + 1} in {seconds} s"
        self._person.progress(f"  {told}")
        self._person.waiting(told)
        self._clock.wait(seconds)
