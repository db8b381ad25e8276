"""How is what checks came to kept? As Markdown for people and as JSON for whatever reads it later.

Rules:
- Request, answer and verdict of each check, and for each exit criterion what answers it; secrets are hidden already.
- Written from facts alone: the same facts give the same bytes, but for the time of the look that they rest on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from phases.checks.answer import as_json
from phases.documents.markdown import checks_table, code, code_block, document, table, verdict
from phases.step import Check
from state.cheap_classes import dataclass
from state.json_values import Json
from state.late_pattern import late
from state.model import PlannedTask

if TYPE_CHECKING:
    from phases.checks.definition import Checks, Declared
    from phases.checks.evaluate import Outcome


_LOOKED = late(r" Looked at [0-9T:-]+Z\.")


@dataclass(frozen=True, slots=True)
class Criterion:
    """What one exit criterion rests on: checks, or a person's word.

    Attributes:
        text: as the runbook has it; "" for what belongs to the task as a whole.
        outcomes: of the checks that answer it.
        attested: what a person said, where no check answers it; None as well where its box is answered instead.
    """

    text: str
    outcomes: tuple[Outcome, ...] = ()
    attested: Check | None = None

    @property
    def checks(self) -> tuple[Check, ...]:
        """As a step hands them in."""
        word = (self.attested,) if self.attested else ()
        return (*(outcome.as_check() for outcome in self.outcomes), *word)


def evidence_json(task: PlannedTask, at: datetime, checks: Checks | None, criteria: Sequence[Criterion]) -> str:
    """`{task, at, file, sha256, criteria: [{criterion, answered_by, verdicts}], checks: [...], attested: [...]}`."""
    body = {
        "task": {"key": task.key, "id": task.id, "title": task.title},
        "at": as_json(at),
        "file": checks.path if checks else None,
        "sha256": checks.sha256 if checks else None,
        "criteria": [_criterion_json(each) for each in criteria if each.text],
        "checks": [outcome_json(outcome) for outcome in _outcomes(criteria)],
        "attested": [{"criterion": c.text, "seen": c.attested.seen} for c in criteria if c.attested],
    }
    return json.dumps(body, ensure_ascii=False, indent=2) + "\n"


def evidence_markdown(task: PlannedTask, at: datetime, checks: Checks | None, criteria: Sequence[Criterion]) -> str:
    """The same as a page: the verdict first, then the criteria, then each request and its answer."""
    everything = list(dict.fromkeys(check for each in criteria for check in each.checks))
    source = f"From {code(checks.path)}, SHA-256 {code(checks.sha256)}." if checks else "There is no checks file."
    rows = [(each.text, _answered_by(each), _verdicts(each)) for each in criteria if each.text]
    return document(
        f"Exit checks of {f'{task.id} {task.title}'.strip()}",
        f"{verdict(everything)} Looked at {as_json(at)}. {source}",
        "## Exit criteria\n\n" + table(("Criterion", "Answered by", "Verdict"), rows) if rows else "",
        "## Checks\n\n" + checks_table(everything),
        *(_section(outcome) for outcome in _outcomes(criteria)),
    )


def as_looked_before(before: bytes | None, page: str) -> str:
    """The page; the one of before, with its time, where this look saw all the same."""
    text = (before or b"").decode(errors="replace")
    return text if text and _LOOKED.sub("", text, 1) == _LOOKED.sub("", page, 1) else page


def check_json(check: Declared) -> dict[str, Json]:
    """A check as plain JSON: what would be called or looked at, and what is expected."""
    return {
        "id": check.id,
        "name": check.name,
        **check.to_json(),
        "within": check.within,
        "every": check.every,
        "severity": check.severity,
        "tasks": list(check.tasks),
        "criterion": check.criterion or None,
        **({"line": check.line} if check.line else {}),
        **({"item": check.item} if check.item else {}),
        "place": check.place,
    }


def outcome_json(outcome: Outcome) -> dict[str, Json]:
    """The check, and what came of it."""
    return {
        **check_json(outcome.check),
        **{name: outcome.request[name] for name in ("parameters",) if name in outcome.request},  # masked by form, too
        "state": outcome.state,
        "verdict": outcome.verdict,
        "seen": outcome.seen,
        "reason": outcome.reason,
        "request": dict(outcome.request),
        "answer": outcome.answer,
        "looks": outcome.looks,
        "waited": outcome.waited,
    }


def _criterion_json(criterion: Criterion) -> dict[str, object]:
    by_word = "a person" if criterion.attested else "its box"
    return {
        "criterion": criterion.text,
        "answered_by": [outcome.check.id for outcome in criterion.outcomes] or by_word,
        "verdicts": [check.verdict for check in criterion.checks],
    }


def _outcomes(criteria: Sequence[Criterion]) -> list[Outcome]:
    """Each outcome once, though it may answer several criteria."""
    by_id: Mapping[str, Outcome] = {outcome.check.id: outcome for each in criteria for outcome in each.outcomes}
    return list(by_id.values())


def _answered_by(criterion: Criterion) -> str:
    if criterion.attested:
        return f"a person: {criterion.attested.seen}"
    return ", ".join(code(outcome.check.id) for outcome in criterion.outcomes) or "its box"


def _verdicts(criterion: Criterion) -> str:
    return ", ".join(dict.fromkeys(check.verdict for check in criterion.checks))


def _section(outcome: Outcome) -> str:
    check, looks = outcome.check, f"{outcome.looks} looks in {outcome.waited:g} s. " if outcome.looks > 1 else ""
    answer = "" if outcome.answer is None else "Answer:\n\n" + _json_block(outcome.answer)
    parts = (
        f"## {check.name}",
        f"{code(check.id)}, {outcome.state}{': ' + outcome.reason if outcome.reason else ''}. {looks}"
        f"{_looked(check)}, seen {code(outcome.seen)}.",
        "Request:\n\n" + _json_block(outcome.request),
        answer,
    )
    return "\n\n".join(part for part in parts if part)


def _looked(check: Declared) -> str:
    from phases.checks.definition import DeclaredCheck  # here: a task without checks loads none of it

    if isinstance(check, DeclaredCheck):
        return f"Looked at {code(check.expression.text)}, expected {code(check.expect)}"
    return f"Looked at {code(check.call)}, expected {code(check.expected)}"


def _json_block(value: object) -> str:
    return code_block(json.dumps(value, ensure_ascii=False, indent=2), "json")
