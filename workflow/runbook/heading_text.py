"""What does a heading call its section? Its words, without links, anchors, boxes and inline marks.

Rules:
- A link is called by its text, an image and an anchor by nothing. `[environment]` without an address stays.
- Marks are taken off in pairs only: `snake_case`, `2 * 3` and a lone backtick stay as they are.
- What is escaped loses its backslash: `Phase 1\\.` is `Phase 1.`
"""

from __future__ import annotations

import re

_LONGEST = 1000  # signs of what is still a heading
_SIGNS = frozenset("[<{`*_\\¶#")
_STEPS = (
    (r"!\[[^\[\]\n]*\](?:\([^()\n]*\)|\[[^\]\n]*\])", ""),  # an image, often a badge
    (r"\[(?:#|¶|🔗|§)?\]\(#[^()\n]*\)", ""),  # a link to the heading itself
    (r"\[([^\[\]\n]+)\](?:\((?:[^()\n]|\([^()\n]*\))*\)|\[[^\[\]\n]*\])", r"\1"),
    (r"\[\[(?:[^\[\]|\n]*\|)?([^\[\]|\n]+)\]\]", r"\1"),  # a wiki's link
    (r"<(?:https?|mailto):[^<>\s]*>", ""),
    (r"</?[A-Za-z][^<>\n]*>", ""),  # <a name="x"></a>, <kbd>
    (r"\{[:#.][^{}\n]*\}", ""),  # {#anchor .class}
    (r"^\s*\[[ xX~-]\](?=\s)", ""),
    (r"(?<!`)(`++)([^`]+)\1(?!`)", r"\2"),
    (r"\*\*\*?(?=\S)([^*\n]+)(?<=\S)\*\*\*?", r"\1"),
    (r"(?<![\w*])\*(?=\S)([^*\n]+)(?<=\S)\*(?![\w*])", r"\1"),
    (r"(?<!\w)(__?)(?=\S)([^_\n]+)(?<=\S)\1(?!\w)", r"\2"),
    (r"\\([!-/:-@\[-`{-~])", r"\1"),
)


def heading_name(text: str) -> str:
    """The words of a heading. One that has none but its marks keeps them."""
    if _SIGNS.isdisjoint(text) or len(text) > _LONGEST:
        return text
    name = text
    for pattern, words in _STEPS:
        name = re.sub(pattern, words, name)
    return name.strip().removesuffix("¶").rstrip() or text
