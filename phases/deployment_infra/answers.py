"""What do the module's templates get to see? The answers of task 1.1, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from phases.deployment_infra.files import ANSWERS
from phases.deployment_infra.questions import SOMEWHERE_ELSE, STATIC_FILES, all_questions
from state.errors import BadInput, Problem

_NUMBERS = ("peak-load", "load-per-task", "tasks-minimum", "tasks-maximum", "monthly-budget")
_NAMES = tuple(each.name for each in all_questions() if not each.when)


def values_of(answers: Mapping[str, str]) -> dict[str, object]:
    """The names that templates use, from the answers of task 1.1: numbers as numbers, and what follows."""
    values: dict[str, object] = {name.replace("-", "_"): answer for name, answer in answers.items()}
    values.update({name.replace("-", "_"): int(answers[name]) for name in _NUMBERS})
    elsewhere = answers["disaster-recovery"] == SOMEWHERE_ELSE
    recovery = answers["recovery-region"] if elsewhere else answers["region"]
    return values | {
        "answers": dict(answers),
        "edge_enabled": "true" if answers["edge"] == STATIC_FILES else "false",
        "elsewhere": elsewhere,
        "recovery_region": recovery,
        "data_regions": list(dict.fromkeys([answers["region"], recovery])),
        # What dev and staging must carry: a tenth of production's peak, within what four small tasks can.
        "peak_small": min(int(answers["peak-load"]) // 10, 2 * int(answers["load-per-task"])),
        "recovery_sentence": (
            f"Copies leave the region for {recovery}: so it was decided, and docs/residency.md has by whom."
            if elsewhere
            else "In the same region, in a vault of its own: the loss of the whole region is not survived."
        ),
    }


def missing_from(answers: Mapping[str, str]) -> list[str]:
    """Which of the answers that the templates need are not there, or are no numbers where those are needed."""
    needed = [name for name in _NAMES if name not in answers]
    if answers.get("disaster-recovery") == SOMEWHERE_ELSE and "recovery-region" not in answers:
        needed.append("recovery-region")
    return needed + [name for name in _NUMBERS if not answers.get(name, "").isdecimal()]


def written_answers(data: bytes) -> dict[str, str]:
    """The answers in the bytes of `infrastructure.yaml`, as they are written there.

    Empty where it is not as it was written (edited by hand): every file that differs is then asked about.
    """
    from phases.documents.yaml_document import YamlDocument  # where there is a file only

    try:
        document = YamlDocument(data, ANSWERS, _edited, is_text=lambda place: place[:1] == ("answers",))
    except BadInput:
        return {}
    read = document.value.get("answers") if isinstance(document.value, dict) and not document.problems else None
    if not isinstance(read, dict) or not all(isinstance(answer, str) for answer in read.values()):
        return {}
    answers = {str(name): answer for name, answer in read.items()}
    return {} if missing_from(answers) else answers


def _edited(problems: Sequence[Problem]) -> BadInput:
    return BadInput(f"{ANSWERS} is not as it was written", problems=problems, next_command=f"$EDITOR {ANSWERS}")
