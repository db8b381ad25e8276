"""What is kept, and shown, of the commands that ran? The report of a task, a section for the approver, and its data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from phases.documents.markdown import code, code_block
from phases.manual.command_endings import CommandEnding, Ending, RanScript, how_it_ended, how_long
from phases.manual.earlier_runs import run_data, run_line, runs_report
from phases.manual.early_ends import before_its_end
from phases.step import ReviewSection


def script_report(ended: CommandEnding) -> str:
    """Markdown: each run of a command, with its lines, what they printed and how it ended; in earlier attempts, too."""
    command = ended.command
    more = " ..." if "\n" in command.text else ""
    parts = [f"## {code(command.first)}{more}\n", f"Command {ended.number}, line {command.line}.\n"]
    if not ended.runs:
        parts.append("Not run in this attempt.\n")
    for number, ran in enumerate(ended.runs, 1):
        if len(ended.runs) > 1:
            parts.append(f"### Run {number}\n")
        parts.append(f"{_how(ran, command.line)}\n")
        parts.append(_with_its_lines(ran) + "\n")
    if ended.was_edited:
        parts += ["The last run was edited; the runbook has\n", code_block(command.text) + "\n"]
    if ended.ending is Ending.FAIL:
        parts.append(f"Left as it is: {ended.why}\n")
    if ended.earlier:
        parts.append(runs_report(ended.earlier))
    return "\n".join(parts)


def sections(endings: Iterable[CommandEnding]) -> list[ReviewSection]:
    """What an approver has to read: what was filled in or edited, failed first, was left or ran in earlier attempts."""
    titled = ((f"Command {ended.number}, line {ended.command.line}", _to_read(ended)) for ended in endings)
    return [ReviewSection(title, "\n".join(body)) for title, body in titled if body]


def _to_read(ended: CommandEnding) -> list[str]:
    """The body of a command's section; empty where it ran at once as the runbook has it, in this attempt alone."""
    earlier = [run_line(each) for each in ended.earlier]
    if not ended.runs:
        return ["Not run in this attempt.\n", *earlier] if earlier else []
    last = ended.runs[-1]
    body = [f"{_how(last, ended.command.line)}\n"]
    body += [
        f"- before, in run {n}: {how_it_ended(ran, ended.command.line)}" for n, ran in enumerate(ended.runs[:-1], 1)
    ]
    body += earlier
    if ended.was_edited or last["script"] != ended.command.text:
        body += [f"\n{'Edited; it' if ended.was_edited else 'It'} ran as\n", code_block(last["script"])]
        body += ["\nThe runbook has\n", code_block(ended.command.text)]
    if ended.ending is Ending.EARLY:
        body += ["\nIt is not known to have passed.\n", code_block(last["output"] or last["script"])]
    if ended.ending is Ending.FAIL:
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
            **({"same_as": ended.same_as} if ended.same_as else {}),
            **({"earlier": run_data(ended.earlier)} if ended.earlier else {}),
            "runs": [
                {
                    "exit_code": ran["exit_code"],
                    "failed_line": ran["failed_line"],
                    "commands": [dict(each) for each in ran["commands"]],
                    **({"ended_early": True} if ran.get("ended_early") else {}),
                }
                for ran in ended.runs
            ],
        }
        for ended in endings
    ]


def _how(ran: RanScript, line: int) -> str:
    ended, early = how_long(ran, line), before_its_end(ran)
    told = f"{ended[0].upper()}{ended[1:]}, run by `{ran['program']}`."
    return f"{told} It ended {early}." if early else told


def _with_its_lines(ran: RanScript) -> str:
    """What ran and what it printed: its lines as they were begun, each with its output; else the whole script."""
    return code_block(ran["output"] or ran["script"])
