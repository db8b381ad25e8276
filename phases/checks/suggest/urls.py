"""Does an item say that an address answers? A whole URL and words of answering, or a curl that only gets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from phases.checks.suggest.checklist import ListedItem, Words
from phases.checks.suggest.clause import plain_text, without_code
from phases.checks.suggest.proposal import Entry, Proposal
from state.json_values import Json

CODE_OF = "curl -sS -o /dev/null -w '%{http_code}' "
ANY_CODE: Json = {"matches": r"[1-4]\d\d"}
_WITHOUT_ERROR = "curl -fsS -o /dev/null "  # a redirect, to a login for one, ends well, too
_CODE = re.compile(
    r"(?<![\w./:-])(?P<code>20[0-6])(?![\w/-]|\.\w| ?(?:ms|MB|GB|KB|s\b|sec|min|%|items?|users?|requests?))"
)
_WHERE = r"(?:https?://|(?=localhost:\d))[A-Za-z0-9.<>{}$_-]+(?::\d+)?(?:/[\w./~{}<>$-]*)?"
_URL = re.compile(_WHERE)
_OTHER_PORT = re.compile(r"(localhost):(6379|5432|3306|27017|5672|9092|11211|1433|2181)/?")
_SAYS = re.compile(
    r"(?:(?:the|backend|frontend|api|app|application|site|website|web|server|service|production|staging|health"
    r"|readiness|docs|documentation|swagger|prometheus|grafana|alertmanager|jaeger|kibana|ui|panel|admin|node"
    r"|exporter|metrics|https|http|dashboard|domain|docker|local|locally|direct"
    r"|home ?page|page|url|endpoint|check|health ?check|is|are|at|on|ok|verify|that|live)\b[ :,-]*)*"
    r"(?:health(?: ?check)?|loads?|responds?(?: with)?(?: 200)?(?: ok)?"
    r"|(?:returns?|answers?)(?: with)? (?:http )?200(?: ok)?"
    r"|accessible|available"
    r"|reachable"
    r"|is up|is live|works|responding|healthy)\b[ :,-]*(?:at|on|with|via)?[ :]*",
    re.IGNORECASE,
)
# the bare root of an API may answer 404, 401, 403, and it runs all the same: only a failure of the server's is none
_SERVER = re.compile(
    r"(?i)\b(?:APIs?|backend|back-end|servers?|services?|gateway|manager|local ?stack|SAM local|broker|registry|node)\b"
)
_SHOWS = re.compile(r"(?i)\b(?:pages?|sites?|websites?|front-?end|dashboards?|UI|docs|homepage|loads?|health|200)\b")
_BARE_ROOT = re.compile(r"(?:https?://)?[^/]+/?")
# its certificate is its own: nobody signs one for an address of a network or for this machine
_OWN_CERTIFICATE = re.compile(
    r"https://(?:\d+\.\d+\.\d+\.\d+|localhost|127\.0\.0\.1|\{(?:[\w-]+-)?ip(?:-address)?\})(?::\d+)?(?:/|$)",
    re.IGNORECASE,
)
_RUNS_AT = re.compile(
    r"(?!.*(?i:maintenance|down|redirect))(?:[\w./-]+ ){1,5}"
    r"(?:is |are )?(?:accessible|running|available|reachable|live|up|responding|loads"
    r"|served) (?:at|on)"
)
_CODE_200 = re.compile(r"(?:[\w/ -]{0,40}:? )?(?:\u2192|->|=>|returns?|gives|:)? ?(?:HTTP )?200(?: OK)?", re.IGNORECASE)
_LOOKED_AT = re.compile(r"(?i)\b(?:health|verif\w*|check\w*|test\w*|smoke|access\w*|reachab\w*|endpoints?)\b")
_LABEL = re.compile(
    rf"(?!.*\b(?:all|no|up|targets?|each|every|only|webhooks?|registered|callback|redirect|origins?"
    rf"|set)\b)(?!(?:open|visit|go|see|login|access|navigate|click|view|use|browse|read)\b)"
    rf"(?:[\w/-]+ ){{0,3}}[\w/-]+: {_WHERE}",
    re.IGNORECASE,
)
_GETS = re.compile(
    r"(?:\$ )?curl(?: (?:-[sSLIikvf]+|-X GET|--silent|--location|--head|--include|--fail|-o /dev/null))*"
    r" (?P<quote>[\"']?)(?P<url>(?:https?://)?[A-Za-z0-9<{$][^\s\"'|;&?]*(?:\?[\w=&.-]+)?)(?P=quote)"
    r"(?: (?:-[sSLIikvf]+))*(?: \| (?:jq(?: [\w.'\"\[\]-]+)?|python3? -m json\.tool))?"
)
# answers that are wanted and are errors to curl, and what is not about the answer
_NOT_AN_ANSWER = re.compile(
    r"(?<![\d.:])[345]\d\d(?![\d.])|\b(?:fail\w*|den(?:y|ied)|reject\w*|unauthori[sz]ed|forbidden|block\w*|refus\w*"
    r"|timeout"
    r"|unreachable|(?:returns?|has|with) (?:data|json|lists?|results?|\w+ data|the [\w ]+)|version|not|no"
    r"|redirect\w*|limit\w*|header\w*|errors?|correct|match\w*|valid\w*|CORS|login|post|webhook)\b",
    re.IGNORECASE,
)
# what an item says for which an answer will do
_ANSWERS = re.compile(
    r"\b(?:health\w*|endpoints?|api|respon\w*|reach\w*|access\w*|avail\w*|up|live|liveness|ready|readiness|ok|status"
    r"|ping"
    r"|root|urls?|site|homepage|home page|pages?|servers?|services?|backend|frontend|app|application|node ?port|ingress"
    r"|load balancer|connect\w*|metrics|smoke|docs|swagger|works?|working|running|runs|loads?|public|local\w*|https?"
    r"|curl|verify it|test it|test|answers?|deployment)\b(?<!\btest)",
    re.IGNORECASE,
)
_ONLY_ASKED = re.compile(
    r"(?i)\W*(?:(?:test|check|verify|try|run|with|it|by|(?:returns?|gives|shows|\u2192|->"
    r"|=>) (?:HTTP )?200(?: OK)?)\W*)*"
)
_BLANKS = re.compile(
    r"<(?P<angle>[A-Za-z][\w .-]*)>|\$\{?(?P<shell>[A-Za-z_]\w*)\}?|\{\{?(?P<brace>[A-Za-z][\w-]*)\}?\}"
    r"|(?<![\w-])(?P<capitals>(?-i:[A-Z][A-Z0-9]*(?:[_-][A-Z0-9]+)+))(?![\w-])"
    r"|(?<=//)(?P<host>(?-i:[A-Z]{2,}))(?=[:/]|$)"
    r"|(?P<yours>(?:[\w-]+\.)*(?:your|my(?:-|app|site|domain)|example)[\w-]*(?:\.[\w-]+)+|your-[\w-]+"
    r"|(?:[\w-]+\.)*example\.(?:com|org|net)|(?:[\w-]+\.)*(?:domain|website|yoursite|company|hostname"
    r"|servername)\.\w{2,4}"
    r"|(?<=//)[a-z]+-(?:url|host|domain|ip|endpoint)(?=[/:]|$)|(?:[\w-]+\.)+(?:url|domain|tld|here|host|example)(?=[/:]|$))",
    re.IGNORECASE,
)
UNPROVED = "it answers without an error now, not: what it shows"


def url_of(item: ListedItem) -> tuple[Entry, Mapping[str, str], Words] | None:
    """The check of the address that an item says answers, what it asks, where it stands; None where it says else."""
    said = _from_curl(item) or _from_words(item.text, item.headings[-1].text if item.headings else "")
    if said is None:
        return None
    url, words = said
    asks: dict[str, str] = {}
    if port := _OTHER_PORT.fullmatch(url):
        return {"command": {"run": f"nc -z {port[1]} {port[2]}", "changes": True}}, asks, words or item.words
    filled = _BLANKS.sub(lambda blank: _asked(blank, asks), url)
    if re.search(r"[<>$\[\]]", filled):
        return None
    around = _URL.sub(" ", plain_text(item.text))
    own = bool(words or item.code) and _INSECURE.search(_curl_in(item)) is not None
    trusted = not own and _OWN_CERTIFICATE.match(filled) is None
    run = f"{_WITHOUT_ERROR}{filled}" if trusted else f"curl -kfsS -o /dev/null {filled}"
    entry: Entry = {"command": {"run": run}}
    server = _SERVER.search(around) or re.match(r"(?:https?://)?(?:api|backend|gateway)[.-]", filled)
    if _BARE_ROOT.fullmatch(url) and server and not _SHOWS.search(around):
        asked = f"{CODE_OF}{filled}" if trusted else f"{CODE_OF}-k {filled}"
        entry = {"command": {"run": asked}, "expect": ANY_CODE}
    return entry, asks, words or item.words


_INSECURE = re.compile(r"\bcurl\b.* (?:-[a-zA-Z]*k[a-zA-Z]*|--insecure)\b")


def _curl_in(item: ListedItem) -> str:
    """The commands of an item and of the block below it, as one text."""
    return " ".join((*item.code, *(block.text for block in item.own))).replace("\n", " ")


def _from_words(text: str, place: str) -> tuple[str, None] | None:
    found = [each.rstrip(".") for each in _URL.findall(text)]
    if len(found) != 1:
        return None
    rest = " ".join(re.sub(r"[`()<>*]", " ", text.replace(found[0], " ")).split()).strip(" :.-")
    if (
        _SAYS.fullmatch(rest)
        or _CODE_200.fullmatch(rest)
        or _RUNS_AT.fullmatch(rest)
        or (_LOOKED_AT.search(place) and _LABEL.fullmatch(text.replace("`", "")))
    ):
        return found[0], None
    return None


def _from_curl(item: ListedItem) -> tuple[str, Words | None] | None:
    """The address of the one curl that stands in the item, or in the block below it, and only gets."""
    said = without_code(plain_text(item.text))
    if _NOT_AN_ANSWER.search(said) or not (_ANSWERS.search(said) or _ONLY_ASKED.fullmatch(said)):
        return None
    inline = [each for each in item.code if re.match(r"(?:\$ )?curl\b", each)]
    if inline:
        gets = _GETS.fullmatch(inline[0]) if len(inline) == 1 else None
        return (gets["url"], None) if gets else None
    if len(item.own) != 1 or item.code:
        return None
    block = item.own[0]
    lines = [each.strip() for each in block.text.replace("\\\n", " ").split("\n")]
    if any(each.startswith("#") and _NOT_AN_ANSWER.search(each) for each in lines):
        return None
    lines = [each for each in lines if each and not each.startswith("#")]
    gets = _GETS.fullmatch(" ".join(lines[0].split())) if len(lines) == 1 else None
    return (gets["url"], Words(lines[0], "block", block.line)) if gets else None


def _asked(blank: re.Match[str], asks: dict[str, str]) -> str:
    written = next(each for each in blank.groups() if each)
    name = re.sub(r"[^a-z0-9]+", "-", written.lower()).strip("-")
    name = name if name[:1].isalpha() else f"n-{name}"
    asks[name] = f"What is {blank[0]}?"
    return f"{{{name}}}"


def with_its_code(found: Proposal) -> Proposal:
    """The proposal, which looks at the very code where its item says one ("returns 200") and it looked for no error."""
    command = found.entry.get("command")
    run = command.get("run") if isinstance(command, Mapping) else None
    code = _CODE.search(re.sub(_URL, " ", found.item.text))
    if not isinstance(command, Mapping) or not isinstance(run, str) or not code:
        return found
    own = run.startswith("curl -kfsS -o /dev/null ")
    if not own and not run.startswith(_WITHOUT_ERROR):
        return found
    asked = f"-k {run.removeprefix('curl -kfsS -o /dev/null ')}" if own else run.removeprefix(_WITHOUT_ERROR)
    asks = {**command, "run": CODE_OF + asked}
    entry = {**found.entry, "command": asks, "expect": {"equals": code["code"]}}
    return replace(found, entry=entry, unproved="this code now and from here, not: what it shows")
