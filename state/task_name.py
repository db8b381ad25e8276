"""What is a task called in a line of its own? Its number and its title, each once."""

from __future__ import annotations


def number_and_title(number: str, title: str) -> str:
    """`1.1 Build it`; the title alone where there is no number, or where it begins with it (`T-24h (optional)`)."""
    is_word = not number[:1].isdigit()  # "2" and "2 pods are up" are two things
    if title == number or (is_word and title.startswith(f"{number} ")):
        return title
    return f"{number} {title}".strip()
