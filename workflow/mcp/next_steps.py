"""What can an agent do about a refusal? Its commands as calls of tools; what only a person can type says so.

    {"tool": "drive", "arguments": {"run": "shed-20260102-030405"}, "why": "asks again"}
    {"resource": "runs://all", "why": ""}
    {"person": "git stash push -- a.md", "why": "a person types that, in the repository"}

Rules:
- A command of ours becomes a call where a tool does the very same; one with an option that no tool has is a person's.
- Several commands in one line (`&&`) are a person's, whole.
- What an attempt that failed was answered is answered anew by whoever does the next one: an agent by `answer`.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping, Sequence

from state.json_values import Json
from workflow.mcp.argument_names import remark_in_arguments
from workflow.views.run_words import LINE, runs_quoted
from workflow.views.status import OTHER_TESTS

Step = dict[str, Json]
Order = Mapping[str, Sequence[str] | Mapping[str, str]]  # arguments of a call, by name
PERSONS = "a person types that, in the repository"
LOOK: Step = {"tool": "status", "arguments": {}, "why": "where the run stands"}
ANSWER = "ANSWER"
_REMARK = "   # "
_BEFORE_REMARK = re.compile(r"(?:'[^']*'|\"[^\"]*\"|(?! {3}# )[\s\S])*")
_EDITORS = ("$EDITOR ", "${EDITOR:-vi} ")
_ASKED = ("add, each with its answer: ", "with a better answer: ")
_BETTER = re.compile(r"with a better (\S+)$")
_OF_A_PERSON = re.compile(r"\ba person\b|\bin a terminal\b")
_ADDED = re.compile(r"(?:echo|printf '%s\\n') (?P<line>(?s:.+)) >> \S.*")
_ASKED_ANEW = re.compile(r"phasegate resume (?P<run>\S+) --ask-again (?P<name>\S+)")
_ONE_RUN = {"status": "status", "log": "log", "audit": "audit", "resume": "drive"}  # by what tool, of at most one run
_LOOKS = {"--review": "review", "--watch": "wait"}  # of `status`
_OF_WORK = {"--path": "paths", "--box": "boxes", "--attest": "attest", "--run": "commands"}


def next_steps(commands: str, run_id: str) -> list[Json]:
    """The steps for these commands of a refusal, one a line; `run_id`: of the run in hand, or ""."""
    steps: list[Step] = []
    for line in filter(None, map(str.strip, runs_quoted(commands).split(LINE))):
        found = _BEFORE_REMARK.match(line)
        command = found[0] if found else ""
        step = _step(command.strip(), line[len(command) :].removeprefix(_REMARK).strip(), run_id)
        if steps and steps[-1].get("tool") == "answer" and _takes_answers(step):
            step = _joined(steps.pop(), step)
        steps.append(step)
    return [*(steps or [dict(LOOK)])]


def once_more(steps: Json, order: Order, *, fills_in: bool = False) -> Json:
    """The steps, their calls of hand_in with what `order` gave beside, where they say nothing else of it.

    Answers are joined; with `fills_in` those of the order stand where the steps ask for one. Where a call says which
    files belong to the work, no others are taken into it.
    """
    assert isinstance(steps, list)
    return [_once_more(each, order, fills_in) if isinstance(each, dict) else each for each in steps]


def _once_more(step: Step, order: Order, fills_in: bool) -> Step:
    arguments = step.get("arguments")
    if step.get("tool") != "hand_in" or not isinstance(arguments, dict):
        return step
    given = {name: value for name, value in order.items() if value}
    if "paths" in arguments or "no_files" in arguments:
        given.pop("paths", None)
    asked, answers = arguments.get("answers", {}), given.get("answers", {})
    kept: Step = {name: list(value) for name, value in given.items() if name != "answers"}
    if answers or asked:
        assert isinstance(asked, dict) and isinstance(answers, Mapping)
        open_ = {name for name, value in asked.items() if fills_in and value == ANSWER and name in answers}
        kept = {**kept, "answers": {**answers, **{name: asked[name] for name in asked if name not in open_}}}
    return {**step, "arguments": {**kept, **arguments, **{k: kept[k] for k in ("answers",) if k in kept}}}


def _takes_answers(step: Step) -> bool:
    return isinstance(given := step.get("arguments"), dict) and "answers" in given


def _joined(first: Step, second: Step) -> Step:
    """Both as one call with the answers of both: that of the second tool, which an answers file was made for."""
    into, more = first["arguments"], second["arguments"]
    assert isinstance(into, dict) and isinstance(more, dict)
    answers, further = into["answers"], more["answers"]
    assert isinstance(answers, dict) and isinstance(further, dict)
    asked = "" if str(first["why"]).startswith(_ASKED) else first["why"]
    return {**second, "arguments": {**into, **more, "answers": {**answers, **further}}, "why": second["why"] or asked}


def _step(command: str, why: str, run_id: str) -> Step:
    found = None if _OF_A_PERSON.search(why) else _called(command, why, run_id)
    if found is None:
        told, why = _typeable(command), why.removesuffix("a person").removesuffix("; ")
        return {"person": told, "why": f"{why}; {PERSONS}" if why else PERSONS}
    return {**found, "why": remark_in_arguments(why)}


def _typeable(command: str) -> str:
    """The command, as it can be typed where nobody has said which editor is meant, too."""
    return f"{_EDITORS[1]}{command.removeprefix(_EDITORS[0])}" if command.startswith(_EDITORS[0]) else command


def _called(command: str, why: str, run_id: str) -> Step | None:
    """The call that does what the command does; None where it is a person's."""
    if again := _ASKED_ANEW.fullmatch(command):
        if why == OTHER_TESTS:
            return {"tool": "answer", "arguments": {"answers": {again["name"]: ANSWER}, "run": again["run"]}}
        return None
    if run_id and (asked := _answers_asked(command, why)):
        return {"tool": "answer", "arguments": {"answers": {**asked}, "run": run_id}}
    try:
        words = shlex.split(command)
    except ValueError:
        return None
    if words[:1] != ["phasegate"] or len(words) < 2 or not {"&&", "||", ";", ">", ">>", "|"}.isdisjoint(words):
        return None
    verb, rest = words[1], words[2:]
    if verb == "runs" and not rest:
        return {"resource": "runs://all"}
    if verb in _ONE_RUN:
        return _of_one_run(verb, rest, why, run_id)
    read = _READ.get(verb)
    return read(rest, run_id) if read else None


def _answers_asked(command: str, why: str) -> dict[str, Json]:
    """The answers that are brought into an answers file by this command, by name; ANSWER for what is not known."""
    if command.startswith(_EDITORS) and why.startswith(_ASKED):
        parts = why.partition(": ")[2].split("; ")
        return {name: choices or ANSWER for name, _, choices in (each.partition(": ") for each in parts)}
    if added := _ADDED.fullmatch(command):
        name, _, value = shlex.split(added["line"])[0].partition(": ")
        return {name: _plain(value)}
    return {}


def _plain(value: str) -> str:
    """The text of a value of YAML, which is plain or as JSON has it."""
    return str(json.loads(value)) if value.startswith('"') else value


def _of_one_run(verb: str, rest: Sequence[str], why: str, run_id: str) -> Step | None:
    names = [each for each in rest if not each.startswith("-")]
    options = [each for each in rest if each.startswith("-")]
    if verb == "resume" and options == ["--answers"]:
        found = _BETTER.search(why)
        answers: dict[str, Json] = {found[1]: ANSWER} if found else {}
        of = names[0] if rest[0] != "--answers" else run_id
        return {"tool": "answer", "arguments": {"answers": answers, **({"run": of} if of else {})}}
    tool = _ONE_RUN[verb]
    if verb == "status" and len(options) == 1 and options[0] in _LOOKS:
        tool, options = _LOOKS[options[0]], []
    if options or len(names) > 1:
        return None
    of = names[0] if names else run_id
    return {"tool": tool, "arguments": {"run": of} if of else {}}


def _hand_in(rest: Sequence[str], run_id: str) -> Step | None:
    """`done`, by `hand_in` or `take_back`."""
    arguments: dict[str, Json] = {"run": run_id} if run_id else {}
    words = iter(rest)
    lists: dict[str, list[Json]] = {}
    tool = "hand_in"
    for word in words:
        if not word.startswith("-"):
            arguments["run"] = word
        elif word in _OF_WORK:
            lists.setdefault(_OF_WORK[word], []).append(next(words, ""))
        elif word == "--skip":
            arguments["skip"] = next(words, "")
        elif word == "--answers":
            next(words, "")
            arguments["answers"] = {}  # those of the lines before it, which make the file
        elif word == "--take-back":
            tool = "take_back"
        elif word == "--no-files":
            arguments["no_files"] = True
        else:
            return None
    return {"tool": tool, "arguments": {**arguments, **lists}}


def _of_target(tool: str) -> Callable[[Sequence[str], str], Step | None]:
    def call(rest: Sequence[str], _run_id: str) -> Step | None:
        sandbox: Step = {"sandbox": True} if tool == "start" and "--sandbox" in rest else {}
        names = [each for each in rest if not (sandbox and each == "--sandbox")]
        is_plain = len(names) == 1 and not names[0].startswith("-")
        return {"tool": tool, "arguments": {"target": names[0], **sandbox}} if is_plain else None

    return call


def _note(rest: Sequence[str], _run_id: str) -> Step | None:
    return {"tool": "note", "arguments": {"run": rest[0], "text": rest[1]}} if rest[1:] == ["TEXT"] else None


_READ: dict[str, Callable[[Sequence[str], str], Step | None]] = {
    "done": _hand_in,
    "note": _note,
    "run": _of_target("start"),
    "plan": _of_target("plan"),
    "questions": _of_target("questions"),
}
