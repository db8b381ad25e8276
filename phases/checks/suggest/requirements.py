"""Is an item a line of `requirements.txt`, or a package of `package.json`, as the place right above it says?"""

from __future__ import annotations

import re

from phases.checks.suggest.checklist import ListedItem, Words
from phases.checks.suggest.clause import plain_text
from phases.checks.suggest.files import PATH
from phases.checks.suggest.proposal import Entry

_LINE = re.compile(r"[A-Za-z][\w.-]*(?:\[[\w,-]+\])?(?:[=~<>!]=|[<>])\d[\w.*]*(?:,[=~<>!]=?\d[\w.*]*)?")
_NAMES = re.compile(r"(?:@[\w-]+/)?[a-z][\w.-]*(?:(?:, and |, | and )(?:@[\w-]+/)?[a-z][\w.-]*)*")
_DONE_WITH_THEM = re.compile(
    r"(?i)\b(?:remov\w*|updat\w*|upgrad\w*|optional|unused|deprecat\w*|not?|missing|audit\w*|dev|vulnerab\w*"
    r"|replac\w*|latest|scripts?)\b"
)
_HAS = "contains(keys(merge(dependencies || `{{}}`, devDependencies || `{{}}`)), '{}')"
Found = tuple[Entry, str, Words]


def requirement_of(item: ListedItem) -> Found | None:
    """The check that its list of packages has what the item names, what that does not prove, and the place."""
    place = (item.parents or item.headings[1:])[-1:]
    if not place or item.below or _DONE_WITH_THEM.search(place[0].text):
        return None
    text = plain_text(item.text).replace("`", "").strip().rstrip(".")
    words = re.findall(r"[\w./-]+\w", plain_text(place[0].text))
    files = [each for each in words if "." in each and PATH.fullmatch(each)]
    if len(files) != 1 or files[0].startswith("/"):
        return None
    if re.search(r"(?:^|/)requirements[\w.-]*\.txt$", files[0]) and _LINE.fullmatch(text):
        entry: Entry = {"file": {"path": files[0], "contains": text}}
        return entry, "it is asked for there, not: installed", place[0]
    if files[0].endswith("package.json") and _NAMES.fullmatch(text):
        names = re.split(r", and |, | and ", text)
        look = " && ".join(_HAS.format(each) for each in names)
        entry = {"file": {"path": files[0]}, "expression": look, "expect": {"equals": True}}
        return entry, "asked for there, not: installed, and not in which version", place[0]
    return None
