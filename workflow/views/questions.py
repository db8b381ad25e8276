"""What will a run ask? As data (docs/json.md), as lines to read, and as an answers file to fill in."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from phases.asked import Asked
from state.counted import counted
from state.json_values import Json
from state.printable import as_name, printable_line
from workflow.engine.answer_line import yaml_value
from workflow.runs.asked_questions import Group

FORMAT = 1
TO_FILL_IN = "..."  # refused as an answer (`workflow.runs.answers_file`)
WIDTH = 110


@dataclass(frozen=True, slots=True)
class QuestionsView:
    """The questions of a plan, in groups: `name` is its workflow's, `target` what was named to have it."""

    name: str
    runbook: str
    groups: Sequence[Group]

    @property
    def _count(self) -> int:
        return sum(len(group.questions) for group in self.groups)

    def to_json(self) -> dict[str, Json]:
        """As docs/json.md describes it."""
        return {
            "format": FORMAT,
            "name": self.name,
            "runbook": self.runbook,
            "questions": [
                {
                    "place": group.title,
                    "name": each.name,
                    "pattern": each.is_pattern,
                    "task": each.task,
                    "text": each.text,
                    "default": each.default,
                    "choices": list(each.choices),
                    "expects": each.expects,
                    "when": each.when,
                    "suggest": each.suggest,
                }
                for group in self.groups
                for each in group.questions
            ],
        }

    def lines(self) -> list[str]:
        """To read, printable."""
        return [printable_line(line) for line in self._lines()]

    def _lines(self) -> Iterator[str]:
        yield f"{self.name} ({as_name(self.runbook)}): {counted(self._count, 'question')} that a run may ask"
        for group in self.groups:
            yield from ("", group.title)
            for each in group.questions:
                yield f"  {each.name}"
                yield f"      {each.text}"
                for word, said in _details(each):
                    yield f"      {word:<8} {said}"

    def yaml(self) -> str:
        """An answers file: what is asked in any run to be filled in, what only in some case as a remark."""
        return "\n".join(printable_line(line) for line in self._yaml()) + "\n"

    def _yaml(self) -> Iterator[str]:
        yield f"# Answers to what a run of {as_name(self.runbook)} may ask: phasegate run ... --answers THIS-FILE"
        yield f"# {TO_FILL_IN} is no answer, and is refused: fill it in, or take the line out and be asked."
        yield "# A line behind # is for a question that comes in some case only; for * stands what is known then."
        for group in self.groups:
            yield from ("", f"# --- {group.title}")
            for each in group.questions:
                yield ""
                yield from textwrap.wrap(each.text, WIDTH, initial_indent="# ", subsequent_indent="# ")
                yield from (f"# {word}: {said}" for word, said in _details(each))
                yield _answer(each)


def _details(each: Asked) -> Iterator[tuple[str, str]]:
    if each.choices:
        yield "one of", ", ".join(each.choices)
    if each.expects:
        yield "expects", each.expects
    if each.default is not None:
        yield "default", each.default if each.suggest else f"{each.default} (only --yes takes it)"
    if each.when:
        yield "asked", each.when


def _answer(each: Asked) -> str:
    value = each.default if each.default is not None and each.suggest else TO_FILL_IN
    written = value if value == TO_FILL_IN else yaml_value(value)
    name = each.name if not each.is_pattern else json.dumps(each.name)
    return f"# {name}: {written}" if each.is_pattern or each.when else f"{name}: {written}"
