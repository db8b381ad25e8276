"""Which policy governs this gate now? Reads phasegate.yaml and the files it names, as they are committed.

Rules:
- The policy in force is the one in HEAD: one that is changed, deleted or not committed is refused, so that whoever
  changed it is on record and an audit of a bare clone can read it.
- Without a phasegate.yaml in HEAD and in the workspace the default holds, unless a file is there that somebody takes
  for it (`workflow.policy.look_alikes`).
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from gates.policy import GatePolicy, Policies
from state.errors import BadInput, Problem
from state.event_types import NamedTask
from state.files import sha256
from state.model import Plan, PlannedTask
from state.outside_file import POLICY, read_if_there
from workflow.policy.look_alikes import FILE as FILE
from workflow.policy.look_alikes import refuse_look_alikes
from workflow.ports import Git
from workflow.runs.workflow_catalog import name_of_runbook

TESTS = "test-command"  # the question that `tests` answers


def default_policy() -> bytes:
    """The commented phasegate.yaml that `init` writes; everything in it is as without it."""
    return Path(__file__).with_name(FILE).read_bytes()


class PolicyInForce:
    """The policies of a workspace; read anew, and git asked anew, only when a file of theirs has changed.

    `runbook` is the path of the one whose gates they are for: no file beside it may look like the policy.
    """

    def __init__(self, workspace: Path, git: Git, runbook: str) -> None:
        self._workspace = workspace
        self._beside = PurePosixPath(runbook).parent.as_posix()
        self._git = git
        self._policies: tuple[bytes | None, Policies] = (None, Policies())
        self._committed: dict[str, str] = {}  # path -> SHA-256 ("" for no file) that HEAD was seen to agree with

    def for_gate(self, workflow: str, task: PlannedTask) -> GatePolicy:
        """The policy of this task's gate, with the digests of the files that say so.

        Raises BadInput when phasegate.yaml is not sound, names a file that is not there, or is not as in HEAD, and when
        another file is taken for it.
        """
        return self._for_gate(self._read(), workflow, task)

    def _for_gate(self, policies: Policies, workflow: str, task: PlannedTask) -> GatePolicy:
        policy = policies.for_gate(workflow, task.key, task.id, task.title)
        paths = [path for path in (FILE, policy.allowed_signers, policy.revoked_keys) if path]
        files = {path: sha256((self._workspace / path).read_bytes()) for path in self._present(paths)}
        self._require_committed(paths, files)
        return replace(policy, files=files)

    def answers(self) -> dict[str, str]:
        """Answers to questions that phasegate.yaml has once for all. Raises BadInput when it is not sound."""
        tests = self._read().tests
        return {TESTS: tests} if tests else {}

    def commit_template(self) -> str:
        """The template of commit messages, "" where there is none. Raises as `answers`."""
        return self._read().commit

    def check(self, workflow: str, plan: Plan, back: Callable[[], Sequence[NamedTask]] = tuple) -> None:
        """Before a run starts: every gate has a sound policy, and every rule for this workflow governs a gate of it.

        `back` gives the states that a rollback would have; a rule may be about these, too.

        Raises BadInput as `for_gate`, for a rule that names this workflow and none of its tasks, and for one that names
        the runbook's file, which in a sub-directory is not its name.
        """
        policies = self._read()  # once: a plan may have thousands of gates
        self._refuse_file_names(policies, workflow, plan)
        rules = [rule for rule in policies.rules if rule.workflow == workflow]
        names = [(task.key, task.id, task.title) for task in plan.tasks]
        names += [(task.key, task.id, task.title) for task in (back() if rules else ())]
        idle = [
            Problem(rule.place, f"no task of {workflow} is called {rule.gate!r}")
            for rule in rules
            if not any(rule.is_about(workflow, *each) for each in names)
        ]
        if idle:
            raise BadInput(
                f"{FILE} has rules for gates that {workflow} does not have",
                problems=idle,
                next_command=f"phasegate plan {workflow}",
            )
        for task in plan.tasks:
            self._for_gate(policies, workflow, task)

    def _refuse_file_names(self, policies: Policies, workflow: str, plan: Plan) -> None:
        """A rule for `tasks` that was meant for `specs/login/tasks.md` would govern nothing, and its gates be open.

        So would one for `a-b-tasks`, where another path has that name (`workflow.runs.runbook_name`).
        """
        path, plain = PurePosixPath(plan.runbook), name_of_runbook(plan.runbook)
        if path.stem == workflow or not workflow.startswith(plain):
            return
        meant = plain
        if workflow == plain:
            if (self._workspace / path.name).exists():  # the rule is that one's
                return
            meant = path.stem
        elif any(rule.workflow == workflow for rule in policies.rules):  # somebody knew of the two
            return
        wrong = [
            rule
            for rule in policies.rules
            if fnmatchcase(meant, rule.workflow) and not fnmatchcase(workflow, rule.workflow)
        ]
        if wrong:
            raise BadInput(
                f"{FILE} has rules for {meant}, and {plan.runbook} is called {workflow}",
                problems=[
                    Problem(rule.place, f"expected workflow: {workflow}, seen {rule.workflow}") for rule in wrong
                ],
                next_command=f"$EDITOR {FILE}   # write workflow: {workflow}",
            )

    def _read(self) -> Policies:
        refuse_look_alikes(self._workspace, self._beside)
        data = read_if_there(self._workspace / FILE, "policy", limit=POLICY, name=FILE)
        if data is None:
            return Policies()
        if data != self._policies[0]:
            from workflow.policy.policy_file import (
                read_policies,  # pydantic and YAML, only where there is something to read
            )

            self._policies = (data, read_policies(data))
        return self._policies[1]

    def _present(self, paths: list[str]) -> list[str]:
        missing = [path for path in paths if path != FILE and not (self._workspace / path).is_file()]
        if missing:
            raise BadInput(
                f"{FILE} names {', '.join(missing)}, which is not there",
                next_command=f"$EDITOR {FILE}   # docs/approvals.md has every setting",
            )
        return [path for path in paths if (self._workspace / path).is_file()]

    def _require_committed(self, paths: list[str], files: dict[str, str]) -> None:
        seen = {path: files.get(path, "") for path in paths}
        if seen.items() <= self._committed.items():
            return
        head, here = self._git.tree_ids("HEAD", paths), self._git.object_ids(list(files)) if files else {}
        wrong = [path for path in paths if head.get(path) != here.get(path)]
        if wrong:
            names = shlex.join(wrong)
            raise BadInput(
                f"the policy must be as committed, and differs from HEAD: {', '.join(wrong)}",
                next_command=f"git -P diff HEAD -- {names}   # look\n"
                f"      git add -- {names} && git commit   # or takes it over",
            )
        self._committed |= seen
