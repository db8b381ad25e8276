"""What is kept, and shown, of the commands that ran? The report of a task, a section for the approver, and its data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from phases.documents.markdown import code, code_block
from phases.manual.command_endings import CommandEnding, Ending, RanScript, how_it_ended
from phases.step import ReviewSection


def script_report(ended: CommandEnding) -> str:
    """Markdown: each run of a command, with its lines, what they printed, and how it ended."""
    command = ended.command
    more = " ..." if "\n" in command.text else ""
    parts = [f"## {code(command.first)}{more}\n", f"Command {ended.number}, line {command.line}.\n"]
    for number, ran in enumerate(ended.runs, 1):
        if len(ended.runs) > 1:
            parts.append(f"### Run {number}\n")
        parts.append(f"{_how(ran, command.line)}\n")
        parts.append(_with_its_lines(ran) + "\n")
    if ended.was_edited:
        parts += ["The last run was edited; the runbook has\n", code_block(command.text) + "\n"]
    if ended.ending is not Ending.PASS:
        parts.append(f"Left as it is: {ended.why}\n")
    return "\n".join(parts)


def sections(endings: Iterable[CommandEnding]) -> list[ReviewSection]:
    """What an approver has to read of the commands: what was filled in or edited, what failed first, or was left."""
    titled = ((f"Command {ended.number}, line {ended.command.line}", _to_read(ended)) for ended in endings)
    return [ReviewSection(title, "\n".join(body)) for title, body in titled if body]


def _to_read(ended: CommandEnding) -> list[str]:
    """The body of a command's section; empty where it passed at once, as the runbook has it."""
    if not ended.runs:
        return []
    last = ended.runs[-1]
    body = [f"{_how(last, ended.command.line)}\n"]
    body += [
        f"- before, in run {n}: {how_it_ended(ran, ended.command.line)}" for n, ran in enumerate(ended.runs[:-1], 1)
    ]
    if ended.was_edited or last["script"] != ended.command.text:
        body += [f"\n{'Edited; it' if ended.was_edited else 'It'} ran as\n", code_block(last["script"])]
        body += ["\nThe runbook has\n", code_block(ended.command.text)]
    if ended.ending is not Ending.PASS:
        body += [f"\nLeft as it is: {ended.why}\n", code_block(last["output"])]
    return body if len(body) > 1 else []


def command_data(endings: Sequence[CommandEnding]) -> list[Mapping[str, object]]:
    """How each command of the task ended, for later readers of the evidence."""
    return [
        {
            "number": ended.number,
            "line": ended.command.line,
            "ending": ended.ending.value,
            **({"why": ended.why} if ended.why else {}),
            "runs": [
                {
                    "exit_code": ran["exit_code"],
                    "failed_line": ran["failed_line"],
                    "commands": [dict(each) for each in ran["commands"]],
                }
                for ran in ended.runs
            ],
        }
        for ended in endings
    ]


def _how(ran: RanScript, line: int) -> str:
    ended = how_it_ended(ran, line)
    return f"{ended[0].upper()}{ended[1:]}, run by `{ran['program']}`."


def _with_its_lines(ran: RanScript) -> str:
    """What ran and what it printed: its lines as they were begun, each with its output; else the whole script."""
    return code_block(ran["output"] or ran["script"])
