"""Is an item about what a variable is set to? Its spelled value, a value that is asked, or the length of a secret.

Rules:
- A spelled value stands in the item and is no secret's and no blank; it is compared where the variable is kept: in the
  environment file, or in what one asked command prints for the host. Nothing of that is printed.
- A value that the item only describes ("your production domain") is asked, one question for one variable.
- Of a secret in an environment file its length is looked at, and that it is no placeholder; never the value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from phases.checks.suggest.checklist import ListedItem
from phases.checks.suggest.clause import plain_text
from phases.checks.suggest.proposal import Entry
from phases.checks.suggest.rules.entries import command, has_value

_NAME = r"(?P<name>(?-i:[A-Z][A-Z0-9_]{2,}))"
SECRET = re.compile(
    r"SECRET|PASSW|TOKEN|KEY(?!WORD)|CREDENTIAL|DSN|PRIVATE|SALT|SIGNATURE|WEBHOOK|CONNECTION|DATABASE_URL|REDIS_URL"
    r"|MONGO|AMQP|CERT|ACCOUNT_SID|AUTH$"
)
_VALUE = r"(?P<value>[^\s`<>{}$\"']+)"
# what may stand behind: what it is for, or that it is set
_TAIL = (
    r"(?P<tail>(?: (?:is )?(?:set|configured|already set))?(?: (?:in|for|on) [\w .-]+)?"
    r"(?: \((?:already set|set|required|for [\w -]+)\))?)"
)
_SPELLED = re.compile(
    rf"(?:(?:set|configure|ensure|verify|use|add|check)(?: that)?:? )?`?{_NAME}`?"
    rf"(?: ?= ?| ?: (?=`)| (?:is )?(?:set|configured) to | is (?=`))`?{_VALUE}`?{_TAIL}",
    re.IGNORECASE,
)
_REMARKED = re.compile(
    rf"(?!.*\b(?:if|optional|not|or|removed?|unset|deleted?|e\.g|example)\b)[\w /-]+ (?:set|configured|disabled"
    rf"|enabled|restricted|on|off)"
    rf" \(`?{_NAME} ?= ?{_VALUE}`?\)",
    re.IGNORECASE,
)
_BLANK = re.compile(
    r"(?i)your|example|xxx|change[-_]?me|placeholder|\.\.\.|^generated$|^(?:the|a|an|true/false|value|if|not|and)$|^\W*$|todo"
    r"|\[|//[^/]*:[^/]*@|^\*+$|@.*@"
)
_NOUN = (
    r"(?:domains?|domain name|url|urls|origins?|host ?name|host|ip(?: address)?|address|e-?mail(?: address)?|endpoint"
    r"|region|bucket(?: name)?|project id|account id|port)"
)
_ASKED = re.compile(
    rf"(?:(?:set|configure|update|point)(?: the)? )?`?{_NAME}`?(?: is| are)?(?: set| configured| points?| pointing"
    rf"| updated)?"
    rf" (?:to|with|for) (?P<what>(?:the |your |a |valid |actual |real |correct |public |production |server's "
    rf"|frontend |backend "
    rf"|custom |deployed |dashboard |admin |application |app |API |site )*{_NOUN}(?:\(s\))?)",
    re.IGNORECASE,
)
_STRONG = (
    r"(?:generate|set|create|use|configure)(?: an?| the)? (?:(?:strong|secure|random|long|new"
    r"|cryptographically)(?:,|, and| and)? )+"
)
_OF_A_SECRET = re.compile(
    rf"{_STRONG}(?:[\w -]{{2,40}} \(`{_NAME}`\)"
    rf"|`{_NAME.replace('name', 'name2')}`)(?: for production)?(?: \((?P<how>[^()]*)\))?",
    re.IGNORECASE,
)
_GENERATED = re.compile(
    rf"`{_NAME}`(?: is)? (?:generated|set)(?: \((?P<how>[^()]*)\)| with (?P<by>`openssl rand -(?:hex|base64) \d+`))",
    re.IGNORECASE,
)
_LENGTH = re.compile(
    r"(?i)(?:at least |min(?:imum)?(?: of)? |>=? ?)?(?P<least>\d+)\+? ?(?:or more )?(?P<unit>hex|random|secure)?"
    r" ?(?:chars?|characters?)(?: (?:minimum|min|long|or more))?|`?openssl rand -(?P<form>hex|base64) (?P<bytes>\d+)`?"
    r"|(?P<of>\d+)\+? (?:random )?bytes"
)
_USUAL = 16  # characters of a secret that somebody calls strong


class Valued(NamedTuple):
    """A variable, and the value that it is to have: spelled, or a placeholder in braces with its question."""

    name: str
    value: str
    asks: Mapping[str, str]
    tail: str


def value_of(item: ListedItem) -> Valued | None:
    """The variable and its value; None where the item is about something else, or the value is a secret."""
    text = re.sub(r"^[^\w`(]+", "", plain_text(item.text)).strip().rstrip(".:;").rstrip("\u2713\u2714 ")
    found = _SPELLED.fullmatch(text) or _REMARKED.fullmatch(text)
    if found:
        name, value = found["name"], found["value"].rstrip(",.;")
        if SECRET.search(name) or _BLANK.search(value) or not re.fullmatch(r"[\w./:@,%+*-]+", value):
            return None
        if "=" not in text and not ("_" in name and "`" in text):
            return None  # words: "PORT is open"
        return Valued(name, value, {}, found.groupdict().get("tail") or "")
    asked = _ASKED.fullmatch(text)
    if asked and "_" in asked["name"] and not SECRET.search(asked["name"]):
        placeholder = asked["name"].lower().replace("_", "-").strip("-") + "-value"
        question = f"To which value is {asked['name']} to be set ({asked['what']})?"
        return Valued(asked["name"], f"{{{placeholder}}}", {placeholder: question}, "")
    return None


def in_file(path: str, valued: Valued) -> Entry:
    """A line of an environment file that sets the variable to the value, with or without quotes and `export`."""
    plain = 'sed -E "s/^ *(export +)?//;s/ +#.*//;s/[\\"\']//g;s/ *= */=/;s/ +$//"'
    return command(f"< {path} {plain} | grep -qxF -- {valued.name}={valued.value}", changes=True)


def among_printed(printed_by: str, valued: Valued) -> Entry:
    """A line of what a command prints, which sets it; nothing of that is printed."""
    return command(f"sh -c {{{printed_by}}} | tr -d '\"' | grep -qxF -- {valued.name}={valued.value}", changes=True)


def secret_of(item: ListedItem) -> tuple[str, int] | None:
    """The secret's variable that an item wants to be strong, and how many characters that is at least."""
    text = re.sub(r"^[^\w`(]+", "", plain_text(item.text)).strip().rstrip(".")
    found = _OF_A_SECRET.fullmatch(text) or _GENERATED.fullmatch(text)
    if found is None:
        return None
    groups = found.groupdict()
    name = groups["name"] or groups.get("name2") or ""
    how = (groups.get("how") or groups.get("by") or "").strip("` ")
    if not SECRET.search(name):
        return None
    if not how:
        return (name, _USUAL) if found.re is _OF_A_SECRET else None
    told = _LENGTH.fullmatch(how)
    return (name, _characters(told)) if told else None


def _characters(told: re.Match[str]) -> int:
    if told["bytes"]:
        return int(told["bytes"]) * 2 if told["form"] == "hex" else int(told["bytes"]) * 4 // 3
    return int(told["of"] or told["least"])


def long_enough(path: str, name: str, least: int) -> Entry:
    """A variable of an environment file whose value is no placeholder and has so many characters at least."""
    there = has_value(path, name)["command"]
    assert isinstance(there, dict)
    line = rf"^ *(export +)?{name} *= *[\"']?[^ #\"']{{{least},}}"
    return command(f'{there["run"]} && < {path} grep -qE "{line}"', changes=True)
