"""When does a wait for AWS end on answers that cannot be read? After so many of them, one after the other.

    unread = Unreadable("cloudformation", "describe_stack_events", f"phasegate resume {ctx.run_id}")
    unread.look("a status such as CREATE_COMPLETE", seen)     # once a poll; "" for an answer that can be read

Nothing is lost then: what is raised leaves the attempt as it is, what was begun goes on, and `resume` follows it.
"""

from __future__ import annotations

import re

from phases.aws import Incomplete

MOST = 12  # polls in a row; at 5 s a minute
_STATUS = re.compile(r"[A-Z]+(?:_[A-Z]+)*")


def is_status(text: object) -> bool:
    """Whether a status is in the form that all statuses of CloudFormation and DynamoDB have, also one to come."""
    return isinstance(text, str) and _STATUS.fullmatch(text) is not None


class Unreadable:
    """Counts the answers in a row that cannot be read.

    Args:
        service, operation: what is asked, as in boto3.
        next_command: what shows the answer, and goes on.
    """

    def __init__(self, service: str, operation: str, next_command: str) -> None:
        self._asked, self._next_command = (service, operation), next_command
        self._count = 0

    def look(self, expected: str, seen: str) -> None:
        """Take note of an answer: `seen` is what of it cannot be read, "" where all of it can.

        Raises Incomplete for one too many of them.
        """
        self._count = self._count + 1 if seen else 0
        if self._count >= MOST:
            service, operation = self._asked
            raise Incomplete(
                f"AWS's answers to {service} {operation} cannot be read: expected {expected}, seen {seen}, {MOST} "
                "times in a row; what was begun goes on, and nothing of it is lost",
                service=service,
                operation=operation,
                next_command=self._next_command,
            )
