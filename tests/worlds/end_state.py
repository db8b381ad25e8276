"""What is true after a run? Re-read from the disk, from git and from AWS, never from a process's memory."""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from phases.aws import AwsPort
from phases.stage_06.inputs.sample import sample_contract
from phases.stage_06.workflow import runbook_text
from state.files import sha256
from state.find_runs import find_runs
from state.fold import fold
from state.read_journal import parse
from tests.worlds.journals import journal_files
from workflow.runbook.reader import read_runbook

RUNBOOK = "tasks.md"
WORKING_LOG = "artifacts/stage-06/06_working_log.md"
# Times, and what is made of them: they are the clock's, not the run's.
_VOLATILE = frozenset({"AlarmConfigurationUpdatedTimestamp", "StateUpdatedTimestamp", "LastModified", "EventId"})


def read_aws(aws: AwsPort) -> dict[str, Any]:
    """Everything that AWS answers."""
    return {name: _steady(answer) for name, answer in _ask(aws)}


def read_state(root: Path, aws: Mapping[str, Any]) -> dict[str, Any]:
    """Every file, HEAD, index and branch, and what `read_aws` gave: two equal ones are the same world."""
    paths = sorted(_files(str(root), ""))
    begun = [path for path in paths if _is_begun(root / path)]
    status = git(root, "status", "--porcelain=v2", "--branch", "--untracked-files=all").splitlines()
    return {
        "git": [line for line in status if line not in [f"? {path}" for path in begun]],
        "files": {path: sha256((root / path).read_bytes()) for path in paths if path not in begun},
        "aws": aws,
    }


def _is_begun(path: Path) -> bool:
    """Whether this is a file of the journal that has no event yet: it was made, and the power went before its line."""
    return path.suffix == ".jsonl" and path.parent.parent.name == "journal" and path.stat().st_size == 0


def differences(expected: Mapping[str, Any], seen: Mapping[str, Any], where: str = "") -> list[str]:
    """Where two states differ, as `files/tasks.md: expected ..., seen ...`."""
    found = []
    for name in sorted({*expected, *seen}):
        before, after = expected.get(name), seen.get(name)
        if isinstance(before, dict) and isinstance(after, dict):
            found += differences(before, after, f"{where}{name}/")
        elif before != after:
            found.append(f"{where}{name}: expected {_short(before)}, seen {_short(after)}")
    return found


def git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True, text=True)
    return done.stdout


def end_facts(root: Path, aws: AwsPort) -> dict[str, Any]:
    """The end of a whole run in the words of the promise, comparable across runs that happened at other times:

    {"subjects", "boxes", "log entries", "status", "locks", "executed", "stacks", "tables", "items", "alarms"}
    """
    (run_id,) = find_runs(root)
    prove_journal(root, run_id)
    log = (root / WORKING_LOG).read_text("utf-8")
    plan = read_runbook((root / RUNBOOK).read_bytes(), name="stage-06", path=RUNBOOK)
    stacks = aws.call("cloudformation", "describe_stacks")["Stacks"]
    executed = [
        each["ChangeSetName"].replace(run_id, "RUN")
        for stack in stacks
        for each in aws.call("cloudformation", "list_change_sets", StackName=stack["StackName"])["Summaries"]
        if each["ExecutionStatus"].startswith("EXECUTE")
    ]
    tables = aws.call("dynamodb", "list_tables")["TableNames"]
    return {
        "subjects": git(root, "log", "--reverse", "--format=%s").splitlines(),
        "boxes": "".join(box.state for task in plan.tasks for box in task.boxes()),
        "log entries": [line for line in log.splitlines() if line.startswith("## ")],
        "status": git(root, "status", "--porcelain"),
        "locks": [path.name for path in (root / ".git").rglob("*.lock") if "phasegate" not in path.parts],
        "executed": executed,
        "stacks": [stack["StackStatus"] for stack in stacks],
        "tables": {name: _shape(aws.call("dynamodb", "describe_table", TableName=name)["Table"]) for name in tables},
        "items": {name: aws.call("dynamodb", "scan", TableName=name)["Count"] for name in tables},
        "alarms": sorted(
            each["AlarmName"].replace(stacks[0]["StackName"], "STACK")
            for each in aws.call("cloudwatch", "describe_alarms")["MetricAlarms"]
        ),
    }


def good_end() -> dict[str, Any]:
    """What the runbook and the contract say that there must be, in the words of `end_facts`."""
    runbook = runbook_text().decode()
    contract = json.loads(sample_contract())
    tables = [table["table"] for table in contract["tables"]]
    return {
        "subjects": ["Start", *re.findall(r'message "(.+)"', runbook), "stage-06: Output Validation Checklist"],
        "boxes": {"x"},
        "log entries": [
            *(f"## {title}" for title in re.findall(r"^  - \[ \] (.+)$", runbook, re.MULTILINE)),
            "##  Output Validation Checklist".replace("  ", " "),
        ],
        "status": "",
        "locks": [],
        "executed": ["phasegate-RUN-3-1-a1"],
        "stacks": ["CREATE_COMPLETE"],
        "tables": set(tables),
        "items": dict.fromkeys(tables, 0),
    }


def assert_good_end(end: dict[str, Any]) -> None:
    """One commit and one log entry a task in order, every box ticked, one stack, one change set, nothing left over."""
    seen = {name: end[name] for name in good_end()}
    assert {**seen, "boxes": set(end["boxes"]), "tables": set(end["tables"])} == good_end()


def prove_journal(root: Path, run_id: str) -> None:
    """The chain holds, and each commit's journal is a prefix of the next one's, ending with its own intent.

    Raises AssertionError, or JournalDamaged.
    """
    path = f".phasegate/{run_id}/journal.jsonl"
    below = path.removesuffix(".jsonl")
    commits = git(root, "log", "--reverse", "--format=%H", "--", path, below).split()
    journals = [_journal_at(root, commit, path, below) for commit in commits]
    journals.append({each.relative_to(root).as_posix(): each.read_bytes() for each in journal_files(root / path)})
    for shorter, longer in itertools.pairwise(journals):
        grown = list(longer.items())[: len(shorter)]
        assert grown == list(shorter.items()), f"{path} is not a prefix of the next commit's"
    for files in journals:
        data = b"".join(files.values())
        events, whole = parse(data)
        assert whole == len(data), "the journal ends with a torn line"
        assert events[-1].type == "commit-intended", f"it ends with {events[-1].type}"
        fold(events)


def _journal_at(root: Path, commit: str, *paths: str) -> dict[str, bytes]:
    """The files of the journal in a commit, in order."""
    names = git(root, "ls-tree", "-r", "--name-only", commit, "--", *paths).split()
    names.sort(key=lambda name: (len(name.split("/")), len(name), name))
    return dict(zip(names, _blobs(root, [f"{commit}:{name}" for name in names]), strict=True))


def _blobs(root: Path, names: Sequence[str]) -> list[bytes]:
    """What git has by these names, by one process."""
    asked = "".join(f"{name}\n" for name in names).encode()
    done = subprocess.run(["git", "-C", str(root), "cat-file", "--batch"], check=True, capture_output=True, input=asked)
    found, at = [], 0
    for name in names:
        end = done.stdout.index(b"\n", at)
        assert b" blob " in done.stdout[at:end], f"{name}: {done.stdout[at:end]!r}"
        size = int(done.stdout[at:end].rsplit(b" ", 1)[1])
        found.append(done.stdout[end + 1 : end + 1 + size])
        at = end + 1 + size + 1
    return found


def _files(root: str, below: str) -> Iterator[str]:
    with os.scandir(f"{root}/{below}") as entries:
        for entry in entries:
            if entry.is_file():
                yield f"{below}{entry.name}"
            elif entry.name != ".git":
                yield from _files(root, f"{below}{entry.name}/")


def _ask(aws: AwsPort) -> Iterator[tuple[str, Any]]:
    stacks = aws.call("cloudformation", "describe_stacks")["Stacks"]
    yield "stacks", stacks
    for stack in stacks:
        where = {"StackName": stack["StackName"]}
        for operation in ("list_change_sets", "describe_stack_events", "list_stack_resources"):
            yield f"{stack['StackName']} {operation}", aws.call("cloudformation", operation, **where)
    for name in aws.call("dynamodb", "list_tables")["TableNames"]:
        for operation in ("describe_table", "scan"):
            yield f"{name} {operation}", aws.call("dynamodb", operation, TableName=name)
    yield "alarms", aws.call("cloudwatch", "describe_alarms")
    yield "dashboards", aws.call("cloudwatch", "list_dashboards")
    yield "topics", aws.call("sns", "list_topics")
    yield "subscriptions", aws.call("sns", "list_subscriptions")


def _steady(answer: Any) -> Any:
    if isinstance(answer, dict):
        return {name: _steady(value) for name, value in answer.items() if name not in _VOLATILE}
    return [_steady(each) for each in answer] if isinstance(answer, list) else answer


def _shape(table: Mapping[str, Any]) -> dict[str, Any]:
    indexes = {index["IndexName"]: index["KeySchema"] for index in table.get("GlobalSecondaryIndexes", [])}
    return {"status": table["TableStatus"], "keys": table["KeySchema"], "indexes": indexes}


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 300 else f"{text[:140]} ... {text[-140:]}"
