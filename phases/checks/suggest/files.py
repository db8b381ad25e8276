"""Does an item say that a file is there, or what stands in it? By its path in backticks and a few words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from phases.checks.local.paths import problem_with_path
from phases.checks.suggest.checklist import ListedItem
from phases.checks.suggest.clause import clause_of, plain_text
from phases.checks.suggest.proposal import Entry
from phases.checks.suggest.rules.entries import filled_in, has_value

_EXTENSIONS = (
    r"md|json|ya?ml|toml|txt|ini|cfg|conf|env|py|ts|tsx|js|jsx|mjs|go|rs|rb|php|java|kt|sh|sql|tf|tfvars|html|css"
    r"|xml|lock"
    r"|ico|png|svg|gz|zip|whl|jar|dockerignore|gitignore|example|template|properties|gradle|csv|pem|crt|service|proto"
    r"|graphql|j2|hcl"
)
_NAMED = r"Dockerfile|Makefile|LICENSE|README|CHANGELOG|Procfile|CODEOWNERS|Jenkinsfile|Vagrantfile|Gemfile|Caddyfile"
PATH = re.compile(
    rf"(?:[\w.@-]+/)*(?:[\w.@-]*[\w@-]\.(?:{_EXTENSIONS})|Dockerfile\.[\w-]+|{_NAMED}|\.(?:env(?:\.[\w-]+)*|gitignore|dockerignore"
    rf"|npmrc|nvmrc|editorconfig))|(?:[\w.@-]+/)+"
)
_PATH = r"(?P<path>\S+)"
_THERE = re.compile(
    rf"(?:(?:backend|frontend|server|client|root|config(?:uration)?|environment|env|workflow|manifest|docker|compose"
    rf"|license|readme|changelog|settings"
    rf"|template|CI|lock|ignore|values|service|unit) )*"
    rf"(?:file )?{_PATH}(?: file| directory| folder)?(?: (?:is|has been))?(?: (?:exist\w{{0,4}}|created|present"
    rf"|in place"
    rf"|generated|committed|added|checked in|there|available))"
    rf"(?: (?:in|at) (?:the )?(?:repo(?:sitory)?|project)?(?: ?root)?| (?:for|from) (?!.*\b(?:server|VPS"
    rf"|instance|with|and)\b).+)?",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"(?:(?:config(?:uration)?|production|environment|env|workflow|license|settings|docker|favicon|sitemap|robots"
    r"|logo|manifest"
    r"|schema"
    r"|template|script|rollback|deploy(?:ment)?|build|values|CI|changelog|readme|ignore|lock|compose|seed) ?)+"
    r"(?:files? )?"
    r"(?:is |has been )?(?:created|exists?|present|generated|added|in place|committed|checked in)",
    re.IGNORECASE,
)
# a document by its kind, and where it is: "Architecture diagram (`docs/architecture.svg`)"
_DOCUMENT = re.compile(
    r"(?!(?:update|review|read|write|follow|check|run|test|edit|fix|add|set|use)\b)(?:[\w-]+ ){0,3}"
    r"(?:diagram|checklist|draft|guide|document|documentation|workflow|schema|template|specification|spec|manifest|script"
    r"|README|changelog|license|policy|paper|report|configuration|Dockerfile|cheat ?sheet|quick ?start"
    r"|reference|tutorial)"
    r"(?: (?:file|page))?(?: (?:is |has been )?(?:created|exists?|present|in place|added|available|there|committed))?",
    re.IGNORECASE,
)
# "`talosconfig` file generated", "`vercel.json` is in the project root": of a file or folder whatever it is called
_CALLED = re.compile(
    r"(?:[\w/-]+ ){0,2}`(?P<path>[\w.@-]+(?:/[\w.@-]+)*/?)` (?:file|directory|folder)(?: (?:is"
    r"|has been))? (?:generated|created"
    r"|exists?|present|in place)",
    re.IGNORECASE,
)
_IN_ROOT = re.compile(
    r"`(?P<path>[^`\s]+)`(?: file)? (?:is |exists |present |placed |located )*(?:in|at) (?:the "
    r"|your )?(?:project(?:'s)?"
    r"|repo(?:sitory)?(?:'s)?)(?: root| root (?:directory|folder))?",
    re.IGNORECASE,
)
_ASSURED = re.compile(r"(?i)^(?:(?:verify|confirm|ensure|check|make sure)(?: that)? )?(?:the |an? )?")
_HAS = re.compile(
    rf"{_PATH}(?: file)? (?:contains|includes|mentions|has|sets|defines) (?P<text>[\w./:@=-]+)", re.IGNORECASE
)
_LACKS = re.compile(
    rf"(?:no (?P<text>TODOs?|FIXMEs?|placeholders?|CHANGEME) (?:left |remaining |remain )?in |){_PATH}(?: (?:has"
    rf"|contains) no (?P<more>TODOs?|FIXMEs?|CHANGEME|placeholders?|[\w@:.-]+))?",
    re.IGNORECASE,
)
_BUMPED = re.compile(
    rf"{_PATH}(?: version)?(?: (?:is|has been))? (?:bumped|updated|set|raised) to (?P<text>v?\d[\w.-]*)", re.IGNORECASE
)
_COMMITTED = re.compile(rf"{_PATH}(?: file)?(?: (?:is|has been))? (?:committed|checked in)", re.IGNORECASE)
# an act, and the file that it leaves; on a server it is nobody's to find here
_MADE = re.compile(
    r"(?:\*\*)?(?:Created?|Generated?|Copy(?: `[^`]+`)? (?:to|as))(?: (?:a|an|the|your))?(?: (?:new|production|local"
    r"|empty|environment|env|config(?:uration)?|workflow|docker"
    r"|deployment))* ?(?:file )?PATH(?: (?:config(?:uration)? )?file)?(?:\*\*)?(?: (?:from|based on|for) "
    r"(?!.*\b(?:server|VPS|instance|with|and)\b).+)?[:.]?(?:\*\*)?",
    re.IGNORECASE,
)
_COPY = re.compile(
    r"(?:Copy|Copied) `[^`]+` (?:to|as) `[^`]+`(?: file)?(?P<filled> and (?:fill in|edit|configure|update|set) .+)?"
    r"(?: \([^)]*\))?\.?",
    re.IGNORECASE,
)
_SET_IN = re.compile(
    rf"(?:set|add|added|configure|define)d? (?P<text>[\w./:@=-]+) (?:in|to) (?:the )?{_PATH}", re.IGNORECASE
)
# a part of the project that has its own folder, and the item does not say which
_PART_OF = re.compile(r"(?i)\b(?:backend|frontend|server|client|admin|api)(?:'s)? `\.env[\w.]*`")
UNPROVED = "there, not: current, and not what stands in it"
_VERSION = re.compile(
    rf"(?:(?:package|new|project|app|chart|module|crate|plugin|library|API) )*version(?: number)?(?: (?:is|has been))? "
    rf"(?:bumped|updated|raised|increased|set) in {_PATH}|(?:(?:package|chart|new) )*version in (?P<in>\S+)(?: (?:is"
    rf"|has been))? "
    rf"(?:bumped|updated|raised|increased)",
    re.IGNORECASE,
)


FileCheck = tuple[Entry, str, Mapping[str, str]]  # the check, what it does not prove, what it asks


def file_of(item: ListedItem) -> FileCheck | None:
    """The check of the file that this item is about, and what it does not prove, what it asks; None for none."""
    path = _path_of(item)
    bare = _ASSURED.sub("", plain_text(item.text).rstrip(" .")) if len(item.code) == 1 else ""
    if called := _CALLED.fullmatch(bare) or _IN_ROOT.fullmatch(bare):
        return _there(called["path"]) if _is_ours(called["path"]) and not _PART_OF.search(item.text) else None
    if not path or _PART_OF.search(item.text) or re.search(r"(?i)\bwith `", item.text):
        return None
    if _COPY.fullmatch(item.text.strip()) and "/" in item.code[0] and "/" not in path:
        return None  # into which folder nobody can tell
    if copied := _COPY.fullmatch(item.text.strip()):
        return _filled_in(path) if copied["filled"] else _there(path)
    head, remark, _asserted = clause_of(item.text)
    for form, check in _FORMS:
        found = form.fullmatch(head)
        if found and path in found.groupdict().values() and (made := check(found, item)):
            return made
        if found and form is _HAS:
            return None  # it is about the file's text, and nobody can tell which
    if (remark == path and (_BEFORE.fullmatch(head) or _DOCUMENT.fullmatch(head))) or _MADE.fullmatch(
        item.text.replace(f"`{path}`", "PATH")
    ):
        return _there(path)
    return None


def _path_of(item: ListedItem) -> str:
    """The one path of the workspace that an item has in backticks; "" for none and for several."""
    code = item.code[1:] if _COPY.fullmatch(item.text.strip()) else item.code
    paths = [each for each in code if PATH.fullmatch(each) and problem_with_path(each) is None]
    if len(paths) == 2 and re.fullmatch(r".*`[^`]+`[\w ]* (?:from|based on) `[^`]+`.*", item.text):
        return paths[0]
    return paths[0] if len(paths) == 1 else ""


def _is_ours(path: str) -> bool:
    """Whether a name is one of the workspace, and no example."""
    return problem_with_path(path) is None and not re.search(r"(?i)your|example\.com|xxx", path)


def _has(found: re.Match[str], item: ListedItem) -> FileCheck | None:
    """A text is in it, where the text is the only other thing in backticks."""
    path, text = found["path"], found["text"]
    if [each for each in item.code if each != path] != [text]:
        return None
    if re.search(r"(?:^|/)\.env(?:\.[\w-]+)*$", path) and re.fullmatch(r"[A-Z][A-Z0-9_]+", text):
        return has_value(path, text), "it has a value that is no placeholder, not: the right one", {}
    return {"file": {"path": path, "contains": text}}, "the text is in it, not: where it should be", {}


def _lacks(found: re.Match[str], item: ListedItem) -> FileCheck | None:
    """A word is not in it; what a placeholder looks like nobody knows."""
    word = said = found["text"] or found["more"] or ""
    if said not in item.code:  # in backticks it is the text itself
        word = re.sub(r"S$", "", said.upper())
        if word not in ("", "TODO", "FIXME", "CHANGEME", "PLACEHOLDER"):
            return None
    if word == "PLACEHOLDER" and found["path"].endswith(".json"):
        filled: Entry = {"file": {"path": found["path"], "json": True, "fields": ["*"]}}
        return filled, "each field has a value that is no placeholder, not: the right one", {}
    if word in ("", "PLACEHOLDER"):
        return None
    return {"file": {"path": found["path"], "lacks": word}}, f"no {word} in it, not: that it is complete", {}


def _has_version(found: re.Match[str], _item: ListedItem) -> FileCheck:
    """The version that is released is in it."""
    entry: Entry = {"file": {"path": found["path"] or found["in"], "contains": "{version}"}}
    return entry, "the version stands in it, not: where it should", {"version": "Which version is released?"}


def _is_committed(found: re.Match[str], _item: ListedItem) -> FileCheck:
    run = f"git ls-files --error-unmatch -- {found['path']}"
    return {"command": {"run": run, "changes": True}}, "it is under git, not: as it is here now", {}


def _filled_in(path: str) -> FileCheck:
    return filled_in(path), "there, and no value is a placeholder of the usual forms, not: the right ones", {}


def _there(path: str) -> FileCheck:
    return {"file": {"path": path}}, UNPROVED, {}


# what an item says of a file, in this order
_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], ListedItem], FileCheck | None]], ...] = (
    (_HAS, _has),
    (_SET_IN, _has),
    (_BUMPED, _has),
    (_LACKS, _lacks),
    (_VERSION, _has_version),
    (_COMMITTED, _is_committed),
    (_THERE, lambda found, _item: _there(found["path"])),
)
