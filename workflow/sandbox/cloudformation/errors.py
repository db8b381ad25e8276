"""How does this CloudFormation say no? With AWS's code, message and HTTP status.

Source for the codes: the service model that botocore carries (cloudformation/2010-05-15/service-2.json).
"""

from __future__ import annotations


class ServiceError(Exception):
    """An API error as it goes over the wire."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


def validation_error(message: str) -> ServiceError:
    """The error that CloudFormation gives for anything wrong with a request or a template."""
    return ServiceError("ValidationError", message)


def not_implemented(what: str) -> ServiceError:
    """The sandbox's own honest answer, which no real account gives: `what` is named, nothing was done."""
    return ServiceError("NotImplemented", f"the phasegate sandbox does not implement {what}", 501)


class ResourceFailed(Exception):
    """One resource could not be created, updated, deleted or imported; `reason` goes into its event."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
