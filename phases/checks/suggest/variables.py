"""Is an item about variables that a host keeps, and by which command are their names seen? Never about values.

Rules:
- What the item says of its place counts first, then what stands above it, the nearest first. A place that names two
  hosts, or parts that contradict each other, says nothing.
- Each host, and each part of a project there, has a question of its own: one command that lists names. The check looks
  for the name as a whole word, and prints nothing of what it reads.
- An item that says what the value is, says more than the name shows, or may be left out, gets none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from phases.checks.suggest.checklist import Checklist, ListedItem, Words
from phases.checks.suggest.clause import plain_text
from phases.checks.suggest.context import fits
from phases.checks.suggest.places import environment_file
from phases.checks.suggest.proposal import Entry, Proposal
from phases.checks.suggest.rules.entries import command
from phases.checks.suggest.scope import OF_AN_ENVIRONMENT
from phases.checks.suggest.variable_values import among_printed, in_file, long_enough, secret_of, value_of
from phases.checks.suggest.whole import POSSIBLE
from state.json_values import Json

_NAME = r"(?-i:(?:[A-Z][A-Z0-9]*_)+[A-Z0-9_]*[A-Z0-9]|TF_VAR_[a-z0-9_]+)"
_NAMES = rf"{_NAME}(?:(?:, and |, | and | & | \+ ){_NAME})*"
_VARIABLES = r"(?:environment |env |repository |actions |config )*(?:variables?|vars?|secrets?|envs?|keys)"
_SET = r"(?:set(?: up)?|configured|added|defined|present|exists?|there|populated|provided|stored|saved)"
# hosts that keep variables, as people write them -> how a question calls them
HOSTS = {
    r"Vercel": "Vercel",
    r"Railway": "Railway",
    r"(?-i:Render)(?:\.com)?": "Render",
    r"Netlify": "Netlify",
    r"Heroku": "Heroku",
    r"Fly\.io": "Fly.io",
    r"Coolify": "Coolify",
    r"Dokploy": "Dokploy",
    r"CapRover": "CapRover",
    r"Azure (?:App Services?|Functions?|Static Web Apps?|Container Apps?|Web Apps?)|(?-i:App Service)": "Azure",
    r"Cloud Run": "Cloud Run",
    r"Cloud Functions?": "Cloud Functions",
    r"App Engine": "App Engine",
    r"Supabase (?:Edge )?(?:functions?|secrets?|vault)|(?-i:Edge Functions?)": "Supabase",
    r"Cloudflare(?: Pages| Workers?)?|wrangler": "Cloudflare",
    r"DigitalOcean(?: App Platform)?": "DigitalOcean",
    r"(?:AWS )?Amplify": "Amplify",
    r"App Runner": "App Runner",
    r"(?:AWS )?Elastic Beanstalk": "Elastic Beanstalk",
    r"(?-i:EAS)(?: build)?|(?-i:Expo)": "EAS",
    r"(?-i:Convex)": "Convex",
    r"Hugging ?Face (?:Spaces?|secrets|settings)|HF Spaces?": "Hugging Face",
    r"Streamlit(?: Cloud)?": "Streamlit",
    r"Replit": "Replit",
    r"Portainer": "Portainer",
    r"Koyeb": "Koyeb",
    r"GitLab(?: CI(?:/CD)?)?": "GitLab",
    r"CircleCI": "CircleCI",
    r"Bitbucket(?: Pipelines)?": "Bitbucket",
    r"(?-i:Jenkins)": "Jenkins",
    r"GitHub(?: Actions)?": "GitHub",
    r"(?:the |your )?(?:hosting|deployment|deploy|cloud) (?:platform|provider|service)|the host": "the host",
}
_FOUND = [(re.compile(rf"(?<![\w@.-])(?:{each})(?![\w.-]*\w)", re.IGNORECASE), name) for each, name in HOSTS.items()]
_KEPT_OTHERWISE = re.compile(
    r"(?i)\b(?:task definition|secrets? manager|parameter store|ssm|lambda|kubernetes|k8s|configmap|helm|vault|docker"
    r"|compose|systemd|jenkins credentials?|key ?vault|bot\.py|tfvars|secret manager)\b"
)
_AT = r"(?:in|on|to|at|as|into|within|for|via)"
_HOST = "|".join(HOSTS)
_ITS_PLACE = (
    rf" {_AT} (?:the |your |an? )?(?:{_HOST})(?:'s)?(?: (?:dashboard|project|settings?|console"
    rf"|secrets?|variables?|environment|env|vars?|repository|repo|production|app|service|backend|frontend|actions))*"
)
_HEAD = re.compile(
    rf"(?:(?:name|key|variable): ?|(?:set|add|configure|define|create|provide)(?: the)? |(?:verify|confirm"
    rf"|check|ensure)(?: that| the)? (?=.* (?:set|configured|added|defined|present|exists?)\b))?"
    rf"(?:{_VARIABLES} )?(?P<names>{_NAMES})(?: {_VARIABLES})?(?:(?: (?:is|are|has been|have been))? {_SET})?"
    rf"(?P<place>{_ITS_PLACE})?(?P<rest>$| ?[=:(].*| [-\u2013\u2014\u2192] .*|->.*| to .*)",
    re.IGNORECASE,
)
_IN_REMARK = re.compile(
    rf"(?:(?:all|the|required|necessary|production|needed) )*{_VARIABLES}(?: are"
    rf"| have been)? {_SET}(?P<place>{_ITS_PLACE})?"
    rf"(?: \((?P<names>{_NAMES})\)|: (?P<names2>{_NAMES}))",
    re.IGNORECASE,
)
_DESCRIBED = re.compile(r"[-\u2013\u2014] (?P<said>.+)|\((?P<remark>.+)\)")
# what a description claims of the value, of when it counts, or that it may be left out
_CLAIMS = re.compile(
    r"(?i)\d|[=/<>*\"]|\b(?:optional|production|prod|live|staging|test|dev|development|local|domains?|urls? of"
    r"|real|actual"
    r"|strong|secure|random\w*|unique|min|max|minimum|at least|long|length|chars?|characters|default|same|match\w*"
    r"|differ\w*|not|no|never|must|should|only|usually|if|when|once|unless|after|before|will be|later|new|rotated?|or"
    r"|set to|true|false|e\.g|example|from step|above|below|exactly?|correct|valid|enabled?|disabled?|different"
    r"|recommended|automatic\w*|auto|skip|unused|deprecated|removed?|verify|ensure|check|also|client|frontend|backend"
    r"|encrypted|hashed|base64|hex|points?)\b"
)
_HOW = re.compile(
    r"(?i)(?:(?:get|generated?|copy|copied|comes|obtain(?:ed)?|taken?)(?!.*\b(?:strong|secure|random|long)\b).*"
    r"|from [A-Z][\w .]*"
    r"|(?:e\.g\.,?|for example,?|defaults?:?(?: is| to)?|such as) `?[^`,;]*`?)"
)
_REFUSED_ABOVE = re.compile(
    r"(?i)\b(?:mark(?:ed)? as|sensitive|optional|skip|later|nice to have|alternatives?|modif\w*|delet\w*|remov\w*"
    r"|deprecat\w*|unused"
    r"|obsolete|not|never|clean\w*|rotat\w*|generat\w*|tests?|testing|constants?|enums?|class(?:es)?|schema|types?|models?"
    r"|code|local(?:ly|host)?|development|dev|troubleshoot\w*|fails?|rollback|recommended|example|docs"
    r"|documentation|opcional\w*|optionnel\w*|facultati\w*)\b|\u5982\u9700|\u53ef\u9009"
)
_EXAMPLE = re.compile(r"(?i)(?:e\.g\.,?|for example,?|such as|like|or) [^)\n]*")
_OF_VARIABLES = re.compile(
    r"(?i)\benv(?:ironment)?(?:[- ](?:var(?:iable)?s?|config\w*|setup|file|secrets?))?\b|\bvariables?\b"
    r"|\bsecrets?\b|\benv\b"
    r"|variables d['\u2019]environnement|variables de entorno|vari\u00e1veis|\u73af\u5883\u53d8\u91cf"
    r"|\u74b0\u5883\u5909\u6570"
    r"|umgebungsvariablen|\u043f\u0435\u0440\u0435\u043c\u0435\u043d\u043d\u044b\u0435"
)
_PARTS = re.compile(r"(?i)\b(front-?end|client|back-?end|server|admin|worker|bot|mobile)\b")
_SIDE = {"client": "frontend", "server": "backend"}
_IN_A_FILE = re.compile(r"`([\w./-]*\w\.(?:jsonc?|toml|ya?ml|tfvars|ini|conf|properties|py|[jt]s))`")
UNPROVED = "there by its name, not: its value, which is not looked at"
AT_A_HOST = "value at a host"
UNPROVED_VALUE = "this value there, not: that what runs was started with it"
_WRITTEN = "it is written there, not: that the service was started with it"
_NO_PLACE = "where the variable is set nobody says"


class _Said(NamedTuple):
    """The names of an item; what it says of its place; what follows behind."""

    names: tuple[str, ...]
    place: str
    rest: str


def names_in_item(text: str) -> _Said | None:
    """The variables that an item is about; None where it is about something else, or names none as a whole."""
    bare = re.sub(r"\s+", " ", re.sub(r"^[^\w`(]+", "", plain_text(text).replace("**", "")))
    spelled = re.sub(rf"`({_NAME}(?: ?=[^`]*)?)`", r"\1", bare).strip().rstrip(".")
    found = _HEAD.fullmatch(spelled)
    if found:
        return _Said(tuple(re.findall(_NAME, found["names"])), found["place"] or "", found["rest"].strip())
    if listed := _IN_REMARK.fullmatch(spelled):
        return _Said(tuple(re.findall(_NAME, listed["names"] or listed["names2"])), listed["place"] or "", "")
    return None


def says_a_value(rest: str) -> bool:
    """Whether what follows a variable's name says which value it has, more of it, or that it may be left out."""
    if not rest:
        return False
    described = _DESCRIBED.fullmatch(rest)
    if described is None:
        return True
    said = (described["said"] or described["remark"]).strip()
    if _HOW.fullmatch(said):
        return re.search(r"(?i)\b(?:if|optional|only|not)\b", said) is not None
    return "`" in said or not re.sub(r"[\u2010-\u2019]", "", said).isascii() or _CLAIMS.search(said) is not None


def variables_of(item: ListedItem, document: Checklist) -> Proposal | str | None:
    """The check of the variables that an item is about; why there is none; None where other rules may know."""
    if (valued := value_with_place(item, document)) and valued.kind == AT_A_HOST:
        return valued
    said = names_in_item(item.text)
    if said is None or not fits("operations", document, item):
        return None
    above = [plain_text(each.text) for each in (*item.parents[::-1], *item.headings[:0:-1])]
    if not said.place and above and (file := _IN_A_FILE.search(above[0])):
        return f"{POSSIBLE}: it is kept in {file[1]}"
    named, words = _hosts_in(said.place), item.words
    if not named and not _is_of_file(item, document):
        if said.place:
            return None
        named, words = _hosts_above(item, document)
    if not named and (_is_of_file(item, document) or ".env" in item.text):
        if "production" in said.rest and said.rest.startswith("=") and _hosts_in(document.text):
            return f"{POSSIBLE}: it is set in production, and the file may be another's"
        return _without_a_value(said.rest)
    if any(_REFUSED_ABOVE.search(each) for each in above[:2]) or any(_KEPT_OTHERWISE.search(each) for each in above):
        return None if not named else f"{POSSIBLE}: its place says that it may be left out, or is another's"
    if not named and not any(_OF_VARIABLES.search(each) for each in above):
        return _without_a_value(said.rest)
    if not named and ".env" in document.text and not _hosts_in(document.text):
        return _without_a_value(said.rest)  # a file: which one is asked
    if not named and fits("kubernetes", document, item):
        return None
    if says_a_value(said.rest):
        return f"{POSSIBLE}: the name shows no value, and the item says more"
    of_parts = _parts_of(above)
    if len(named) > 1 or len(of_parts) > 1:
        return _NO_PLACE
    host = next(iter(named), "")
    environment = any(OF_AN_ENVIRONMENT.search(each) for each in (*above, item.text))
    entry, asks = _seen(said.names, host, next(iter(of_parts), ""), environment=environment)
    rests_on = (item.words,) if words == item.words else (item.words, words)
    return Proposal(item, "variable of a host", entry, rests_on, UNPROVED, asks)


def _hosts_above(item: ListedItem, document: Checklist) -> tuple[frozenset[str], Words]:
    """The hosts that the nearest place names, or the title, or the document where it names one; and where."""
    for each in (*item.parents[::-1], *item.headings[:0:-1]):
        if named := _hosts_in(plain_text(each.text)):
            return named, each
    if named := _hosts_in(document.title) - {"GitHub"}:
        return named, Words(document.title, "title", 1)
    if ".env" not in document.text:
        found = _hosts_in(_EXAMPLE.sub(" ", document.text)) - {"GitHub"}
        return (found if len(found) == 1 else frozenset()), item.words
    return frozenset(), item.words


def value_with_place(item: ListedItem, document: Checklist) -> Proposal | None:
    """The check of the value that an item gives to a variable; None where it gives none, or nobody says where."""
    valued, secret = value_of(item), secret_of(item)
    if (valued is None and secret is None) or not fits("operations", document, item):
        return None
    above = [plain_text(each.text) for each in (*item.parents[::-1], *item.headings[:0:-1])]
    if any(_REFUSED_ABOVE.search(each) for each in above[:2]) or any(_KEPT_OTHERWISE.search(each) for each in above):
        return None
    file = environment_file(item, document)
    named, words = _hosts_in(valued.tail if valued else ""), item.words
    if not named and not file:
        named, words = _hosts_above(item, document)
    if not file and not named and not any(_OF_VARIABLES.search(each) for each in above):
        return None
    of_parts = _parts_of((*above, valued.tail if valued else ""))
    if len(named) > 1 or len(of_parts) > 1 or named == {"GitHub"}:
        return None
    rests_on = (item.words,) if words == item.words else (item.words, words)
    asks = {} if file else {"env-file": "Which file has the environment variables?"}
    path = file or "{env-file}"
    if secret:
        if named or (not file and ".env" not in document.text):
            return None
        entry = long_enough(path, *secret)
        return Proposal(item, "secret in a file", entry, rests_on, f"{secret[1]} characters, not: how random", asks)
    assert valued is not None
    if file or (not named and ".env" in document.text and not fits("kubernetes", document, item)):
        entry, asks = in_file(path, valued), {**asks, **valued.asks}
        return Proposal(item, "value in a file", entry, rests_on, _WRITTEN, asks)
    name, question = _asked_of(next(iter(named), ""), next(iter(of_parts), ""), "values")
    entry = among_printed(name, valued)
    return Proposal(item, AT_A_HOST, entry, rests_on, UNPROVED_VALUE, {name: question, **valued.asks})


def _asked_of(host: str, part: str, what: str) -> tuple[str, str]:
    """The placeholder, and the question, for the command that shows the variables of a host, and of one part there."""
    where = re.sub(r"[^a-z0-9]+", "-", host.lower().removeprefix("the ")).strip("-")
    name = "-".join(each for each in (where, part, f"variable-{what}-command") if each)
    at = " ".join(each for each in (f"at {host}" if host else "there", f"for the {part}" if part else "") if each)
    shows = "lists the names of the variables that are set {} (and not their values)"
    if what == "values":
        shows = "prints the variables that are set {} as NAME=value lines"
    return name, f"Which command {shows.format(at)}?"


def _without_a_value(rest: str) -> str | None:
    """Why no file is looked at, where the item describes its value; None where rules may take it."""
    value = re.match(r"(?:=|:|to\b)", rest)
    return f"{POSSIBLE}: the item says more than a name" if not value and says_a_value(rest) else None


def _is_of_file(item: ListedItem, document: Checklist) -> bool:
    """Whether an environment file stands above the item."""
    return bool(environment_file(item, document)) or any(
        re.search(r"\.env\b", each.text) for each in (*item.parents, *item.headings[1:])
    )


def is_of_a_host(item: ListedItem) -> bool:
    """Whether what stands above an item names a host that runs the project: its tools are not this machine's."""
    return any(_hosts_in(plain_text(each.text)) for each in (*item.parents, *item.headings[1:]))


def _hosts_in(text: str) -> frozenset[str]:
    return frozenset(name for pattern, name in _FOUND if pattern.search(text))


def _parts_of(above: Sequence[str]) -> frozenset[str]:
    """The parts of the project that the places above speak of: `frontend`, `backend`."""
    found = (each.lower().replace("-", "") for text in above for each in _PARTS.findall(text))
    return frozenset(_SIDE.get(each, each) for each in found)


def _seen(names: Sequence[str], host: str, part: str, *, environment: bool) -> tuple[Entry, dict[str, str]]:
    """The check that these names are set, and what it asks."""
    if host == "GitHub":
        some = " && ".join(f"contains([].name, '{each}')" for each in names)
        of = " --env {github-environment}" if environment else ""
        asks = {"github-environment": "Which environment of the GitHub repository?"} if environment else {}
        run: dict[str, Json] = {"run": f"gh secret list{of} --json name", "changes": True}
        if len(names) == 1:
            return {"command": run, "expression": "[].name", "expect": {"contains": names[0]}}, asks
        return {"command": run, "expression": some, "expect": {"equals": True}}, asks
    if host == "Vercel" and not part:
        each_of = "".join(rf"(?=.*(?<![A-Z0-9_]){each}(?![A-Z0-9_]))" for each in names)
        pattern = rf"(?s){each_of}.*"
        return {"command": {"run": "vercel env ls production", "changes": True}, "expect": {"matches": pattern}}, {}
    name, question = _asked_of(host, part, "names")
    run_each = " && ".join(f"sh -c {{{name}}} | grep -qwF -- {each}" for each in names)
    return command(run_each, changes=True), {name: question}
