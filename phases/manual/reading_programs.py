"""Which options of which programs only read? A table: what is not in it does not.

Rules:
- A program is taken by its plain name, its options as `program_options.py` says. What is not in the table says no.
- Not in the table, on purpose: options that write (`curl -o`, `git diff --output`, `file -C`, `date -s`), that run a
  program (`find -exec`, `git --ext-diff`), that never end (`tail -f`), that take their orders from a file (`curl -K`,
  `jq -f`), or that show credentials (`ps e`, `terraform output NAME`, `kubectl get secret`, `docker inspect`).
- Not in the table either: programs that begin what a repository brings, whatever they are asked. `cdk` starts the
  app that cdk.json names, `terraform validate` and `show` the providers below .terraform, `cargo` the toolchain of
  rust-toolchain.toml, `pnpm` the version that package.json names.

Sources: GNU coreutils, grep, findutils and diffutils manuals; jq 1.7 manual; kubectl, docker and terraform command
references. Where BSD's programs differ, only what both call reading.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from phases.manual.program_options import Options, anything, read_by
from phases.manual.reading_curl import reads_curl
from phases.manual.reading_git import reads_git
from state.late_pattern import late


def _no_places(words: Sequence[str]) -> bool:
    return not words


def _formats(words: Sequence[str]) -> bool:
    return all(word.startswith("+") for word in words)  # `date 01010000` sets the clock


def _filters(words: Sequence[str]) -> bool:
    return bool(words) and not re.search(r"\b(?:env|ENV|import|include)\b", words[0])


_TESTS = late(r"-[bcdefghLnprsuwxzS]|-(?:eq|ne|gt|ge|lt|le|nt|ot|ef|a|o)|!|!?=|==")


def _test(words: Sequence[str]) -> bool:
    # bash's `test -v 'a[$(...)]'` runs what stands in the brackets
    return all(_TESTS.fullmatch(word) or not word.startswith("-") for word in words) and "[" not in "".join(words)


_PREDICATES = "-print -print0 -empty -not -o -a -or -and -prune -xdev -mount -ls -depth -daystart -follow -true -false"
_PREDICATES_VALUED = (
    "-name -iname -path -ipath -wholename -type -size -mtime -mmin -atime -amin -ctime -cmin -newer -maxdepth "
    "-mindepth -perm -user -group -regex -iregex -links -inum"
)


def _find(words: Sequence[str]) -> bool:
    at = 0
    while at < len(words):
        if words[at] in _PREDICATES_VALUED.split():
            at += 2
        elif words[at] in _PREDICATES.split() or words[at] in ("-L", "-P", "-H") or not words[at].startswith("-"):
            at += 1
        else:
            return False
    return at == len(words)


_TEMPLATE = r"[^-](?:(?!-file)[\s\S])*"
_KUBE_VALUED = {
    **dict.fromkeys(("-n", "namespace", "context", "cluster", "-c", "container"), r"[\w.:/@-]+"),
    **dict.fromkeys(("-l", "selector", "field-selector", "sort-by", "since", "since-time", "tail"), r"[^-]\S*"),
    **dict.fromkeys(
        ("-o", "output"), r"json|yaml|wide|name|(?:jsonpath|custom-columns|go-template)=(?:(?!-file)[\s\S])*"
    ),
    "request-timeout": "[0-9]+[smh]?",
}


def _resources(words: Sequence[str]) -> bool:
    return bool(words) and not any("secret" in word.lower() for word in words)


KUBECTL = {
    "get": Options("A", "nlo", "all-namespaces show-labels no-headers", _KUBE_VALUED, places=_resources),
    "describe": Options("A", "nl", "all-namespaces", _KUBE_VALUED, places=_resources),
    "logs": Options("p", "nlc", "previous all-containers timestamps prefix", _KUBE_VALUED),
    "version": Options("", "o", "client short", {"-o": "json|yaml", "output": "json|yaml"}, places=_no_places),
}
_DOCKER = {
    "ps": Options(
        "aqlns", "f", "all quiet latest no-trunc size", {"filter": r"\S+", "format": _TEMPLATE}, places=_no_places
    ),
    "images": Options("aqf", "", "all quiet digests no-trunc", {"filter": r"\S+", "format": _TEMPLATE}),
    "logs": Options("t", "n", "timestamps", {"tail": r"all|[0-9]+", "since": r"[^-]\S*", "until": r"[^-]\S*"}),
    "version": Options("", "f", "", {"format": _TEMPLATE}, places=_no_places),
}
_TERRAFORM = {
    "output": Options("", "", "-no-color", places=_no_places),  # with a name, or as JSON, it shows what is sensitive
    "version": Options("", "", "-json", places=_no_places),
}


def _verbs(table: Mapping[str, Options]) -> Callable[[Sequence[str]], bool]:
    """Calls whose first word is a verb of the table: no option is accepted in front of it."""
    return lambda words: bool(words) and words[0] in table and read_by(table[words[0]], words[1:])


def _exactly(*calls: str) -> Callable[[Sequence[str]], bool]:
    return lambda words: len(words) == 1 and words[0] in calls


def _with(options: Options) -> Callable[[Sequence[str]], bool]:
    return lambda words: read_by(options, words)


_LINES = {"lines": r"[+-]?[0-9]+\w*", "bytes": r"[+-]?[0-9]+\w*"}

READS: Mapping[str, Callable[[Sequence[str]], bool]] = {
    "cat": _with(Options("AbeEnstTuv", long="number number-nonblank show-all show-ends show-tabs squeeze-blank")),
    "cdk": _exactly("--version"),
    "curl": reads_curl,
    "cut": _with(
        Options(
            "sn",
            "bcdf",
            "complement only-delimited",
            {"delimiter": r"[\s\S]*", "fields": r"\S+", "characters": r"\S+", "output-delimiter": r"[\s\S]*"},
        )
    ),
    "date": _with(
        Options("uRI", "d", "utc universal rfc-email", {"date": r"[^-][\s\S]*"}, "iso-8601 rfc-3339", places=_formats)
    ),
    "df": _with(Options("ahHikmPTl", "t", "human-readable si all inodes portability local total", joined="output")),
    "diff": _with(
        Options(
            "abBdEiNpqrstuwyTZ",
            "UCxI",
            "brief unified recursive ignore-case ignore-all-space ignore-blank-lines new-file side-by-side text",
            {"exclude": r"[^-]\S*"},
            "color unified",
        )
    ),
    "docker": _verbs(_DOCKER),
    "du": _with(
        Options("abchHkmsSx", "d", "all summarize human-readable total bytes apparent-size", {"max-depth": "[0-9]+"})
    ),
    "echo": anything,
    "file": _with(Options("bhikL", "", "brief mime mime-type mime-encoding dereference no-dereference keep-going")),
    "find": _find,
    "git": reads_git,
    "go": _exactly("version"),
    "grep": _with(
        Options(
            "EFGPHhILRabchilLnoqrsvwxyzZ",
            "ABCem",
            "extended-regexp fixed-strings perl-regexp ignore-case invert-match word-regexp line-regexp count "
            "files-with-matches files-without-match only-matching quiet silent no-messages line-number with-filename "
            "no-filename recursive text",
            dict.fromkeys(
                (
                    "regexp",
                    "include",
                    "exclude",
                    "exclude-dir",
                    "max-count",
                    "after-context",
                    "before-context",
                    "context",
                ),
                r"[\s\S]+",
            ),
            "color colour",
            number=True,
        )
    ),
    "head": _with(Options("qvz", "nc", "quiet silent verbose", _LINES, number=True)),
    "java": _exactly("-version", "--version"),
    "jq": _with(
        Options(
            "rRcCMeSsnjaM",
            "",
            "raw-output raw-input compact-output color-output monochrome-output exit-status sort-keys slurp null-input "
            "join-output ascii-output tab",
            {"indent": "[0-9]"},
            places=_filters,
        )
    ),
    "kubectl": _verbs(KUBECTL),
    "ls": _with(
        Options(
            "1aAbBcCdfFgGhHiklLmnNopqQrRsStuUvXxZ",
            "Iw",
            "all almost-all human-readable recursive reverse directory size inode dereference group-directories-first "
            "full-time",
            {"ignore": r"\S+", "hide": r"\S+", "width": "[0-9]+"},
            "color time sort time-style classify",
        )
    ),
    "make": _exactly("--version", "-v"),
    "node": _exactly("--version", "-v"),
    "npm": _exactly("--version", "-v"),
    "pip": _exactly("--version", "-V"),
    # `ps e` shows the environment of every process
    "ps": lambda words: all(re.fullmatch(r"a?u?x?w{0,2}|-[eAaxf]+|-p[0-9,]*|[0-9,]+", word) for word in words),
    "pwd": _with(Options("LP", places=_no_places)),
    "python": _exactly("--version", "-V"),
    "python3": _exactly("--version", "-V"),
    "sha256sum": _with(Options("bctwz", "", "check quiet status strict warn ignore-missing binary text tag zero")),
    "stat": _with(
        Options("LftnqrsxF", "c", "dereference file-system terse", {"format": r"[\s\S]+", "printf": r"[\s\S]+"})
    ),
    "tail": _with(Options("qvz", "nc", "quiet silent verbose", _LINES, number=True)),
    "terraform": _verbs(_TERRAFORM),
    "test": _test,
    "tr": _with(Options("cCdst", "", "complement delete squeeze-repeats truncate-set1")),
    "true": anything,
    "uname": _with(Options("asnrvmpio", "", "all kernel-name nodename kernel-release machine", places=_no_places)),
    "wc": _with(Options("clmwL", "", "bytes chars lines words max-line-length")),
    "which": _with(Options("as")),
    "whoami": _with(Options(places=_no_places)),
}
