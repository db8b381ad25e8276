"""What does an approver look at on a page? Everything that the digest covers, as data in the order that decides. Pure.

Rules:
- The differences are those of bytes whose digests are in the evidence: what the disk holds meanwhile is never shown as
  what is approved. Where it holds something else, that is said, and nothing can be approved.
- Nothing is cut. What passed is folded: counted and named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gates.policy import GatePolicy
from gates.words import SHORT
from phases.work import APPROVING
from state.evidence import CheckResult, Verdict
from state.printable import as_name, printable_line
from workflow.policy.passkeys import Passkey
from workflow.ports import ReviewView
from workflow.views.as_written import as_written
from workflow.views.boxes import answer_in_words
from workflow.views.review_page import IN_HEAD, SIGNS, what_approving_does
from workflow.views.side_by_side import DiffBlock, DiffLine, diff_blocks, is_one_sided
from workflow.views.since_approved import SinceApproved
from workflow.views.who_may import how_in_words

_DECIDES: tuple[Verdict, ...] = ("fail", "note", "not-checked", "said-by-agent", "attested", "derived")


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of the evidence.

    Attributes:
        name: its path, printable.
        what: mode and type, or "" where the run does not record them.
        size: [bytes]; `sha256` of them, or "missing".
        lines: how what git stores of it differs from what was there before.
        stored: how many bytes git stores, where they are not the file's own; else None.
        note: why there are none, or "".
        since: how it differs from what this person approved last, or "".
    """

    name: str
    what: str
    size: int
    sha256: str
    lines: Sequence[DiffLine] = ()
    note: str = ""
    since: str = ""
    stored: int | None = None

    @property
    def blocks(self) -> Sequence[DiffBlock]:
        """Its lines, to stand beside each other."""
        return diff_blocks(self.lines)

    @property
    def is_one_sided(self) -> bool:
        """Whether there is nothing to put beside it."""
        return is_one_sided(self.lines)

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
        challenge: what a passkey signs to approve it, "" where none may; `passkeys`: those that may approve it now;
            `rejecting`: those that may reject it.
        whom: who may approve it, and how, in words (`workflow.views.who_may`).
        now: when it was looked at.
        since: what is another now than when this person approved last, None where they have not.
        weaker_policy: whether the policy at HEAD is weaker than the one that judges, and waits for its own approval.
        closed: why nothing can be approved as it is, for what the policy or the checks are now, or "".
        commands_then: what to type where it is closed.
        can_sign: whether the run's format can record a passkey's signature.
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
    rejecting: Sequence[Passkey] = ()
    since: SinceApproved | None = None
    weaker_policy: bool = False
    closed: str = ""
    commands_then: Sequence[str] = ()
    can_sign: bool = True

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
    def task_text(self) -> str:
        """The task, as the runbook has it; "" where a section of the step begins with it."""
        text = as_written(self.review.task)
        return "" if any(body.startswith(text) for _title, body in self.sections) else text

    @property
    def is_left_out(self) -> bool:
        return bool(self.review.worked.data.get("skipped"))

    @property
    def committed(self) -> Sequence[str]:
        """Every path that the commit changes, with what it is where that is no ordinary file."""
        return [self._named(path) for path in self.review.paths if path not in self.review.unchanged]

    @property
    def unchanged(self) -> Sequence[str]:
        """Every path that is approved and that the commit does not change, as `committed`."""
        return [self._named(path) + IN_HEAD for path in self.review.paths if path in self.review.unchanged]

    def _named(self, path: str) -> str:
        entry = next((each for each in self.review.worked.entries or () if each.path == path), None)
        said = printable_line(as_name(path))
        if entry is None or entry.is_ordinary:
            return said
        return f"{said} {'removed' if entry.type == 'missing' else entry.words}"

    @property
    def names_no_passkeys(self) -> bool:
        """Whether a passkey could open it, and the policy names no list of them."""
        return bool(self.not_here) and not self.review.policy.passkeys and self.can_sign

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
        """The passkeys by which a page of this origin may ask to have it approved."""
        return [each for each in self.passkeys if self.challenge and origin in each.origins]

    def rejects_at(self, origin: str) -> bool:
        """Whether a page of this origin may ask a passkey to reject it."""
        return any(self.challenge and origin in each.origins for each in self.rejecting)

    @property
    def is_late(self) -> bool:
        return self.now >= self.review.request.expires_at


def not_on_a_page(policy: GatePolicy, *, of_0_1: bool) -> str:
    """Why a gate with this policy does not open by an approval on a page; "" where it does. `of_0_1`: its run is."""
    if of_0_1:
        return "the run is of format 1, which cannot record an approval on a page"
    if policy.signed:
        return f"this gate asks for an approval that is {how_in_words(policy)}"
    if policy.presence == "terminal":
        return f"the work is an agent's, and this gate asks for a person: {how_in_words(policy)}"
    return ""


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
