"""Is the workspace still what the run left behind? Runbook, approved files and commits, looked at before work goes on.

Rules:
- Looks, and writes nothing. What differs is named, with the command that brings back what was approved; a person
  decides, nothing is put back by itself.
- A task that is not committed yet may have rewritten its own files: those are its gate's business, not ours.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from phases.step import Step
from state.counted import counted
from state.errors import BadInput, JournalDamaged, Problem, RunbookEdited, WorkspaceRefused
from state.evidence import Artifact
from state.files import blob_id
from state.line_endings import digest_as, turned_like
from state.path_word import path_word
from state.printable import as_name
from state.segments import BELOW, segment_name
from state.task_state import TaskState, TaskStatus
from workflow.engine.committed_runbook import last_own_commit, why_not_as_left
from workflow.engine.expected_runbook import ExpectedRunbook, is_partly
from workflow.engine.open_run import OpenRun
from workflow.trailers import RUN, copy_of_runbook, run_files

SHORT = 10  # characters of a commit's id in messages
FEW = 16  # commits that are read one by one: more take longer than git


def turned_by_hand(run: OpenRun, runbook: ExpectedRunbook) -> bool:
    """Whether the runbook has other line ends than the run's copy, and git would store it with others than HEAD has.

    git itself may have turned them (core.autocrlf, in a clone): that is no edit, and no commit shows it.
    """
    git, path = run.doors.git, run.plan.runbook
    file, copy = run.workspace / path, run.workspace / copy_of_runbook(run.run_id, run.state.runbook)
    # marks do not change the size, line ends do, and so do fields that were filled in
    if file.stat().st_size == copy.stat().st_size and not runbook.fills():
        return False
    head = git.head()
    stored = turned_like(file.read_bytes(), git.blob(head, path) or b"")
    return git.object_ids([path])[path] != blob_id(stored, head)


def _with_runbook(run: OpenRun) -> str:
    """A commit that has the runbook: HEAD, or where it was moved away, the run's last one, else the one before."""
    there = run.doors.git.blob("HEAD", run.plan.runbook) is not None
    return "HEAD" if there else last_own_commit(run)[:SHORT]


def require_runbook(run: OpenRun, runbook: ExpectedRunbook, *, to_roll_back: str = "") -> None:
    """Return where the runbook is as run: of the boxes only the done are ticked.

    `to_roll_back`: the command that would begin a rollback; the ticks of the task in hand, which it takes away, are no
    edit then.

    Raises RunbookEdited, with the difference; BadInput where the file is gone, and where its line ends alone were
    changed, which is no edit that a run could take.
    """
    name, again = run.plan.runbook, to_roll_back or f"phasegate resume {run.run_id}"
    path = run.workspace / name
    if not path.is_file():
        raise BadInput(
            f"{name} is gone, and run {run.run_id} ticks its boxes",
            next_command=f"git checkout {_with_runbook(run)} -- {path_word(name)}   # then: {again}",
        )
    expected, seen = runbook.now(), path.read_bytes()
    if seen == expected:
        if not turned_by_hand(run, runbook):
            _require_committed(run, runbook)
            return
        raise BadInput(
            f"the line ends of {name} were changed by hand during the run, and nothing else",
            next_command=f"git stash push -- {path_word(name)} && {again}",
        )
    current = run.state.current_task
    if to_roll_back and current and is_partly(seen, expected, runbook.now(also=run.plan.task(current.key))):
        return
    from phases.documents.text_difference import text_difference  # here: for the refusal only

    left, is_now = (data.decode("utf-8", "backslashreplace") for data in (expected, seen))
    raise RunbookEdited(
        f"{name} was changed by hand during the run:",
        body=text_difference(left, is_now, "as the run left it", "as it is now", context=0),
        next_command=(
            f"{_without_the_edit(run, runbook, to_roll_back)}\n"
            f"      phasegate abort {run.run_id} --reason TEXT   # or ends the run, for a new one with the edit"
        ),
    )


def _without_the_edit(run: OpenRun, runbook: ExpectedRunbook, to_roll_back: str) -> str:
    """The commands that go on with the plan as run, and with the edit; one that was committed is put back first.

    A rollback goes on with the plan as run alone.
    """
    name, resume = path_word(run.plan.runbook), f"phasegate resume {run.run_id}"
    git, path, head = run.doors.git, run.plan.runbook, run.doors.git.head()
    is_committed = git.object_ids([path])[path] == git.tree_entries(head, [path])[path].blob
    rolls_back = f"{to_roll_back or resume}   # goes on with the rollback" if to_roll_back or run.state.rollback else ""
    if not is_committed or not why_not_as_left(run, runbook, head):  # a stash keeps what no commit has
        if rolls_back:
            return f"git stash push -- {name} && {rolls_back}"
        return (
            f"git stash push -- {name} && {resume}   # goes on with the plan as run\n"
            f"      {resume} --take-edit   # or goes on with the edit; what is done stays"
        )
    put_back = (
        f"git checkout {last_own_commit(run)[:SHORT]} -- {name} && git commit -m 'Put the runbook back' -- {name}"
    )
    if rolls_back:
        return f"{put_back} && {rolls_back}"
    return (
        f"{put_back} && {resume}   # goes on with the plan as run\n"
        f"      {put_back} && git cat-file --filters {head[:SHORT]}:./{name} > {name} && {resume} --take-edit"
        "   # or with the edit"
    )


def _require_committed(run: OpenRun, runbook: ExpectedRunbook) -> None:
    """Raise RunbookEdited when the runbook is as run, and not what HEAD holds."""
    if why := why_not_as_left(run, runbook, run.doors.git.head()):
        name = run.plan.runbook
        raise RunbookEdited(
            f"the runbook in HEAD is not as run {run.run_id} left it, the file here is: {why}",
            next_command=(
                f"git commit -m 'Put the runbook back' -- {path_word(name)}   # then: phasegate resume {run.run_id}"
            ),
        )


def own_paths(step: Step | None) -> Collection[str]:
    """What may differ while this step is at work: what it writes, and what it mends."""
    return (*step.writes, *step.mends) if step else ()


def require_artifacts(run: OpenRun, own: Collection[str], only: Collection[str] | None = None) -> None:
    """Raise BadInput with every file of a committed task that is not what was approved.

    Args:
        own: paths that may differ.
        only: these paths; None for all.
    """
    wanted = None if only is None else set(only).difference(own)
    problems, put_back = list[Problem](), dict[str, list[str]]()  # by commit
    for state, artifact in _latest_artifacts(run, own, wanted):
        path, expected = artifact.path, artifact.sha256
        seen = digest_as(run.workspace / path, expected)
        if seen != expected:
            label = run.plan.task(state.key).label
            what = f"task {label} was approved with {expected[:7]}, now it is {seen[:7]}"
            problems.insert(0, Problem(as_name(path), what))
            put_back.setdefault((state.commit or "")[:SHORT], []).insert(0, path_word(path))
    if problems:
        commands = [f"git checkout {commit} -- {' '.join(paths)}" for commit, paths in reversed(put_back.items())]
        raise BadInput(
            f"run {run.run_id} does not go on with files that were changed after their approval",
            problems=problems,
            next_command=f"{' && '.join(commands)} && phasegate resume {run.run_id}   # over what is there",
        )


def _latest_artifacts(
    run: OpenRun, own: Collection[str], wanted: Collection[str] | None
) -> Iterator[tuple[TaskState, Artifact]]:
    """What committed tasks left, the last one's first; of each path the latest one, which is the one that counts.

    `own` paths are left out, and with `wanted` all others than those.
    """
    looked: set[str] = set()
    for state in reversed(run.state.tasks.values()):
        if wanted is not None and looked.issuperset(wanted):
            return
        if state.status != TaskStatus.DONE or state.worked is None:
            continue
        # files that people handed in are the repository's own: what they make of them next is their business
        aside = {*own, *state.handed_in_paths}
        for artifact in reversed(state.worked.artifacts):
            if artifact.path not in looked and artifact.path not in aside and _is_meant(artifact.path, wanted):
                looked.add(artifact.path)
                yield state, artifact


def _is_meant(path: str, wanted: Collection[str] | None) -> bool:
    return wanted is None or path in wanted


def require_descent(run: OpenRun) -> None:
    """Return where HEAD is, or descends from, the run's last commit; before its first one, the commit it began from.

    git is asked only when HEAD is another one. Raises WorkspaceRefused for a history that was written anew.
    """
    git, last = run.doors.git, last_own_commit(run)
    head = git.head()
    if head == last or git.is_ancestor(last, head):
        return
    which = "began from" if last == run.state.start.base else "made"
    raise WorkspaceRefused(
        f"run {run.run_id} {which} {last[:SHORT]}, expected in the history of {git.branch()}, which is at "
        f"{head[:SHORT]} and has it no more (amended, rebased or reset): what is committed on that would not hold",
        next_command=(
            f"git reset --keep {last[:SHORT]} && phasegate resume {run.run_id}   # goes on from there; "
            f"{head[:SHORT]} stays in git's reflog\n"
            f"      phasegate abort {run.run_id} --reason TEXT   # or ends the run, for a new one on {head[:SHORT]}"
        ),
    )


def require_base(run: OpenRun) -> None:
    """As `require_descent`, where the run has no commit yet: what is not the base then has no place in its history."""
    if last_own_commit(run) == run.state.start.base:
        require_descent(run)


def require_commits(run: OpenRun) -> None:
    """HEAD has every commit that the journal names, and none of this run that it does not know. One `git log`, or none.

    Raises WorkspaceRefused for a commit that was amended, rebased or reset away, and as `require_descent`,
    JournalDamaged when git knows more than the journal.
    """
    git = run.doors.git
    known = {state.commit: state.key for state in run.state.tasks.values() if state.commit}
    if _stands_on_its_own(run, known):
        _require_committed_journal(run)
        return
    require_base(run)
    found = {commit.sha for commit in git.find_commits({RUN: run.run_id}, run.state.start.base, paths=False)}
    lost = [f"{key} {sha[:SHORT]}" for sha, key in known.items() if sha not in found]
    if lost:
        raise WorkspaceRefused(
            f"run {run.run_id} has commits that are not in the history of {git.branch()} any more (amended, rebased or "
            f"reset): {', '.join(lost)}",
            next_command=(
                "git -P reflog -12   # find where the branch was before, then:\n"
                f"      git reset --keep THAT && phasegate resume {run.run_id}"
            ),
        )
    more = sorted(found - known.keys())
    if more and not _is_older(run):
        _refuse_copy(run, more[0])
    if more:
        journal = run_files(run.run_id)[0]
        if run.state.segments.are_kept_apart:
            journal = f"{journal.rpartition('/')[0]}/{BELOW}"
        raise JournalDamaged(
            f"{journal} knows nothing of {counted(len(more), 'commit')} of its run "
            f"({', '.join(sha[:SHORT] for sha in more)}): an older copy of it was put in its place",
            next_command=f"git checkout -- {path_word(journal)}   # as last committed; then: phasegate resume",
        )
    _require_committed_journal(run)


def _is_older(run: OpenRun) -> bool:
    """Whether HEAD has more of the journal than is here: a file that is not here, or lines."""
    git, last = run.doors.git, run.state.segments.last
    further = [f".phasegate/{run.run_id}/{segment_name(number)}" for number in (last + 1, last + 2)]
    if run.state.segments.are_kept_apart and git.tree_ids("HEAD", further):
        return True
    return any(held.startswith(here) or not here.startswith(held) for _path, held, here in _differing_files(run))


def _refuse_copy(run: OpenRun, copy: str) -> None:
    """Raise WorkspaceRefused for a commit that has the run's trailers, and that the run did not make."""
    name = copy[:SHORT]
    is_head = copy == run.doors.git.head()
    way = (
        f"git commit --amend -m 'What {name} had' && phasegate resume {run.run_id}   # without the run's trailers"
        if is_head
        else f"git rebase -i {name}^   # reword {name}: leave its Phasegate- lines out; then: phasegate resume"
    )
    raise WorkspaceRefused(
        f"commit {name} says that it is of run {run.run_id}, which did not make it: a copy of one of its commits "
        "(cherry-picked)",
        next_command=f"{way}\n      phasegate abort {run.run_id} --reason TEXT   # or ends the run",
    )


def _stands_on_its_own(run: OpenRun, known: Collection[str]) -> bool:
    """Whether HEAD's way to the run's base is the known commits and no others, where it is short and lies loose."""
    way, at = set[str](), run.doors.git.head()
    while at in known and len(way) < FEW:
        way.add(at)
        at = run.doors.git.parent_of(at)
    return at == run.state.start.base and len(way) == len(known)


def _require_committed_journal(run: OpenRun) -> None:
    """Raise JournalDamaged when the journal here does not go on from the one that HEAD holds: lines were rewritten."""
    for journal, held, here in _differing_files(run):
        if here.startswith(held):
            continue
        pairs = zip(held.splitlines(), here.splitlines(), strict=False)
        line = next(
            (number for number, (ours, theirs) in enumerate(pairs, 1) if ours != theirs), len(here.splitlines()) + 1
        )
        back = f"git checkout HEAD -- {path_word(journal)}"
        if run.state.segments.are_kept_apart:  # with what stands behind it in files that no commit has
            below = path_word(f".phasegate/{run.run_id}/{BELOW}")
            back = f"git checkout HEAD -- {path_word(f'.phasegate/{run.run_id}')} && git clean -f -d -q -- {below}"
        raise JournalDamaged(
            f"{journal}:{line}: is not the line that was committed: expected it as HEAD has it",
            next_command=f"git diff HEAD -- {path_word(journal)}   # look\n"
            f"      {back} && phasegate resume {run.run_id}   # goes back to that one",
        )


def _differing_files(run: OpenRun) -> Iterator[tuple[str, bytes, bytes]]:
    """Each file of the journal that is not as in HEAD: its path, what HEAD has, and what is here."""
    git, directory, journal = run.doors.git, run.journal.path.parent, run_files(run.run_id)[0]
    segments = run.state.segments
    if not segments.are_kept_apart:
        held, here = git.blob("HEAD", journal) or b"", run.journal.path.read_bytes()
        if held != here:
            yield journal, held, here
        return
    head = git.head()
    paths = [f"{journal.rpartition('/')[0]}/{segment_name(number)}" for number in range(segments.last + 1)]
    for path, blob in git.tree_ids(head, paths).items():
        here = (directory / path.split("/", 2)[2]).read_bytes()
        if blob != blob_id(here, head):
            yield path, git.blob(head, path) or b"", here
