"""Clones that meet at a bare repository, each with an engine of its own: real git, real pushes, real SSH keys.

    world = RemoteWorld(tmp_path, keys)
    ada = world.first()                    # Ada's clone has begun a run, and shared it
    world.approve(BOB)                     # from a clone of his own, signed
    world.segment(world.clone("eve"))      # another clone goes on: as `phasegate resume` there

What time it is for leases is `world.time`, which nobody waits for. `world.point` is called at each push, event and
call outside of the clone that is given to `segment(..., points=True)`.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from state.errors import PhasegateError, RunFenced, Waiting
from state.evidence import By
from state.run_state import RunState
from tests.worlds.approval_world import ADA, BOB, EVE, ApprovalWorld, Keys
from workflow.doors.git import meeting_place as git_door
from workflow.doors.git.meeting_place import GitRemote
from workflow.engine.engine import Engine, Settings
from workflow.engine.gatekeeper import text_to_sign
from workflow.engine.open_run import OpenRun
from workflow.meeting.moves import Move
from workflow.meeting.refs import Names, Standing
from workflow.meeting.verdicts import GivenVerdict
from workflow.service import claim_run
from workflow.service import met as desk
from workflow.service.meeting_place import Kept, Place, place_of
from workflow.service.met import met, parked
from workflow.service.remote_verdict import _commit as verdict_commit
from workflow.service.run_in_tip import run_in
from workflow.service.who import Who

POLICY = """
default: {signed: true, operator_may_approve: false, allowed_signers: signers}
runners: runners
"""
PEOPLE = (ADA, BOB, EVE)


class Died(BaseException):
    """The process is gone: nothing of it runs on but what the test itself closes."""


class Clone(ApprovalWorld):
    """A clone of the bare repository, and who works in it. All clones act on one outside."""

    def __init__(self, root: Path, who: str, keys: Keys, others: Clone | None) -> None:
        self.mine = root
        root.mkdir()
        if others is None:
            super().__init__(root)
        else:
            url = others.git("remote", "get-url", "origin").strip()
            subprocess.run(["git", "clone", "-q", "-b", "main", url, str(root / "repo")], check=True)
            self.take_after(others, root)
        self.who = who
        name, _, email = who.rstrip(">").partition(" <")
        for setting in (("user.name", name), ("user.email", email), ("gpg.format", "ssh")):
            self.git("config", *setting)
        self.git("config", "user.signingkey", str(keys.file(who)))
        self.person.absent = True

    def take_after(self, others: Clone, root: Path) -> None:
        """Everything as there, but the directory, and who sits there."""
        self.__dict__ |= {name: value for name, value in others.__dict__.items() if name not in ("mine", "person")}
        self.root, self.person = root / "repo", type(others.person)()
        self.mine = root

    @property
    def identity(self) -> Who:
        return Who(By(self.who, self.who.split(" ", 1)[0].lower(), "here"))


class RemoteWorld:
    """See the module."""

    def __init__(
        self, root: Path, keys: Keys, monkeypatch: pytest.MonkeyPatch, *, policy: str = POLICY, passkeys: str = ""
    ) -> None:
        self.root, self.keys = root, keys
        self.policy, self.passkeys = policy, passkeys
        self.time = 0.0
        self.point: Callable[[str], None] = lambda _name: None
        self.watched: Clone | None = None
        self.run_id = ""
        self.said: list[str] = []
        self.dead: set[Path] = set()
        for each in (desk, claim_run):
            monkeypatch.setattr(each, "boot_time", lambda: self.time)
        monkeypatch.setattr(claim_run, "wait", self._wait)
        self._watch(monkeypatch)

    def _wait(self, seconds: float) -> None:
        self.time += seconds

    def _watch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        push, record = GitRemote.push, OpenRun.record

        def pushed(remote: GitRemote, moves: list[Move]) -> None:
            what = "+".join(each.ref.split("/")[2] for each in moves)
            self._at(remote.workspace, f"before the push of {what}")
            push(remote, moves)
            self._at(remote.workspace, f"after the push of {what}")

        def recorded(run: OpenRun, type_: str, **fields: object) -> object:
            event = record(run, type_, **fields)  # type: ignore[arg-type]
            self._at(run.workspace, type_)
            return event

        monkeypatch.setattr(GitRemote, "push", pushed)
        monkeypatch.setattr(OpenRun, "record", recorded)

    def _at(self, workspace: Path, name: str) -> None:
        if workspace in self.dead:
            raise Died
        if self.watched is not None and workspace == self.watched.root:
            try:
                self.point(name)
            except Died:
                self.dead.add(workspace)  # what it would do on its way out does not happen
                raise

    def first(self) -> Clone:
        """Ada's clone, whose run has begun and is shared."""
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(self.root / "origin.git")], check=True)
        clone = Clone(self.root / "ada", ADA, self.keys, None)
        signers = "".join(self.keys.allow(each) for each in (BOB, EVE))
        runners = "".join(self.keys.allow(each, 'namespaces="git"') for each in PEOPLE)
        clone.commits_files(
            {"phasegate.yaml": self.policy, "signers": signers, "runners": runners, "passkeys": self.passkeys}
        )
        clone.git("remote", "add", "origin", f"file://{self.root / 'origin.git'}")
        clone.git("push", "-q", "origin", "main")
        with clone.start(Settings(answers={"colour": "green"})):
            pass
        self.run_id = clone.run_id
        self.share(clone)
        return clone

    def share(self, clone: Clone) -> None:
        Kept(clone.root, self.run_id).begin("origin")

    def clone(self, who: str) -> Clone:
        """A further clone, which takes the run over when it goes on."""
        found = Clone(self.root / f"clone-{len(list(self.root.iterdir()))}", who, self.keys, self.others)
        self.share(found)
        return found

    @property
    def others(self) -> Clone:
        if not hasattr(self, "_first"):
            self._first = self.first()
        return self._first

    @property
    def reader(self) -> Clone:
        """The clone from which people decide; it holds no run."""
        if not hasattr(self, "_reader"):
            self._reader = Clone(self.root / "reader", BOB, self.keys, self.others)
        return self._reader

    def place(self, clone: Clone) -> Place:
        return place_of(clone.root, "origin")

    def standing(self, clone: Clone | None = None) -> Standing:
        return self.place(clone or self.reader).standing(self.run_id)

    @contextmanager
    def held(self, clone: Clone) -> Iterator[Engine]:
        """As `held_run`, with this world's steps."""
        settings = Settings(answers={"colour": "green"})
        with (
            met(clone.root, self.run_id, clone.identity, clone.person) as meeting,
            clone.reopen(settings, work=False) as engine,
            parked(meeting, engine),
        ):
            yield engine

    def segment(self, clone: Clone, *, points: bool = False) -> None:
        """As `phasegate resume`: from wherever the run stands to where somebody is needed. Raises RunFenced."""
        before, self.watched = self.watched, clone if points else self.watched
        try:
            with self.held(clone) as engine:
                engine.recover()
                assert engine.open_run.meeting is not None
                engine.open_run.meeting.take_in()
                engine.drive()
        except Waiting as waiting:
            self.said.append(waiting.message)
        finally:
            self.watched = before

    def there(self, clone: Clone | None = None) -> RunState:
        """The run as the remote has it."""
        clone = clone or self.reader
        place = self.place(clone)
        return run_in(clone.root, self.run_id, place.tip(self.run_id, place.standing(self.run_id)))

    def verdict(self, person: str, **changes: object) -> GivenVerdict:
        """A signed approval of what waits at the remote."""
        run = self.there()
        current = run.current_task
        assert current is not None and current.request is not None
        shown, name = current.request, person.split(" ", 1)[0].lower()
        body: dict[str, object] = {
            "run": run.run_id,
            "task": current.key,
            "attempt": current.attempt,
            "digest": shown.digest,
            "nonce": shown.nonce,
            "verdict": "approve",
            "by": By(person, name, "there"),
            "text": "",
            "signature": self.keys.sign(person, text_to_sign(run)),
        }
        return GivenVerdict(**{**body, **changes})  # type: ignore[arg-type]

    def push(self, given: GivenVerdict, name: str = "") -> str:
        """Push a verdict as anybody could; returns its ref."""
        clone = self.reader
        place, names = self.place(clone), Names()
        standing = place.standing(self.run_id)
        ref = names.verdict(self.run_id, given.digest, name or given.by.git.split(" ")[0].lower().ljust(8, "0"))
        known = (standing.verdicts or {}).get(ref, "")
        place.remote.push([Move(ref, known, verdict_commit(clone.root, given, place.tip(self.run_id, standing)))])
        return ref

    def approve(self, person: str = BOB) -> None:
        self.push(self.verdict(person))

    def goes_on(self, *clones: Clone) -> None:
        """These clones take turns, and Bob approves what waits, until the run is over."""
        for turn in range(20):
            clone = clones[turn % len(clones)]
            try:
                self.segment(clone)
            except (RunFenced, Died):
                continue
            except PhasegateError as error:
                self.said.append(str(error))
            state = self.standing()
            if not state.state:
                return
            if state.state == "waiting" and not state.verdicts:
                self.approve()
        raise AssertionError(f"it does not come to its end: {self.said}")

    def refs(self) -> list[str]:
        """All refs of the bare repository, but main."""
        done = subprocess.run(
            ["git", "-C", str(self.root / "origin.git"), "for-each-ref", "--format=%(refname)"],
            check=True,
            capture_output=True,
            text=True,
        )
        return [each for each in done.stdout.split() if each != "refs/heads/main"]

    def wrong_with(self) -> list[str]:
        """What is not as after an undisturbed run, by the bare repository and by what happened outside."""
        found = []
        branch = Names.branch(self.run_id)
        if self.refs() != [branch]:
            found.append(f"refs {self.refs()}")
        bare = str(self.root / "origin.git")
        log = ["git", "-C", bare, "log", "--reverse", "--format=%(trailers:key=Phasegate-Task,valueonly)", branch]
        tasks = subprocess.run(log, check=True, capture_output=True, text=True).stdout.split()
        if tasks != ["t1_1", "t1_2", "t2_1"]:
            found.append(f"commits {tasks}")
        if len(self.others.outside) != 1:
            found.append(f"effects {self.others.outside}")
        journal = [".phasegate/" + self.run_id + "/journal.jsonl"]
        listed = ["git", "-C", bare, "ls-tree", "-r", "--name-only", branch, f".phasegate/{self.run_id}/journal/"]
        journal += subprocess.run(listed, check=True, capture_output=True, text=True).stdout.split()
        text = "".join(
            subprocess.run(
                ["git", "-C", bare, "cat-file", "blob", f"{branch}:{path}"], check=True, capture_output=True, text=True
            ).stdout
            for path in journal
        )
        if text.count('"type":"approved"') != 3:
            found.append(f"approvals {text.count(chr(34) + 'approved' + chr(34))}")
        return found


def mutated(monkeypatch: pytest.MonkeyPatch, change: Callable[[list[str]], list[str]]) -> None:
    """Have each push of the meeting started with its arguments changed."""
    writing = git_door.writing

    def started(*arguments: str) -> list[str]:
        words = list(arguments)
        return writing(*(change(words) if words[0] == "push" else words))

    monkeypatch.setattr(git_door, "writing", started)
