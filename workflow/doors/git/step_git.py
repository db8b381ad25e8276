"""What may a step do in the person's repository? Branches, pushes and tags; commits are the engine's alone.

Rules:
- Nothing is forced and nothing is moved: a branch or a tag that is somewhere else is refused, with where it is.
- Everything may be asked for twice: what is as it should be is left as it is.
- git's own words come back in a refusal, without what stands in front of the @ of an address.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from shlex import quote

from state.errors import StepFailed
from workflow.doors.git.commits import relative
from workflow.doors.git.process import Finished
from workflow.doors.git.repository import GitDoor

SHORT = 10  # characters of a commit's id in messages


class StepGitDoor(GitDoor):
    """Implements phases.step.StepGit; `workflow.engine.step_git` hands a step that much of it and journals branches."""

    def start_branch(self, name: str) -> None:
        if self.branch() == name:
            return
        checked = self._git.try_read("check-ref-format", "--branch", name)
        if checked.status != 0 or checked.text.strip() != name:  # git would take `@{-1}` for the branch before
            raise StepFailed(f"{name!r} is no name for a branch", next_command="git help check-ref-format")
        head, there = self.head(), self._commit_of(f"refs/heads/{name}")
        if there not in (None, head):
            raise StepFailed(
                f"branch {name} exists at {there[:SHORT]}, and the run is at {head[:SHORT]}",
                next_command=f"git branch -m {quote(name)} {quote(f'{name}-old')} && phasegate resume",
            )
        words = ("switch", "--quiet", "--create", name) if there is None else ("switch", "--quiet", name)
        self._done(self._git.attempt(*words, config=[self._git.synced]), f"branch {name} was not started")

    def repository(self) -> str:
        origin = self._git.try_read("config", "--get", "remote.origin.url").text.strip()
        common = self._git.try_read("rev-parse", "--path-format=absolute", "--git-common-dir").text.strip()
        # a worktree's own directory may be called anything
        for place in (origin, common.removesuffix("/.git"), str(self._git.directory)):
            name = re.split(r"[/\\:]", place.rstrip("/"))[-1].removesuffix(".git")
            if name:
                return name
        return "repository"

    def remotes(self) -> Sequence[str]:
        return self._git.read("remote").text.split()

    def remote_head(self, remote: str, branch: str) -> str | None:
        self._require_remote(remote)
        ref = f"refs/heads/{branch}"
        done = self._done(self._git.attempt("ls-remote", "--", remote, ref), f"remote {remote} could not be asked")
        found = [line.split("\t") for line in done.text.splitlines()]
        return next((sha for sha, name in found if name == ref), None)

    def push(self, remote: str, ref: str) -> None:
        self._require_remote(remote)
        for kind in ("heads", "tags"):
            full = f"refs/{kind}/{ref.removeprefix(f'refs/{kind}/')}"
            if self._git.try_read("show-ref", "--verify", "--quiet", full).status == 0:
                break
        else:
            raise StepFailed(
                f"there is no branch and no tag {ref!r} to push",
                next_command="git -P branch --all   # and the tags: git -P tag",
            )
        upstream = ["--set-upstream"] if kind == "heads" else []
        done = self._git.attempt("push", "--quiet", "--no-force", *upstream, "--", remote, f"{full}:{full}")
        self._done(done, f"{ref} was not pushed to {remote}")

    def tag(self, name: str, message: str, sha: str) -> None:
        wanted, there = self._commit_of(sha), self.tag_target(name)
        if wanted is None:
            raise StepFailed(f"there is no commit {sha} to tag", next_command="git -P log --oneline")
        if there == wanted:
            return
        if there is not None:
            raise StepFailed(
                f"tag {name} is on {there[:SHORT]}, expected {wanted[:SHORT]}; tags are not moved",
                next_command=f"git -P show {quote(name)}",
            )
        words = ("tag", "--annotate", "--cleanup=verbatim", "-m", message, "--", name, wanted)
        self._done(self._git.attempt(*words, config=[self._git.synced]), f"tag {name} was not made")

    def tag_target(self, name: str) -> str | None:
        return self._commit_of(f"refs/tags/{name}")

    def commits(self, since: str) -> Sequence[tuple[str, str]]:
        return [(commit.sha, commit.subject) for commit in self.find_commits({}, since=since)]

    def changed_since(self, since: str) -> Sequence[str]:
        tree = ("diff-tree", "-z", "-r", "--name-only", "--no-renames", since, "HEAD", "--")
        return sorted(relative(path, self._place.prefix) for path in self._git.read(*tree).items)

    def _commit_of(self, name: str) -> str | None:
        if name.startswith("-"):
            return None
        return self._git.try_read("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}").text.strip() or None

    def _require_remote(self, remote: str) -> None:
        known = self.remotes()
        if remote not in known:
            raise StepFailed(
                f"there is no remote {remote!r}; there are: {', '.join(known) or 'none'}",
                next_command=f"git remote add {quote(remote)} URL",
            )

    def _done(self, done: Finished, refusal: str) -> Finished:
        if done.status != 0:
            from workflow.doors.masking import mask  # here: for refusals only

            said = mask(f"{done.text}{done.err}".strip()) or f"exit {done.status}"
            raise StepFailed(f"{refusal}: {said}", next_command="phasegate resume   # when its cause is mended")
        return done
