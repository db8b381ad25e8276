"""What may a run ask? A question as it can be told before the run: its name or pattern, its answers, its case.

`phasegate questions` lists them; the answers of a file are held against their names. What a step really asks is a
`phases.step.Question`, whose text may say more by then; tests/workflow/test_askable.py holds both together.
"""

from __future__ import annotations

from state.cheap_classes import dataclass


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that may be asked.

    Attributes:
        name: key in an answers file; with `*` where a part of it is only known then (`confirm-replace-*`).
        text: what is asked, in one line.
        task: id of the task that asks, "" where several may.
        default: what Enter takes, and `--yes` in the sandbox, as far as it is known before.
        choices: allowed answers; () for free text.
        expects: the form of an answer in words, "" where any text is one.
        when: the case in which it is asked; "" where it always is.
        is_region: the answer is the name of a region of AWS.
        suggest: False for what a person must think about: Enter takes nothing then.
    """

    name: str
    text: str
    task: str = ""
    default: str | None = None
    choices: tuple[str, ...] = ()
    expects: str = ""
    when: str = ""
    suggest: bool = True
    is_region: bool = False

    @property
    def is_pattern(self) -> bool:
        """Whether the name is not whole yet."""
        return "*" in self.name
