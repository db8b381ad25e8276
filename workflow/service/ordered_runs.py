"""How does a run order others at the remote, and see what became of them? Implements `phases.elsewhere.RunsElsewhere`.

Rules:
- Every run that is ordered begins at the commit that the ordering run began at: what lies between are its own commits.
- What a run came to is read from its branch at the remote, and judged by the audit in a clone that goes away again.
- Where a branch is gone, the commit that its run was over at is used, or the last one of the run on any other branch.
- Anybody who can push can say stop (`stops/<run>/<part>`); that it is no runner's word does no harm: nothing is done.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from phases.elsewhere import RunAudited, RunThere, RunWanted
from state.errors import RunFenced, WorkspaceRefused
from state.event_types import RunStarted
from state.fold import commit_found
from state.run_state import RunState
from state.task_state import TaskStatus
from workflow.doors.git.plumbing import look, prefix_of, top_of
from workflow.doors.git.tips import BECAUSE, WORKER, WORKSPACE, Tip, read_tip, run_git, said_of
from workflow.doors.git.tips import RUN as TRAILER_RUN
from workflow.meeting.moves import Move, move, steadily
from workflow.meeting.orders import Order
from workflow.meeting.refs import BRANCHES, STATES, is_whole, runs_in
from workflow.runs.workflow_catalog import is_markdown
from workflow.service.meeting_place import Place, place_of
from workflow.service.orders import put_order
from workflow.service.run_in_tip import has_begun, run_in

ALL = "all"  # in the place of a part, of a stop of everything
TAKEN_BACK = "its order was taken back"  # before anybody began it


class OrderedRuns:
    """See the module."""

    def __init__(self, workspace: Path, started: RunStarted) -> None:
        self._workspace, self._started = workspace, started

    @cached_property
    def _place(self) -> Place:
        return place_of(self._workspace)

    def order(self, wanted: RunWanted) -> str:
        started = self._started
        directory = f"{prefix_of(self._workspace)}{wanted.directory}".rstrip("/")
        named = is_markdown(wanted.workflow)
        order = Order(
            wanted.run,
            Path(wanted.workflow).stem if named else wanted.workflow,
            wanted.workflow if named else "",
            wanted.answers,
            wanted.target,
            directory,
            started.orderer,
            wanted.profile,
        )
        try:
            put_order(self._place, order, started.base)
        except RunFenced:
            if before := self.heads([wanted.run], {}).get(wanted.run):
                return before  # by a process that died, or is asleep
            raise
        return started.base

    @property
    def remote(self) -> str:
        return self._place.remote.name

    def heads(self, runs: Sequence[str], known: Mapping[str, str]) -> Mapping[str, str]:
        names = {self._place.names.branch(run): run for run in runs}
        seen = self._place.remote.look(*names) if names else {}
        found = {names[ref]: sha for ref, sha in seen.items() if ref in names}
        return {**found, **self._kept([run for run in runs if run not in found], known)}

    def _kept(self, runs: Sequence[str], known: Mapping[str, str]) -> Mapping[str, str]:
        """The last commits of runs whose branches are gone, as far as anybody here has them."""
        found = {run: known[run] for run in runs if run in known and self._has(known[run])}
        if left := [run for run in runs if run not in found]:
            branches = list(dict.fromkeys(self._place.remote.look("refs/heads/*", "refs/tags/*").values()))
            self._place.remote.fetch(branches)
            found |= {run: sha for run in left if (sha := self._last_on(branches, run))}
        return found

    def _has(self, commit: str) -> bool:
        """Whether this clone has the commit, or the remote gives it."""
        if look(self._workspace, "cat-file", "-e", f"{commit}^{{commit}}").returncode == 0:
            return True
        try:
            self._place.remote.fetch([commit])
        except WorkspaceRefused:
            return False
        return True

    def _last_on(self, branches: Sequence[str], run: str) -> str:
        """The last commit of the run that is on one of these, "" for none."""
        asked = ("log", "-1", "--topo-order", "--format=%H", "-F", f"--grep={TRAILER_RUN}: {run}", "--stdin")
        given = "".join(f"{sha}\n" for sha in branches).encode()
        return look(self._workspace, *asked, given=given).stdout.decode().strip() if branches else ""

    def look(self, runs: Mapping[str, str], known: Mapping[str, str]) -> Mapping[str, RunThere]:
        if not runs:
            return {}
        place = self._place
        refs = steadily(
            place.remote,
            [*map(place.names.all_in, STATES), f"{BRANCHES}/*"],
            lambda refs: all(is_whole(refs, place.names, run) for run in runs),
        )
        heads = {run: refs.get(place.names.branch(run), "") for run in runs}
        states = {run: (state, tip) for state in STATES for run, tip in runs_in(refs, place.names, state).items()}
        heads |= self._kept([run for run, head in heads.items() if not head and run not in states], known)
        place.remote.fetch(
            [states[run][1] for run in runs if states.get(run, ("", ""))[0] == "stopped"]
            + [refs[ref] for run in runs if run not in states and (ref := place.names.branch(run)) in refs]
        )
        there = {run: self._there(run, below, states.get(run), heads[run]) for run, below in runs.items()}
        return {run: each if each.state else RunThere(run, "", "", known.get(run, "")) for run, each in there.items()}

    def _there(self, run: str, directory: str, at: tuple[str, str] | None, head: str) -> RunThere:
        if at is not None:
            because = read_tip(self._workspace, at[1]).said(BECAUSE) if at[0] == "stopped" else ""
            return RunThere(run, at[0], because, head)
        if not head:
            return RunThere(run, "", "", "")
        if not self._has_begun(run, directory, head):
            return RunThere(run, "aborted", TAKEN_BACK, head)
        state = _ended(self._run(run, directory, head), head)
        return RunThere(run, state or "stopped", "" if state else "not shared any more", head)

    def _run(self, run: str, directory: str, head: str) -> RunState:
        home = f"{prefix_of(self._workspace)}{directory}".rstrip("/")
        return run_in(self._workspace, run, Tip(head, [head], "", {WORKSPACE: [home]} if home else {}))

    def _has_begun(self, run: str, directory: str, head: str) -> bool:
        home = f"{prefix_of(self._workspace)}{directory}".rstrip("/")
        return has_begun(self._workspace, run, Tip(head, [head], "", {WORKSPACE: [home]}))

    def audit(self, run: str, directory: str, known: Mapping[str, str]) -> RunAudited:
        from workflow.audit import audit_workspace  # here: most steps audit nothing

        head = self.heads([run], known)[run]
        if not self._has(head):
            raise WorkspaceRefused(
                f"commit {head[:10]} of run {run} is neither here nor on remote {self.remote}",
                next_command=f"git ls-remote {self.remote}",
            )
        if not self._has_begun(run, directory, head):
            return RunAudited("aborted", head, [])
        top = str(top_of(self._workspace))
        with tempfile.TemporaryDirectory(prefix="phasegate-audit-") as scratch:
            clone = Path(scratch) / "repository"
            for arguments in (
                ("clone", "-q", "--shared", "--no-checkout", top, str(clone)),
                ("-C", str(clone), "checkout", "-q", "-B", f"phasegate/{run}", head),
            ):
                done = run_git(self._workspace, *arguments)
                if done.returncode != 0:
                    raise WorkspaceRefused(
                        f"run {run} could not be laid out to be audited: {said_of(done.stderr)}",
                        next_command="ls -ld /tmp   # room and rights there",
                    )
            (found,) = audit_workspace(clone / f"{prefix_of(self._workspace)}{directory}", run)
        return RunAudited(found.state, head, [f"{each.code}: {each.message}" for each in found.findings])

    def stopped(self, part: str) -> str:
        place = self._place
        refs = place.remote.look(*(stop_of(place, self._started.run, each) for each in (ALL, part)))
        for sha in refs.values():
            place.remote.fetch([sha])
            return read_tip(self._workspace, sha).said(WORKER) or "somebody"
        return ""


def _ended(run: RunState, head: str) -> str:
    """How the run has ended whose branch is at this commit; "" while it has not."""
    current = run.current_task
    if current is not None and current.key == run.last_task and current.status == TaskStatus.COMMITTING:
        commit_found(run, head)  # the journal in a commit says that it is intended
    return str(run.outcome)


def stop_of(place: Place, run: str, part: str) -> str:
    """The ref that says: this part of the run orders nothing more."""
    return f"{place.names.prefix}/stops/{run}/{part}"


def say_stop(place: Place, run: str, part: str, who: str) -> None:
    """Have nothing more ordered. Raises WorkspaceRefused as `move`; RunFenced where it is being said elsewhere."""
    ref = stop_of(place, run, part)
    before = place.remote.look(ref).get(ref, "")
    head = look(place.workspace, "rev-parse", "--verify", "HEAD^{commit}").stdout.decode().strip()
    message = f"phasegate: {run} orders nothing more\n\nPhasegate-Run: {run}\n{WORKER}: {who}\n{BECAUSE}: stopped\n"
    done = run_git(place.workspace, "commit-tree", f"{head}^{{tree}}", "-p", head, given=message.encode())
    if done.returncode != 0:
        raise WorkspaceRefused(f"git made no commit: {said_of(done.stderr)}", next_command="git config user.email")
    move(place.remote, [Move(ref, before, done.stdout.decode().strip())], run=run)


def lift_stops(place: Place, run: str) -> Sequence[str]:
    """Have what was stopped go on; the parts that were."""
    refs = place.remote.look(f"{stop_of(place, run, '')}*")
    if refs:
        move(place.remote, [Move(ref, sha, "") for ref, sha in refs.items()], run=run)
    return [ref.rpartition("/")[2] for ref in refs]
