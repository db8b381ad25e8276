"""In which words does a rule know an item that spells names? Its clauses without them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from phases.checks.suggest.clause import clause_of

_ABOUT = re.compile(r"\balarms? (?:on|for)\s*$", re.IGNORECASE)  # what an alarm is about is not what it is called


def without_names_of(text: str, names: Sequence[str], *, owner: bool) -> list[str]:
    """The clauses of the item's text in which a rule may know it that is about one of the names that it spells."""
    without = (each for spelled in dict.fromkeys(names) for each in without_one(text, spelled, owner=owner))
    return [clause_of(each).head for each in without]


def without_all(spelled: Sequence[str], names: Sequence[str]) -> list[str]:
    """The clauses of the item's texts in which a rule may know it that is about several: without their names."""
    one = "|".join(re.escape(f"`{each}`") for each in dict.fromkeys(names))
    several = rf"(?:{one})(?:(?:,? (?:and |& )?| ?/ ?)(?:{one}))*"
    without = (" ".join(re.sub(several, " ", each).split()) for each in spelled)
    return [clause_of(each).head for each in without if not _ABOUT.search(each)]


def without_one(text: str, spelled: str, *, owner: bool) -> list[str]:
    """The item's text without the one name that it spells, and with it before its kind: "bucket `x`", "`x` bucket".

    `owner`: the rule is about what a thing is set to, and the item may name that thing at its end: "... on `x`".
    """
    code = re.escape(f"`{spelled}`")
    before = re.sub(rf"^((?:\w+ )?)(\w+) {code}", rf"\g<1>{spelled} \g<2>", text)
    said = [text.replace(f"`{spelled}`", " "), before, re.sub(rf"^\w+ (\w+) {code}", rf"{spelled} \g<1>", text)]
    said += [re.sub(rf"^\w+ (\w+) {code}", r"\g<1>", text)]  # "State bucket `x` ..."
    if owner:
        said += [re.sub(rf" (?:for|on|of|in|to)(?: the)?(?: \w+){{0,2}} {code}(?=[ .(]|$)", "", text)]
    return [each for each in said if not _ABOUT.search(each)]
