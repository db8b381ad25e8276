"""Which answers does a YAML file of `--answers` hold? A mapping of question names to texts, as they are written.

Rules:
- A number is the text that stands there: an answer of 3.10 is not 3.1.
- A placeholder (`...`, `TODO`, `<...>`) is no answer: `phasegate questions --yaml` writes such a file to fill in.
- What YAML makes something else of (yes, a date, nothing at all) is refused: in quotes it is a text.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from state.errors import BadInput, Problem
from state.late_pattern import late
from state.longest_text import LONGEST
from state.outside_file import ANSWERS, read_outside
from state.printable import as_name

if TYPE_CHECKING:  # YAML is loaded where there is a file to read
    from phases.documents.yaml_document import Place, YamlDocument

_CONTROL = late(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_KINDS = {bool: "a yes or no of YAML", type(None): "nothing", list: "a list", dict: "a mapping"}


class GivenAnswers(dict[str, str]):
    """Answers by question, as an answers file has them: `path` is the file, "" for none; `places` the `line:column`
    of each question in it.

    `problems`: what the file has that is no answer, each at `path:line:column`; whoever knows the run refuses them
    together with what else is wrong there (`askable.refuse_unasked`).
    """

    def __init__(
        self, answers: Mapping[str, str], path: str, places: Mapping[str, str], problems: Sequence[Problem] = ()
    ) -> None:
        super().__init__(answers)
        self.path = path
        self.places = places
        self.problems = tuple(problems)

    def refusal(self, problems: Sequence[Problem], asked: str = "phasegate status", then: str = "") -> BadInput:
        """The refusal of this file with these problems, in the order of its lines.

        `asked`: the command that shows what may be asked, for answers that came by no file; `then`: the one that takes
        the file once it is right, or "".
        """
        if not self.path:
            said = [Problem("", each.message) for each in problems]
            return BadInput("the answers that were given are refused", problems=said, next_command=asked)
        return _refusal(self.path, sorted(problems, key=self._line), then)

    def _line(self, problem: Problem) -> list[int]:
        return [int(number) for number in problem.where.removeprefix(self.path).strip(":").split(":")]


def read_answers(path: str) -> GivenAnswers:
    """The answers in the file at this path: question name -> answer, with the problems of what is none.

    Raises BadInput, each problem at `path:line:column`, for a file that is no mapping.
    """
    try:
        data = read_outside(Path(path), "answers file", limit=ANSWERS, name=path)
    except FileNotFoundError as error:
        raise BadInput(
            f"answers file {as_name(path)} is not there", next_command=f"ls {anywhere(Path(path).parent)}"
        ) from error
    return _parsed(data, path)


def parse_answers(data: bytes, path: str) -> GivenAnswers:
    """The answers in these bytes; `path` is the file's, for messages. Raises as `read_answers`, for any problem."""
    given = _parsed(data, path)
    if given.problems:
        raise given.refusal(given.problems)
    return given


def _refusal(path: str, problems: Sequence[Problem], then: str = "") -> BadInput:
    return BadInput(
        f"answers file {as_name(path)} is refused",
        problems=problems,
        next_command="\n      ".join(
            filter(None, (f"$EDITOR {anywhere(path)}   # a line each: `question: answer`, the answer in quotes", then))
        ),
    )


def _parsed(data: bytes, path: str) -> GivenAnswers:
    from phases.documents.yaml_document import YamlDocument, in_order

    def refused(problems: Sequence[Problem]) -> BadInput:
        return _refusal(path, in_order(problems))

    document = YamlDocument(data, path, refused)
    if not isinstance(document.value, dict):
        raise refused(
            [
                document.problem(
                    (), f"expected `question: answer` lines, seen {_KINDS.get(type(document.value), 'one value')}"
                )
            ]
        )
    found = {name: _text(document, (name,), value) for name, value in document.value.items()}
    problems = [*document.problems, *(each for name in found for each in _problems(document, (name,), found[name]))]
    places = {name: document.problem((name,), "").where.removeprefix(f"{path}:") for name in found}
    texts = {name: "" if text is None else text for name, text in found.items()}
    return GivenAnswers(texts, path, places, problems)


def anywhere(path: Path | str) -> str:
    """A path of the process's as a shell's word that means the same wherever somebody stands."""
    return shlex.quote(str(Path(path).absolute()))


def _text(document: YamlDocument, place: Place, value: object) -> str | None:
    """The answer as it is written, or None when it is none."""
    if isinstance(value, str):
        return value
    return document.written[place] if isinstance(value, int | float) and not isinstance(value, bool) else None


def _problems(document: YamlDocument, place: Place, text: str | None) -> Iterator[Problem]:
    from phases.documents.yaml_document import seen
    from phases.tried_answers import is_placeholder  # here: where there is a file to read

    name = seen(place[0])
    if not str(place[0]).strip() or _CONTROL.search(str(place[0])):
        yield document.problem(place, f"{name} is no question's name")
    if text is None:
        value = document.value[place[0]]
        kind = _KINDS.get(type(value), "something else")
        word = f" ({document.written[place]})" if isinstance(value, bool) else ""
        yield document.problem(place, f"{name}: expected text, seen {kind}{word}; write the answer in quotes")
    elif is_placeholder(text):
        yield document.problem(place, f"{name}: expected an answer, seen {seen(text)}, which stands for one")
    elif len(text) > LONGEST:
        yield document.problem(place, f"{name}: expected at most {LONGEST:,} characters, seen {len(text):,}")
    elif _CONTROL.search(text):
        yield document.problem(place, f"{name}: a control character stands in the answer, seen {seen(text)}")
