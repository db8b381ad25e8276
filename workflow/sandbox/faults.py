"""What shall go wrong, and when? The script that the sandbox plays.

Rules:
- A fault is set before the call that it spoils; nothing here is random and nothing sleeps.
- `action` is the API's own name (`CreateChangeSet`, `PutItem`), whatever the service.
- A counted fault disarms itself when it has been played; the others stay until `clear`.
- Precedence, when several match one call: expired token, denied, throttled, busy, lost reply.
- What CloudFormation calls while it provisions is inside AWS: only `fail_resource` reaches it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from workflow.sandbox.cloudformation.stacks import Finding
from workflow.sandbox.errors import SandboxRefused

Verb = Literal["create", "update", "delete", "import"]
# The services that speak XML name these errors without "Exception" at the end, and answer 403.
SPEAKS_XML = frozenset({"cloudformation", "sns", "iam", "sts", "s3"})
CHANGES_A_STACK = frozenset({"CreateChangeSet", "ExecuteChangeSet", "UpdateStack", "DeleteStack"})


@dataclass(frozen=True)
class Refusal:
    """An error answer: AWS's code and message, and the HTTP status that carries them."""

    code: str
    message: str
    status: int = 400


@dataclass
class ResourceFault:
    """The next `times` attempts to `on` one resource end with `reason`, before anything has happened."""

    reason: str
    times: int = 1
    on: Verb = "create"


@dataclass
class ValidationFault:
    """What early validation finds at a resource."""

    validation: str
    reason: str
    mode: Literal["FAIL", "WARN"] = "WARN"


@dataclass
class LostReply:
    """From the `nth` matching call on (1 is the next), `times` calls take effect but are never answered."""

    nth: int = 1
    times: int = 1


@dataclass
class Faults:
    """The faults that are armed. Set them through the methods in-process, or as JSON on a server.

    As JSON (every key may be left out):

        {"resources": {"Users": {"reason": "boom", "times": 1, "on": "create"}},
         "throttled": {"CreateChangeSet": 2}, "denied": ["ExecuteChangeSet"],
         "lost_replies": {"ExecuteChangeSet": {"nth": 1, "times": 1}},
         "expires_after": 3, "busy": 1, "unread": ["on-call@example.com"],
         "findings": {"Users": {"validation": "QUOTA", "reason": "2500 of 2500 tables", "mode": "WARN"}}}
    """

    resources: dict[str, ResourceFault] = field(default_factory=dict)
    throttled: dict[str, int] = field(default_factory=dict)
    denied: set[str] = field(default_factory=set)
    lost_replies: dict[str, LostReply] = field(default_factory=dict)
    expires_after: int | None = None
    busy: int = 0
    unread: set[str] = field(default_factory=set)
    findings: dict[str, ValidationFault] = field(default_factory=dict)

    def find(self, logical_id: str, validation: str, reason: str, *, mode: Literal["FAIL", "WARN"] = "WARN") -> None:
        """Let early validation find something at one resource of every change set that changes it, until `clear`."""
        self.findings[logical_id] = ValidationFault(validation, reason, mode)

    def findings_of(self, changed: Mapping[str, str]) -> list[Finding]:
        """What early validation shall find at these resources: logical id -> type."""
        return [
            Finding(name, kind, found.validation, found.reason, found.mode, f"/Resources/{name}")
            for name, kind in changed.items()
            if (found := self.findings.get(name)) is not None
        ]

    def fail_resource(self, logical_id: str, reason: str, *, times: int = 1, on: Verb = "create") -> None:
        """Make CloudFormation fail to create, update, delete or import one resource."""
        self.resources[logical_id] = ResourceFault(reason, times, on)

    def throttle(self, action: str, times: int = 1) -> None:
        """Answer the next `times` calls of `action` with Throttling."""
        self.throttled[action] = times

    def deny(self, action: str) -> None:
        """Answer every call of `action` with AccessDenied until `clear`."""
        self.denied.add(action)

    def lose_reply(self, action: str, *, nth: int = 1, times: int = 1) -> None:
        """Let calls of `action` take effect and drop the connection instead of answering.

        boto3 retries a dropped connection by itself (three attempts in its standard mode), so with
        `times=1` the caller sees the answer to its own second request.
        """
        self.lost_replies[action] = LostReply(nth, times)

    def expire_token(self, *, after: int = 0) -> None:
        """Let `after` more calls through; every later one is answered with ExpiredToken until `clear`."""
        self.expires_after = after

    def stack_busy(self, times: int = 1) -> None:
        """Answer the next `times` calls that would change a stack with "is in UPDATE_IN_PROGRESS state"."""
        self.busy = times

    def leave_unread(self, address: str) -> None:
        """Let an e-mail subscription of this address be pending until `clear`: nobody follows its link."""
        self.unread.add(address)

    def clear(self) -> None:
        """Disarm everything."""
        self.__dict__.update(Faults().__dict__)

    def refusal(self, service: str, action: str) -> Refusal | None:
        """The answer to give instead of doing the call, if one is armed; counts it as played."""
        ending, status = ("", 403) if service in SPEAKS_XML else ("Exception", 400)
        if self.expires_after is not None:
            if self.expires_after <= 0:
                message = "The security token included in the request is expired"
                return Refusal(f"ExpiredToken{ending}", message, status)
            self.expires_after -= 1
        if action in self.denied:
            message = (
                "User: arn:aws:iam::123456789012:user/sandbox is not authorized to perform: "
                f"{service}:{action} because no identity-based policy allows the {service}:{action} action"
            )
            return Refusal(f"AccessDenied{ending}", message, status)
        if self.throttled.get(action, 0) > 0:
            self.throttled[action] -= 1
            return Refusal("Throttling", "Rate exceeded", 400)
        if self.busy > 0 and service == "cloudformation" and action in CHANGES_A_STACK:
            self.busy -= 1
            return Refusal("ValidationError", "Stack is in UPDATE_IN_PROGRESS state and can not be updated.", 400)
        return None

    def reply_is_lost(self, action: str) -> bool:
        """Whether the answer to this call, which has taken effect, must not reach its caller."""
        fault = self.lost_replies.get(action)
        if fault is None:
            return False
        if fault.nth > 1:
            fault.nth -= 1
            return False
        fault.times -= 1
        if fault.times <= 0:
            del self.lost_replies[action]
        return True

    def resource_failure(self, logical_id: str, verb: Verb) -> str | None:
        """The reason why CloudFormation shall fail at this resource now; counts it as played."""
        fault = self.resources.get(logical_id)
        if fault is None or fault.on != verb:
            return None
        fault.times -= 1
        if fault.times <= 0:
            del self.resources[logical_id]
        return fault.reason

    def to_json(self) -> dict[str, Any]:
        """The armed faults in the shape that `replace_from_json` takes."""
        return {**asdict(self), "denied": sorted(self.denied), "unread": sorted(self.unread)}

    def replace_from_json(self, document: Mapping[str, Any]) -> None:
        """Disarm everything and arm what `document` says.

        Raises:
            SandboxRefused: when a key or a value is not one of the shapes above.
        """
        unknown = sorted(set(document) - set(Faults().__dict__))
        if unknown:
            raise SandboxRefused(
                f"fault refused: unknown key {', '.join(unknown)}; known: {', '.join(self.__dict__)}",
                next_command="phasegate sandbox --help",
            )
        try:
            armed = Faults(
                resources={name: ResourceFault(**fault) for name, fault in document.get("resources", {}).items()},
                throttled={name: int(times) for name, times in document.get("throttled", {}).items()},
                denied=set(document.get("denied", ())),
                lost_replies={name: LostReply(**fault) for name, fault in document.get("lost_replies", {}).items()},
                expires_after=document.get("expires_after"),
                busy=int(document.get("busy", 0)),
                unread=set(document.get("unread", ())),
                findings={name: ValidationFault(**found) for name, found in document.get("findings", {}).items()},
            )
        except (TypeError, ValueError, AttributeError) as error:
            raise SandboxRefused(f"fault refused: {error}", next_command="phasegate sandbox --help") from error
        self.__dict__.update(armed.__dict__)
