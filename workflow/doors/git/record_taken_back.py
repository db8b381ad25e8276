"""Which commit of others took back what a run had committed of its own record, and how is it put right?

A revert, a `git rm`, an older tree or journal that was committed, a merge that kept the older side, a branch that was
moved to before a commit of the run.

Rules:
- What the run committed last tells: of each file that it has below `.phasegate/RUN`, HEAD must have the same, or, of a
  journal's, one that goes on from it. A commit that is a copy of an older one of the run is not its last.
- Asked for only where HEAD is not the run's last commit; who reads a run in order starts none of these processes.
- The way back commits what was taken away once more. It takes nothing of a person's: files that are not as in HEAD are
  stashed first, and what is here of a journal beyond what was committed stays.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from shlex import quote

from state.cheap_classes import NamedTuple
from state.find_runs import DIRECTORY
from state.path_word import path_word
from state.printable import as_quote
from workflow.doors.git.handed_over import blob_named, blob_of
from workflow.doors.git.plumbing import look
from workflow.trailers import RUN

SHORT = 10  # characters of a commit's id in messages
FEW = 12  # paths that a command names
LOOKED_AT = 100  # newest commits of a run among which its last one is sought

Tree = Mapping[str, tuple[str, int]]  # path -> blob and size


class TakenBack(NamedTuple):
    """What became of a run's record.

    Attributes:
        commit: the one that took it back; the branch's, where the branch was moved.
        last: the newest commit of the run that has its record whole.
        said: in words, without the run's name.
        way: the commands that put it right; the first one stands alone.
    """

    commit: str
    last: str
    said: str
    way: Sequence[str]


def record_taken_back(workspace: Path, run_id: str, known: str = "") -> TakenBack | None:
    """What of the run's record HEAD has not as the run committed it; None for nothing.

    `known`: a commit of the run; what is older is not asked for.
    """
    own = _own(workspace, run_id, *(["--ignore-missing", f"^{known}"] if known else []), "HEAD")
    own += [known] if known and _is_in(workspace, known, "HEAD") else []
    if not own:
        return None
    records = {commit: _record(workspace, commit, run_id) for commit in own}
    last = max(own, key=lambda each: sum(size for _blob, size in records[each].values()))
    if not (lost := _lost(workspace, records[last], _record(workspace, "HEAD", run_id))):
        return None
    before, commit = _first_without(workspace, run_id, last, records[last])
    subject = os.fsdecode(look(workspace, "log", "-1", "--format=%s", commit).stdout).strip()
    said = (
        f"commit {commit[:SHORT]} ({as_quote(subject)}), which is not the run's, took back or changed what "
        f"the run committed of its own record in {last[:SHORT]}"
    )
    return TakenBack(commit, last, said, _way(workspace, run_id, before, commit, last, lost))


def moved_before(workspace: Path, run_id: str) -> TakenBack | None:
    """As `record_taken_back`, for a branch that was moved to before a commit of the run, as git's reflog has it."""
    for last in _own(workspace, run_id, "-g", "HEAD"):
        if _is_in(workspace, last, "HEAD") or not _record(workspace, last, run_id):
            continue
        head = os.fsdecode(look(workspace, "rev-parse", "HEAD").stdout).strip()
        said = (
            f"the branch was moved from commit {last[:SHORT]} of the run, or one behind it, to where it lacks it "
            f"(it is at {head[:SHORT]}; reset, or rebased)"
        )
        is_below = _is_in(workspace, "HEAD", last)
        way = f"git merge {'--ff-only' if is_below else '--no-edit'} {last[:SHORT]}"
        return TakenBack(head, last, said, (way,))
    return None


def _own(workspace: Path, run_id: str, *where: str) -> list[str]:
    """The commits that say they are the run's, newest first."""
    fields = f"--format=%H%x00%(trailers:key={RUN},valueonly,separator=%x00)"
    grep = ("--fixed-strings", f"--grep={RUN}: {run_id}", f"-n{LOOKED_AT}")
    listed = look(workspace, "log", "--no-show-signature", *grep, fields, *where, "--")
    rows = (line.split("\0") for line in listed.stdout.decode(errors="replace").splitlines())
    return list(dict.fromkeys(sha for sha, *runs in rows if run_id in runs))


def _is_in(workspace: Path, commit: str, rev: str) -> bool:
    return look(workspace, "merge-base", "--is-ancestor", commit, rev).returncode == 0


def _record(workspace: Path, rev: str, run_id: str) -> Tree:
    """The files of the run's record in a commit."""
    return _listed(workspace, rev, f"{DIRECTORY}/{run_id}/")


def _listed(workspace: Path, rev: str, *paths: str) -> dict[str, tuple[str, int]]:
    listed = look(workspace, "--literal-pathspecs", "ls-tree", "-r", "-z", "-l", rev, "--", *paths).stdout
    found = {}
    for line in listed.split(b"\0")[:-1]:
        meta, _, path = line.partition(b"\t")
        _mode, kind, blob, size = meta.split()
        found[os.fsdecode(path)] = (blob.decode(), int(size) if kind == b"blob" else 0)
    return found


def _lost(workspace: Path, wanted: Tree, seen: Tree) -> list[str]:
    """The files of which the second record has not what the first one has, nor what goes on from it."""
    return [path for path, (blob, size) in wanted.items() if not _goes_on(workspace, path, blob, size, seen.get(path))]


def _goes_on(workspace: Path, path: str, blob: str, size: int, seen: tuple[str, int] | None) -> bool:
    if seen is None or seen[0] == blob:
        return seen is not None
    return path.endswith(".jsonl") and seen[1] > size and _bytes(workspace, seen[0]).startswith(_bytes(workspace, blob))


def _bytes(workspace: Path, blob: str) -> bytes:
    return blob_of(workspace, blob)


def _first_without(workspace: Path, run_id: str, last: str, record: Tree) -> tuple[str, str]:
    """The newest commit behind `last` that has the record not whole, and the commit before it, which has."""
    listed = look(workspace, "rev-list", "--parents", "--ancestry-path", f"{last}..HEAD", "--").stdout.decode()
    parents = {sha: rest for sha, *rest in map(str.split, listed.splitlines())}
    at = next(iter(parents))
    trees: dict[str, bool] = {}

    def is_whole(commit: str) -> bool:
        tree = look(workspace, "rev-parse", "--verify", "-q", f"{commit}:./{DIRECTORY}/{run_id}").stdout.decode()
        if tree not in trees:
            trees[tree] = not _lost(workspace, record, _record(workspace, commit, run_id))
        return trees[tree]

    while True:
        before = [each for each in parents[at] if each in parents or each == last]
        without = [each for each in before if each != last and not is_whole(each)]
        if not without:
            return before[0], at
        at = without[0]


def _way(workspace: Path, run_id: str, before: str, commit: str, last: str, lost: Sequence[str]) -> Sequence[str]:
    """The command that puts the record back, with what else of the run's commits went with it."""
    aside = _beside_the_record(workspace, run_id, before, commit, last)
    dirty = _dirty(workspace, [*lost, *aside])
    head = os.fsdecode(look(workspace, "rev-parse", "HEAD").stdout).strip()
    parents = look(workspace, "rev-list", "--parents", "-n1", commit).stdout.split()
    all_of_it = _named(look(workspace, "diff-tree", *_NAMES, "--no-relative", before, commit).stdout)
    is_no_more = len(all_of_it) == len({*_changed(workspace, before, commit)} & {*lost, *aside})
    if commit == head and len(parents) == 2 and is_no_more and not dirty and not _dirty(workspace, []):
        return (f"git revert --no-edit {commit[:SHORT]}",)
    aside = aside if len(aside) < FEW else []
    kept = [path for path in lost if path in dirty and _is_further(workspace, path, last)]
    back = [path for path in lost if path not in kept]
    if len(back) > FEW - len(aside):
        back = [f"{DIRECTORY}/{run_id}"]
    names = " ".join(map(path_word, [*back, *aside]))
    stashed = " ".join(path_word(path) for path in dirty if path not in lost)
    steps = [
        *([f"git stash push -q -- {stashed}"] if stashed else []),
        *([f"git checkout {last[:SHORT]} -- {names}"] if names else []),
        *([f"git add -f -- {' '.join(map(path_word, kept))}"] if kept else []),
        f"git commit -m {quote(f'Put back what {commit[:SHORT]} took from run {run_id}')} -- "
        + " ".join(filter(None, (names, *map(path_word, kept)))),
    ]
    return (" && ".join(steps),)


def _beside_the_record(workspace: Path, run_id: str, before: str, commit: str, last: str) -> list[str]:
    """What else of the run's own that commit changed, as HEAD has it still, and the run's last commit has otherwise."""
    changed = _changed(workspace, before, commit)
    own = _own(workspace, run_id, last)
    of_run = {
        path
        for each in own
        for path in _named(look(workspace, "diff-tree", "--no-commit-id", "-m", *_NAMES, each, "--", ".").stdout)
    }
    found = [path for path in changed if path in of_run and not path.startswith(f"{DIRECTORY}/{run_id}/")]
    if not found:
        return []
    then, now, whole = (_listed(workspace, rev, *found) for rev in (commit, "HEAD", last))
    return [path for path in found if path in whole and now.get(path) == then.get(path) != whole[path]]


_NAMES = ("-r", "-z", "--relative", "--no-renames", "--name-only")


def _changed(workspace: Path, before: str, commit: str) -> list[str]:
    return _named(look(workspace, "diff-tree", *_NAMES, before, commit, "--", ".").stdout)


def _named(listed: bytes) -> list[str]:
    return [os.fsdecode(path) for path in listed.split(b"\0") if path]


def _dirty(workspace: Path, paths: Sequence[str]) -> list[str]:
    """Those of these paths that are not as in HEAD; of none: what is staged anywhere, or changed and known to git."""
    asked = ("status", "--porcelain", "-z", "--no-renames", "--ignore-submodules=all")
    if not paths:
        return _named(look(workspace, *asked, "--untracked-files=no").stdout)
    done = look(workspace, "--literal-pathspecs", *asked, "--untracked-files=all", "--ignored", "--", *paths)
    seen = done.stdout.decode("utf-8", "surrogateescape").split("\0")
    return [path for path in paths if any(line[3:] == path or line[3:].endswith(f"/{path}") for line in seen)]


def _is_further(workspace: Path, path: str, last: str) -> bool:
    """Whether the file here is what the run's last commit has, or goes on from it."""
    file = workspace / path
    data = blob_named(workspace, f"{last}:./{path}") or b""
    return file.is_file() and not file.is_symlink() and file.read_bytes().startswith(data)
