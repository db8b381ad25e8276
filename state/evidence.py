"""What is evidence? What a task's work left, what was put before its approvers, and what they said: read and written.

Rules:
- The one place that knows how these are written in JSON: `from_json` refuses with the field (`Misread`), `to_json`
  gives back what was read. Names on disk never change.
- Fields that only a later release knows are kept (`more`), so that a digest over the evidence is the same here and
  there. A gate whose policy has some is not opened: `workflow.engine.gatekeeper.policy_of`.
- Journals of the first release have neither `policy` nor `by` in their evidence, and no `times_covered`. Runs of
  format 1 have no `entries`; in those of 2 they must be there, and the times are always covered. Verdicts on items
  (`CheckResult.answers`), what work rests on (`inputs`) and the approval that one rests on are of format 2.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from functools import lru_cache
from typing import Literal, get_args

from state import json_values as j
from state.cheap_classes import dataclass
from state.files import MISSING, sha256
from state.json_values import NOTHING_MORE, Fields, Json, format_time
from state.passkey_signature import Signature, signature_fields, signature_in
from state.tree_entry import TreeEntry, entries_in

Verdict = Literal[
    "pass", "fail", "note", "not-checked", "attested", "not-applicable", "waived", "derived", "said-by-agent"
]
ApprovedVia = Literal["prompt", "command", "--yes", "policy", "unchanged", "web", "remote"]
Presence = Literal["signed", "terminal", "any"]

VERDICTS: Mapping[str, Verdict] = j.words(*get_args(Verdict))
_OF_1 = ("pass", "fail", "note", "not-checked", "attested")
VERDICTS_1: Mapping[str, Verdict] = {word: VERDICTS[word] for word in _OF_1}  # of format 1
APPROVED_VIA: Mapping[str, ApprovedVia] = j.words(*get_args(ApprovedVia))
PRESENCES: Mapping[str, Presence] = j.words(*get_args(Presence))
AGENT = "agent: "  # how an agent's name begins, where a person's git identity would be
_OF_2 = ("unchanged", "web", "remote")
_APPROVED_VIA_1 = {word: via for word, via in APPROVED_VIA.items() if word not in _OF_2}  # of format 1


def _more() -> Fields:
    return NOTHING_MORE


@dataclass(frozen=True, slots=True)
class By:
    """Who did something: `git` is `Name <email>`, `policy` or `agent: NAME`; `user` and `host` are the machine's."""

    git: str
    user: str
    host: str
    more: Fields = field(default_factory=_more, hash=False)

    @classmethod
    def from_json(cls, body: Fields) -> By:
        git, user, host = body.get("git"), body.get("user"), body.get("host")
        if type(git) is str and type(user) is str and type(host) is str:  # nearly every event has one
            return _by(git, user, host) if len(body) == len(_BY) else cls(git, user, host, j.more(body, _BY))
        wrong = next(name for name in ("git", "user", "host") if type(body.get(name)) is not str)
        raise j.misread(body, wrong, "a text")

    def to_json(self) -> dict[str, Json]:
        return {"git": self.git, "user": self.user, "host": self.host, **self.more}

    @property
    def is_agent(self) -> bool:
        """Whether it is a program that works by `phasegate mcp`, and no person."""
        return self.git.startswith(AGENT)


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
    """One thing that was looked at, as recorded. See `phases.step.Check` for what each field means.

    Runs of format 1 have none of `answers`, `why`, `by` and `rests_on`; in others, where they say something.
    """

    name: str
    expected: str
    seen: str
    verdict: Verdict
    where: str = ""
    more: Fields = field(default_factory=_more, hash=False)
    answers: str = ""
    why: str = ""
    by: By | None = None
    rests_on: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, body: Fields) -> CheckResult:
        """A check of format 2."""
        compared = (j.text(body, "name"), j.text(body, "expected"), j.text(body, "seen"))
        return cls(
            *compared,
            j.word(body, "verdict", VERDICTS),
            j.text(body, "where"),
            j.more(body, _CHECK_OF_2),
            j.text_if_any(body, "answers"),
            j.text_if_any(body, "why"),
            j.part(body, "by", By.from_json) if "by" in body else None,
            j.texts(body, "from") if "from" in body else (),
        )

    @classmethod
    def of_1(cls, body: Fields) -> CheckResult:
        """As `from_json`, in a run of format 1."""
        compared = (j.text(body, "name"), j.text(body, "expected"), j.text(body, "seen"))
        return cls(*compared, j.word(body, "verdict", VERDICTS_1), j.text(body, "where"), j.more(body, _CHECK))

    def to_json(self) -> dict[str, Json]:
        said: dict[str, Json] = {"name": self.name, "expected": self.expected, "seen": self.seen}
        said |= {"verdict": self.verdict, "where": self.where}
        if self.answers:
            said["answers"] = self.answers
        if self.why:
            said["why"] = self.why
        if self.by is not None:
            said["by"] = self.by.to_json()
        if self.rests_on:
            said["from"] = list(self.rests_on)
        return {**said, **self.more}


_CHECK = frozenset(("name", "expected", "seen", "verdict", "where"))
_CHECK_OF_2 = _CHECK | {"answers", "why", "by", "from"}


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
        presence: how a person must be there, where the work is an agent's; None elsewhere, and then it is not written.
        repeat: None, and not in the journal, where nobody has said.
        passkeys: "", and not in the journal, where the policy names no file of them.
        user_verified, orderer_may_approve: each in the journal where it is false.
        tick_not_applicable: in the journal where it is true.
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
    presence: Presence | None = None
    repeat: bool | None = None
    passkeys: str = ""
    user_verified: bool = True
    tick_not_applicable: bool = False
    orderer_may_approve: bool = True

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
            presence=j.word(body, "presence", PRESENCES) if "presence" in body else None,
            repeat=j.flag_if_any(body, "repeat"),
            passkeys=j.path(body, "passkeys") if "passkeys" in body else "",
            user_verified=j.flag_if_any(body, "user_verified") is not False,
            tick_not_applicable=j.flag_if_any(body, "tick_not_applicable") is True,
            orderer_may_approve=j.flag_if_any(body, "orderer_may_approve") is not False,
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
            **({"presence": self.presence} if self.presence is not None else {}),
            **({} if self.repeat is None else {"repeat": self.repeat}),
            **({"passkeys": self.passkeys} if self.passkeys else {}),
            **({} if self.user_verified else {"user_verified": False}),
            **({"tick_not_applicable": True} if self.tick_not_applicable else {}),
            **({} if self.orderer_may_approve else {"orderer_may_approve": False}),
            **self.more,
        }

    @property
    def passkeys_alone(self) -> bool:
        """Whether a signature is asked for that no SSH key gives."""
        return self.signed and bool(self.passkeys) and not self.allowed_signers


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
        inputs: what the work rests on: name -> SHA-256, with `input_digest` over all of them; none of work whose step
            does not declare it, which is never taken for unchanged, and in runs of format 1.
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
    inputs: Mapping[str, str] = field(default_factory=dict, hash=False)
    input_digest: str = ""

    @classmethod
    def from_json(cls, body: Fields, version: int) -> Evidence:
        """From the fields of a `worked` event in a run of this format; the others of them are left alone."""
        return cls(
            j.parts(body, "artifacts", Artifact.from_json),
            j.parts(body, "checks", CheckResult.from_json if version > 1 else CheckResult.of_1),
            j.record(body, "data"),
            j.parts(body, "review", Section.from_json),
            j.text_of_each(body, "witness"),
            j.part(body, "policy", RecordedPolicy.from_json) if "policy" in body else None,
            j.part(body, "by", By.from_json) if "by" in body else None,
            j.flag_if_any(body, "terminal"),
            entries_in(body, "entries") if version > 1 else None,
            *(_inputs(body) if version > 1 and ("inputs" in body or "input_digest" in body) else ({}, "")),
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
        if self.inputs:
            body["inputs"], body["input_digest"] = dict(self.inputs), self.input_digest
        return body

    def digests(self) -> dict[str, str]:
        """Path -> SHA-256 of the artifacts."""
        return {each.path: each.sha256 for each in self.artifacts}


def digest_of_inputs(inputs: Mapping[str, str]) -> str:
    """SHA-256 (hex) over all that the work rests on: name -> SHA-256, as canonical JSON."""
    return sha256(json.dumps(dict(inputs), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode())


def _inputs(body: Fields) -> tuple[Mapping[str, str], str]:
    """What the work rests on, and the digest over it. Raises Misread where the one does not follow from the other."""
    inputs, said = j.text_of_each(body, "inputs"), j.digest(body, "input_digest")
    if not inputs or said != digest_of_inputs(inputs):
        raise j.misread(body, "input_digest", "the digest of `inputs`, which are at least one")
    return inputs, said


@dataclass(frozen=True, slots=True)
class Request:
    """What was put before the approver: valid once, for this digest, until it expires.

    `nonce` is minted when it is shown; `digest` is the one of `gates.approval.evidence_digest`. `times_covered`: that
    covers the two times as well; not so in journals of the first release. `always`: in runs of format 2 it always does,
    and they do not write so. `prev`: the hash of the journal's line before, which the digest covers as well, and by it
    everything that was recorded until then; "" in runs of format 1.
    """

    digest: str
    nonce: str
    shown_at: datetime
    expires_at: datetime
    times_covered: bool = False
    always: bool = False
    more: Fields = field(default_factory=_more, hash=False)
    prev: str = ""

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
        prev = j.digest(body, "prev") if "prev" in body else ""
        return cls(j.digest(body, "digest"), j.text(body, "nonce"), *times, True, True, more, prev)

    def to_json(self) -> dict[str, Json]:
        body: dict[str, Json] = {"digest": self.digest, "nonce": self.nonce, **self._times}
        if self.times_covered and not self.always:
            body["times_covered"] = True
        if self.prev:
            body["prev"] = self.prev
        return {**body, **self.more}

    @property
    def covered(self) -> dict[str, str] | None:
        """What of itself the digest covers: the times and the line before; None where it covers none of it."""
        if not self.times_covered:
            return None
        return {**self._times, "prev": self.prev} if self.prev else self._times

    @property
    def _times(self) -> dict[str, str]:
        return {"shown_at": format_time(self.shown_at), "expires_at": format_time(self.expires_at)}


_REQUEST_OF_2 = frozenset(("digest", "nonce", "shown_at", "expires_at", "prev"))
_REQUEST = (_REQUEST_OF_2 - {"prev"}) | {"times_covered"}


@dataclass(frozen=True, slots=True)
class RestsOn:
    """An earlier approval, on which one without a person rests: of which run, task (its key) and digest."""

    run: str
    task: str
    digest: str

    @classmethod
    def from_json(cls, body: Fields) -> RestsOn:
        return cls(j.file_name(body, "run"), j.key(body, "task"), j.digest(body, "digest"))

    def to_json(self) -> dict[str, Json]:
        return {"run": self.run, "task": self.task, "digest": self.digest}


@dataclass(frozen=True, slots=True)
class Approval:
    """One approval, as an `approved` event has it; `at` is the event's.

    Attributes:
        via: how it was given.
        admits: whether the gate is open now.
        terminal: whether a terminal was there, where the work is an agent's; None elsewhere.
        signature: armoured, SSH; a passkey's, in the field `passkey`; or "".
        comment: for the working log, or "".
        rests_on: with `via` "unchanged", and with no other.
    """

    digest: str
    nonce: str
    by: By
    via: ApprovedVia
    admits: bool
    at: datetime
    signature: Signature = ""
    comment: str = ""
    rests_on: RestsOn | None = None
    terminal: bool | None = None

    @classmethod
    def from_json(cls, body: Fields, at: datetime, version: int) -> Approval:
        """From the fields of an `approved` event in a run of this format."""
        via = j.word(body, "via", APPROVED_VIA if version > 1 else _APPROVED_VIA_1)
        return cls(
            j.digest(body, "digest"),
            j.text(body, "nonce"),
            j.part(body, "by", By.from_json),
            via,
            j.flag(body, "admits"),
            at,
            signature_in(body, version),
            j.text_if_any(body, "comment"),
            j.part(body, "rests_on", RestsOn.from_json) if via == "unchanged" else None,
            j.flag_if_any(body, "terminal"),
        )

    def to_json(self) -> dict[str, Json]:
        """Its fields in the event; those that may be left out only where there are some."""
        said = signature_fields(self.signature)
        if self.comment:
            said["comment"] = self.comment
        if self.rests_on is not None:
            said["rests_on"] = self.rests_on.to_json()
        if self.terminal is not None:
            said["terminal"] = self.terminal
        shown: dict[str, Json] = {"digest": self.digest, "nonce": self.nonce, "by": self.by.to_json()}
        return {**shown, "via": self.via, "admits": self.admits, **said}
