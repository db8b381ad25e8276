"""What does a command's exit code say? Decided on the parsed command; the default is: nothing.

    exit_code_says("make test")              # "passed": tests, lints and builds that found nothing wrong
    exit_code_says("test -e backup.sql")     # "holds": what it asks is so
    exit_code_says("alembic upgrade head")   # "done": it does something, and did it
    exit_code_says("ls backups")             # "nothing": it ends with 0 whatever it shows

Rules:
- A command that only reads or prints says nothing, unless its exit code is its answer (`grep -q`, `cmp`, `curl -f`).
- A command that acts is known by its program, or by its verb: of a CLI with verbs, a target, or a script's name; and
  `echo on > flag` and `cut -f1 a > b` write. A list of what is there (`ls > b`) is none.
- Of commands that are joined by `&&`, `;` or line ends the one that says something counts; what shows something beside
  it does not matter. Of a pipeline its last part counts, as to `sh`. `||`, `&`, subshells, compound commands and
  here documents say nothing.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from typing import Literal

from phases.checks.suggest.commands import asserts
from phases.manual.reading_commands import only_reads
from state.late_pattern import late


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


Says = Literal["passed", "holds", "done", "nothing"]

# commands whose exit code is the answer to what they ask, as a whole
_HOLDS = late(
    "|".join(
        (
            r"(?:test|\[|\[\[) .+",
            r"(?:[ef]|z|xz)?grep (?:.* )?(?:-\w*q\w*|--quiet|--silent)(?: .*)?|rg (?:.* )?(?:-\w*q\w*|--quiet)(?: .*)?",
            r"(?:cmp|diff) .*",
            r"(?:sha\d+sum|md5sum|shasum|b2sum) (?:.* )?(?:-\w*c\w*|--check)(?: .*)?",
            r"jq (?:.* )?(?:-\w*e\w*|--exit-status)(?: .*)?",
            r"curl (?:.* )?(?:-[a-zA-Z#]*f[a-zA-Z#]*|--fail|--fail-with-body)(?: .*)?",
            r"wget (?:.* )?--spider(?: .*)?",
            r"nc (?:.* )?-\w*z\w*(?: .*)?|ping (?:.* )?-c .*",
            r"systemctl (?:--?[\w=-]+ )*is-(?:active|enabled)(?: .*)?",
            r"mountpoint (?:-q )?\S+|pgrep .*|pg_isready(?: .*)?|mysqladmin (?:.* )?ping",
            r"(?:command -v|which|type) \S+",
            r"git (?:.* )?diff (?:.* )?--(?:exit-code|quiet)(?: .*)?",
            r"git (?:rev-parse|show-ref) (?:.* )?--verify(?: .*)?",
            r"git merge-base (?:.* )?--is-ancestor .*|git ls-remote (?:.* )?--exit-code(?: .*)?",
            r"git verify-(?:tag|commit) .*|gpg (?:.* )?--verify .*|cosign verify\S* .*",
            r"openssl (?:verify .*|x509 (?:.* )?-checkend .*)",
            r"kubectl (?:-n \S+ |--\S+ )*(?:rollout status|wait|auth can-i|cluster-info)(?: .*)?",
            r"docker manifest inspect \S+",
            r"aws (?:.* )?(?:wait [\w-]+|s3api head-(?:bucket|object))(?: .*)?",
            r"terraform (?:\S+ )*plan (?:.* )?-detailed-exitcode(?: .*)?",
        )
    )
)
# programs that show something and end with 0 whatever it is
_SHOWS = _set(
    ": awk base64 cat cd column cut date df dig dmesg du echo egrep env export fgrep file find free getent grep "
    "head host hostname htop id iostat journalctl jq less ls lsof more netstat nl nslookup openssl pr printenv "
    "printf ps pwd rg sed set sleep sort ss stat strings tac tail tee top tr tree true type uname uniq uptime "
    "vmstat wc wget which whoami whois xxd yq zcat"
)
_WRITES = _set(
    "chmod chown cp createdb dd dropdb gunzip gzip install ln mkdir mkfs mount mv mysqldump patch pg_dump "
    "pg_dumpall pg_restore rm rmdir rsync scp shred swapoff swapon tar touch truncate umount unzip useradd userdel "
    "zip"
)
_MAKES = _set("awk base64 cat cut echo envsubst jq printf sed sort tr uniq yq")  # with a file behind `>`
_LOOKS = _set(
    "cat describe df diff dig events explain get head history images info inspect list log logs ls outdated output "
    "plan preview print ps query report search select show stat status tail top tree version view watch whoami"
)
_ACTS = _set(
    "add annotate apply archive attach back backfill backup bootstrap build bump checkout clean clear clone commit "
    "compile configure copy cordon cp create cutover deactivate delete deploy destroy detach disable down download "
    "drain drop dump enable evict export fix flush fmt format generate halt import init initialise initialize "
    "install invalidate kill launch lock merge migrate migration mirror mv pack package patch pause promote "
    "provision prune publish pull purge push put reboot rebuild register reindex release reload remove rename "
    "replace reset resize restart restore resume revert rm rollback rollout rotate save scale seed send set setup "
    "shutdown sign snapshot start stop suspend swap switch sync tag taint terminate transfer truncate uncordon "
    "undeploy uninstall unlock up update upgrade upload"
)
# programs of which a verb says what they do, also behind options with values
_WITH_VERBS = _set(
    "ansible apt apt-get aws az brew cargo cdk composer docker docker-compose eksctl firebase flyctl gcloud gem gh "
    "git glab go helm heroku kubectl make nomad npm pip pip3 pnpm poetry pulumi sam serverless service sls "
    "supervisorctl systemctl terraform tofu uv vault yarn yum"
)
_RUNNERS = (
    *(("uv", "run"), ("poetry", "run"), ("pipenv", "run"), ("hatch", "run"), ("bundle", "exec"), ("python", "-m")),
    *(("python3", "-m"), ("sudo",), ("npx",), ("time",), ("nohup",), ("env",), ("command",)),
)
_SHELLS = frozenset(("sh", "bash", "zsh", "python", "python3", "node", "ruby", "perl", "php", "pwsh", "source", "."))
_COMPOUND = _set("! case exec exit for function if return select trap until while {")
_ASSIGNED = late(r"[A-Za-z_]\w*\+?=.*", re.DOTALL)
_JOINED = late(r"\\\n|\d?>&\d|[12&]?>[ \t]*/dev/null")
_REDIRECTIONS = frozenset((">", ">>", "<", ">|", ">&", "<&"))
_TRIES = late(
    r"\s(?:--(?:dry-run|help|version|list|status|check|diff|simulate|what-if|noop|print\S*|show\S*)(?:[= ]|$)|-h$|-V$)"
    r"|^tar (?:-?[a-zA-Z]*t[a-zA-Z]*)(?: |$)|^unzip (?:-\w+ )*-\w*[lt]"
)
_FIRST_WORDS = 5  # of a program with verbs: `aws s3 cp`, `docker compose up`


def exit_code_says(command: str) -> Says:
    """What exit code 0 of this command says; what is not known to say anything says nothing."""
    if asserts(command) and _HOLDS.fullmatch(command.strip()) is None:  # `helm template x | kubeconform`, too
        return "passed"
    found = {_says(words, writes=writes) for words, writes in _last_of_pipelines(command)}
    order: tuple[Says, ...] = ("passed", "holds", "done")
    return next((each for each in order if each in found), "nothing")


def _last_of_pipelines(text: str) -> list[tuple[list[str], bool]]:
    """The words of the last part of each pipeline, and whether a file is written; [] for what is no simple command."""
    if any(sign in text for sign in ("<<", "`", "$(")):
        return []
    lexer = shlex.shlex(_JOINED.sub("", text).replace("\n", " ; "), posix=True, punctuation_chars=True)
    lexer.whitespace_split, lexer.commenters = True, ""
    try:
        tokens = list(lexer)
    except ValueError:  # a quote that does not end
        return []
    found: list[tuple[list[str], bool]] = [([], False)]
    is_file = False  # behind a redirection
    for token in tokens:
        if is_file:
            is_file = False
        elif token == "|":
            found[-1] = ([], False)
        elif token in ("&&", ";"):
            found.append(([], False))
        elif token in _REDIRECTIONS:
            is_file, found[-1] = True, (found[-1][0], found[-1][1] or ">" in token)
        elif set(token) <= set("();<>|&") or (not found[-1][0] and token in _COMPOUND):
            return []
        else:
            found[-1][0].append(token)
    return found


def _says(words: Sequence[str], *, writes: bool) -> Says:
    """What exit code 0 of this simple command says; `writes`: what it prints goes into a file."""
    rest = _called(words)
    if not rest:
        return "nothing"
    text = " ".join(rest)
    if _HOLDS.fullmatch(text):
        return "holds"
    if asserts(text):
        return "passed"
    program = rest[0].rpartition("/")[2]
    if writes and program in _MAKES:
        return "done"
    if program in _SHOWS or _TRIES.search(text) or only_reads(shlex.join(rest)):
        return "nothing"
    return "done" if program in _WRITES or _acts(program, rest) else "nothing"


def _called(words: Sequence[str]) -> list[str]:
    """The words from the program on: without variables that are set for it, and without what only starts it."""
    rest = list(words)
    while rest and _ASSIGNED.fullmatch(rest[0]):
        del rest[0]
    runner = next((each for each in _RUNNERS if tuple(rest[: len(each)]) == each), ())
    return _called(rest[len(runner) :]) if runner else rest


def _acts(program: str, words: Sequence[str]) -> bool:
    """Whether the program, or the verb that it is called with, is known to do something."""
    plain = [word for word in words[1:] if not word.startswith("-")]
    if program in _WITH_VERBS:
        named = plain[:_FIRST_WORDS]
    else:
        named = plain[:2] if program in _SHELLS else [program, *plain[:1]]
    for parts in map(_parts, named):
        if not _LOOKS.isdisjoint(parts):
            return False
        if not _ACTS.isdisjoint(parts):
            return True
    return False


def _parts(word: str) -> list[str]:
    """The words of `scripts/build-and-deploy.sh`, without its directory."""
    return re.split(r"[^a-z]+", word.rpartition("/")[2].lower())
