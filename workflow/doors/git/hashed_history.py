"""Are the commits and trees of a history what their ids say? Each that tells of the paths of a run is hashed, once.

Rules:
- All commits are; of their trees, and of their parents', those on the way to the paths and all that lie below them:
  git leaves a commit out where it finds nothing changed there, and a tree that has another's bytes would let it.
- Nothing is said here: `GitRepository.untrue` keeps what is not what its id says.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from state.cheap_classes import dataclass
from workflow.doors.git.loose_objects import DIRECTORY, parents_of, tree_of
from workflow.doors.git.object_store import GitRepository


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is wanted of a tree: all that lies below it, or these of its directories."""

    everything: bool
    below: Mapping[bytes, _Wanted]


_EVERYTHING = _Wanted(True, {})


def hash_all(repository: GitRepository, ids: Iterable[str]) -> None:
    """Hash these objects."""
    for _ in repository.stream(sorted(ids)):
        pass


def hash_trees(repository: GitRepository, commits: Sequence[str], paths: Collection[str]) -> None:
    """Hash the commits, and of their trees what tells of these workspace paths; everything where there are none."""
    parents, roots = dict[str, None](), dict[str, None]()
    for held in repository.stream(commits):
        if held is not None:
            roots[tree_of(held.data)] = None
            parents |= dict.fromkeys(parents_of(held.data))
    known = set(commits)
    for held in repository.stream([each for each in parents if each not in known]):
        if held is not None:
            roots[tree_of(held.data)] = None
    wanted = _wanted([repository.in_tree(path) for path in paths])
    open_ends, seen = [(root, wanted) for root in roots], set[tuple[str, int]]()
    while open_ends:
        further = list[tuple[str, _Wanted]]()
        trees = repository.stream([id_ for id_, _ in open_ends])
        for held, (_, of_it) in zip(trees, open_ends, strict=True):
            if held is None or held.kind != "tree":
                continue
            for name, id_ in _directories_in(held.data, len(held.sha) // 2):
                inner = of_it if of_it.everything else of_it.below.get(name)
                if inner is not None and (id_, id(inner)) not in seen:
                    seen.add((id_, id(inner)))
                    further.append((id_, inner))
        open_ends = further


def _wanted(paths: Sequence[str]) -> _Wanted:
    """What is wanted of a root; `paths` are the repository's."""
    if not paths or "." in paths:
        return _EVERYTHING
    below: dict[bytes, list[str]] = {}
    for path in paths:
        name, _, rest = posixpath.normpath(path).partition("/")
        below.setdefault(os.fsencode(name), []).append(rest or ".")
    return _Wanted(False, {name: _wanted(rest) for name, rest in below.items()})


def _directories_in(tree: bytes, width: int) -> Iterator[tuple[bytes, str]]:
    """The name and id of each directory in a tree; `width`: how long an id is [bytes]."""
    at, mode = 0, DIRECTORY + b" "
    while (end := tree.find(b"\0", at)) >= 0:
        if tree.startswith(mode, at):
            yield tree[at + len(mode) : end], tree[end + 1 : end + 1 + width].hex()
        at = end + 1 + width
