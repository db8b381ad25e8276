"""What may a step ask of AWS, and how does a failure come back?

`AwsPort` is all that steps see of AWS; `workflow/doors/aws/client.py` is the one implementation on boto3, tests use it
against the sandbox. Every failure is one of the classes below; nothing from botocore reaches a step.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol

from state.errors import StepFailed

if TYPE_CHECKING:
    from phases.checks.api_model import ApiModels


class AwsError(StepFailed):
    """A call that AWS answered with an error, or did not answer.

    Attributes:
        service, operation: as in boto3: `dynamodb`, `describe_table`.
        code: AWS's error code, such as `ResourceNotFoundException`, or "" when there was no answer.
        reason: AWS's own message.
    """

    def __init__(
        self, message: str, *, service: str, operation: str, code: str = "", reason: str = "", next_command: str = ""
    ) -> None:
        super().__init__(message, next_command=next_command)
        self.service = service
        self.operation = operation
        self.code = code
        self.reason = reason


class NoCredentials(AwsError):
    """No credentials were found, or only half of them."""


class NoRegion(AwsError):
    """No region is configured."""


class ExpiredToken(AwsError):
    """The session's token has expired: sign in again, then resume."""


class Denied(AwsError):
    """The caller may not do this; `operation` names the action."""


class Throttled(AwsError):
    """AWS asked us to slow down more often than the retries allow."""


class Unreachable(AwsError):
    """The endpoint did not answer."""


class NotFound(AwsError):
    """The resource does not exist (ResourceNotFoundException, `Stack with id X does not exist`, and the like)."""


class AwsPort(Protocol):
    """AWS in one region, with the caller's own configuration."""

    @property
    def region(self) -> str:
        """The region that calls go to. Raises NoRegion when none is configured."""

    @property
    def sandbox(self) -> bool:
        """True when every call goes to phasegate's sandbox on this machine."""

    @property
    def models(self) -> ApiModels:
        """What AWS's APIs look like; asking them calls nothing."""

    def at(self, region: str) -> AwsPort:
        """The same caller in another region."""

    def call(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        """One API call by boto3's names: `call("dynamodb", "describe_table", TableName="Users")`.

        Returns the response without `ResponseMetadata`. Raises an AwsError subclass; NotFound for what is not there.
        """

    def pages(self, service: str, operation: str, **params: Any) -> Iterator[dict[str, Any]]:
        """All pages of a paginated operation, one response a page. Raises as `call`."""

    def endpoint(self, service: str) -> str:
        """The URL that calls to this service go to."""
