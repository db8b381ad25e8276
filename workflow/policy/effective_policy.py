"""Which policy governs this gate now? Reads phasegate.yaml and the files it names, as they are committed.

Rules:
- The policy in force is the one in HEAD: one that is changed, deleted or not committed is refused, so that whoever
  changed it is on record and an audit of a bare clone can read it.
- It is read from the blob in HEAD: a filter may put other bytes into the working tree, and an index bit keep git from
  looking there; the file there is compared with what git would store of it.
- Without a phasegate.yaml in HEAD and in the workspace the default holds, unless a file is there that somebody takes
  for it (`workflow.policy.look_alikes`).
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from gates.policy import GatePolicy, Policies
from state.errors import BadInput
from state.event_types import NamedTask
from state.files import sha256
from state.line_endings import with_lf
from state.outside_file import POLICY, read_if_there
from state.path_word import lift_mark, path_word
from state.plain_files import break_hard_link, look_at
from state.printable import as_name
from workflow.policy.look_alikes import ENROL, refuse_look_alikes
from workflow.policy.look_alikes import FILE as FILE
from workflow.policy.policy_fit import require_keys, require_rules

if TYPE_CHECKING:
    from state.model import Plan, PlannedTask
    from workflow.git_port import Git

TESTS = "test-command"  # the question that `tests` answers


def default_policy(gates: str = "") -> bytes:
    """The commented phasegate.yaml that `init` writes; everything in it is as without it, but for these `gates`."""
    data = Path(__file__).with_name(FILE).read_bytes()
    if not gates:
        return data
    but_for = b"without this file, but for what stands below `gates`: change"
    return data.replace(b"without this file: change", but_for).replace(b"\ngates: []\n", f"\n{gates}".encode())


class PolicyInForce:
    """The policies of a workspace; read anew, and git asked anew, only when a file of theirs has changed.

    `runbook` is the path of the one whose gates they are for: no file beside it may look like the policy.
    """

    def __init__(self, workspace: Path, git: Git, runbook: str) -> None:
        self._workspace = workspace
        self._beside = PurePosixPath(runbook).parent.as_posix()
        self._git = git
        self._policies: tuple[bytes | None, Policies] = (None, Policies())
        self._at, self._blob = "", ""  # the commit that was read last, and the blob of the policy in it
        self._data: bytes | None = None
        self._sound = ""  # SHA-256 of the passkeys that were read last
        self._committed: dict[str, str] = {}  # path -> SHA-256 ("" for no file) that this commit was seen to agree with

    def for_gate(self, workflow: str, task: PlannedTask) -> GatePolicy:
        """The policy of this task's gate, with the digests of the files that say so.

        Raises BadInput when phasegate.yaml is not sound, names a file that is not there, or is not as in HEAD, and when
        another file is taken for it.
        """
        return self._for_gate(self._read(), workflow, task)

    def _for_gate(self, policies: Policies, workflow: str, task: PlannedTask) -> GatePolicy:
        policy = policies.for_gate(workflow, task.key, task.id, task.title)
        paths = [FILE, *policy.key_files]
        for path in policy.key_files:
            self._refuse_link(path)
        there = self._present(paths)
        self._require_committed(paths, there)
        self._require_sound(policy.passkeys)
        return replace(policy, files={path: self._committed[path] for path in there})

    def _require_sound(self, passkeys: str) -> None:
        """Raise BadInput for a passkeys file of which a line is none; each content is looked at once."""
        if passkeys and self._committed[passkeys] != self._sound:
            from workflow.policy.passkeys import read_passkeys  # not where no policy names one

            read_passkeys((self._workspace / passkeys).read_bytes(), passkeys)
            self._sound = self._committed[passkeys]

    def answers(self) -> dict[str, str]:
        """Answers to questions that phasegate.yaml has once for all. Raises BadInput when it is not sound."""
        tests = self._read().tests
        return {TESTS: tests} if tests else {}

    def commit_template(self) -> str:
        """The template of commit messages, "" where there is none. Raises as `answers`."""
        return self._read().commit

    def policies(self) -> Policies:
        """All rules, as HEAD has them. Raises as `answers`."""
        return self._read()

    def check(self, workflow: str, plan: Plan, back: Callable[[], Sequence[NamedTask]] = tuple) -> None:
        """Before a run starts: every gate has a sound policy, and every rule for this workflow governs a gate of it.

        `back` gives the states that a rollback would have; a rule may be about these, too.

        Raises BadInput as `for_gate` and `require_fit`.
        """
        policies = self._read()  # once: a plan may have thousands of gates
        require_rules(self._workspace, policies, workflow, plan, back)
        for task in plan.tasks:
            self._for_gate(policies, workflow, task)
        require_keys(self._workspace, policies, workflow, plan)

    def _read(self) -> Policies:
        """What HEAD holds. A file that the working tree alone has is none of it, and is refused."""
        refuse_look_alikes(self._workspace, self._beside)
        self._refuse_link(FILE)
        here = read_if_there(self._workspace / FILE, "policy", limit=POLICY, name=FILE)
        data = self._in_head()
        if data is None:
            if here is not None:
                self._require_committed([FILE], [FILE])
            return Policies()
        if data != self._policies[0]:
            from workflow.policy.policy_file import (
                read_policies,  # pydantic and YAML, only where there is something to read
            )

            try:
                self._policies = (data, read_policies(data))
            except BadInput as error:
                if here is None or with_lf(here) == with_lf(data):
                    raise
                raise BadInput(
                    f"what git stores of {FILE} is not the file here (a filter, say); it counts, and is no policy",
                    problems=error.problems,
                    next_command=f"git -P show HEAD:{FILE}   # what counts\n"
                    f"      git check-attr --all -- {FILE}   # what makes it another one",
                ) from error
        return self._policies[1]

    def _in_head(self) -> bytes | None:
        """The bytes of phasegate.yaml in HEAD, read again when HEAD has moved; None where it has none.

        Raises BadInput where they are more than a policy can be.
        """
        head = self._git.head()
        if head != self._at:
            blob = self._git.tree_ids(head, [FILE]).get(FILE, "")
            if blob != self._blob:
                data = self._git.blob(head, FILE) if blob else None
                if data is not None and len(data) > POLICY:
                    raise BadInput(
                        f"{FILE} in HEAD has {len(data):,} bytes, expected at most {POLICY:,}",
                        next_command=f"$EDITOR {FILE}   # docs/limits.md",
                    )
                self._blob, self._data = blob, data
            self._at, self._committed = head, {}
        return self._data

    def _refuse_link(self, path: str) -> None:
        """Raise BadInput where the file is behind a link or in another repository: its bytes are not in HEAD."""
        if "/" not in path and not os.path.islink(f"{self._workspace}/{path}"):  # noqa: PTH114 - each gate asks
            return
        place = PurePosixPath(path)
        ways = (each for each in (*reversed(place.parents), place) if each.name)
        link = next((each for each in ways if (self._workspace / each).is_symlink()), None)
        if link is None:
            self._refuse_other_repository(place)
            return
        name = path_word(path)
        how = "is" if link == place else f"goes through {link}, which is"
        to = (self._workspace / link).readlink()
        raise BadInput(
            f"the policy must be as committed, and {path} {how} a symbolic link -> {to}: "
            "of a link git holds the text alone",
            next_command=f"{break_hard_link(Path(path))}   # a file of its own in its place\n"
            f"      git add -- {name} && git commit"
            if link == place
            else look_at(Path(link)),
        )

    def _refuse_other_repository(self, place: PurePosixPath) -> None:
        inner = next((each for each in place.parents if each.name and (self._workspace / each / ".git").exists()), None)
        if inner is not None:
            raise BadInput(
                f"the policy must be as committed, and {place} stands in {inner}, which is another repository "
                "(a submodule): of its files git holds the commit's id alone",
                next_command=f"$EDITOR {FILE}   # name a file of this repository",
            )

    def _present(self, paths: list[str]) -> list[str]:
        missing = [path for path in paths if path != FILE and not (self._workspace / path).is_file()]
        if missing:
            policies = self._policies[1]
            of_passkeys = {each.passkeys for each in (policies.default, *(rule.policy for rule in policies.rules))}
            raise BadInput(
                f"{FILE} names {', '.join(missing)}, which is {self._instead(missing[0])}",
                next_command=ENROL
                if of_passkeys.issuperset(missing)
                else f"$EDITOR {FILE}   # docs/approvals.md has every setting",
            )
        return [path for path in paths if (self._workspace / path).is_file()]

    def _instead(self, path: str) -> str:
        return "a directory, expected a file" if (self._workspace / path).is_dir() else "not there"

    def _require_committed(self, paths: list[str], there: list[str]) -> None:
        """Raise BadInput unless git would store of these paths what HEAD holds; `there`: those that have a file."""
        seen = {path: sha256((self._workspace / path).read_bytes()) if path in there else "" for path in paths}
        if seen.items() <= self._committed.items():
            return
        head, here = self._git.tree_ids(self._at, paths), self._git.object_ids(there) if there else {}
        wrong = [path for path in paths if head.get(path) != here.get(path)]
        if wrong:
            self._refuse_marked(wrong)
            names = shlex.join(wrong)
            # git shows no difference of what it does not know
            look = f"git -P diff HEAD -- {names}" if head.keys() & set(wrong) else f"cat -- {names}"
            raise BadInput(
                f"the policy must be as committed, and differs from HEAD: {', '.join(wrong)}",
                next_command=f"{look}   # look\n      git add -- {names} && git commit   # or takes it over",
            )
        self._committed |= seen

    def _refuse_marked(self, wrong: Sequence[str]) -> None:
        """Raise BadInput where git was told not to look at one of these: it shows no difference, and adds none."""
        if marks := self._git.marks(wrong):
            said = ", ".join(f"{as_name(path)}, which is marked {mark}" for path, mark in marks.items())
            raise BadInput(
                f"the policy must be as committed, and differs from HEAD: {said}: git does not see its changes",
                next_command="\n      ".join(
                    f"{lift_mark(mark, path)}   # git sees it again" for path, mark in marks.items()
                ),
            )
