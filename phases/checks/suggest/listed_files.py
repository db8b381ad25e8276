"""Is an item one of a list of files, or a file by its kind and its path? Then the file is there.

Rules:
- The nearest place alone says that its items are files, scripts, documents: the parent, or the innermost heading where
  there is none. Where it says that something is done with them (update, review, run, delete), nothing is proposed.
- What stands behind the path says what the file is for, and claims nothing of what stands in it. A name with its ending
  needs no backticks; `Node.js` and its like are none.
- A folder that the place names in backticks is that of a bare name; a leading slash is the top of the repository, where
  it begins no usual path of a server.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from phases.checks.local.paths import problem_with_path
from phases.checks.suggest.checklist import Checklist, ListedItem, Words
from phases.checks.suggest.clause import plain_text
from phases.checks.suggest.files import PATH

_FILE = re.compile(
    r"(?:`(?P<code>[^`\s]+)`|(?P<bare>(?!(?i:\w+\.js\b))[\w./-]*\w\.[a-z]{1,10}))(?P<rest>$|\s*[:(].*|\s+[-\u2013\u2014].*)"
)
_LABELLED = re.compile(
    r"(?!(?:update|review|read|write|follow|check|run|test|edit|fix|add|set|use|see|load|open|build|start|install|output"
    r"|publish|root|log)\b)"
    r"(?P<label>(?:[\w/.-]+ ){0,4}?[\w/.-]+)(?: (?:created|exists?|generated|available|written|added|in place"
    r"|present))?"
    r": `(?P<path>[^`\s]+)`(?P<rest>$|\s*\(.*\))",
    re.IGNORECASE,
)
# kinds of which one item says by its label which it is
_KIND = re.compile(
    r"(?i)\b(?:script|documentation|document|guide|docs?|template|checklist|results?|report"
    r"|config(?:uration)?(?: file)?"
    r"|manifest|workflow|diagram|data|readme|schema|file|plan|runbook|summary|\.env\S*)$"
)
_FILES = re.compile(
    r"(?i)(?<!run )(?<!package )(?<!test )\b(?:files?|scripts|documents|documentation|docs|structure|artifacts?"
    r"|deliverables|assets|templates|manifests"
    r"|modules|components|configurations?|configs?|workflows|playbooks|dockerfiles|static)\b"
)
# what is done with them, or that not all of them are meant to be there
_DONE_WITH_THEM = re.compile(
    r"(?i)\b(?:updat\w*|review\w*|test\w*(?! files)|delet\w*|remov\w*|migrate[ds]?|migrating|fix\w*|read|edit\w*"
    r"|modif\w*|chang\w*|clean\w*|deprecat\w*|unused|obsolete|old|optional\w*|ignor\w*|backups?|back|restor\w*|run|running"
    r"|execut\w*|upload\w*|cop(?:y|ied)|renam\w*|replac\w*|refactor\w*|not?|never|skip|later|missing|if|open|monitor\w*"
    r"|validat\w*|configur(?:e|ing)|apply|applied|deploy|download\w*|import\w*|should|exclud\w*|sensitive|secrets?"
    r"|convert\w*|split|merge[ds]?|moved?|audit\w*|scan\w*|log(?:s| files)|server|VPS|tables?|variables?|endpoints?"
    r"|committed|commit|pushed|push|encrypt\w*|build output|improv\w*|refs?|references|links?|urls?)\b"
)
_THERE = re.compile(r"(?i)\b(?:exists?|present|in place|created|there|included|available|complete)\b")
_VERIFIED = re.compile(r"(?i)\b(?:verify|verified|check|confirm|ensure)\b")
# a description that claims more than that the file is there
_CLAIMS = re.compile(
    r"(?i)\d|[=<>*\u2192\u2265\u2264&+`]|\b(?:all|both|each|every|new|newly|latest|updated?|current|correct|proper\w*|valid\w*"
    r"|set to|don't|do not|not?|never|only|will be|later|after|remove[ds]?|deleted?|unused|deprecated|if|when|or"
    r"|must|should"
    r"|with|without|includ\w+|contain\w+|has|have|is|are|was|uses?|using|via|from|to|complete[d]?|fixed|fixes|tested"
    r"|working|works|works|real|secure[ds]?|encrypted|ready|executable|enabled?|disabled?|auto\w*|generated|gitignored"
    r"|implement\w*|support\w*|improve\w*|enhanced?|optimi[sz]ed|optional|empty|filled|see|copy|same|differ\w*)\b"
    r"|\b\w+(?<!shar)(?<!nest)(?<!embedd)ed$"
)
# what begins a path of a server, of a container or of a site
_SERVERS = re.compile(
    r"/(?:etc|var|opt|app|apps|home|usr|srv|tmp|root|mnt|dev|proc|run|bin|sbin|lib|sys|media|data|boot|workspace|code|logs?"
    r"|api|v\d+|health\w*|ready|metrics|admin|auth|login|static|staticfiles|uploads|public|images?|img|assets|files|docs/?$"
    r"|\.well-known|sitemap[\w-]*\.xml|robots\.txt|favicon\.\w+|index\.\w+|manifest\.\w+|openapi\.\w+|swagger\.\w+"
    r"|sw\.js|service-worker\.js|[a-z]:)(?:/|$)"
)
_FOLDER = re.compile(
    r"(?i)\b(?:place|put|store|save|add|copy|create)\b.*\b(?:in|to|into|under) (?:the )?`(?P<placed>[\w./-]+)`"
    r"(?: (?:directory|folder))?\W*$|[(`](?P<named>(?:[\w.-]+/)+)[)`]"
)
_OF_A_STAGE = re.compile(r"(?:[\w.@-]+/)*(?:Procfile|Dockerfile|Makefile)\.[\w-]+")
_PLACED = re.compile(r"(?i)^\W*(?:place|put|store|save|add|copy)\b")


def listed_file(item: ListedItem, document: Checklist) -> tuple[str, Words] | None:
    """The file of the workspace that an item of a list of files is about, and the words that say so."""
    text = re.sub(r"^[^\w`.(]+", "", plain_text(item.text)).strip()
    named = _LABELLED.fullmatch(text)
    if named and _KIND.search(named["label"]):
        path = path_of(named["path"])
        made = re.search(r"(?i)\b(?:created|exists?|generated|available|written|added|in place|present): `", text)
        if path and not _claims(named["rest"]) and (made or _is_a_list(item)):
            return path, item.words
        return None
    found = _FILE.fullmatch(text)
    if found is None or _claims(found["rest"]):
        return None
    place = next(iter(_place(item)), None)
    if place is None or not _of_files(place.text):
        return None
    path = path_of(found["code"] or found["bare"])
    if path and "/" not in path.rstrip("/") and (folder := _folder_in(place.text)):
        path = f"{folder.strip('/')}/{path}"
    return (path, place) if path else None


def path_of(written: str) -> str:
    """A path of the repository, without the slash that stands for its top; "" for any other."""
    path = written
    if path.startswith("/"):
        path = "" if _SERVERS.match(path) or path.endswith("/") else path[1:]
    path = path.removeprefix("./")
    return (
        path
        if path and (PATH.fullmatch(path) or _OF_A_STAGE.fullmatch(path)) and problem_with_path(path) is None
        else ""
    )


def _place(item: ListedItem) -> Iterator[Words]:
    """The nearest place that is no file of a list itself: below a folder of the list its files are listed, too."""
    for parent in reversed(item.parents):
        if not _FILE.fullmatch(re.sub(r"^[^\w`.(]+", "", plain_text(parent.text)).strip()):
            yield parent
            return
    yield from reversed(item.headings[1:])


def _is_a_list(item: ListedItem) -> bool:
    """Whether the nearest place is about documents or files, and nothing is done with them."""
    place = next(iter(_place(item)), None)
    return place is not None and _of_files(place.text)


def _of_files(text: str) -> bool:
    """Whether a place says that what it lists are files that are there."""
    said = re.sub(r"`[^`]*`", " ", plain_text(text))
    if _PLACED.match(plain_text(text)):
        return _FOLDER.search(plain_text(text)) is not None and re.search(r"(?i)\b(?:optional|if)\b", said) is None
    if not _FILES.search(said) or _DONE_WITH_THEM.search(said):
        return False
    return not _VERIFIED.search(said) or _THERE.search(said) is not None


def _folder_in(text: str) -> str:
    found = _FOLDER.search(plain_text(text))
    return (found["placed"] or found["named"]) if found else ""


def _claims(rest: str) -> bool:
    """Whether a description says more than what a file is for."""
    said = re.sub(r"[^\w)`\u2192=<>*&+]+$", "", rest.strip(" :-\u2013\u2014"))
    if said.startswith("(") and said.endswith(")"):
        said = said[1:-1]
    return bool(said) and (_CLAIMS.search(said) is not None or len(said.split()) > 7)
