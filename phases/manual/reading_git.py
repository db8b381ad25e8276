"""Which calls of git only read? Its verbs and their options that do.

Not among them: options that write (`--output`), that start a program (`--ext-diff`, `--textconv`, `--show-signature`),
and in front of the verb `-c`, `-C`, `--git-dir`: another directory's configuration names programs that git starts.

Source: git-scm.com/docs: git-status, git-log, git-diff, git-show, git-ls-files, git-rev-parse, git-describe, git-blame.
"""

from __future__ import annotations

from collections.abc import Sequence

from phases.manual.program_options import Options, read_by

_DIFF = (
    "stat shortstat numstat name-only name-status summary no-color color color-words patch no-patch cached staged "
    "minimal patience histogram raw check full-index binary no-ext-diff no-textconv no-renames ignore-all-space "
    "ignore-space-change ignore-blank-lines exit-code quiet reverse text compact-summary dirstat no-prefix"
)
_DIFF_VALUED = {"diff-filter": "[A-Za-z*]+", "unified": "[0-9]+", "-U": "[0-9]+"}
_DIFF_JOINED = "color stat find-renames find-copies word-diff abbrev ignore-submodules submodule"
_LOG = (
    f"{_DIFF} oneline graph decorate all branches tags merges no-merges first-parent follow no-decorate reverse "
    "abbrev-commit no-abbrev-commit date-order topo-order author-date-order left-right cherry-pick full-history "
    "no-notes regexp-ignore-case all-match invert-grep parents"
)
_LOG_VALUED = {
    **_DIFF_VALUED,
    **dict.fromkeys(("since", "after", "until", "before", "author", "committer", "grep"), r"[^-][\s\S]*"),
    **dict.fromkeys(("max-count", "skip", "-n"), "[0-9]+"),
    **dict.fromkeys(("-S", "-G", "-L"), r"[^-][\s\S]*"),
}
_LOG_JOINED = f"{_DIFF_JOINED} pretty format date decorate branches tags"
VERBS = {
    "status": Options(
        "sbuvz", "", "short branch porcelain long show-stash ahead-behind verbose", joined="porcelain untracked-files"
    ),
    "log": Options("pusbwzigEFP", "nUSGL", _LOG, _LOG_VALUED, _LOG_JOINED, number=True),
    "show": Options("pusbwziq", "nUSGL", _LOG, _LOG_VALUED, _LOG_JOINED, number=True),
    "diff": Options("pusbwzaRMC", "USG", _DIFF + " merge-base", {**_LOG_VALUED}, _DIFF_JOINED),
    "ls-files": Options(
        "cdmosktzvu",
        "x",
        "cached deleted modified others stage unmerged exclude-standard error-unmatch full-name directory eol",
        joined="abbrev format",
    ),
    "rev-parse": Options(
        "q",
        "",
        "verify quiet short abbrev-ref symbolic symbolic-full-name show-toplevel show-prefix show-cdup git-dir "
        "absolute-git-dir git-common-dir is-inside-work-tree is-inside-git-dir is-bare-repository "
        "is-shallow-repository all branches tags remotes show-object-format",
        joined="short abbrev-ref",
    ),
    "describe": Options(
        "",
        "",
        "all tags long always contains exact-match first-parent dirty broken",
        {"match": r"[^-]\S*", "exclude": r"[^-]\S*", "candidates": "[0-9]+"},
        "abbrev dirty broken",
    ),
    "blame": Options(
        "wsbceflnptMC",
        "L",
        "root show-name show-number show-email porcelain line-porcelain",
        {"-L": r"[^-][\s\S]*", "since": r"[^-][\s\S]*"},
        "abbrev date",
    ),
}


def reads_git(words: Sequence[str]) -> bool:
    """Whether git, called with these words, is known to read and nothing else."""
    at = 0
    while at < len(words) and words[at] in ("-P", "--no-pager", "--no-optional-locks"):
        at += 1
    if at == len(words) or words[at] not in VERBS:
        return list(words) == ["--version"]
    return read_by(VERBS[words[at]], words[at + 1 :])
