"""What does an approver look at on a page? Everything that the digest covers, as data in the order that decides. Pure.

Rules:
- The differences are those of bytes whose digests are in the evidence: what the disk holds meanwhile is never shown as
  what is approved. Where it holds something else, that is said, and nothing can be approved.
- Nothing is cut. What passed is folded: counted and named.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from gates.policy import GatePolicy
from gates.words import SHORT
from phases.work import APPROVING
from state.evidence import CheckResult, Verdict
from state.printable import as_name, printable_line
from state.tree_entry import TreeEntry
from workflow.policy.passkeys import Passkey
from workflow.ports import ReviewView
from workflow.views.boxes import answer_in_words
from workflow.views.review_page import IN_HEAD, SIGNS, what_approving_does

_DECIDES: tuple[Verdict, ...] = ("fail", "note", "not-checked", "said-by-agent", "attested", "derived")
_KINDS = {"+": "added", "-": "removed", "@": "place", "\\": "remark"}


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of a difference; `kind`: `added`, `removed`, `same`, `place` (where it is) or `remark`."""

    kind: str
    sign: str
    text: str


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of the evidence.

    Attributes:
        name: its path, printable.
        what: mode and type, where it is no ordinary file, or "".
        size: [bytes]; `sha256` of them, or "missing".
        lines: how it differs from HEAD.
        note: why there are none, or "".
    """

    name: str
    what: str
    size: int
    sha256: str
    lines: Sequence[DiffLine] = ()
    note: str = ""

    @property
    def added(self) -> int:
        return sum(line.kind == "added" for line in self.lines)

    @property
    def removed(self) -> int:
        return sum(line.kind == "removed" for line in self.lines)


@dataclass(frozen=True, slots=True)
class CheckShown:
    """One check; `sign` is its verdict in words, `verdict` as the journal has it."""

    name: str
    sign: str
    verdict: Verdict
    expected: str
    seen: str
    where: str


@dataclass(frozen=True, slots=True)
class BoxShown:
    """One box with its answer; `number` is set where it needs a word of the approver's."""

    name: str
    answer: str
    verdict: Verdict
    number: str


@dataclass(frozen=True, slots=True)
class GateView:
    """A gate that waits.

    Attributes:
        review: what waits, as for every other face.
        files: how each file differs, in the evidence's order.
        changed: what is another now than it was shown; nothing can be approved then.
        commands: by which it is approved in a terminal, of which one will do.
        asks_at_a_terminal: whether a rejection asks for a person at a terminal, too: in a run that an agent began.
        not_here: why an approval on a page without a signature does not count, or "".
        challenge: what a passkey signs to approve it, "" where none may; `passkeys`: those of the gate.
        whom: who may approve it, in words: `anybody`, `somebody else than Ada`.
        now: when it was looked at.
    """

    review: ReviewView
    files: Sequence[FileChange]
    changed: Sequence[str]
    boxes: Sequence[BoxShown]
    commands: Sequence[str]
    whom: str
    asks_at_a_terminal: bool
    not_here: str
    now: datetime
    challenge: str = ""
    passkeys: Sequence[Passkey] = ()

    @property
    def digest(self) -> str:
        return self.review.request.digest

    @property
    def short(self) -> str:
        """The digest as the terminal says it."""
        return self.digest[:SHORT]

    @property
    def does(self) -> str:
        """What happens outside as soon as this is approved, or ""."""
        return what_approving_does(self.review.worked)

    @property
    def deciding(self) -> Sequence[CheckShown]:
        """The checks that did not pass, what decides first."""
        own = [each for each in self.review.worked.checks if not each.answers]
        return [_check(each) for verdict in _DECIDES for each in own if each.verdict == verdict]

    @property
    def passed(self) -> Sequence[CheckShown]:
        return [_check(each) for each in self.review.worked.checks if not each.answers and each.verdict == "pass"]

    @property
    def sections(self) -> Sequence[tuple[str, str]]:
        """The step's own sections, title and Markdown."""
        return [(each.title, each.body) for each in self.review.worked.review if each.title != APPROVING]

    @property
    def shows_nothing(self) -> bool:
        """Whether nothing was looked at: then approving says that the task is done."""
        worked = self.review.worked
        return not worked.checks and not worked.artifacts and not worked.data.get("skipped")

    @property
    def is_left_out(self) -> bool:
        return bool(self.review.worked.data.get("skipped"))

    @property
    def committed(self) -> Sequence[str]:
        """Every path of the commit, with what it is where that is no ordinary file."""
        entries = {entry.path: entry for entry in self.review.worked.entries or ()}
        return list(_paths(self.review.paths, entries))

    @property
    def asks_for_words(self) -> bool:
        """Whether boxes need a word first."""
        return any(box.number for box in self.boxes)

    @property
    def takes_words_here(self) -> bool:
        """Whether a word on a box may be said on a page: behind an agent's work it asks for the presence that its
        approval does, and no passkey signs it.
        """
        return self.review.policy.presence in (None, "any")

    def passkeys_at(self, origin: str) -> Sequence[Passkey]:
        """The passkeys that a page of this origin may ask for."""
        return [each for each in self.passkeys if self.challenge and origin in each.origins]

    @property
    def is_late(self) -> bool:
        return self.now >= self.review.request.expires_at


def not_on_a_page(policy: GatePolicy, *, of_0_1: bool) -> str:
    """Why a gate with this policy does not open by an approval on a page; "" where it does. `of_0_1`: its run is."""
    if of_0_1:
        return "the run is of format 1, which cannot record an approval on a page"
    if policy.signed:
        return "this gate asks for a signature, by a passkey or an SSH key"
    if policy.presence == "terminal":
        return "the work is an agent's, and this gate asks for a person: at a terminal, or by a passkey's signature"
    return ""


def diff_lines(lines: Sequence[str]) -> list[DiffLine]:
    """Lines of a unified difference, each with its sign."""
    return [
        DiffLine(_KINDS.get(line[:1], "same"), *(("", line) if line.startswith("@@") else (line[:1], line[1:])))
        for line in lines
    ]


def boxes_shown(checks: Sequence[CheckResult], unsettled: Sequence[CheckResult]) -> list[BoxShown]:
    """The boxes with their answers; those of `unsettled` need a word."""
    open_ = {check.answers for check in unsettled}
    return [
        BoxShown(
            check.name,
            answer_in_words(check),
            check.verdict,
            check.answers.removeprefix("box ") if check.answers in open_ else "",
        )
        for check in checks
        if check.answers
    ]


def _check(check: CheckResult) -> CheckShown:
    return CheckShown(check.name, SIGNS[check.verdict], check.verdict, check.expected, check.seen, check.where)


def _paths(paths: Sequence[str], entries: dict[str, TreeEntry]) -> Iterator[str]:
    for path in paths:
        entry, said = entries.get(path), printable_line(as_name(path))
        if entry is not None and not entry.is_ordinary:
            said += f" {'removed' if entry.type == 'missing' else entry.words}"
        yield said + (IN_HEAD if entry is not None and entry.committed else "")
