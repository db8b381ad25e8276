"""Is an item about another machine? Then nothing that this one shows answers it.

In a section whose list begins with "SSH into the instance" all that follows is done there: a file, a tool, a container,
`localhost` are that machine's. What asks over the network (a cluster, a host of code, a name, an address) stays.
"""

from __future__ import annotations

import re
from functools import lru_cache

from phases.checks.suggest.checklist import Checklist, ListedItem
from phases.checks.suggest.clause import plain_text
from phases.checks.suggest.proposal import Entry, run_of

WHY = "it is about another machine"
_GOES_THERE = re.compile(
    r"\bSSH(?:'?d)? (?:in ?)?(?:to|into)\b|\bssh (?:-\w+ \S+ )*[\w.-]+@|\bconnect(?:ed)? (?:to|into) (?:the |your "
    r"|EC2 )*(?:instance|server|VPS|host|droplet|VM)\b"
    r"|\b(?:cloned?|copied|copy|uploaded|transfer(?:red)?|pulled) (?:[\w-]+ )?(?:to|on) (?:the |your )?(?:EC2|server"
    r"|VPS|instance|droplet|VM)\b"
    r"|\blog(?:ged)? ?in ?to (?:the |your )?(?:server|VPS|instance|droplet|VM)\b|\bssm start-session\b",
    re.IGNORECASE,
)
_THERE = re.compile(
    r"\bon (?:the |your )?(?:EC2|remote|production server|server|VPS|instance|droplet|VM|host)\b", re.IGNORECASE
)
_CONNECTS = re.compile(
    r"\bSSH (?:connection|access|in(?:to)?|setup)\b"
    r"|\bconnect(?:ing)? (?:to|via) (?:the |your )?(?:EC2|instance|server|VPS|VM|SSH)",
    re.IGNORECASE,
)
_INSTANCE = re.compile(r"\b(?:EC2 (?:instances?|server|host)|VPS|droplet|Lightsail)\b")
_HERE = re.compile(r"\b(?:local(?:ly|host)?|development|dev|machine|laptop)\b", re.IGNORECASE)
_PLACE = re.compile(
    r"\b(?:[Ss]erver (?:readiness|setup|preparation|requirements|side)"
    r"|on (?:the |your )?(?:EC2|server|VPS|instance|droplet|host)|EC2 (?:instance )?(?:setup|configuration"
    r"|deployment|server)|VPS|droplet)\b",
    re.IGNORECASE,
)
_STORED = re.compile(
    r"\bS3\b|\bbuckets?\b|CloudFront|\bCDN\b|\bcontainer\b|\bpods?\b"
    r"|(?i:\brelease assets?\b|\b(?:verify|release|published|uploaded|GitHub) artifacts?\b|GitHub release)"
)  # files that are kept there
_BY_ROOT = re.compile(r"\bsudo (?:-E )?(?:apt|apt-get|yum|dnf|bash|snap|systemctl|npm)\b")
# what runs where it is deployed, and that is another machine where the document goes to one
_RUNS_THERE = re.compile(r'test -n "\$\(docker compose|systemctl|pm2')
_OVER_THE_NETWORK = re.compile(
    r"(?:kubectl|helm|gh|dig|aws|vercel|az|gcloud|npm view|docker manifest|openssl s_client|nc|git ls-remote"
    r"|redis-cli|pg_isready)\b"
    r"|sh -c (?:\{[\w-]*(?:redis|database|sql|answers)-command\}"
    r"|'(?:(?:test -n \S+ && )?for each in \$1; do )?(?:there=|dig|curl"
    r"|docker manifest|\$1 ))"
    r"|curl (?!.*\b(?:localhost|127\.0\.0\.1)\b).*"
)


def is_elsewhere(item: ListedItem, document: Checklist, entry: Entry) -> bool:
    """Whether what this check looks at is on this machine, and the item is about another one."""
    if not {"command", "file", "tool", "virtual-environment"} & entry.keys():
        return False
    if "file" in entry and any(_STORED.search(plain_text(each.text)) for each in (*item.headings[-1:], *item.parents)):
        return True
    run = run_of(entry)
    if _OVER_THE_NETWORK.match(run):
        return False
    if any(_PLACE.search(plain_text(each.text)) for each in (*item.headings[1:], *item.parents)):
        return True
    if _RUNS_THERE.match(run) and _begun(document):
        return True
    if 0 < _connected(document) < item.line:
        return True
    on_this = "localhost" in run or _RUNS_THERE.match(run)
    above = " ".join(plain_text(each.text) for each in (*item.headings[1:], *item.parents, item.words))
    if (
        on_this
        and not _begun(document)
        and _INSTANCE.search(document.text)
        and not _HERE.search(above.replace("localhost", ""))
    ):
        return True
    if any(_BY_ROOT.search(each) for each in item.code) and _begun(document):
        return True
    begun = _begun(document).get(_section(item), 0)
    return 0 < begun < item.line or _THERE.search(plain_text(item.text)) is not None


def _section(item: ListedItem) -> tuple[str, ...]:
    """The part of the document, below its title, that it stands in."""
    return tuple(each.text for each in item.headings[:2])


@lru_cache(64)
def _connected(document: Checklist) -> int:
    """The line from which on all is about another machine, since a part of the document goes there; 0 for none."""
    lines = (
        item.line
        for item in document.items
        if any(_CONNECTS.search(plain_text(each.text)) for each in item.headings[1:])
    )
    return next(lines, 0)


@lru_cache(64)
def _begun(document: Checklist) -> dict[tuple[str, ...], int]:
    """Section -> the line from which on it is about another machine."""
    found: dict[tuple[str, ...], int] = {}
    for item in document.items:
        said = " ".join((plain_text(item.text), *(each.text for each in item.own)))
        if _GOES_THERE.search(said):
            found.setdefault(_section(item), item.line)
    return found
