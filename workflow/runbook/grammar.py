"""By which rules is a runbook read? The grammars that there have been, each as switches; a run keeps its own.

Rules:
- A grammar never changes once a release has read with it: the plan's digest in a run's journal depends on it.
- `run-started` names the grammar (`grammar: 2`); journals of 0.1 do not, and are read by grammar 1.
- What a switch means is said here and in docs/runbook-grammar.md; the code asks for the switch, never for the number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from state.cheap_classes import dataclass
from state.errors import JournalDamaged

if TYPE_CHECKING:
    from state.event_types import RunStarted


@dataclass(frozen=True, slots=True)
class Grammar:
    """One set of rules. All switches are off in grammar 1.

    Attributes:
        number: as journals name it.
        wide_blanks: no-break, ideographic and other wide blanks around a box or behind a heading's signs are blanks.
        quoted_boxes: boxes in block quotes and callouts are boxes.
        underlined_headings: a line over `===` or `---` is a heading.
        bare_headings: links, anchors and inline marks of a heading are not its name.
        toml_front_matter: `+++` opens front matter, as `---` does.
        all_odd_boxes: HTML boxes, boxes inside of a line and boxes behind a foreign bullet are listed.
        details_across_blanks: however many blank lines stand between a task and its indented details.
        fences_behind_blanks: in a task list a fence that is not indented belongs to the task directly above it.
        words_before_ids: Subtask, Story and the like before an id; a title may not be empty.
        named_checkpoints: "Backend checkpoint - ...", "Checkpoint Sprint 1", and the word in other languages.
        sections_around: sections around tasks and phases are states, the way back is none, conditions are kept.
        numbered_headings: a document without boxes is read by its headings `1. Title`.
        strict_commands: inline code is a command by its first word; placeholders and variables in all their forms.
        one_script: a fence is one script, of Python, too; by grammar 1 each of its commands is one of its own.
        lone_returns: a CR inside of a line is reported, and a box behind it is listed.
        words_of_containers: what a box says before its first sub-task and behind its last one belongs to these.
        criteria_on_a_line: exit criteria may stand behind their label, on its line.
        gates_by_label: "Gate: ...", "Approval: ..." and "Sign-off: ..." are a gate, and "Do not go on until ...".
        stops_above: words that say to stop hold the next task where they are in none, and in headings.
        commands_of_titles: a command in a task's title, or in a section's heading, is offered.
        task_marks: `- [P] ...` is no box where `[P]` marks tasks.
        dotted_phases: "Step 1. Copy" and "Phase 2) Open" are phases.
        optional_words: "(opcional)", "Optional: ...", "(nice to have)" say that a task is optional, too.
        cases_alone: a note names the case in which a section is done once, without the words around it.
        utf8_only: UTF-16 and UTF-32 are refused by name.
    """

    number: int
    wide_blanks: bool = True
    quoted_boxes: bool = True
    underlined_headings: bool = True
    bare_headings: bool = True
    toml_front_matter: bool = True
    all_odd_boxes: bool = True
    details_across_blanks: bool = True
    fences_behind_blanks: bool = True
    words_before_ids: bool = True
    named_checkpoints: bool = True
    sections_around: bool = True
    numbered_headings: bool = True
    strict_commands: bool = True
    one_script: bool = True
    lone_returns: bool = True
    words_of_containers: bool = True
    criteria_on_a_line: bool = True
    gates_by_label: bool = True
    stops_above: bool = True
    commands_of_titles: bool = True
    task_marks: bool = True
    dotted_phases: bool = True
    optional_words: bool = True
    cases_alone: bool = True
    utf8_only: bool = True


GRAMMAR_1 = Grammar(
    1,
    wide_blanks=False,
    quoted_boxes=False,
    underlined_headings=False,
    bare_headings=False,
    toml_front_matter=False,
    all_odd_boxes=False,
    details_across_blanks=False,
    fences_behind_blanks=False,
    words_before_ids=False,
    named_checkpoints=False,
    sections_around=False,
    numbered_headings=False,
    strict_commands=False,
    one_script=False,
    lone_returns=False,
    words_of_containers=False,
    criteria_on_a_line=False,
    gates_by_label=False,
    stops_above=False,
    commands_of_titles=False,
    task_marks=False,
    dotted_phases=False,
    optional_words=False,
    cases_alone=False,
    utf8_only=False,
)
GRAMMAR_2 = Grammar(2)

CURRENT_GRAMMAR = 2  # what runs that start now are read by
GRAMMARS = {each.number: each for each in (GRAMMAR_1, GRAMMAR_2)}


def grammar_of(started: RunStarted) -> int:
    """The number of the grammar by which the runbook of the run that `started` began is read; 1 where it says nothing.

    Raises JournalDamaged for a grammar that this phasegate does not know.
    """
    number = started.grammar
    if number not in GRAMMARS:
        known = " and ".join(map(str, GRAMMARS))
        raise JournalDamaged(
            f"run {started.run} is read by grammar {number} of runbooks, this phasegate knows {known}",
            next_command="phasegate --version   # expected: the one that started the run",
        )
    return number
