"""What can an audit say? Every code, what it means, and what to do; the findings themselves.

Rules:
- Codes are stable: they are never renamed, and never get another meaning (docs/audit.md describes each at length).
- A finding is a contradiction between git, the journal and the runbook. What merely cannot be shown is `Unprovable`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from state.json_values import Json

CODES: Mapping[str, str] = {
    "object-differs": "an object of the repository does not have the bytes that its id is the hash of",
    "journal-missing": "the run's journal is gone",
    "journal-damaged": "a journal is not what phasegate writes: a line, its hash or a field is wrong",
    "journal-rewritten": "a journal is not a prefix of the next one: lines were removed, edited or inserted",
    "journal-impossible": "an event stands where it cannot follow",
    "run-base-missing": "the commit that the run started from is not in the history",
    "runbook-copy-differs": "the run's copy of its runbook is not the runbook it started with",
    "plan-differs": "the plan read from the runbook is not the one the run was started with",
    "task-skipped": "a task began out of the plan's order",
    "sequence-differs": "git's commits and the journal tell different sequences of states",
    "commit-missing": "a done task has no commit",
    "commit-amended": "a task's commit is not the one that the journal names",
    "commit-duplicate": "more than one commit claims the same task",
    "commit-reordered": "a task's commit does not descend from the commit of the task before",
    "commit-merged": "a task's commit has not exactly one parent: it brings another history in",
    "trailer-forged": "a commit's trailers say what the journal does not",
    "message-changed": "a commit's message is not the one that was intended",
    "intent-differs": "the journal's intended message or approval is not what follows from runbook and approvals",
    "extra-file": "a task's commit touches a file that is not its own",
    "file-differs": "a file in a task's commit is not the one that was approved",
    "strange-file": "a file that no run leaves lies in the run's directory",
    "mode-differs": "a file in a task's commit has another mode or type than was approved",
    "evidence-taken-along": "a foreign commit took a task's files along while they waited for approval",
    "artifact-changed-later": "an approved artifact was changed by a commit that is not the run's",
    "mark-missing": "a task's box was not ticked in its commit",
    "box-unanswered": "a box was left without an answer that counts, or its answer is not what the journal has",
    "field-unanswered": "a field was filled in with what nobody answered, or its answer is not what was approved",
    "mark-without-commit": "a box was changed without the commit of its task",
    "runbook-edited": "the runbook's text was changed",
    "event-differs": "an event says other than the evidence, a report, the working log, its commit or another event",
    "digest-mismatch": "what was put before the approver is not the evidence in the journal",
    "approval-mismatch": "an approval is not for what was put before the approver",
    "approval-reused": "one approval was used twice",
    "approval-too-early": "an approval is older than what it approves",
    "approval-expired": "an approval came after what was shown had expired",
    "policy-differs": "the policy recorded with the evidence is not the committed one",
    "policy-widened": "a gate of the run became easier to open while the run was under way, and nobody approved that",
    "policy-approval-invalid": "an approval of a changed policy counts for no gate: who, signature, commit or files",
    "policy-did-not-open": "a gate is recorded as opened by the policy, and the policy does not open it",
    "approval-not-repeated": "a gate is recorded as left unchanged, and no earlier approval says that it may be",
    "approver-not-allowed": "somebody approved whom the policy does not name",
    "approver-is-operator": "who did the work approved it, and the policy asks for somebody else",
    "approvers-missing": "a gate was left with fewer different approvers than the policy asks for",
    "expiry-differs": "what was shown was good for another time than the policy says",
    "signature-missing": "an approval is not signed, and the policy asks for that, or it came through the git remote",
    "signature-invalid": "the signature of an approval or a rejection does not verify",
    "presence-missing": "an agent's work was approved by an agent, or where nothing says that a person was there",
    "author-differs": "the commit of an agent's work does not name the agent as its author",
    "agent-attempts": "an agent handed in more often than the policy lets it",
    "checks-differ": "a task was judged by other checks than those committed, or by changed ones that nobody was shown",
    "check-failed": "a task was left although one of its checks had failed",
    "approval-unattended": "a gate was opened by --yes outside of the sandbox",
    "anchor-missing": "the anchor is not in the history",
    "anchor-differs": "the journal in the anchor is not a prefix of this one",
}

LIMITS: Mapping[str, str] = {
    "unsigned-approval": "who typed an approval: it is recorded, not signed",
    "keys-at-start": "who committed the keys that the run began with, by which its gates are judged",
    "unsigned-rejection": "who rejected work at a gate that asks for signatures, and signed nothing",
    "presence": "that a person approved an agent's work, where no signature says so",
    "attested": "what a person attested and nothing looked at",
    "signature-unverified": "that a signature is good: it could not be verified here",
    "modes-unrecorded": "that modes and types of files are those that were approved: format 1 records none",
    "whole-history": "that the history was not rewritten as a whole, or cut off at its end",
    "unbacked-events": "what nothing but the journal of the run's last commit holds",
    "shallow-history": "what happened before this clone begins",
    "filtered-file": "that a file which git stored through a filter has the approved digest",
    "foreign-commits": "who looked at commits beside the run's own that came while it was under way",
    "added-trailers": "who added lines to the last commit's message: a hook or a person",
    "uncommitted-events": "who wrote what no commit of the run holds yet",
    "base-gone": "what an aborted run began from: the history has it no more, and no task was committed",
    "uncommitted-end": "the end of the run: it is not committed yet",
    "end-in-other-words": "who worded the commit that records the end of the run",
    "uncommitted-edit": "an edit of the runbook that the run had taken, and that no commit holds",
    "policy-changed": "whether a policy that changed under a run of 0.1 was meant for it",
    "checks-changed": "whether the checks beside the runbook were meant to change under the run",
    "moved": "what became of a finished run's runbook after it was moved as it was",
    "run-gone": "what became of a run that was in this clone, and that no file and no commit has",
    "superseded": "what became of a file after another run took it over",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A contradiction: `task` is the state's key or "", `commit` an id or "" (the working tree, or the run)."""

    code: str
    message: str
    task: str = ""
    commit: str = ""

    def __post_init__(self) -> None:
        if self.code not in CODES:
            raise ValueError(f"{self.code!r} is not a code of a finding")


@dataclass(frozen=True, slots=True)
class Unprovable:
    """What this audit cannot show, either way.

    Attributes:
        left_open: what of it may be otherwise than recorded, point by point, where the message does not say it all.
        closed_by: the command that would close it, or "".
    """

    code: str
    message: str
    task: str = ""
    left_open: Sequence[str] = ()
    closed_by: str = ""

    def __post_init__(self) -> None:
        if self.code not in LIMITS:
            raise ValueError(f"{self.code!r} is not a code of a limit")

    def to_json(self) -> dict[str, Json]:
        """As docs/audit.md has it."""
        return {
            "code": self.code,
            "task": self.task or None,
            "message": self.message,
            "left_open": list(self.left_open),
            "closed_by": self.closed_by or None,
        }

    @property
    def said(self) -> str:
        """The message and its points, in one line."""
        return f"{self.message}: {'; '.join(self.left_open)}" if self.left_open else self.message


Report = Callable[[Finding | Unprovable], None]
"""Takes what a check has found."""
