"""What does task 1.1 hand to the later tasks? The answers, and those that the files on disk were made from before."""

from __future__ import annotations

from typing_extensions import TypedDict


class Answered(TypedDict):
    """Data of task 1.1: answers by question; `before` is empty where there was no module."""

    answers: dict[str, str]
    before: dict[str, str]


def others_before(answered: Answered) -> bool:
    """Whether the files on disk were made from other answers than this run's."""
    return bool(answered["before"]) and answered["before"] != answered["answers"]
