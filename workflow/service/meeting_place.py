"""Where are the runs of this repository met, and what does this clone remember of one that is shared?

Rules:
- Settings and the runners' keys are those of a commit, never of the working tree.
- What is remembered (`<git dir>/phasegate/<run>.shared`) only says which tip is this clone's own; what is true is on
  the remote.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from state.errors import BadInput, PhasegateError, RunFenced
from state.files import Disk
from state.json_line import read_object
from state.nearest import nearest
from state.path_word import path_word
from state.printable import as_name
from workflow.doors.git.meeting_place import GitRemote
from workflow.doors.git.tips import RUN, Tip, read_tip, why_not_signed
from workflow.meeting.moves import steadily
from workflow.meeting.refs import Names, Standing, State, is_whole, runs_in, standing_of
from workflow.policy.meeting_settings import Meeting
from workflow.runs.find_run import no_such_run, the_one_meant
from workflow.service.meeting_at import settings_at as settings_at
from workflow.service.put_back import branch_refused, tip_refused
from workflow.service.run_in_tip import workspace_in
from workflow.service.runner_key import runners_at
from workflow.service.shared_file import not_alone, shared_file

REMOTE = "origin"  # where phasegate.yaml names none


@dataclass(frozen=True, slots=True)
class Place:
    """One remote, as this clone reaches it."""

    workspace: Path
    remote: GitRemote
    names: Names
    lease: float
    shares_by_itself: bool

    def standing(self, run_id: str) -> Standing:
        """Where the run is there. Raises WorkspaceRefused when the remote does not answer."""
        return standing_of(self.refs_of(run_id), self.names, run_id, remote=self.remote.name)

    def refs_of(self, run_id: str) -> Mapping[str, str]:
        """The refs that there are of the run, with their commits. Raises WorkspaceRefused."""
        return steadily(self.remote, self.names.patterns_of(run_id), lambda refs: is_whole(refs, self.names, run_id))

    def runs(self, *states: State) -> dict[str, tuple[State, str]]:
        """Run -> state and tip, of all that are in one of these."""
        refs = self.remote.look(*map(self.names.all_in, states))
        return {run: (state, tip) for state in states for run, tip in runs_in(refs, self.names, state).items()}

    def meant(self, run_id: str | None) -> str:
        """The run on the remote that is meant: the one named, or begun so, or the only one.

        Raises BadInput where there is none, or several.
        """
        known = sorted(self.runs("waiting", "working", "stopped", "todo"))
        if run_id is not None:
            if found := the_one_meant(run_id, known):
                return found
            error = no_such_run(run_id, known, f"on remote {self.remote.name}")
            near = nearest(run_id, known)
            error.next_command = f"phasegate status {near} --remote" if near else "phasegate inbox   # what waits there"
            raise error
        if len(known) == 1:
            return known[0]
        raise BadInput(
            f"several runs are on remote {self.remote.name}, say which: {', '.join(known)}"
            if known
            else f"no run is on remote {self.remote.name}",
            next_command="phasegate inbox   # what waits there",
        )

    def tip(self, run_id: str, standing: Standing) -> Tip:
        """The run's tip, fetched, and signed by one of the runners of its workspace's phasegate.yaml in the branch.

        Raises WorkspaceRefused for one that nobody signed who may, or that is not of this run or of its branch, with
        the way back; RunFenced where the refs move meanwhile.
        """
        self.remote.fetch([standing.tip, standing.branch, *(standing.verdicts or {}).values()])
        return self.verified(run_id, standing)

    def verified(self, run_id: str, standing: Standing) -> Tip:
        """As `tip`, of one that was fetched."""
        names, remote = self.names, self.remote.name

        def refused(why: str) -> PhasegateError:
            own = Kept(self.workspace, run_id).tips
            return tip_refused(self.workspace, remote, names, run_id, standing, why, own)

        try:
            tip = read_tip(self.workspace, standing.tip)
            keys, named = runners_at(self.workspace, tip.head, workspace_in(self.workspace, run_id, tip))
        except PhasegateError as error:  # no tip at all, or of a branch where nobody may push runs
            raise refused(error.message) from None
        if why := why_not_signed(self.workspace, tip.sha, keys):
            told = (
                f"the run's tip {tip.sha[:10]} on remote {remote} is not signed by anybody in {as_name(named)}: {why}"
            )
            raise refused(told)
        if tip.said(RUN) != run_id:
            told = f"the tip {tip.sha[:10]} of run {run_id} on remote {remote} is of {tip.said(RUN) or 'no run'}"
            raise refused(told)
        if standing.branch and tip.head != standing.branch:
            if self.standing(run_id) != standing:
                raise RunFenced(
                    f"run {run_id} moved on remote {remote} while it was looked at",
                    next_command=f"phasegate status {run_id} --remote   # where it stands now",
                )
            self.remote.fetch([standing.branch])
            raise branch_refused(self.workspace, remote, names, run_id, standing, tip)
        return tip


def place_of(workspace: Path, remote: str | None = None) -> Place:
    """The remote where runs of this workspace are met: the one named, or that of HEAD's phasegate.yaml, or origin."""
    settings = settings_at(workspace, "HEAD")
    found = settings or Meeting()
    name = remote or found.remote or REMOTE
    shares = bool(settings and settings.remote)
    return Place(workspace, GitRemote(workspace, name), Names(found.prefix), found.seconds, shares)


class Kept:
    """What this clone remembers of one shared run. Implements `workflow.meeting.holding.Kept`.

    Attributes:
        behind: the tip that the files here are of ("" for none), where the run went on elsewhere and is not laid down
            here yet; None where they are this clone's own, or as in the tip that it pushed last.
    """

    def __init__(self, workspace: Path, run_id: str) -> None:
        self._workspace, self._run = workspace, run_id
        self._disk, self._path = Disk(workspace), shared_file(workspace, run_id)
        self.remote, self._tips, self.is_fenced = "", list[str](), False
        self.behind: str | None = None
        try:
            body = read_object(self._path.read_bytes())
        except (FileNotFoundError, ValueError):
            return
        remote, tips, is_fenced = body.get("remote"), body.get("tips"), body.get("fenced")
        self.remote = remote if isinstance(remote, str) else ""
        self._tips = [each for each in tips if isinstance(each, str)] if isinstance(tips, list) else []
        self.is_fenced = is_fenced is True
        behind = body.get("behind")
        self.behind = behind if isinstance(behind, str) else None

    @property
    def is_shared(self) -> bool:
        return bool(self.remote)

    @property
    def tips(self) -> Sequence[str]:
        """Those that this clone pushed last, or tried to."""
        return self._tips

    @property
    def last(self) -> str:
        """The tip that was pushed last, as far as is known; "" for none."""
        return self._tips[0] if self._tips else ""

    def is_own(self, tip: str) -> bool:
        """Whether this clone pushed it, or tried to."""
        return tip in self._tips

    def begin(self, remote: str) -> None:
        self.remote = remote
        self._write()
        not_alone(self._workspace, self._run)

    def lays_down(self) -> None:
        """The run is about to be claimed, and then to be brought here: a process that dies in between is told.

        It is written with the tip of the claim: a claim that is refused before its push changes nothing.
        """
        if self.behind is None:
            self.behind = self.last

    def laid_down(self) -> None:
        """The run is here as it is at the remote."""
        self.behind, self.is_fenced = None, False
        self._write()

    def trying(self, tip: str) -> None:
        self._tips = [*self._tips[:1], tip]
        self._write()

    def pushed(self, tip: str) -> None:
        self._tips = [tip]
        self._write()

    def fenced(self) -> None:
        self.is_fenced = True
        self._write()

    def forget(self) -> None:
        self._path.unlink(missing_ok=True)

    def _write(self) -> None:
        behind = {} if self.behind is None else {"behind": self.behind}
        body = {"remote": self.remote, "tips": self._tips, "fenced": self.is_fenced, **behind}
        self._disk.write_atomic(self._path, json.dumps(body).encode())


def in_another_clone(run_id: str) -> str:
    """The commands by which somebody goes on whose clone parted from the run."""
    return f"git clone URL DIR && phasegate -C DIR resume {path_word(run_id)}   # goes on in a clone of its own"
