"""Which texts pass the masker before they are written, and which never do?

One door for all that a person, a command, AWS or a document hands to the engine: reasons, notes, comments, skip
reasons, what checks saw, what commands said, facts for later steps, bodies of posts, reports. It stands in
`OpenRun.record`, through which every event goes, in `TaskExecutor`, before the digest is made, and in `EngineContext`,
before a file, a post or a line of progress leaves. What is shown is what is written, and what the digest covers.

Rules:
- EXACT fields are compared with something else, byte for byte (paths, digests, signatures, identities, policy, the
  commit message that the runbook spells out): they are never changed.
- An answer is used, not only kept: one that holds a secret is refused, never changed; at a prompt it is asked again.
- Files that are read by programs keep their bytes, but for the texts in JSON; files that people hand in are never
  touched.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import TypeVar, cast

from state.errors import BadAnswer, PhasegateError, Problem
from state.late_pattern import late

Masker = Callable[[str], str]
T = TypeVar("T")

_EXACT = (
    "task attempt after before via by digest nonce signature request paths artifacts approval message plan sha256 "
    "passkey tasks file files head branch from question effect admits policy entries inputs input_digest rests_on"
)
EXACT = frozenset(_EXACT.split())
_SECRET_AT_THE_END = late(r"(?i)(?:secret|token|passw(?:or)?d|passphrase|credential|key)s?$")
REPORTS = (".md", ".txt", ".log")


def masked_fields(type_: str, fields: Mapping[str, T], masker: Masker, again: str) -> dict[str, T]:
    """The fields of an event as they may be written.

    Raises BadAnswer for an answer that holds a secret; `again`: the command that takes another one.
    """
    if type_ == "answered" and "question" in fields:  # a word on an item has none: its reason is masked as others are
        answer = str(fields["answer"])  # whether the question is for a secret, `ask` has looked: it knows the choices
        require_no_secret(str(fields["question"]), answer, masker, again, choices=(answer,))
        return dict(fields)
    return {name: value if name in EXACT else masked_value(value, masker) for name, value in fields.items()}


def masked_value(value: T, masker: Masker) -> T:
    """JSON values with the texts in them masked; names and structure stay."""
    return cast(T, _masked(value, masker))


def _masked(value: object, masker: Masker) -> object:
    if isinstance(value, str):
        return masker(value)
    if isinstance(value, Mapping):
        return {name: _masked(each, masker) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_masked(each, masker) for each in value]
    return value


def masked_file(path: str, text: str, masker: Masker) -> str:
    """The text of a file that phasegate writes: a report line by line, JSON text by text, anything else as it is."""
    suffix = PurePosixPath(path).suffix
    if suffix in REPORTS:
        return masker(text)
    if suffix != ".json":
        return text
    for said in sorted(set(_texts(json.loads(text))), key=len, reverse=True):
        masked = masker(said)
        if masked != said:
            for ascii_ in (True, False):
                text = text.replace(json.dumps(said, ensure_ascii=ascii_), json.dumps(masked, ensure_ascii=ascii_))
    return text


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def require_no_secret(question: str, answer: str, masker: Masker, again: str, *, choices: tuple[str, ...] = ()) -> None:
    """Raise BadAnswer when the question is for a secret, or the answer holds one: answers are used, and committed.

    `again`: the command that takes another one.
    """
    if problem := secret_in(question, answer, masker, choices=choices):
        raise BadAnswer(f"answer to {question} refused: {problem}", next_command=f"{again}   # with another {question}")


def secret_in(question: str, answer: str, masker: Masker, *, choices: tuple[str, ...] = ()) -> str:
    """Why this answer is not taken, where its question is for a secret or it holds one; "" where neither is so."""
    if answer not in choices and _asks_for_a_secret(question) and not answer.startswith(("arn:", "$")):
        return (
            "by its name it is a secret, and answers are committed; expected where the secret is kept (an ARN, $NAME "
            "of an environment variable)"
        )
    masked = masker(answer)
    if masked == answer:
        return ""
    return (
        f"it holds a secret, and answers are committed: {masked!r}; expected an answer that names the environment "
        "variable which has it"
    )


def _asks_for_a_secret(question: str) -> bool:
    """Whether the name ends in a secret's: `db-password` is one, `secrets-management` is about them."""
    from phases.checks.masking import is_secret  # here: where something is answered

    return is_secret(question) and _SECRET_AT_THE_END.search(question) is not None


def mask_error(error: PhasegateError, masker: Masker) -> None:
    """Mask what an error says, in place: it is recorded, and shown."""
    error.message = masker(error.message)
    error.problems = tuple(
        Problem(masker(each.where), masker(each.message), masker(each.excerpt)) for each in error.problems
    )
