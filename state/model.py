"""What is a plan? The frozen result of reading a runbook: its tasks in order, their boxes, gates and commits.

Rules:
- Immutable values; made by `workflow.runbook`, never edited afterwards. Named tuples where there are thousands of them:
  a frozen dataclass of as many fields takes three times as long to make.
- Offsets are bytes into the runbook's file; lines count from 1; columns count bytes from 1.
- A plan's digest covers what it says, not which boxes are ticked: ticking a box during the run
  must not change what was approved.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from fnmatch import fnmatchcase
from typing import Literal

from state.cheap_classes import NamedTuple, dataclass
from state.late_pattern import late
from state.shape import Shape as Shape

TaskKind = Literal["task", "phase", "section", "checkpoint", "validation", "rollback"]
Severity = Literal["error", "warning", "note"]

# A box's known states: open, done (either case), in progress, queued. Any other one is kept and never flipped.
BOX_STATES = (" ", "x", "X", "-", "~")
_SETTING = late(r"(?:set [-+]|shopt -)[\w -]*")


class Box(NamedTuple):
    """Where one checkbox's state byte is.

    Attributes:
        line: line number, from 1.
        offset: byte offset of the state byte in the file.
        state: the byte as one character: " ", "x", "X", "-", "~" or an unknown one.
        line_sha256: SHA-256 (hex) of the line's bytes, without its LF, with the state byte replaced by a space,
            so that it stays the same when the box is flipped and changes when anything else on the line does.
    """

    line: int
    offset: int
    state: str
    line_sha256: str

    @property
    def done(self) -> bool:
        return self.state in ("x", "X")


class Command(NamedTuple):
    """A command that the runbook shows: in a fence or as inline code.

    Attributes:
        text: the command as written, without fence, prompt sign or indentation; by grammar 2 a whole fence is one.
        line: where it starts, from 1.
        language: the fence's info word ("bash"), or "" for inline code; by grammar 2 "sh" where a fence has none.
        placeholders: unresolved ones as written: `[environment]`, `<STACK>`, `${VAR}`, `$VAR`. Variables are those that
            the command's block does not set; whether the environment does, `unfilled` says.
        same_shell: the variables and the directory of the fence before go on in it.
        lines: where each line of the text stands, from 1; () where they follow one another from `line` on.
        blanks: where in the text each placeholder stands, variables apart: index of its first sign, and as written.
    """

    text: str
    line: int
    language: str = ""
    placeholders: tuple[str, ...] = ()
    same_shell: bool = False
    lines: tuple[int, ...] = ()
    blanks: tuple[tuple[int, str], ...] = ()

    @property
    def first(self) -> str:
        """Its first line that does something, no comment and no setting of its shell: what it is called by."""
        lines = [line.strip() for line in self.text.split("\n")]
        said = [line for line in lines if line and not line.startswith("#")]
        return next((line for line in said if not _SETTING.fullmatch(line)), (said or lines)[0])

    def line_of(self, index: int) -> int:
        """Where the line of the text with this index, from 0, stands in the runbook, from 1."""
        return self.lines[index] if self.lines else self.line + index

    def unfilled(self, environment: Mapping[str, str]) -> tuple[str, ...]:
        """The placeholders that are left when these variables are set: `$HOME` is none where there is a HOME."""
        return tuple(each for each in self.placeholders if each[0] != "$" or each.strip("${}") not in environment)


class Stop(NamedTuple):
    """Words of a runbook that hold what stands below them until somebody says that it may go on, and their line."""

    text: str
    line: int


class Item(NamedTuple):
    """A checkbox below a task that is not a task itself: a checklist item, a line of an output validation.

    `title` is the bold label in front (`**Safety Settings**: ...` gives "Safety Settings"), else the text.
    """

    title: str
    text: str
    box: Box
    commands: tuple[Command, ...] = ()


class Parent(NamedTuple):
    """A box that is flipped together with its last required child's: `id` and `title` as for a task."""

    id: str
    title: str
    box: Box


class PlannedTask(NamedTuple):
    """One state of the plan.

    Attributes:
        key: the state's name, unique in the plan, `[a-z0-9_]+`, starting with a letter: `t1_1`, `phase_2`,
            `output_validation`; derived from the id, made unique by the ordinal where ids repeat.
        id: the label as written (`1.1`, `2A.1`, `T001`, `Phase 2`), or "" when there is none. A label, not a key.
        title: without id, bold marks, `]*`, and trailing colon.
        kind: task (a leaf of a task list), phase, section (of a checklist), checkpoint, validation (a section
            of boxes that closes a task list, such as "Output Validation Checklist"), rollback (not in the runbook: a
            state of a rollback).
        ordinal: place in the plan, from 1.
        heading: the headings above it, outermost first.
        inside: what the boxes above it are called, id and title, outermost first; () where no box is above.
        text: the task's whole text as written, LF line ends, mark byte replaced by a space. Its own line is the first,
            but where a box above it says something before its first sub-task, which is this one: then that box's is.
        line, end_line: first and last line of that text.
        box: its own checkbox; None for a phase or a section.
        items: boxes that belong to it and are ticked with it.
        parents: boxes that flip when this task is done, because it is the last required child (innermost first).
        optional: `]*`, "(optional)" and the like, or done only in some case.
        requirements: entries of `_Requirements: 1.1, 2.3_`, ranges kept as written.
        validates: entries of `**Validates: Requirements 1.3**`.
        properties: `**Property 2: Name**` as written.
        commit_message: the quoted message of its `**COMMIT**` bullet, or None.
        exit_criteria: bullets under `Exit Criteria`.
        commands: commands of its text, in order.
        gate: the words of the explicit gate at its end ("Request permission to proceed to Phase 2"), or "".
        gate_line: where that gate stands, from 1, 0 when there is none.
        stops: the words that hold the work above one of its commands ("STOP. Do not go on until ..."), in order.
        bullets: the detail lines below the task, in order, without bullet characters and with wraps joined
            (requirement and commit lines included).
        above: the lines from the task before to this one, where they have fields or say when not to go on; what is not
            this task's business among them is empty.
        below: the lines from its last one to the end of the file, where those behind the last task have fields or say
            when not to go on, on the last required task; all else among them is empty.
        condition: in which case it is done at all ("If the deployment fails"), or ""; it stands before its text then.
        condition_line: of the heading, or the line in a section, that says so, from 1; the same for all that it is
            about; 0 without a condition.
    """

    key: str
    id: str
    title: str
    kind: TaskKind
    ordinal: int
    heading: tuple[str, ...]
    text: str
    line: int
    end_line: int
    box: Box | None = None
    items: tuple[Item, ...] = ()
    parents: tuple[Parent, ...] = ()
    optional: bool = False
    requirements: tuple[str, ...] = ()
    validates: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    commit_message: str | None = None
    exit_criteria: tuple[str, ...] = ()
    commands: tuple[Command, ...] = ()
    gate: str = ""
    gate_line: int = 0
    bullets: tuple[str, ...] = ()
    condition: str = ""
    above: str = ""
    below: str = ""
    inside: tuple[str, ...] = ()
    stops: tuple[Stop, ...] = ()
    condition_line: int = 0

    @property
    def label(self) -> str:
        """How people name it: the id, or the title when there is none."""
        return self.id or self.title

    @property
    def in_words(self) -> str:
        """As a sentence names it: `task 1.1`, `Phase 2`, `"Smoke tests"`."""
        if not self.id:
            return f'"{self.title}"'
        return self.id if self.id[:1].isupper() and " " in self.id else f"task {self.id}"

    def is_named_by(self, patterns: Sequence[str]) -> bool:
        """Whether one of these is its key, its id or its title, or a pattern for one of them (`3.*`, `Deploy*`)."""
        names = [name for name in (self.key, self.id, self.title) if name]
        return any(name == each or fnmatchcase(name, each) for each in patterns for name in names)

    @property
    def asked_as(self) -> str:
        """How the names of questions about it begin, and its answers in an answers file: the key with hyphens."""
        return self.key.replace("_", "-")

    def boxes(self) -> Iterator[Box]:
        """Its own box, its items' boxes, then its parents' boxes."""
        if self.box:
            yield self.box
        for item in self.items:
            yield item.box
        for parent in self.parents:
            yield parent.box


class Finding(NamedTuple):
    """What the reader has to say about a place of the runbook, as a compiler would: `line:column: code: message`."""

    severity: Severity
    code: str
    line: int
    column: int
    message: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What would run.

    Attributes:
        name: the document's name for commits and listings: the workflow's name or the file's stem.
        title: the first heading.
        shape: which of the three forms was read.
        runbook: the file's path as given (POSIX, relative to the workspace where it is inside).
        sha256: of the file's bytes as read.
        tasks: the states, in order.
        findings: notes and warnings (errors are raised, not kept).
        not_tasks: boxes and headings that look like tasks and were not taken, with the reason.
        rollback: the states of the rollback, once it has begun.
        grammar: number of the rules that it was read by (`workflow/runbook/grammar.py`).
    """

    name: str
    title: str
    shape: Shape
    runbook: str
    sha256: str
    tasks: tuple[PlannedTask, ...]
    findings: tuple[Finding, ...] = ()
    not_tasks: tuple[Finding, ...] = ()
    rollback: tuple[PlannedTask, ...] = ()
    grammar: int = 1
    _by_key: dict[str, PlannedTask] = field(default_factory=dict, init=False, repr=False, compare=False)
    _forward: dict[str, PlannedTask] = field(default_factory=dict, init=False, repr=False, compare=False)
    _digest: list[str] = field(default_factory=list, init=False, repr=False, compare=False)  # once it was asked for

    def task(self, key: str) -> PlannedTask:
        """The task with this key, those of the rollback among them. Raises KeyError when the plan has none."""
        if not self._by_key:
            self._by_key.update({each.key: each for each in (*self.tasks, *self.rollback)})
        return self._by_key[key]

    def forward_task(self, key: str) -> PlannedTask | None:
        """The task with this key, if it stands in the runbook: one of the rollback does not."""
        if not self._forward:
            self._forward.update({each.key: each for each in self.tasks})
        return self._forward.get(key)

    @property
    def digest(self) -> str:
        """SHA-256 (hex) over what the plan says; the same whichever boxes are ticked."""
        if not self._digest:  # every gate asks for it, and a plan does not change
            said = [(task.key, task.id, task.title, task.kind, task.optional, task.text) for task in self.tasks]
            payload = json.dumps([self.name, self.shape, said], ensure_ascii=False, separators=(",", ":"))
            self._digest.append(hashlib.sha256(payload.encode()).hexdigest())
        return self._digest[0]

    def to_json(self) -> dict[str, object]:
        """The plan as plain JSON values, keys as the attributes above, plus `digest`."""
        names = ("name", "title", "shape", "runbook", "sha256", "grammar", "tasks", "findings", "not_tasks")
        return {**{name: _plain(getattr(self, name)) for name in names}, "digest": self.digest}


def _plain(value: object) -> object:
    """Named tuples as mappings, other tuples as lists, all the way down."""
    if not isinstance(value, tuple):
        return value
    names = getattr(value, "_fields", None)
    inner = [_plain(each) for each in value]
    return inner if names is None else dict(zip(names, inner, strict=True))
