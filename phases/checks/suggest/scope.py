"""Is what a check looks at smaller than what its item means? What stands around the item says so.

A selector, a second command or a second name in its block; secrets of one environment of a host; a database where a web
host is asked; what only a person's sign-off stands for.
"""

from __future__ import annotations

import json
import re

from phases.checks.suggest.checklist import Checklist, ListedItem
from phases.checks.suggest.clause import plain_text
from phases.checks.suggest.proposal import Proposal

_GETS = re.compile(r"\bkubectl (?:-n \S+ )?get ([a-z][\w.,-]*)")
_SELECTS = re.compile(r"(?:^|\s)(?:-l|--selector)[ =](\S+)")
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
_TERMINAL = re.compile(r"(?!curl|wget|http)[a-z][\w-]+ \S")
_CLUSTER_DATABASE = re.compile(r"\bdb-cluster\b|\bAurora\b")
_REST = re.compile(r"\bREST APIs?\b")
_NO_HTTP = re.compile(r"(?i)\(no [\w ]+\)")


def narrower(found: Proposal, document: Checklist) -> str:
    """How what is looked at is smaller than what is meant; "" where nothing says so."""
    has = json.dumps(found.entry, ensure_ascii=False)
    item = found.item
    return _of_a_cluster(item, has) or _of_the_web(item, has, document) or _of_others(found, has, document)


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
    if re.search(r"(?:^|\s)(?:-A|--all-namespaces)\b", own) and "-n {" in has:
        return "looks at one namespace, and all are meant"
    if _NEW_VERSION.search(item.text) and "ersion" not in has:
        return "does not look at the version"
    return ""


def _of_the_web(item: ListedItem, has: str, document: Checklist) -> str:
    text = re.sub(r"`[^`]*`", " ", plain_text(item.text))
    own = _blocks(item)
    if "dig " in has and len(set(_LOOKS_UP.findall(own))) > 1:
        return "looks up one name, and its block has several"
    if "curl" not in has:
        return ""
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
    if any(_TERMINAL.match(each) for each in item.code) and re.search(r"\{[\w-]*url\}", has):
        return "asks a URL, and its command is another"
    if (without := _NO_HTTP.search(text)) and "redirect" not in has:
        return f"does not look at {without[0]}"
    return ""


def _of_others(found: Proposal, has: str, document: Checklist) -> str:
    item = found.item
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
