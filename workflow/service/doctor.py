"""Would a run start here, and what would it meet? Machine, repository, policy, AWS's configuration and runs.

Rules:
- Nothing is changed: no file is written, no lock is taken, no hook or program of the repository is run.
- Nothing leaves this machine unless `online` is asked for: then AWS is asked who we are, each remote for its branch.
- "fail" is what would stop every run here; what would stop some only (a region, credentials) is "warn".
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path

from state.counted import counted
from state.errors import PhasegateError
from state.find_runs import find_runs
from state.path_word import path_word
from state.printable import as_name
from workflow.doors.clock import SystemClock
from workflow.doors.git.plumbing import look
from workflow.policy.diagnosis import Reader, look_at_policy
from workflow.policy.look_alikes import FILE
from workflow.runs.find_run import is_over, runbooks_at_top
from workflow.runs.other_worktrees import driven_elsewhere
from workflow.service.meeting_at import blob_at
from workflow.service.who import Who
from workflow.service.workspace import directory_at, workspace_of
from workflow.starting import waits_for
from workflow.views.doctor import DoctorView, Looked


def doctor(directory: Path, who: Who, *, online: bool = False) -> DoctorView:
    """Look at everything that a run needs; `who` would start it.

    Raises BadInput when the directory is not there.
    """
    return DoctorView(tuple(_looked(directory_at(directory), who, online)))


def remote(directory: Path, name: str) -> DoctorView:
    """Whether runs can be met at this remote. Raises WorkspaceRefused when it does not answer; as `workspace_of`."""
    from workflow.service.meeting_place import place_of
    from workflow.service.probe_remote import probe

    waits_for("asking the remote")
    workspace = workspace_of(directory)
    return DoctorView((*probe(place_of(workspace, name)), _may_push(workspace)))


def _may_push(workspace: Path) -> Looked:
    """Whether what this clone signs is signed by a runner: one commit is signed, and goes with git's own clearing up.

    Who is none reads and decides all the same.
    """
    from workflow.service.runner_key import require_runner

    try:
        require_runner(workspace)
    except PhasegateError as error:
        return Looked("remote", "this clone may push runs", "warn", error.message, error.next_command)
    return Looked("remote", "this clone may push runs", "ok", "yes: its key is a runner's")


def gates(directory: Path, who: Who) -> DoctorView:
    """Who may open which gate of this repository, as its policy says; `who` reads it. Raises as `workspace_of`."""
    workspace = workspace_of(directory)
    return DoctorView(tuple(_policy(workspace, who)))


def _looked(start: Path, who: Who, online: bool) -> Iterator[Looked]:
    from workflow.doors.aws.diagnosis import ask_aws, look_at_aws
    from workflow.doors.machine import look_at_machine

    waits_for("asking the machine and its clock")
    now = SystemClock(patient=True).now()
    machine = list(look_at_machine(start))
    yield from machine
    if not any(each.name == "git" and each.health == "fail" for each in machine):
        waits_for("asking git about this repository")
        yield from _in_repository(start, who, now, online)
    waits_for("reading the configuration of AWS")
    yield from look_at_aws(now)
    if online:
        waits_for("asking AWS who you are")
        yield ask_aws()


def _in_repository(start: Path, who: Who, now: datetime, online: bool) -> Iterator[Looked]:
    """What git has to be asked for."""
    from workflow.doors.git.diagnosis import look_at_repository

    try:
        workspace = workspace_of(start)
    except PhasegateError as error:
        yield Looked("repository", "working tree", "fail", error.message, error.next_command)
        return
    yield from look_at_repository(workspace, now)
    yield from _policy(workspace, who)
    if online:
        yield from _remotes(workspace)
    yield from _programs(workspace)
    yield from _runs(workspace)
    yield _sandbox(workspace)


def _policy(workspace: Path, who: Who) -> Iterator[Looked]:
    here, in_head = _is_as_in_head(workspace), _is_in_head(workspace)
    mark = _mark(workspace)
    idle = _idle(workspace)
    yield from look_at_policy(
        workspace, _reader(workspace, who), as_in_head=here, in_head=in_head, mark=mark, idle=idle
    )
    if in_head and b"runners" in blob_at(workspace, "HEAD", FILE):
        yield from _runner(workspace)


def _idle(workspace: Path) -> dict[str, str]:
    """The rules that name a runbook here and none of its gates, by their place, with what is wrong."""
    from workflow.engine.rollback_tasks import rollback_tasks
    from workflow.policy.policy_fit import idle_rules
    from workflow.runs.load_plan import load_plan
    from workflow.service.plan import policies_here

    found: dict[str, str] = {}
    try:
        policies = policies_here(workspace)
    except PhasegateError:
        return found  # told where the file is looked at
    for name in dict.fromkeys(rule.workflow for rule in policies.rules):
        target = f"{name}.md" if (workspace / f"{name}.md").is_file() else name
        with suppress(PhasegateError):  # a pattern, or no runbook of that name is here
            plan, workflow, data, _shape = load_plan(workspace, target, None, or_own=True)
            wrong = idle_rules(policies, name, plan, partial(rollback_tasks, plan, workflow.rollback, data))
            found |= {each.where: each.message for each in wrong}
    return found


def _runner(workspace: Path) -> Iterator[Looked]:
    """Whether this clone's key is a runner's, by its public half: nothing is signed here."""
    from workflow.service.meeting_place import place_of
    from workflow.service.runner_key import own_key, runners_at
    from workflow.service.worker_identity import fingerprint

    try:
        keys, named = runners_at(workspace, "HEAD")
    except PhasegateError as error:
        yield Looked("policy", "runners", "warn", error.message, "$EDITOR phasegate.yaml   # docs/remote.md")
        return
    own = own_key(workspace)
    if not own:
        seen = f"{named}; which key this clone signs with is not known without signing"
        remote = path_word(place_of(workspace).remote.name)
        yield Looked("policy", "runners", "ok", seen, f"phasegate doctor --remote {remote}   # signs, and says")
    elif own in {fingerprint(word) for line in keys.decode(errors="replace").splitlines() for word in line.split()}:
        yield Looked("policy", "runners", "ok", f"{named}; this clone's key is among them")
    else:
        seen = f"{named}; this clone's key {own} is not among them: it reads and decides, and pushes no run"
        yield Looked("policy", "runners", "warn", seen, f"git show HEAD:./{named}   # who may push runs")


def _mark(workspace: Path) -> str:
    """By which mark git was told not to look at the policy, "" where it was not."""
    flag = look(workspace, "ls-files", "-v", "--", FILE).stdout[:1].decode()
    return "" if not flag.islower() and flag != "S" else "skip-worktree" if flag in "Ss" else "assume-unchanged"


def _reader(workspace: Path, who: Who) -> Reader:
    form, key = (_config(workspace, name) for name in ("gpg.format", "user.signingkey"))
    return Reader(who.by.git, form == "ssh" and bool(key))


def _config(workspace: Path, name: str) -> str:
    return look(workspace, "config", "--get", name).stdout.decode(errors="replace").strip()


def _is_as_in_head(workspace: Path) -> bool:
    """Whether git sees no difference of the policy; a repository that git refuses was told above."""
    return not look(workspace, "status", "--porcelain", "--ignored", "--", FILE).stdout


def _is_in_head(workspace: Path) -> bool:
    return look(workspace, "cat-file", "-e", f"HEAD:./{FILE}").returncode == 0


def _sandbox(workspace: Path) -> Looked:
    from workflow.service.sandbox import status

    try:
        found = status(workspace)
    except PhasegateError as error:
        return Looked("aws", "sandbox", "warn", error.message, error.next_command)
    seen = f"runs at {found.endpoint_url}, process {found.pid}" if found.running else "not running; --sandbox starts it"
    return Looked("aws", "sandbox", "ok", seen)


def _programs(workspace: Path) -> Iterator[Looked]:
    """The programs that the runbooks at the top, and the checks beside them, need."""
    from workflow.runs.checks_beside import checks_of
    from workflow.runs.load_plan import load_plan
    from workflow.runs.missing_programs import by_program, missing_programs

    for path in runbooks_at_top(workspace):
        name = as_name(path)
        try:
            target = load_plan(workspace, path, None, or_own=True)
        except PhasegateError:
            continue  # no runbook that could be run, which is no fault of a document
        try:
            missing = missing_programs(target.plan, target.workflow, checks_of(workspace, target))
        except PhasegateError as error:
            yield Looked("programs", name, "warn", error.message, error.next_command)
            continue
        if missing:
            seen = f"not on PATH: {by_program(missing)}"
            yield Looked("programs", name, "warn", seen, f"phasegate plan {path_word(path)}   # what names each")
        else:
            yield Looked("programs", name, "ok", "what its commands and checks name is on PATH")


def _runs(workspace: Path) -> Iterator[Looked]:
    """The runs that are not over: a runbook and a workflow have one at a time."""
    try:
        names = find_runs(workspace)
    except PhasegateError as error:
        yield Looked("runs", "runs", "fail", error.message, error.next_command)
        return
    unfinished, damaged = [], False
    for name in names:
        try:
            if not is_over(workspace, name):
                unfinished.append(name)
        except PhasegateError as error:
            damaged = True
            yield Looked("runs", name, "fail", error.message, error.next_command)
    for name in unfinished:
        yield Looked("runs", name, "ok", "not finished", f"phasegate status {name}")
    elsewhere = driven_elsewhere(workspace)
    for each in elsewhere:
        yield Looked("runs", f"{each.run} elsewhere", "ok", each.said, each.command())
    if not (unfinished or damaged or elsewhere):
        yield Looked("runs", "unfinished", "ok", f"none, of {counted(len(names), 'run')}" if names else "none")


def _remotes(workspace: Path) -> Iterator[Looked]:
    """Whether each remote answers, and where the branch is there."""
    from workflow.doors.git.step_git import StepGitDoor

    waits_for("asking the remotes")
    git = StepGitDoor(workspace)
    try:
        branch, names = git.branch(), git.remotes()
    except PhasegateError:
        return  # no branch: told above
    for name in names:
        try:
            sha = git.remote_head(name, branch)
        except PhasegateError as error:
            yield Looked("repository", f"remote {name}", "warn", error.message, "git remote -v")
        else:
            yield Looked("repository", f"remote {name}", "ok", f"has {branch} at {sha[:10]}" if sha else f"no {branch}")
