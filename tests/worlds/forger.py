"""Somebody who knows git and the journal's format well, and is not honest: takes a real run apart and puts it together
otherwise, with plumbing only.

    forger.remake([(tree, message), ...])       # the run's commits anew, on the commit before the run
    forger.rewrite(lambda events: ...)          # the whole history anew, journal and chain and SHAs all consistent
"""

from __future__ import annotations

import copy
import hashlib
import json
import os
import re
import shutil
import subprocess
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

from tests.worlds.fitted_requests import FittedRequests
from tests.worlds.journals import Events, chained, in_files, journal_bytes
from tests.worlds.run_world import RunWorld
from workflow.audit import RunAudit, audit_workspace
from workflow.runs.holder import holder_of

_TOLD: dict[tuple[str, ...], str] = {}

__all__ = ["Events", "Forger", "Made", "chained", "changed_first"]


REMOVED = f"0 {'0' * 40}"  # for `git update-index --index-info`


class Made(NamedTuple):
    """A commit of the run: what it holds and says."""

    sha: str
    tree: str
    message: str


class Forger:
    """See the module. What is read, written or committed at `journal` is all of the journal, in all of its files."""

    def __init__(self, root: Path, run_id: str) -> None:
        self.root = root
        self.run_id = run_id
        self.journal = f".phasegate/{run_id}/journal.jsonl"
        self.copy = f".phasegate/{run_id}/runbook.md"

    @classmethod
    def of_copy(cls, world: RunWorld, place: Path) -> Self:
        """A copy of a run's repository, to be forged."""
        shutil.copytree(world.root, place, symlinks=True)
        return cls(place, world.run_id)

    # --- looking

    def git(self, *arguments: str, stdin: bytes | None = None, index: Path | None = None) -> str:
        env = {**os.environ, **({"GIT_INDEX_FILE": str(index)} if index else {})}
        command = ["git", "-C", str(self.root), *arguments]
        return subprocess.run(command, check=True, capture_output=True, input=stdin, env=env).stdout.decode()

    def made(self) -> list[Made]:
        """The run's commits, oldest first."""
        out = self.git("log", "--reverse", "-z", "--format=%H%x1f%T%x1f%B", f"--grep=Phasegate-Run: {self.run_id}")
        return [Made(*record.split("\x1f")) for record in out.split("\0") if record]

    def events(self) -> Events:
        return [json.loads(line) for line in self.whole_journal().splitlines()]

    def whole_journal(self) -> bytes:
        """What stands in all files of the journal in the working tree."""
        return journal_bytes(self.root / self.journal)

    def journal_at(self, tree: str) -> bytes:
        """What stands in all of them in a tree or commit."""
        return b"".join(self.text_at(tree, path).encode() for path in self._files_at(tree))

    def text_at(self, tree: str, path: str) -> str:
        """What stands at a path of a tree or commit."""
        return self.told("cat-file", "blob", f"{tree}:{path}")

    def told(self, *arguments: str) -> str:
        """What git says of an object that is named by its own digest, which it says of it in every copy: asked once."""
        if not re.search(r"\b[0-9a-f]{40}\b", " ".join(arguments)):
            return self.git(*arguments)
        if arguments not in _TOLD:
            _TOLD[arguments] = self.git(*arguments)
        return _TOLD[arguments]

    def _files_at(self, tree: str) -> list[str]:
        """Paths of the journal's files in a tree, in order."""
        below = f"{self.journal.removesuffix('.jsonl')}/"
        listed = self.told("ls-tree", "-r", "--name-only", tree, "--", self.journal, below).splitlines()
        return sorted(listed, key=lambda path: (path != self.journal, len(path), path))

    def audit(self, **given: Any) -> RunAudit:
        (found,) = audit_workspace(self.root, self.run_id, **given)
        return found

    def codes(self, **given: Any) -> list[str]:
        return sorted({finding.code for finding in self.audit(**given).findings})

    # --- changing

    def write(self, path: str, data: bytes) -> None:
        files = self._files_with(data) if path == self.journal else {path: data}
        if path == self.journal:
            shutil.rmtree(self.root / self.journal.removesuffix(".jsonl"), ignore_errors=True)
        for name, content in files.items():
            target = self.root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)

    def _files_with(self, journal: bytes) -> dict[str, bytes]:
        return {f"{self.journal.rpartition('/')[0]}/{name}": data for name, data in in_files(journal).items()}

    def read(self, path: str) -> bytes:
        """A file of the working tree; of the journal all of it."""
        return self.whole_journal() if path == self.journal else (self.root / path).read_bytes()

    def replace(self, path: str, old: bytes, new: bytes) -> None:
        """In a file; `RUN` in the path is the run's id."""
        path = path.replace("RUN", self.run_id)
        data = self.read(path)
        assert old in data
        self.write(path, data.replace(old, new, 1))

    def commit(self, message: str, *paths: str) -> str:
        """An ordinary commit of these paths, or an empty one."""
        named = [path.replace("RUN", self.run_id) for path in paths]
        below = self.journal.removesuffix(".jsonl")
        if self.journal in named and ((self.root / below).exists() or self.git("ls-files", "--", below)):
            named.append(below)
        if named:
            self.git("add", "-A", "--", *named)
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD").strip()

    def tree_with(self, tree: str, files: Mapping[str, bytes | None]) -> str:
        """The tree with these files put in, or taken out where None."""
        index = self.root / ".git" / "forged-index"
        self.git("read-tree", tree, index=index)
        if (whole := files.get(self.journal)) is not None:
            files = {**dict.fromkeys(self._files_at(tree)), **files, **self._files_with(whole)}
        entries = {path: REMOVED if data is None else f"100644 {self.blob_of(data)}" for path, data in files.items()}
        lines = "".join(f"{entry}\t{path}\0" for path, entry in entries.items())
        self.git("update-index", "-z", "--index-info", stdin=lines.encode(), index=index)
        return self.git("write-tree", index=index).strip()

    def blob_of(self, data: bytes) -> str:
        """The object that holds this, written as git writes it. Source: gitformat-loose(5)."""
        whole = b"blob %d\0%s" % (len(data), data)
        name = hashlib.sha1(whole).hexdigest()
        object_ = self.root / ".git/objects" / name[:2] / name[2:]
        if not object_.exists():
            object_.parent.mkdir(exist_ok=True)
            object_.write_bytes(zlib.compress(whole, 1))
        return name

    def remake(self, commits: Sequence[tuple[str, str]], *, onto: str | None = None) -> list[str]:
        """The run's commits replaced by these (tree, message); returns the new ids."""
        head = onto or self.told("rev-parse", f"{self.made()[0].sha}^").strip()
        new = []
        for tree, message in commits:
            head = self.git("commit-tree", tree, "-p", head, "-F", "-", stdin=message.encode()).strip()
            new.append(head)
        self.go_to(head)
        return new

    def go_to(self, head: str) -> None:
        """The working tree as a commit has it, without what no commit has of the journal, or this clone knows of it."""
        self.git("reset", "-q", "--hard", head)
        holder_of(self.root / ".git", self.run_id).unlink(missing_ok=True)
        self.git("clean", "-f", "-d", "-q", "--", self.journal.removesuffix(".jsonl"))

    def amend_last(self, *, message: str | None = None, files: Mapping[str, bytes | None] | None = None) -> None:
        """The last commit of the run, with another message or other files."""
        *kept, last = self.made()
        tree = self.tree_with(last.tree, files or {})
        onto = kept[-1].sha if kept else None
        self.remake([(tree, message or last.message)], onto=onto)

    def rewrite(
        self,
        edit: Callable[[Events], Events],
        *,
        files: Mapping[str, bytes] | None = None,
        skip: Sequence[int] = (),
        onto: str | None = None,
        fit: bool = True,
    ) -> None:
        """Everything anew from an edited journal, as one who overlooks nothing would do it.

        `files` go into every commit; `skip`: numbers of old commits whose tasks are gone from the events. Without `fit`
        what was shown stays bound to the line before it, as it was.
        """
        commits = self.made()
        trees = [made.tree for number, made in enumerate(commits) if number not in skip]
        base = self.told("rev-parse", f"{commits[0].sha}^").strip()
        head = onto or base
        kept: Events = []
        real, events = self.events(), edit(self.events())
        requests = FittedRequests(real, copy.deepcopy(events), self.root / self.copy, chained)
        for made in events:
            event = {**made, "after": head} if made.get("after") else made
            event = requests.fit(event, kept) if fit else event
            kept.append(event)
            if event["type"] == "commit-intended":
                old = trees.pop(0)
                beside = {**self._with_new_digests(event, requests, old), **self.beside(kept, old)}
                tree = self.tree_with(old, {self.journal: chained(kept), **beside, **(files or {})})
                message = event["message"].encode()
                head = self.git("commit-tree", tree, "-p", head, "-F", "-", stdin=message).strip()
        self.go_to(head)

    def _with_new_digests(self, intent: dict[str, Any], requests: FittedRequests, tree: str) -> dict[str, bytes]:
        """The files of a commit that name a digest which is another one now, and their blobs in its intent."""
        found = {}
        for entry in intent.get("entries", ()):
            if not requests.new or not entry["blob"] or entry["type"] != "file":
                continue
            text = self.text_at(tree, entry["path"])
            if (new := requests.in_text(text)) != text:
                found[entry["path"]] = new.encode()
                blob = self.blob_of(new.encode())
                requests.new[entry["blob"]] = entry["blob"] = blob
        return found

    def beside(self, _events: Events, _tree: str) -> Mapping[str, bytes]:
        """Files that follow from the events so far, whose last is the intent of a commit; here none are made to fit."""
        return {}


def changed_first(type_: str, **changes: Any) -> Callable[[Events], Events]:
    """The first event of this type with other fields; a dotted name is a field of a field."""

    def edit(events: Events) -> Events:
        event = next(event for event in events if event["type"] == type_)
        for name, value in changes.items():
            inside, _, field = name.rpartition("__")
            (event[inside] if inside else event)[field] = value
        return events

    return edit
