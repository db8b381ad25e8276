"""What does this machine show of a local check, and is it as expected?

Rules:
- A pass needs a fact: an exit code, a version that was printed, a file that was read. A program that is not there says
  nothing of what its command would have found: not checked; of a tool that should be installed it is the answer.
- Output that is not JSON where JSON is looked at, a version that nobody can read, a command that nobody let run or
  that has not ended: not checked. So is nothing: an empty output (but where just that is expected), a file without a
  text, and JSON in which what is looked through is empty.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from typing import Literal

from phases.checks.absence import nothing_in_document
from phases.checks.expectation import Expectation
from phases.checks.expression import Expression
from phases.checks.leads import BadExpression
from phases.checks.local.here import Here, NotRun
from phases.checks.local.local_check import (
    CommandExit,
    FileState,
    LocalCheck,
    ToolVersion,
    VirtualEnvironment,
    is_the_shells,
)
from phases.checks.local.of_the_run import CannotHold, FollowsFrom, SignOff, missing
from phases.checks.local.own_environment import only_phasegates, path_of_the_person
from phases.checks.local.version import is_less, version_in
from phases.documents.regular_expression import Undecided
from phases.step import CommandResult
from phases.tried_answers import is_placeholder
from state.cheap_classes import dataclass
from state.json_values import Json

State = Literal["passed", "failed", "not checked"]
_NOT_FOUND, _NOT_STARTED = 127, 126  # of a shell. Source: POSIX.1-2017, XCU 2.8.2
_LAST = 200  # characters of its last line
_KEPT = 2_000  # characters of output that are shown
# prints where the interpreter lives, and whether that is a virtual environment. Source: PEP 405, "Specification"
_PREFIX = "import sys; print(sys.prefix); sys.exit(sys.prefix == sys.base_prefix)"


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen; `reason` says why it is no pass, `answer` is what is kept of it."""

    state: State
    seen: str
    reason: str = ""
    answer: Json = None


def look_here(check: LocalCheck, here: Here) -> Seen:
    """Look, and judge what is seen. Raises what `here` raises for a file that is no regular one."""
    try:
        match check.look:
            case ToolVersion():
                return _tool(check.look, here)
            case CommandExit():
                return _command(check, check.look, here)
            case FileState():
                return _file(check, check.look, here)
            case VirtualEnvironment():
                return _environment(check.look, here)
            case FollowsFrom():
                return _followed(check.look, here)
            case SignOff(of=of):
                who = here.sign_off(of)
                return Seen("passed", who) if who else Seen("not checked", "", f"the run knows no {of}")
            case CannotHold(why=why):
                return Seen("not checked", "", why)
    except NotRun as error:
        return Seen("not checked", "", str(error))


def _tool(look: ToolVersion, here: Here) -> Seen:
    own, program = only_phasegates(look.run), look.run.split()[0]
    ran = here.run(_by_the_persons_path(look.run) if own else look.run, changes=False)
    if own and ran.exit_code in (_NOT_FOUND, _NOT_STARTED):
        return Seen("not checked", "", own, _kept(ran))
    if ran.exit_code in (_NOT_FOUND, _NOT_STARTED):
        return Seen("failed", "", f"{program} is not installed: exit {ran.exit_code}", _kept(ran))
    if ran.exit_code != 0:
        return Seen("failed", _ended(ran), f"{program} does not tell its version", _kept(ran))
    version = version_in(ran.output)
    if not version:
        return Seen("not checked", "", f"{program} printed no version", _kept(ran))
    if look.at_least and is_less(version, look.at_least):
        return Seen("failed", version, f"less than {look.at_least}", _kept(ran))
    if look.at_most and is_less(look.at_most, version):
        return Seen("failed", version, f"more than {look.at_most}", _kept(ran))
    return Seen("passed", version, "", _kept(ran))


def _by_the_persons_path(command: str) -> str:
    """The command, as it would be found without phasegate's own environment in front."""
    return f"PATH={shlex.quote(path_of_the_person())}; export PATH; {command}"


def _command(check: LocalCheck, look: CommandExit, here: Here) -> Seen:
    if check.expect is None and look.exit == 0 and (ran_as := here.has_passed(look.run)):
        return Seen("passed", f"exit 0, run once, as {ran_as}")  # nothing runs twice
    if why := only_phasegates(look.run):
        return Seen("not checked", "", why)
    command = _judged_apart(look) if check.expression is not None else look.run
    ran = here.run(command, changes=look.changes)
    if ran.exit_code in (_NOT_FOUND, _NOT_STARTED):
        return Seen("not checked", "", f"exit {ran.exit_code}: a program of it is not found", _kept(ran))
    if ran.exit_code == look.exit and is_the_shells(ran.exit_code):
        return Seen("not checked", "", f"exit {ran.exit_code}: a signal ended it", _kept(ran))
    if ran.exit_code != look.exit:
        return Seen("failed", _ended(ran), f"expected exit {look.exit}", _kept(ran))
    if check.expect is None:
        return Seen("passed", f"exit {ran.exit_code}", "", _kept(ran))
    if check.expression is None:
        return _printed(check.expect, ran)
    try:
        value = json.loads(ran.output)
    except (ValueError, RecursionError):
        return Seen("not checked", "", "its output is not JSON", _kept(ran))
    return _searched(check.expression, check.expect, value)


def _judged_apart(look: CommandExit) -> str:
    """The command, of whose output what it says to people is no part; where it ends otherwise, that is all there is.

    Source: POSIX.1-2017, XCU 2.6.3 (command substitution) and 2.7.6 (duplicating an output file descriptor).
    """
    told = f"{{ told=$({{ {look.run}\n}} 2>&1 1>&3 3>&-); }} 3>&1; code=$?"
    return f"{told}; [ $code -eq {look.exit} ] || printf '%s\\n' \"$told\"; exit $code"


def _ended(ran: CommandResult) -> str:
    """`exit 1: make: *** No rule to make target`: with the last line that it printed, which is often why."""
    lines = [line for line in ran.output.splitlines() if line.strip()]
    last = lines[-1].strip() if lines else ""
    return f"exit {ran.exit_code}: {last[:_LAST]}" if last else f"exit {ran.exit_code}"


def _printed(expect: Expectation, ran: CommandResult) -> Seen:
    """Whether a text is as expected; that nothing was printed is so where the expectation says just that."""
    text = ran.output.strip()
    seen = _judged(expect, text, _kept(ran))
    said = expect.value == "" if expect.kind == "equals" else expect.kind == "one-of"
    if seen.state == "passed" and not text and not said:
        return Seen("not checked", "", "it printed nothing", _kept(ran))
    return seen


def _file(check: LocalCheck, look: FileState, here: Here) -> Seen:
    if look.path.endswith("/"):
        return _directory(look.path, here)
    data = here.read(look.path)
    if data is None:
        return Seen("failed", "", f"{look.path} is not there")
    size = f"{len(data):,} bytes"
    if why := _wrong_text(look, data.decode("utf-8", "replace")):
        return Seen("failed", size, why)
    if not data.strip():
        asked = look.json or check.expression is not None
        return Seen("failed" if asked else "not checked", size, f"{look.path} is empty: nothing was looked at")
    if not look.json and check.expression is None:
        return Seen("passed", size)
    return _json_file(check, look, data, size)


def _directory(path: str, here: Here) -> Seen:
    there = here.has_directory(path.rstrip("/"))
    return Seen("passed", "there") if there else Seen("failed", "", f"there is no directory {path}")


def _wrong_text(look: FileState, text: str) -> str:
    """Why a file with this text is not as it should be; "" where it is."""
    if look.contains and look.contains not in text:
        return f"the text is not in {look.path}"
    if look.lacks and not text.strip():
        return f"{look.path} is empty"
    return f"the text is in {look.path}" if look.lacks and look.lacks in text else ""


def _json_file(check: LocalCheck, look: FileState, data: bytes, size: str) -> Seen:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        return Seen("failed", size, f"{look.path} is not JSON: {error}")
    if look.json and (wrong := list(_wrong_fields(value, look.fields))):
        return Seen("failed", size, "; ".join(wrong))
    if check.expression is not None and check.expect is not None:
        return _searched(check.expression, check.expect, value)
    return Seen("passed", size)


def _wrong_fields(value: object, fields: tuple[str, ...]) -> Iterator[str]:
    """What is wrong with a JSON file, and with the fields that are to be filled in."""
    if not isinstance(value, dict):
        yield "expected an object of JSON"
        return
    for name in fields:
        if name == "*":
            yield from _unfilled(value, "") if value else ("it has no field",)
            continue
        at: object = value
        for part in name.split("."):
            at = at.get(part) if isinstance(at, dict) else None
        yield from _unfilled(at, name)


def _unfilled(value: object, name: str) -> Iterator[str]:
    """The fields in there without a value, or with a placeholder in its place."""
    inside = _inside(value, name)
    if inside:
        for at, entry in inside:
            yield from _unfilled(entry, at)
    elif _is_empty(value):
        yield f"{name} is not filled in"
    elif isinstance(value, str) and _is_placeholder(value):
        yield f"{name} still has a placeholder"


def _inside(value: object, name: str) -> list[tuple[str, object]]:
    """The parts of an object or of a list, each by its dotted name; [] where there are none."""
    if isinstance(value, dict):
        return [(f"{name}.{key}" if name else str(key), entry) for key, entry in value.items()]
    if isinstance(value, list):
        return [(f"{name}[{number}]", entry) for number, entry in enumerate(value)]
    return []


def _is_empty(value: object) -> bool:
    return value is None or value in ("", [], {}) or (isinstance(value, str) and not value.strip())


def _is_placeholder(value: str) -> bool:
    text = value.strip()
    if is_placeholder(text) or text.upper() in ("CHANGEME", "CHANGE_ME", "CHANGE-ME", "REPLACE_ME", "PLACEHOLDER"):
        return True
    return text.lower().startswith(("your-", "your_", "<", "${", "{{")) or text in ("123456789012", "you@example.com")


def _followed(look: FollowsFrom, here: Here) -> Seen:
    boxes = here.boxes(look)
    if why := missing(boxes):
        return Seen("failed", "", why)
    counting = sum(box.verdict in ("pass", "derived", "attested") for box in boxes)
    return Seen("passed", f"{counting} of {len(boxes)} count, the others are settled")


def _environment(look: VirtualEnvironment, here: Here) -> Seen:
    if look.path and here.read(f"{look.path.rstrip('/')}/pyvenv.cfg") is None:
        return Seen("failed", "", f"{look.path} is no virtual environment: it has no pyvenv.cfg")
    command, own = f"python3 -c {shlex.quote(_PREFIX)}", only_phasegates("python3")
    ran = here.run(_by_the_persons_path(command) if own else command, changes=False)
    if own and ran.exit_code != 0:
        return Seen("failed", "", own, _kept(ran))
    if ran.exit_code in (_NOT_FOUND, _NOT_STARTED):
        return Seen("failed", "", "there is no python3 on PATH", _kept(ran))
    if ran.exit_code != 0:
        return Seen("failed", ran.output.strip(), "the python3 on PATH is of no virtual environment", _kept(ran))
    prefix = ran.output.strip()
    if not prefix:
        return Seen("not checked", "", "python3 does not say where it lives", _kept(ran))
    if look.path and not prefix.endswith(f"/{look.path.strip('/').removeprefix('./')}"):
        return Seen("failed", prefix, f"another virtual environment than {look.path} is active")
    return Seen("passed", prefix)


def _searched(expression: Expression, expect: Expectation, value: Json) -> Seen:
    try:
        seen = _judged(expect, expression.search(value), value)
    except BadExpression as error:
        return Seen("failed", "", str(error), value)
    silent = nothing_in_document(expression, expect, value) if seen.state == "passed" else ""
    return Seen("not checked", seen.seen, f"{silent} is empty: nothing was looked at", value) if silent else seen


def _judged(expect: Expectation, value: object, answer: Json) -> Seen:
    text = json.dumps(value, ensure_ascii=False, default=str)
    shown = text if len(text) <= 200 else f"{text[:200]}... ({len(text):,} characters)"
    try:
        return Seen("passed" if expect.holds(value) else "failed", shown, "", answer)
    except Undecided as error:
        return Seen("not checked", shown, str(error), answer)


def _kept(ran: CommandResult) -> Json:
    return ran.output if len(ran.output) <= _KEPT else f"{ran.output[:_KEPT]}[... {len(ran.output) - _KEPT:,} more]"
