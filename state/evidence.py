"""What is evidence? What a task's work left, what was put before its approvers, and what they said: read and written.

Rules:
- The one place that knows how these are written in JSON: `from_json` refuses with the field (`Misread`), `to_json`
  gives back what was read. Names on disk never change.
- Fields that only a later release knows are kept (`more`), so that a digest over the evidence is the same here and
  there. A gate whose policy has some is not opened: `workflow.engine.gatekeeper.policy_of`.
- Journals of the first release have neither `policy` nor `by` in their evidence, and no `times_covered`. Runs of
  format 1 have no `entries`; in those of 2 they must be there, and the times are always covered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Literal, get_args

from state import json_values as j
from state.files import MISSING
from state.json_values import NOTHING_MORE, Fields, Json, format_time
from state.tree_entry import TreeEntry, entries_in

Verdict = Literal["pass", "fail", "note", "not-checked", "attested"]
ApprovedVia = Literal["prompt", "command", "--yes", "policy"]

VERDICTS: Mapping[str, Verdict] = j.words(*get_args(Verdict))
APPROVED_VIA: Mapping[str, ApprovedVia] = j.words(*get_args(ApprovedVia))


def _more() -> Fields:
    return NOTHING_MORE


@dataclass(frozen=True, slots=True)
class By:
    """Who did something: `git` is `Name <email>`, or `policy`; `user` and `host` are the machine's."""

    git: str
    user: str
    host: str
    more: Fields = field(default_factory=_more, hash=False)

    @classmethod
    def from_json(cls, body: Fields) -> By:
        git, user, host = j.text(body, "git"), j.text(body, "user"), j.text(body, "host")
        return cls(git, user, host, j.more(body, _BY)) if len(body) > len(_BY) else _by(git, user, host)

    def to_json(self) -> dict[str, Json]:
        return {"git": self.git, "user": self.user, "host": self.host, **self.more}


_BY = frozenset(("git", "user", "host"))
_by = lru_cache(256)(By)  # most events of a run are by the same few


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file that the work left, or removed: then `sha256` is "missing" and `size` [bytes] 0."""

    path: str
    sha256: str
    size: int
    more: Fields = field(default_factory=_more, hash=False)

    @classmethod
    def from_json(cls, body: Fields) -> Artifact:
        digest = j.digest(body, "sha256", or_else=(MISSING,))
        return cls(j.path(body, "path"), digest, j.whole(body, "size", high=_LARGEST), j.more(body, _ARTIFACT))

    def to_json(self) -> dict[str, Json]:
        return {"path": self.path, "sha256": self.sha256, "size": self.size, **self.more}


_ARTIFACT = frozenset(("path", "sha256", "size"))
_LARGEST = 2**63 - 1  # bytes of a file [POSIX off_t]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One thing that was looked at, as recorded. See `phases.step.Check` for what each field means."""

    name: str
    expected: str
    seen: str
    verdict: Verdict
    where: str = ""
    more: Fields = field(default_factory=_more, hash=False)

    @classmethod
    def from_json(cls, body: Fields) -> CheckResult:
        compared = (j.text(body, "name"), j.text(body, "expected"), j.text(body, "seen"))
        return cls(*compared, j.word(body, "verdict", VERDICTS), j.text(body, "where"), j.more(body, _CHECK))

    def to_json(self) -> dict[str, Json]:
        said: dict[str, Json] = {"name": self.name, "expected": self.expected, "seen": self.seen}
        return {**said, "verdict": self.verdict, "where": self.where, **self.more}


_CHECK = frozenset(("name", "expected", "seen", "verdict", "where"))


@dataclass(frozen=True, slots=True)
class Section:
    """A section that the approver is shown; `body` is Markdown."""

    title: str
    body: str
    more: Fields = field(default_factory=_more, hash=False)

    @classmethod
    def from_json(cls, body: Fields) -> Section:
        return cls(j.text(body, "title"), j.text(body, "body"), j.more(body, _SECTION))

    def to_json(self) -> dict[str, Json]:
        return {"title": self.title, "body": self.body, **self.more}


_SECTION = frozenset(("title", "body"))


@dataclass(frozen=True, slots=True)
class RecordedPolicy:
    """What the gate asked for when the evidence was shown. See `gates.policy.GatePolicy` for what each field means.

    Attributes:
        expires_after: [s]
    """

    approvers: int
    who: tuple[str, ...]
    operator_may_approve: bool
    expires_after: int
    signed: bool
    opened_by_policy: bool
    allowed_signers: str
    revoked_keys: str
    files: Mapping[str, str] = field(hash=False)
    more: Fields = field(default_factory=_more, hash=False)

    @classmethod
    def from_json(cls, body: Fields) -> RecordedPolicy:
        return cls(
            approvers=j.whole(body, "approvers", 1),
            who=j.texts(body, "who"),
            operator_may_approve=j.flag(body, "operator_may_approve"),
            expires_after=j.whole(body, "expires_after", 1),
            signed=j.flag(body, "signed"),
            opened_by_policy=j.flag(body, "opened_by_policy"),
            allowed_signers=j.path_or_empty(body, "allowed_signers"),
            revoked_keys=j.path_or_empty(body, "revoked_keys"),
            files=j.text_of_each(body, "files"),
            more=j.more(body, _POLICY),
        )

    def to_json(self) -> dict[str, Json]:
        return {
            "approvers": self.approvers,
            "who": list(self.who),
            "operator_may_approve": self.operator_may_approve,
            "expires_after": self.expires_after,
            "signed": self.signed,
            "opened_by_policy": self.opened_by_policy,
            "allowed_signers": self.allowed_signers,
            "revoked_keys": self.revoked_keys,
            "files": dict(self.files),
            **self.more,
        }


_POLICY = frozenset(RecordedPolicy.__dataclass_fields__) - {"more"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an approval covers, beside the task, its answers and the times.

    Attributes:
        data: small JSON facts for later steps.
        review: what the approver is shown, in this order.
        witness: facts outside that the approval rests on, by name.
        policy: the gate's, None in journals of the first release.
        by: who did the work, None as there.
        terminal: whether a terminal was there when the work was done, None in runs of 0.1.
        entries: what the task's commit will hold, a path each; None in runs of format 1, which do not say.
    """

    artifacts: Sequence[Artifact] = ()
    checks: Sequence[CheckResult] = ()
    data: Fields = field(default_factory=_more, hash=False)
    review: Sequence[Section] = ()
    witness: Mapping[str, str] = field(default_factory=dict, hash=False)
    policy: RecordedPolicy | None = None
    by: By | None = None
    terminal: bool | None = None
    entries: tuple[TreeEntry, ...] | None = None

    @classmethod
    def from_json(cls, body: Fields, version: int) -> Evidence:
        """From the fields of a `worked` event in a run of this format; the others of them are left alone."""
        return cls(
            j.parts(body, "artifacts", Artifact.from_json),
            j.parts(body, "checks", CheckResult.from_json),
            j.record(body, "data"),
            j.parts(body, "review", Section.from_json),
            j.text_of_each(body, "witness"),
            j.part(body, "policy", RecordedPolicy.from_json) if "policy" in body else None,
            j.part(body, "by", By.from_json) if "by" in body else None,
            j.flag_if_any(body, "terminal"),
            entries_in(body, "entries") if version > 1 else None,
        )

    def to_json(self) -> dict[str, Json]:
        body: dict[str, Json] = {
            "artifacts": [each.to_json() for each in self.artifacts],
            "checks": [each.to_json() for each in self.checks],
            "data": dict(self.data),
            "review": [each.to_json() for each in self.review],
            "witness": dict(self.witness),
        }
        if self.policy is not None:
            body["policy"] = self.policy.to_json()
        if self.by is not None:
            body["by"] = self.by.to_json()
        if self.terminal is not None:
            body["terminal"] = self.terminal
        if self.entries is not None:
            body["entries"] = [each.to_json() for each in self.entries]
        return body

    def digests(self) -> dict[str, str]:
        """Path -> SHA-256 of the artifacts."""
        return {each.path: each.sha256 for each in self.artifacts}


@dataclass(frozen=True, slots=True)
class Request:
    """What was put before the approver: valid once, for this digest, until it expires.

    `nonce` is minted when it is shown; `digest` is the one of `gates.approval.evidence_digest`. `times_covered`: that
    covers the two times as well; not so in journals of the first release. `always`: in runs of format 2 it always does,
    and they do not write so.
    """

    digest: str
    nonce: str
    shown_at: datetime
    expires_at: datetime
    times_covered: bool = False
    always: bool = False
    more: Fields = field(default_factory=_more, hash=False)

    @classmethod
    def from_json(cls, body: Fields) -> Request:
        times = (j.time(body, "shown_at"), j.time(body, "expires_at"))
        covered = j.flag(body, "times_covered") if "times_covered" in body else False
        return cls(j.digest(body, "digest"), j.text(body, "nonce"), *times, covered, more=j.more(body, _REQUEST))

    @classmethod
    def of_2(cls, body: Fields) -> Request:
        """As `from_json`, in a run of format 2."""
        times = (j.time(body, "shown_at"), j.time(body, "expires_at"))
        more = j.more(body, _REQUEST_OF_2)
        return cls(j.digest(body, "digest"), j.text(body, "nonce"), *times, True, True, more)

    def to_json(self) -> dict[str, Json]:
        body: dict[str, Json] = {"digest": self.digest, "nonce": self.nonce, **self._times}
        if self.times_covered and not self.always:
            body["times_covered"] = True
        return {**body, **self.more}

    @property
    def covered_times(self) -> dict[str, str] | None:
        """The times as the digest covers them; None where it does not."""
        return self._times if self.times_covered else None

    @property
    def _times(self) -> dict[str, str]:
        return {"shown_at": format_time(self.shown_at), "expires_at": format_time(self.expires_at)}


_REQUEST_OF_2 = frozenset(("digest", "nonce", "shown_at", "expires_at"))
_REQUEST = _REQUEST_OF_2 | {"times_covered"}


@dataclass(frozen=True, slots=True)
class Approval:
    """One approval, as an `approved` event has it; `at` is the event's.

    Attributes:
        via: how it was given.
        admits: whether the gate is open now.
        signature: armoured, SSH, or "".
        comment: for the working log, or "".
    """

    digest: str
    nonce: str
    by: By
    via: ApprovedVia
    admits: bool
    at: datetime
    signature: str = ""
    comment: str = ""

    @classmethod
    def from_json(cls, body: Fields, at: datetime) -> Approval:
        return cls(
            j.digest(body, "digest"),
            j.text(body, "nonce"),
            j.part(body, "by", By.from_json),
            j.word(body, "via", APPROVED_VIA),
            j.flag(body, "admits"),
            at,
            j.text_if_any(body, "signature"),
            j.text_if_any(body, "comment"),
        )

    def to_json(self) -> dict[str, Json]:
        """Its fields in the event; signature and comment only where there are some."""
        said = {name: value for name, value in (("signature", self.signature), ("comment", self.comment)) if value}
        shown: dict[str, Json] = {"digest": self.digest, "nonce": self.nonce, "by": self.by.to_json()}
        return {**shown, "via": self.via, "admits": self.admits, **said}
