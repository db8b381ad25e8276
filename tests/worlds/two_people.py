"""Two people with a clone each, a bare repository between them, and the real command: Ada works, Bob decides.

world = TwoPeople(tmp_path, keys)
world.ada("run", "release.md", code=3)      # the command in her clone; what it printed
world.bob("inbox")
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.worlds.approval_world import ADA, BOB, CAROL, EVE, Keys
from tests.worlds.forked_shell import forked as phasegate
from tests.worlds.made_once import as_left, made_once
from tests.worlds.workspaces import git

RUNBOOK = "# Release\n\n- [ ] 1. Build it\n- [ ] 2. Ship it\n"
POLICY = """default: {signed: true, operator_may_approve: false, allowed_signers: signers}
runners: runners
meeting: {lease: 1s}
"""


@dataclass
class At:
    """One person's clone."""

    root: Path

    def __call__(self, *words: str, code: int = 0) -> str:
        done = phasegate(self.root, *words)
        assert done.returncode == code, f"{words}: exit {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def json(self, *words: str) -> Any:
        return json.loads(phasegate(self.root, *words, "--json").stdout)

    def git(self, *words: str) -> str:
        return git(self.root, *words)


class TwoPeople:
    """See the module.

    `below`: the workspace is this directory of the repository; `passkeys`: lines of that file; `runbook`: of the runs;
    `signers`, `runners`: who is in these files. `further`: what makes a world of it that has more, and all that tells
    one such world from another.
    """

    def __init__(
        self,
        root: Path,
        keys: Keys,
        *,
        policy: str = POLICY,
        below: str = "",
        passkeys: str = "",
        runbook: str = RUNBOOK,
        signers: Sequence[str] = (BOB, EVE),
        runners: Sequence[str] = (ADA, BOB, EVE),
        further: tuple[Hashable, Callable[[], None]] = ((), lambda: None),
    ) -> None:
        self.keys, self.below = keys, below
        self._lies_in(root)
        files = {
            "release.md": runbook,
            "phasegate.yaml": policy,
            "signers": "".join(map(keys.allow, signers)),
            "runners": "".join(keys.allow(each, 'namespaces="git"') for each in runners),
            "passkeys": passkeys,
        }

        def begin() -> str:
            self._begin(files)
            further[1]()
            return ""

        self._what: Hashable = (str(keys.directory), below, *files.values(), further[0])
        made_once(root, self._what, self._at(begin))
        self._left = as_left(root)

    def _lies_in(self, root: Path) -> None:
        self.root, self.origin = root, root / "origin.git"
        self.ada, self.bob = (At(root / name / self.below) for name in ("ada", "bob"))

    def _begin(self, files: Mapping[str, str]) -> None:
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(self.origin)], check=True)
        home = self._clone("ada", ADA).root
        for name, text in files.items():
            (home / name).write_text(text)
        self.ada.git("add", "-A")
        self.ada.git("commit", "-qm", "Start")
        self.ada.git("push", "-q", "origin", "main")
        self._clone("bob", BOB)

    def _at(self, happens: Callable[[], str]) -> Callable[[Path], str]:
        """It happens to this world, at another place."""

        def at(place: Path) -> str:
            here = self.root, self.origin, self.ada, self.bob
            self._lies_in(place)
            try:
                return happens()
            finally:
                self.root, self.origin, self.ada, self.bob = here

        return at

    def first(self, what: Hashable, happens: Callable[[], str]) -> str:
        """What comes of it, and is printed; while only such things have happened in this world, it is looked up.

        `what` names it, in all worlds of this kind to which the same has happened.
        """
        if as_left(self.root) != self._left:
            return happens()
        self._what = (self._what, what)
        said = made_once(self.root, self._what, self._at(happens))
        self._left = as_left(self.root)
        return said

    def _clone(self, name: str, who: str) -> At:
        top = self.root / name
        subprocess.run(["git", "clone", "-q", f"file://{self.origin}", str(top)], check=True, capture_output=True)
        known, _, email = who.rstrip(">").partition(" <")
        key = str(self.keys.file(who))
        for setting in (
            ("user.name", known),
            ("user.email", email),
            ("gpg.format", "ssh"),
            ("user.signingkey", key),
        ):
            git(top, "config", *setting)
        git(top, "switch", "-q", "-C", "main")
        place = top / self.below
        (place / ".phasegate").mkdir(parents=True, exist_ok=True)
        return At(place)

    def eve(self) -> At:
        return self._clone("eve", EVE)

    def carol(self) -> At:
        return self._clone("carol", CAROL)

    def waits(self) -> str:
        """Ada's run waits at the remote for the approval of its first task; its id."""
        return self.first("waits", self._waits)

    def _waits(self) -> str:
        self.ada("run", "release.md", code=3)
        self.ada("done", "--no-files")
        self.ada("share")
        run: str = self.ada.json("status")["run"]
        return run

    def waiting(self) -> dict[str, Any]:
        """What waits at the remote, as Bob sees it."""
        (found,) = self.bob.json("inbox")["waiting"]
        return dict(found)

    @property
    def digest(self) -> str:
        return str(self.waiting()["digest"])

    def refs(self) -> list[str]:
        """The refs of the bare repository, but main."""
        listed = git(self.origin, "for-each-ref", "--format=%(refname)").split()
        return [each for each in listed if each != "refs/heads/main"]
