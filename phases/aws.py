"""What may a step ask of AWS, and how does a failure come back?

`AwsPort` is all that steps see of AWS; `workflow/doors/aws/client.py` is the one implementation on boto3, tests use it
against the sandbox. Every failure is one of the classes below; nothing from botocore reaches a step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, TypeAlias

from state.errors import StepFailed
from state.late_pattern import late

if TYPE_CHECKING:
    from phases.checks.api_model import ApiModels

Answer: TypeAlias = dict[str, Any]  # of AWS, by its own names; a step that reads more than a field of it has its kind


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


class Incomplete(AwsError):
    """AWS answered, and what a check rests on is not in the answer: a member is missing, or the list goes on."""


# What an answer says of the page that follows it, in the words of the services.
_GOES_ON = late(
    r"(?i)^(next_?(page|continuation)?_?(token|marker)|pagination_?token|last_?evaluated_?\w+"
    r"|(is_?)?truncated|has_?more\w*)$"
)


def goes_on(answer: Mapping[str, object]) -> str:
    """The member of an answer that says that there is more than this page, or ""."""
    return next((name for name, value in answer.items() if value and _GOES_ON.match(name)), "")


class _Members(dict[str, Any]):
    """A mapping of an answer: to read a member that is not there raises Incomplete, not KeyError."""

    asked: tuple[str, str]

    def __missing__(self, name: str) -> NoReturn:
        service, operation = self.asked
        raise Incomplete(
            f"AWS's answer to {service} {operation} has no {name}",
            service=service,
            operation=operation,
            next_command="phasegate resume   # asks again",
        )


def answer_of(service: str, operation: str, body: Mapping[str, Any]) -> Answer:
    """What AWS answered, in which a member that is missing is named when it is read. Every `AwsPort` answers so."""
    return _named(body, (service, operation))  # type: ignore[no-any-return]


def _named(value: Any, asked: tuple[str, str]) -> Any:
    if isinstance(value, dict):
        members = _Members({name: _named(inner, asked) for name, inner in value.items()})
        members.asked = asked
        return members
    return [_named(inner, asked) for inner in value] if isinstance(value, list) else value


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

    def call(self, service: str, operation: str, **params: object) -> Answer:
        """One API call by boto3's names: `call("dynamodb", "describe_table", TableName="Users")`.

        Returns the response without `ResponseMetadata`. Raises an AwsError subclass; NotFound for what is not there,
        and Incomplete when a member is read that the response does not have.
        """

    def pages(self, service: str, operation: str, **params: object) -> Iterator[Answer]:
        """All pages of a paginated operation, one response a page. Raises as `call`."""

    def endpoint(self, service: str) -> str:
        """The URL that calls to this service go to."""
