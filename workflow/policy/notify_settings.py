"""Who is told what, when a gate waits, expires or is decided? `notify` of phasegate.yaml.

It is no policy: it opens and closes nothing. A webhook's address is often a secret itself, so it may be named by a
variable of the environment (`$NAME`) instead of being written into a file that is committed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Happening = Literal["waits", "expires", "decided"]
# what a text must be, in words
PATTERNS = {
    "webhook": "an https address (http to this machine only), or $NAME of a variable that has one",
    "sns": "the ARN of a topic",
}
_VARIABLE = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?")


class Notify(BaseModel):
    """The settings, as they are written.

    Attributes:
        when: what is told.
        webhook: an https address that takes Slack's messages, or `$NAME`.
        command: for `sh`, in the workspace.
        sns: ARN of a topic.
        bell: ring the terminal's bell, where there is a terminal.
        sandbox: tell of sandbox runs outside of this machine as well.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    when: list[Happening] = Field(default=["waits", "expires", "decided"])
    webhook: str = Field(default="", pattern=r"^(https://\S+|http://(127\.0\.0\.1|localhost|\[::1\])[:/]\S*|\$\S+)?$")
    command: str = ""
    sns: str = Field(default="", pattern=r"^(arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w.-]+)?$")
    bell: bool = False
    sandbox: bool = False

    def webhook_address(self, environment: Mapping[str, str] = os.environ) -> str:
        """The address itself; "" where there is none, or where the variable that is named is not set."""
        found = _VARIABLE.fullmatch(self.webhook)
        return environment.get(found[1], "") if found else self.webhook
