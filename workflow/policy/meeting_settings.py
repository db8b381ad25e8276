"""At which remote are runs met, and whose keys sign their tips there? `meeting` and `runners` of phasegate.yaml.

`meeting` is no policy: it opens and closes nothing. `runners` opens nothing either: a tip brings a run's files and its
journal, and each of its gates is judged by what the journal holds.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}


class Meeting(BaseModel):
    """The settings, as they are written.

    Attributes:
        remote: name of a remote of the clone: runs that begin are shared there by themselves. "": none is.
        prefix: where the refs are, for hosts that take branches only: `refs/heads/phasegate-meeting`.
        lease: after which a run that does not move may be taken over.
        per_account: how many workers work in an account, or in the sandbox, at a time; 0: any number.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    remote: str = Field(default="", pattern=r"^([A-Za-z0-9][\w./-]*)?$")
    prefix: str = Field(default="refs/phasegate", pattern=r"^refs/[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)*$")
    lease: str = Field(default="60s", pattern=r"^[1-9][0-9]{0,3}[smh]$")

    per_account: int = Field(default=0, ge=0, le=99)

    @property
    def seconds(self) -> float:
        """The lease [s]."""
        return int(self.lease[:-1]) * UNITS[self.lease[-1]]


PATTERNS = {
    "remote": "the name of a remote",
    "prefix": "where refs are, such as refs/phasegate",
    "lease": "a time such as 60s or 5m",
}
