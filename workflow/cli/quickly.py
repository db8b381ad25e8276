"""Which command lines are understood without the command-line library? Five verbs, as they are mostly typed.

    phasegate [-C DIR] status|log [RUN] [--json]
    phasegate [-C DIR] approve [RUN] --digest DIGEST
    phasegate [-C DIR] done [RUN] --no-files | --path P ...
    phasegate [-C DIR] resume [RUN]

Rules:
- Any other word, however it is meant, is click's to understand or to refuse; so is everything while a shell completes.
- The run that is meant is kept in the directory that is given, or in this one.
- What is asked for is done by the functions that click's commands call.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from workflow.cli.next_line import Standing, directory_given

COMPLETES = "_PHASEGATE_COMPLETE"  # set by the lines of `phasegate completion`

Act = Callable[[Standing], int]


def quickly(arguments: Sequence[str]) -> Act | None:
    """What does what these arguments ask for; None where they are for click."""
    words = list(arguments)
    while words[:1] == ["-C"] and len(words) > 1 and not words[1].startswith("-"):
        words = words[2:]
    if not words or words[0] not in _VERBS or COMPLETES in os.environ:
        return None
    verb, *rest = words
    found = _VERBS[verb](rest)
    return found if found is not None and _keeps(directory_given(arguments), found.keywords["run_id"]) else None


def _keeps(directory: str, run_id: str | None) -> bool:
    """Whether the run that is meant is kept in this very directory: where else it may be is looked for by click's."""
    try:
        return any(
            each.is_dir() and each.name.startswith(run_id or "") for each in Path(directory, ".phasegate").iterdir()
        )
    except OSError:
        return False


def _run(words: Sequence[str]) -> tuple[str | None] | None:
    """The run that is named, or None for none, in a tuple; None where these words are not one run at the most."""
    if len(words) > 1 or any(word.startswith("-") for word in words):
        return None
    return (words[0] if words else None,)


def _status(words: list[str]) -> partial[int] | None:
    run = _run([word for word in words if word != "--json"])
    if run is None:
        return None
    from workflow.cli.looking import show_status  # here, so that `--help` starts without it

    return partial(show_status, run_id=run[0], as_json="--json" in words)


def _log(words: list[str]) -> partial[int] | None:
    run = _run([word for word in words if word != "--json"])
    if run is None:
        return None
    from workflow.cli.looking import show_log

    return partial(show_log, run_id=run[0], as_json="--json" in words)


def _approve(words: list[str]) -> partial[int] | None:
    if "--digest" not in words:
        return None
    at = words.index("--digest")
    digest, run = words[at + 1 : at + 2], _run([*words[:at], *words[at + 2 :]])
    if run is None or not digest or digest[0].startswith("-"):
        return None
    from workflow.cli.acting import give_approval

    return partial(give_approval, run_id=run[0], digest=digest[0])


def _done(words: list[str]) -> partial[int] | None:
    paths, others = [], []
    left = iter(words)
    for word in left:
        if word != "--path":
            others.append(word)
        elif (path := next(left, "-")).startswith("-"):
            return None
        else:
            paths.append(path)
    run = _run([word for word in others if word != "--no-files"])
    if run is None:
        return None
    from workflow.cli.acting import hand_in
    from workflow.service.done import Work

    return partial(hand_in, run_id=run[0], work=Work(tuple(paths), "--no-files" in others))


def _resume(words: list[str]) -> partial[int] | None:
    run = _run(words)
    if run is None:
        return None
    from workflow.cli.acting import go_on

    return partial(go_on, run_id=run[0])


_VERBS = {"status": _status, "log": _log, "approve": _approve, "done": _done, "resume": _resume}
