"""Documents as teams write them, made at random: phases, tasks and checklists with sections before, between, after.

And a scanner of their live boxes that shares nothing with the reader: it knows fences, comments, front matter, quotes.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

_THINGS = [
    "the tables",
    "the queue",
    "every host",
    "`config.yml`",
    "the owner",
    "数据库",
    "the [page](x.md)",
    "it twice",
]
_VERBS = ["Check", "Freeze", "Copy", "Look at", "Tell", "Move", "Restart", "Write down"]
_BEFORE = ["Prerequisites", "Before you start", "Pre-flight checklist", "Notes", "Access", "Success Criteria"]
_BETWEEN = ["Communication", "Go/No-Go meeting", "Data", "Hand-over to the night", "If the copy is slow"]
_AFTER = ["Validation", "Definition of Done", "Sign-off", "Clean up", "Open questions", "Announcement (if needed)"]
_BACK = ["Rollback", "Rollback plan", "Troubleshooting", "Emergency", "Back-out procedure"]


def document(seed: int) -> tuple[str, str]:
    """The shape that it is written in, and its text."""
    chance = random.Random(seed)
    shape = ("phases", "tasks", "checklist")[seed % 3]
    lines = [*_front(chance), f"# {chance.choice(_VERBS)} {chance.choice(_THINGS)}", "", "What this is about.", ""]
    for name in chance.sample(_BEFORE, chance.randint(0, 2)):
        lines += _section(chance, name, 2)
    for number in range(1, chance.randint(3, 5)):
        if shape == "phases":
            lines += _heading(chance, f"Phase {number}: {chance.choice(_VERBS)}", 2)
            lines += _boxes(chance)
            lines += _section(chance, chance.choice(["Steps", "Exit Criteria", "If it fails", "Checks"]), 3)
        elif shape == "tasks":
            lines += [f"- [ ] {number}. {chance.choice(_VERBS)} all", *_children(chance, number), ""]
        else:
            lines += _section(chance, f"{chance.choice(_VERBS)} {number}", 2)
        if chance.random() < 0.4:
            lines += _section(chance, chance.choice(_BETWEEN), 2)
            lines += _section(chance, "In detail", 3) if chance.random() < 0.5 else []
    for name in chance.sample(_AFTER, chance.randint(0, 3)):
        lines += _section(chance, name, 2)
    if chance.random() < 0.2:
        lines += _section(chance, chance.choice(_BACK), 2)
    if chance.random() < 0.1:
        lines += ["## Legend", "", "- [ ] open", "- [x] done", ""]
    return shape, chance.choice(["\n", "\n", "\r\n"]).join(lines)


def _front(chance: random.Random) -> list[str]:
    return chance.choice([[], [], [], ["---", "a: b", "- [ ] hidden", "---"], ["+++", 'a = "- [ ]"', "+++"]])


def _heading(chance: random.Random, name: str, level: int) -> list[str]:
    if level == 2 and chance.random() < 0.15:
        return [name, "-" * len(name), ""]
    name = chance.choice([name, name, name, f"**{name}**", f"[{name}](#x)", f"{name} {{#x}}"])
    return [f"{'#' * level} {name}", ""]


def _section(chance: random.Random, name: str, level: int) -> list[str]:
    return [*_heading(chance, name, level), *_boxes(chance)]


def _boxes(chance: random.Random) -> list[str]:
    bullet = chance.choice(["-", "-", "*", "+", "1."])
    blank = chance.choice([" ", " ", " ", "\u00a0", "\u3000"])
    prefix = chance.choice(["", "", "", "", "> "])
    lines = ["> [!NOTE]"] * bool(prefix)
    for _number in range(chance.randint(1, 4)):
        state = chance.choice(["[ ]", "[ ]", "[ ]", "[x]", "[-]"])
        lines.append(f"{prefix}{bullet}{blank}{state}{blank}{chance.choice(_VERBS)} {chance.choice(_THINGS)}")
        if chance.random() < 0.2:
            lines += [f"{prefix}  ```bash", f"{prefix}  - [ ] make all", f"{prefix}  ```"]
        if chance.random() < 0.1:
            lines += ["", "<!-- - [ ] hidden -->"] if not prefix else [f"{prefix}  more words"]
    return [*lines, ""]


def _children(chance: random.Random, number: int) -> Iterator[str]:
    for child in range(1, chance.randint(2, 4)):
        yield f"  - [ ]{chance.choice(['', '', '*'])} {number}.{child} {chance.choice(_VERBS)} {chance.choice(_THINGS)}"
        yield f"    - _Requirements: {number}.{child}_"
        if chance.random() < 0.2:
            yield f"    - [ ] {chance.choice(_VERBS)} this, too"


def live_boxes(text: str) -> set[int]:
    """The numbers of the lines, from 1, that hold a live box."""
    found: set[int] = set()
    lines = text.replace("\r", "").split("\n")
    number = 0
    if lines[0] in ("---", "+++") and lines[0] in lines[1:]:
        number = lines.index(lines[0], 1) + 1
    fence, comment = "", False
    for at in range(number, len(lines)):
        line = re.sub(r"^(\s*>\s?)+", "", lines[at])
        bare = line.strip()
        if comment or (bare.startswith("<!--") and not fence):
            comment = "-->" not in bare
        elif fence:
            fence = "" if bare.startswith(fence) and set(bare) == set(fence) else fence
        elif bare.startswith(("```", "~~~")):
            fence = bare[:3]
        elif re.match(r"\s*(?:(?:[-*+]|\d+[.)])\s+)+\[.\](?:\*|\s|$)", line):
            found.add(at + 1)
    return found
