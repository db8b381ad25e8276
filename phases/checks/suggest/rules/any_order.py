"""How is a rule's pattern written for words that stand in any order? "CI green on main", "on main CI is green".

Each needed word has to stand in the clause, and each word of the clause has to be known: one that nobody declared
(`docs` in "CI and docs green") makes the pattern match nothing, so that no item says more than its check unseen.
"""

from __future__ import annotations

# words that say nothing more of a thing; no negation, no condition, no amount, no judgement is one of them
NEUTRAL = (
    r"the|an?|is|are|be|been|was|were|has|have|now|successfully|of|on|in|into|to|for|at|from|with|this|that|our|your"
    r"|its|current|actual|latest|new|and"
)


def in_any_order(*needed: str, also: str = "", neutral: str = NEUTRAL) -> str:
    """A pattern for a whole clause.

    Args:
        needed: alternatives, of each of which one has to stand in it: `CI|pipeline`, `green|passing`. Longer ones that
            begin like others come first.
        also: further words that may stand in it.
        neutral: words that always may.
    """
    words = "|".join(each for each in (*needed, also, neutral) if each)
    found = "".join(rf"(?=(?:.*[\s(/:,])?(?:{each})(?![\w-]))" for each in needed)
    return rf"{found}(?:(?>(?:{words})(?=[\s,;:)/]|$))(?:[\s,;:()/&+]+|$))+"
