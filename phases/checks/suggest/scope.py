"""Is what a check looks at smaller than what its item means? What stands around the item says so.

A selector, a second command or a second name in its block; secrets of one environment of a host; a database where a web
host is asked; what only a person's sign-off stands for.
"""

from __future__ import annotations

import json
import re

from phases.checks.suggest.checklist import Checklist, ListedItem
from phases.checks.suggest.clause import plain_text, without_code
from phases.checks.suggest.proposal import Proposal

_GETS = re.compile(r"\bkubectl (?:-n \S+ )?get ([a-z][\w.,-]*)")
_SELECTS = re.compile(r"(?:^|\s)(?:-l|--selector)[ =](\S+)")
# what is looked at is the name alone
_BY_NAME = re.compile(r'"expression": "(?:items\[\]\.)?metadata\.name"')
_STATE_OF_IT = re.compile(r"(?i)\b(?:changes?|updated?|status|images?|values?|available|healthy|working|correct)\b")
_LOOKS_UP = re.compile(r"\b(?:dig|nslookup|host|resolvectl query)(?: [+@-]\S+)* ([\w.-]+\.[a-z]{2,})", re.IGNORECASE)
OF_AN_ENVIRONMENT = re.compile(
    r"(?i)\benvironment\W+secrets?\b|\bsecrets?\b.*\b(?:of|in|for) (?:the )?[\w`-]*\W*environment\b"
)
_NO_WEB_HOST = re.compile(
    r"(?i)\b(?:database|postgres(?:ql)?|mysql|mariadb|mongo(?:db)?|redis|valkey|smtp|kafka|rabbitmq)\b"
)
_SIGNED_OFF = re.compile(r"(?i)^\W*(?:final )?(?:sign[- ]?offs?|approvals?|go-?live approval)\W*$")
_NEW_VERSION = re.compile(
    r"(?i)\b(?:new|target|same|right|expected|correct|latest|upgraded) version\b|\bon version\b|\bupgraded\b"
)
_OR_ELSE = re.compile(
    r"(?i)\b(?:200|ok|success\w*)\b.* or (?:an? |the )?\w+|\bor (?:an? )?(?:proper|expected|graceful)\b"
)
_GREEN = re.compile(r"(?i)\bhealth\w*\b.*\bgreen\b")
_HISTORY = re.compile(r"(?i)\bgit log\b|\bhistory\b")
_OWN_CERTIFICATE = re.compile(r"openssl x509\b")
_SAYS_A_FIELD = re.compile(r"\b(?:with|and|shows?|contains?) `([^`/]+[:=][^`]+)`")
_LOOK_THERE = re.compile(r"(?i)\((?:check|see|via|in|verify in) (?:the )?[\w ]*(?:console|dashboard|logs|UI|portal)\)")
_ON_ANOTHER = re.compile(
    r"(?m)^\s*(?:ssh |docker exec |docker compose exec |(?:sudo )?(?:cd|nano|vim?|tee|touch|cp|mv)(?: \S+)* "
    r"/(?:opt|srv|var|etc|root|home|app|usr)\b)"
)
_ASKS_A_FIELD = re.compile(r"(?i)(?:settings|enabled|status|period|count|configuration)(?:\[\])?$")
_CLAIMS_ON = re.compile(r"(?i)\b(?:enabled|active|on|configured|automated)\b")
_ITS_DNS = re.compile(r"\b(?:Cloudflare|GoDaddy|Namecheap|Porkbun|Hostinger|Hover|Gandi)\b")
_AT_EACH = re.compile(
    r"(?i)\b(?:on|for|of|from|at) (?:each|every|all|both)\b|\b(?:all|each|every|both) (?:[\w-]+ ){0,2}(?:replicas|nodes"
    r"|services|instances|agents|servers|APIs|regions|sites|URLs|pages|routes|links|endpoints)\b"
    r"|\bAPI endpoints respond"
)
# in a single-page app each path answers with the same shell
_A_PAGE = re.compile(r"curl -k?fsS -o /dev/null|%\{http_code\}")
_NO_PAGE = re.compile(r"health|/api\b|-api-|ready|metrics|\.(?:xml|txt|json)\b")
_LOADS = re.compile(r"(?i)\b(?:pages?|home ?page|app|apps|frontend|UI|dashboard|navigate)\b.*|\bloads?\b")
_ONE_PAGE = re.compile(
    r"\bSPA\b|(?i:single[- ]page)|\bVite\b|\bVITE_[A-Z]|REACT_APP_|react-scripts|(?i:create[- ]react[- ]app)"
    r"|\bAngular\b"
    r"|(?i:firebase (?:hosting|deploy --only hosting))|(?i:index\.html.{0,40}(?:rewrite|fallback|all routes))"
    r"|\bExpo\b"
)
_GOT = re.compile(
    r"(?i)\b(?:obtained|issued|ready|provisioned|requested|prepared|installed|purchased|generated|acquired)\b"
)
_OF_A_HOST = re.compile(r"https://(?:\{(?:[\w-]+-)?host\}|\$each)/")
_BEFORE = re.compile(
    r"(?i)\bpre-?(?:deploy|launch|release|flight|requisite|migration)|\bprerequisites?"
    r"|\bbefore (?:deploy\w*|you|launch)"
    r"|\benvironment (?:setup|prep\w*)|\bprepar"
)
_TERMINAL = re.compile(r"(?!curl|wget|http)[a-z][\w-]+ \S")
_OF_THE_WEB = re.compile(r"(?i)https?:|\b(?:curl|wget|http|dig|nslookup|openssl|open|browser|port-forward)\b")
_INSIDE = re.compile(r"\b(?:kubectl|docker(?: compose|-compose)?) exec\b")
_CLUSTER_DATABASE = re.compile(r"\bdb-cluster\b|\bAurora\b")
_REST = re.compile(r"\bREST APIs?\b")
_ONLY_NAMES = re.compile(r"dig \+short (?:any-name|NS)")
_LEADS_OR_BLANK = re.compile(r"(?:\u2192|->|=>).+|(?i:\bpoint\w* to\b.+)|_{3,}")
_NO_HTTP = re.compile(r"(?i)\(no [\w ]+\)")


def narrower(found: Proposal, document: Checklist) -> str:
    """How what is looked at is smaller than what is meant; "" where nothing says so."""
    has = json.dumps(found.entry, ensure_ascii=False)
    item = found.item
    of_cluster = "" if found.kind == "kubectl command" else _of_a_cluster(item, has)  # it takes its block whole
    return of_cluster or _of_the_web(item, has, document) or _of_others(found, has, document)


def _blocks(item: ListedItem) -> str:
    return "\n".join((*item.code, *(block.text for block in item.own)))


def _places(item: ListedItem) -> str:
    return " ".join(plain_text(each.text) for each in (*item.headings, *item.parents))


def _of_a_cluster(item: ListedItem, has: str) -> str:
    if "kubectl" not in has:
        return ""
    own = _blocks(item)
    if (selected := _SELECTS.search(own)) and selected[1] not in has:
        return f"does not look at {selected[1]} alone"
    kinds = set(_GETS.findall(own))
    if len(kinds) > 1:
        return f"looks at one of {', '.join(sorted(kinds))}"
    if re.search(r"(?:^|\s)(?:-A|--all-namespaces)\b", own) and " -n " in has:
        return "looks at one namespace, and all are meant"
    if _NEW_VERSION.search(item.text) and "ersion" not in has:
        return "does not look at the version"
    if (
        _BY_NAME.search(has)
        and "storageclass" not in has
        and (state := _STATE_OF_IT.search(without_code(plain_text(item.text))))
    ):
        return f"looks whether it is there, and {state[0]} is meant"
    return ""


def _of_the_web(item: ListedItem, has: str, document: Checklist) -> str:
    text = without_code(plain_text(item.text))
    own = _blocks(item)
    if "dig " in has and len(set(_LOOKS_UP.findall(own))) > 1:
        return "looks up one name, and its block has several"
    if _ONLY_NAMES.search(has) and (more := _LEADS_OR_BLANK.search(item.text)):
        return f"does not look at {more[0]}"
    if "curl" not in has:
        return ""
    if _A_PAGE.search(has) and "for each in" not in has and (each := _AT_EACH.search(text)):
        return f"looks at one ({each[0]})"
    if _A_PAGE.search(has) and not _NO_PAGE.search(has) and _LOADS.search(text) and _ONE_PAGE.search(document.text):
        return "gets the shell of an application that is one page, which answers whatever it shows"
    if (
        _OF_A_HOST.search(has)
        and _GOT.search(text)
        and _BEFORE.search(" ".join(plain_text(each.text) for each in item.headings[1:]))
    ):
        return "asks a host that may serve nothing yet"
    if "https://" in has and _OWN_CERTIFICATE.search(own):
        return "asks who serves it, and a file is meant"
    if "https://" in has and _NO_WEB_HOST.search(" ".join((text, *(each.text for each in item.headings[-1:])))):
        return "asks a web host, and another one is meant"
    if "/dev/null" in has and (other := _OR_ELSE.search(text)):
        return f"takes one answer of several ({other[0]})"
    if "health-url" in has and _GREEN.search(text) and "Beanstalk" in document.text:
        return "asks a URL, and the environment's health is meant"
    if "health-url" in has and "kubectl" in own + "".join(each.text for each in item.beside) and "http" not in own:
        return "asks a URL, and probes of a cluster are meant"
    if "/dev/null" in has and (body := _SAYS_A_FIELD.search(item.text)) and body[1] not in has:
        return f"does not look at what it answers ({body[1]})"
    if re.search(r"\{[\w-]*url\}", has) and (
        any(_TERMINAL.match(each) for each in item.code) or (item.own and not _OF_THE_WEB.search(own))
    ):
        return "asks a URL, and its command is another"
    if "{health-url}" in has and _INSIDE.search(own):
        return "asks a URL, and its command asks from inside"
    if (without := _NO_HTTP.search(text)) and "redirect" not in has:
        return f"does not look at {without[0]}"
    return ""


def _of_others(found: Proposal, has: str, document: Checklist) -> str:
    item = found.item
    if (there := _LOOK_THERE.search(item.text)) and not {"service"} & found.entry.keys():
        return f"does not look where the item says {there[0]}"
    if {"command", "file"} & found.entry.keys() and _ON_ANOTHER.search("\n".join(block.text for block in item.own)):
        return "looks at this machine, and its block goes to another"
    if "docker compose" in has and "ompose" not in document.text and re.search(r"\bdocker (?:ps|run)\b", document.text):
        return "asks Docker Compose, which the document does not have"
    if "docker image inspect" in has and re.search(r"(?i)\bnew\b", item.text):
        return "does not look whether it is new"
    if re.search(r"(?i)\ball (?:the )?(?:builds|images)\b", item.text) and "-command}" in has:
        return "asks one command for all of them"
    file = found.entry.get("file")
    if isinstance(file, dict) and file.get("json") and not re.search(r"\.json$|[{}]", str(file["path"])):
        return "reads JSON, and the file is none"
    if found.entry.get("service") == "route53" and _ITS_DNS.search(document.text) and "53" not in document.text:
        return "asks Route 53, and its names are kept elsewhere"
    if found.kind == "AWS command" and found.entry.get("expect") == "present" and _CLAIMS_ON.search(item.text):
        last = str(found.entry.get("expression", "")).rpartition(".")[2]
        return f"passes whatever {last} is" if _ASKS_A_FIELD.search(last) else ""
    if found.kind == "left by a command" and re.search(r"` *(?:\u2192|->)", item.text):
        return "is the first of several steps"
    if "gh secret list" in has and "--env" not in has and OF_AN_ENVIRONMENT.search(f"{_places(item)} {item.text}"):
        return "looks at the repository's secrets, and an environment's are meant"
    if "git ls-files" in has and _HISTORY.search(item.text):
        return "does not look at the history"
    if any(_SIGNED_OFF.search(plain_text(each.text)) for each in (*item.headings[-1:], *item.parents)):
        return "is one look, and somebody's sign-off is meant"
    if "db_instances" in has and _CLUSTER_DATABASE.search(_blocks(item)):
        return "looks at an instance, and a cluster is meant"
    if found.entry.get("service") == "apigatewayv2" and _REST.search(document.text):
        return "" if re.search(r"WebSocket|HTTP API", f"{_places(item)} {item.text}") else "does not know REST APIs"
    if "cloudwatch" not in has and _NEW_VERSION.search(item.text) and found.kind == "AWS command":
        return "" if "ersion" in has else "does not look at the version"
    return ""
