"""Does an item say that an address answers? A whole URL, and words of health or of answering, nothing else."""

from __future__ import annotations

import re

from phases.checks.suggest.proposal import Entry

_URL = re.compile(r"(?:https?://[A-Za-z0-9.-]+\.[a-z]{2,}|http://localhost)(?::\d+)?(?:/[\w./~-]*)?")
_SAYS = re.compile(
    r"(?:(?:the|backend|frontend|api|app|application|site|website|web|server|service|production|staging|health"
    r"|readiness"
    r"|home ?page|page|url|endpoint|check|health ?check|is|are|at|on|ok|verify|that|live)\b[ :,-]*)*"
    r"(?:health(?: ?check)?|loads?|responds?(?: with)?(?: 200)?(?: ok)?"
    r"|(?:returns?|answers?)(?: with)? (?:http )?200(?: ok)?"
    r"|accessible"
    r"|reachable"
    r"|is up|is live|works|responding|healthy)\b[ :,-]*(?:at|on|with|via)?[ :]*",
    re.IGNORECASE,
)


def url_of(text: str) -> Entry | None:
    """The check of the address that an item says answers; None where it says something else."""
    found = _URL.findall(text)
    if len(found) != 1 or re.search(r"<|\{|\$|your|example", found[0]):
        return None
    rest = " ".join(re.sub(r"[`()<>*]", " ", text.replace(found[0], " ")).split()).strip(" :.-")
    if not _SAYS.fullmatch(rest):
        return None
    return {"command": {"run": f"curl -fsS -o /dev/null {found[0]}"}}
