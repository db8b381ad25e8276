"""What does an expression of the template come to in the deployed stack? `{"Ref": "AlarmTopic"}` -> the topic's ARN.

Only what the stage's own template uses: Ref, Fn::Sub and Fn::GetAtt, with parameters, pseudo parameters, physical ids
and attributes that were read from the account. Anything else is refused by name; an expected value is never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from shlex import quote
from typing import Any

from phases.stage_06.paths import TEMPLATE
from state.errors import StepFailed

_PLACE = re.compile(r"\$\{(!?)([^}]+)\}")


class TemplateValues:
    """The values of one stack.

    Args:
        names: parameter, pseudo parameter or logical id -> its value, its physical id.
        attributes: `LogicalId.Attribute` -> value.
        path: the template's, for refusals.
    """

    def __init__(self, names: Mapping[str, str], attributes: Mapping[str, str], *, path: str = TEMPLATE) -> None:
        self._names = names
        self._attributes = attributes
        self._path = path
        self._look = f"git -P log -p -- {quote(path)}   # look who changed it"

    def resolve(self, value: Any) -> Any:
        """The value with every expression in it replaced. Raises StepFailed for one that cannot be."""
        if isinstance(value, list):
            return [self.resolve(each) for each in value]
        if not isinstance(value, dict):
            return value
        found = self._called(*next(iter(value.items()))) if len(value) == 1 else None
        return found if found is not None else {key: self.resolve(each) for key, each in value.items()}

    def _called(self, function: str, argument: Any) -> str | None:
        """What an intrinsic function comes to; None when it is none."""
        if function == "Ref":
            return self._look_up(argument)
        if function == "Fn::GetAtt":
            return self._look_up(".".join(argument))
        if function == "Fn::Sub" and isinstance(argument, str):
            return _PLACE.sub(self._place, argument)
        if function.startswith("Fn::"):
            raise StepFailed(
                f"{self._path} uses {function}, which cannot be compared with the account", next_command=self._look
            )
        return None

    def _place(self, found: re.Match[str]) -> str:
        return f"${{{found[2]}}}" if found[1] else self._look_up(found[2])

    def _look_up(self, name: str) -> str:
        known = self._attributes if "." in name else self._names
        if name not in known:
            raise StepFailed(f"{self._path} refers to {name}, which the stack does not have", next_command=self._look)
        return known[name]
