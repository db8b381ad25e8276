"""Does an item say that a file has a value now, that it has no placeholder left, or that git or Docker ignores paths?

Rules:
- "Updated `x.yaml` with your domain": the value is asked by its noun, one question for one noun of one file. A vague
  noun ("settings", "the following") and a secret are none.
- A placeholder that the item spells is not in the file that it names, or that the place right above it names.
- Each path that is to be ignored is looked at; a pattern by a name that it takes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from phases.checks.local.paths import problem_with_path
from phases.checks.suggest.checklist import ListedItem, Words
from phases.checks.suggest.clause import plain_text
from phases.checks.suggest.files import PATH
from phases.checks.suggest.proposal import Entry
from phases.checks.suggest.rules.entries import command, filled_in

Found = tuple[Entry, Mapping[str, str], str, tuple[Words, ...]]
_NOUN = (
    r"domains?(?: names?)?|host ?names?|hosts?|URLs?|URIs?|images?(?: references?| tags?| names?)?|ARNs?|account IDs?"
    r"|(?:volume|project|subnet|VPC|client|pool|file system|hosted zone|subscription|tenant|resource"
    r"|distribution)s? IDs?"
    r"|regions?|bucket(?: names?)?|registry|repository(?: URLs?)?|e-?mails?(?: address(?:es)?)?|namespaces?|CIDR"
    r"|IP(?: address(?:es)?)?|IPs|endpoints?|ports?|(?:cluster|key pair|database|server|role|service|table"
    r"|stack) names?"
    r"|issuer|origins?|public key|storage class|phone numbers?|mailboxes"
)
_WHAT = rf"(?P<what>(?:(?!with\b|in\b|and\b|to\b|from\b|for\b)[A-Za-z][\w/-]* ){{0,3}}?(?:{_NOUN}))(?:\(s\))?"
_DEAR = r"(?:(?:your|the|an?|actual|real|correct|new|own|proper|final|production) )*"
_DONE = r"(?:(?:is|are|has been|have been) )?(?:updated|set|changed|replaced|configured|added|filled in)"
_UPDATED = tuple(
    re.compile(each, re.IGNORECASE)
    for each in (
        rf"(?:update|set|change|replace)d? {_DEAR}{_WHAT} in (?:the )?FILE(?: file)?(?: (?:to|with) {_DEAR}[\w -]+)?",
        rf"(?:update|edit|configure)d? (?:the )?FILE(?: file)? with {_DEAR}{_WHAT}",
        rf"{_DEAR}{_WHAT} {_DONE} in (?:the )?FILE(?: file)?",
        rf"FILE(?: file)? {_DONE} with {_DEAR}{_WHAT}",
    )
)
_SECRET = re.compile(r"(?i)\b(?:passwords?|secrets?|(?<!public )keys?(?! pair)|tokens?|credentials?)\b")
_PLACEHOLDER = re.compile(
    r"<[A-Za-z][\w -]*>|[A-Z][A-Z0-9]*(?:[_-][A-Z0-9]+)+|your[-_][\w.-]+|CHANGE_?ME|TODO", re.IGNORECASE
)
_REPLACED = re.compile(
    r"(?:no (?:remaining |more )?(?P<text>CODE)(?: placeholders?| values?)? (?:remains?|left"
    r"|remaining)(?: in (?:the )?FILE)?"
    r"|(?:replaced?|all) (?:all )?(?P<text2>CODE)(?: placeholders?| values?)?(?: (?:replaced|filled in))?"
    r"(?: (?:in (?:the )?FILE))(?: with .+)?)",
    re.IGNORECASE,
)
_FILLED = re.compile(
    r"(?:(?:no|all) (?:default(?:/| or )example|placeholders?|default|example|REPLACE_ME)(?: values?| placeholders?)?"
    r"(?: (?:are |have been )?(?:remain(?:ing)?|left|replaced|filled in))?(?: in (?:the )?FILE)"
    r"|(?:update|fill in|edit)(?:ed|d)? (?:the )?FILE(?: file)? with (?:your |the )?(?:actual|real|own"
    r"|production) values"
    r"|filled in (?:the )?FILE(?: with .+)?)",
    re.IGNORECASE,
)
_IGNORED = tuple(
    re.compile(each, re.IGNORECASE)
    for each in (
        r"(?:IGNORE|(?:the )?\.gitignore) (?:file )?(?:includes?|contains?|excludes?|covers?|has|lists?"
        r"|ignores?) PATHS(?: files?"
        r"| director(?:y|ies)| folders?)?(?: entries)?",
        r"(?:add(?:ed)? )?PATHS(?: files?| director(?:y|ies)| folders?)? (?:(?:is|are) )?(?:(?:listed|added"
        r"|included) )?"
        r"(?:in|to) (?:the )?(?:IGNORE|\.gitignore)(?: file)?",
        r"PATHS(?: files?| director(?:y|ies)| folders?)? (?:is |are )?(?:excluded from|ignored by"
        r"|kept out of) (?:the )?"
        r"(?:version control|git|source control|repo(?:sitory)?)",
    )
)
_A_PATH = re.compile(r"\.?[\w*][\w.*/-]*|\.[\w*.-]+/?")
_HIDDEN_FOLDERS = frozenset(
    {".terraform", ".venv", ".next", ".idea", ".vscode", ".aws", ".pytest_cache", ".nuxt", ".cache"}
)
_DOCKER_IGNORES = (
    'sh -c \'found=1; while read -r each; do each=${each#/}; case "$1" in'
    " ${each#\\*\\*/}|${each%/}/*) found=0;; esac; done < .dockerignore; exit $found' _ "
)


def written_value(item: ListedItem) -> Found | None:
    """The check of what an item says that a file has, or has no more; None where it says something else."""
    text = re.sub(r"^[^\w`.(]+", "", plain_text(item.text)).strip().rstrip(".:")
    text = re.sub(r"^(?i:verify|verified|confirm(?:ed)?|ensured?|check)(?: that)?:? (?:the )?", "", text)
    files = [each for each in item.code if _is_file(each)]
    if not files:
        files = [each for each in re.findall(r"[\w./-]+\.(?:tfvars|ya?ml|json|toml)", text) if _is_file(each)]
    if len(files) == 1:
        said = re.sub(r"\s+", " ", text.replace(f"`{files[0]}`", "FILE").replace(files[0], "FILE"))
        if any(each in said for each in ("FILEs", "FILE:")):
            return None
        found = next((found for form in _UPDATED if (found := form.fullmatch(said))), None)
        if found and not _SECRET.search(found["what"]):
            return _asked(found["what"], files[0], item)
        if _FILLED.fullmatch(said.replace("`", "")) and not item.below:
            return (
                filled_in(files[0]),
                {},
                "no value is a placeholder of the usual forms, not: the right ones",
                (item.words,),
            )
    return _without_placeholder(item, text, files)


def _is_file(code: str) -> bool:
    return PATH.fullmatch(code) is not None and not code.endswith("/") and problem_with_path(code) is None


def _asked(what: str, file: str, item: ListedItem) -> Found:
    several = re.search(r"(?i)s$|mailboxes$", what) is not None and not what.lower().endswith(("address", "alias"))
    slug = re.sub(r"[^a-z0-9]+", "-", f"{what} in {file}".lower()).strip("-")[:60].strip("-")
    if several:
        ask = {slug: f"Which {what} does {file} have, with spaces between them?"}
        run = (
            f'sh -c \'test -n "$2" && for each in $2; do grep -qF -e "$each" "$1" || exit 1; done\' _ {file} {{{slug}}}'
        )
        return command(run, changes=True), ask, "each stands in it, not: where it should", (item.words,)
    ask = {slug: f"Which {what} does {file} have?"}
    return (
        {"file": {"path": file, "contains": f"{{{slug}}}"}},
        ask,
        "it stands in it, not: where it should",
        (item.words,),
    )


def _without_placeholder(item: ListedItem, text: str, files: list[str]) -> Found | None:
    codes = [each for each in item.code if _PLACEHOLDER.fullmatch(each)]
    if len(codes) != 1 or len(files) > 1:
        return None
    said = text.replace(f"`{codes[0]}`", "CODE")
    where = item.words
    if files:
        said = said.replace(f"`{files[0]}`", "FILE").replace(files[0], "FILE")
    if not _REPLACED.fullmatch(said):
        return None
    if not files:
        for place in item.above:
            files = [each for each in re.findall(r"[\w./@-]+\w", place.text) if "." in each and _is_file(each)]
            if files:
                where = place
                break
    if len(files) != 1:
        return None
    entry: Entry = {"file": {"path": files[0], "lacks": codes[0]}}
    return (
        entry,
        {},
        "it is not in it any more, not: that what stands there is right",
        tuple(dict.fromkeys((item.words, where))),
    )


def ignored_of(item: ListedItem) -> tuple[Entry, str] | None:
    """The check that git, or Docker, ignores each path that an item names; None where it says something else."""
    text = re.sub(r"^[^\w`.(]+", "", plain_text(item.text)).strip().rstrip(".")
    text = re.sub(r"^(?i:verify|confirm|ensured?|check)(?: that)? (?:the )?", "", text)
    docker = "`.dockerignore`" in text or ".dockerignore" in text
    said = re.sub(r"`\.(?:git|docker)ignore`|\.dockerignore", "IGNORE", text)
    paths = list(re.findall(r"`([^`]+)`", said)) or re.findall(r"(?<![\w/.])\.env(?:\.[\w-]+)*", said)
    one = "|".join(re.escape(f"`{each}`") + "|" + re.escape(each) for each in sorted(paths, key=len, reverse=True))
    if not paths or not all(_A_PATH.fullmatch(each) and ".." not in each for each in paths):
        return None
    said = re.sub(rf"(?:{one})(?:(?:, and |, | and | & | \+ )(?:{one}))*", "PATHS", said)
    if not any(form.fullmatch(said) for form in _IGNORED) or re.search(r"(?i)\b(?:not|removed?)\b", text):
        return None
    samples = [_sample(each) for each in paths]
    if docker:
        run = " && ".join(f"{_DOCKER_IGNORES}{each}" for each in samples)
        return command(run, changes=True), "a line of `.dockerignore` takes it, not: that none takes it back"
    run = " && ".join(f"git check-ignore -q --no-index {each}" for each in samples)
    return command(run, changes=True), "git ignores it, not: that it never was in the history"


def _sample(path: str) -> str:
    """A name that a pattern takes: a file for `*.key`, one in a folder."""
    name = path.lstrip("/").replace("**/", "").replace("*", "sample")
    folder = name.endswith("/") or name in _HIDDEN_FOLDERS or "." not in name
    return f"{name.rstrip('/')}/sample" if folder else name
