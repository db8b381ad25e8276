"""Can this fleet be ordered here? Its file, held against the repository: every problem at once, nothing written.

Rules:
- A run begins at HEAD: directories and runbooks are looked for in HEAD, never in the working tree alone.
- Answers are held against the questions of the workflow, as those of a run are.
- The remote is that of phasegate.yaml; where the file names an address, it must be that one's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path

from phases.documents.yaml_document import Place as At
from phases.fleet.model import FleetTarget
from phases.fleet.reader import FleetDocument
from phases.fleet.runbook import runbook_path, runbook_text
from phases.tried_answers import region_refused
from state.cheap_classes import dataclass
from state.errors import BadInput, PhasegateError, Problem
from state.outside_file import INPUT, read_outside
from state.path_word import path_word
from state.printable import as_name
from workflow.doors.git.handed_over import blob_named
from workflow.doors.git.plumbing import look, prefix_of
from workflow.doors.masking import mask
from workflow.policy.look_alikes import FILE
from workflow.policy.meeting_settings import Meeting
from workflow.policy.policy_file import read_meeting
from workflow.runs.answers_file import GivenAnswers
from workflow.runs.askable import refuse_unasked
from workflow.runs.load_plan import RunTarget, load_plan
from workflow.runs.workflow_catalog import is_markdown
from workflow.service.meeting_at import blob_at
from workflow.service.meeting_place import Place
from workflow.service.runner_key import runners_at
from workflow.service.workspace import directory_at


@dataclass(frozen=True, slots=True)
class FleetHere:
    """A fleet file of this workspace; `path` and `runbook` are from its top."""

    document: FleetDocument
    path: str
    sha256: str

    @property
    def runbook(self) -> str:
        return runbook_path(self.path)

    @property
    def runbook_bytes(self) -> bytes:
        return runbook_text(self.document.fleet, self.path, self.sha256).encode()


def read_fleet(directory: Path, workspace: Path, file: str, place: Place | None = None) -> FleetHere:
    """The file, as it is seen from the directory. Raises BadInput with every problem of what it says by itself.

    With the `place` where it is to be ordered, with all that is not as this repository has it, too.
    """
    full = (directory_at(directory) / file).resolve()
    if not full.is_relative_to(workspace.resolve()) or set(file) & set("`\n\r"):
        raise BadInput(
            f"fleet file {as_name(file)} is not in the repository {workspace.name}, so nobody could say later what was "
            "ordered",
            next_command=f"ls -l {path_word(file)}   # a fleet file is a file of the repository",
        )
    path = full.relative_to(workspace.resolve()).as_posix()
    try:
        data = read_outside(workspace / path, "fleet file", limit=INPUT, name=path)
    except FileNotFoundError:
        raise BadInput(
            f"fleet file {as_name(path)} is not there", next_command="ls ./*.yaml   # docs/fleet.md has one"
        ) from None
    known = sha256(data).hexdigest()

    def beside(document: FleetDocument, workflow: str, targets: Sequence[FleetTarget]) -> Iterator[Problem]:
        assert place is not None
        yield from _repository(document, place)
        if _blob(place.workspace, path) != known:
            yield document.problem((), f"is not as HEAD has it: git add {path} && git commit")
        plans: dict[str, RunTarget | str] = {}
        for target in targets:
            yield from _target(document, path, place, workflow, target, plans)

    more = None if place is None else beside
    document = FleetDocument(data, path, is_secret=lambda text: mask(text) != text, more=more)
    return FleetHere(document, path, known)


def _repository(document: FleetDocument, place: Place) -> Iterator[Problem]:
    wanted = document.repository
    seen = look(place.workspace, "remote", "get-url", place.remote.name).stdout.decode(errors="replace").strip()
    if wanted and wanted != seen:
        yield document.problem(
            ("repository",), f"expected the address of remote {place.remote.name}: {seen or 'there is no such remote'}"
        )


def _target(
    document: FleetDocument,
    path: str,
    place: Place,
    workflow: str,
    target: FleetTarget,
    plans: dict[str, RunTarget | str],
) -> Iterator[Problem]:
    """What is wrong with one; `plans`: by directory, what is to run there, or why nothing can."""
    workspace = place.workspace
    at: At = ("targets", target.name)
    where = target.at.region
    if where and (why := region_refused(where, _regions())):
        yield document.problem((*at, "region"), f"region: {why}")
    if not workflow:
        return
    if target.directory not in plans:
        plans[target.directory] = _plan(workspace, workflow, target.directory)
        if target.directory and _is_in_head(workspace, target.directory):
            yield from (document.problem((*at, "directory"), each) for each in _policy(place, target.directory))
    plan = plans[target.directory]
    if isinstance(plan, str):
        yield document.problem((*at, "directory") if target.directory else ("workflow",), plan)
        return
    for name, answer in target.answers.items():
        try:
            refuse_unasked(
                GivenAnswers({name: answer}, path, {name: "1:1"}, ()),
                plan.plan,
                plan.workflow,
                workspace / target.directory,
            )
        except BadInput as error:
            for problem in error.problems:
                yield document.problem((*at, "answers", name), f"answers: {problem.message}")


def _policy(place: Place, directory: str) -> Iterator[str]:
    """Why no run in this directory could be taken or decided: it is a workspace, whose policy is its own."""
    home = f"{prefix_of(place.workspace)}{directory}"
    file = f"{home}/{FILE}"
    if not blob_at(place.workspace, "HEAD", FILE, home).strip():
        yield (
            f"{file} is not in HEAD: each directory is a workspace with a policy of its own; write one with `runners: "
            "FILE` and `default: {signed: true, allowed_signers: FILE}`, both files beside it, and commit them"
        )
        return
    try:
        runners_at(place.workspace, "HEAD", home)
        prefix = (read_meeting(blob_at(place.workspace, "HEAD", FILE, home))[0] or Meeting()).prefix
    except BadInput as error:
        yield error.message + "".join(f"; {each.message}" for each in error.problems[:1])
        return
    if prefix != place.names.prefix:
        yield f"{file}: meeting.prefix is {prefix}, the fleet orders below {place.names.prefix}: make them one"


@cache
def _regions() -> frozenset[str]:
    from workflow.doors.aws.models import BotocoreModels  # botocore, where a target names a region only

    return frozenset(BotocoreModels().regions())


def _plan(workspace: Path, workflow: str, directory: str) -> RunTarget | str:
    """What runs in this directory, or why nothing can."""
    if directory and not _is_in_head(workspace, directory):
        return f"directory {directory} is not in HEAD"
    try:
        found = load_plan(workspace / directory, workflow, None)
    except PhasegateError as error:
        return f"workflow {workflow}{f' in {directory}' if directory else ''}: {error.message}"
    path = f"{directory}/{found.plan.runbook}" if directory else found.plan.runbook
    if look(workspace, "cat-file", "-e", f"HEAD:./{path}").returncode != 0:
        return f"runbook {path} is not in HEAD, where its runs begin: git add {path} && git commit"
    if not is_markdown(workflow) and found.workflow.name == "fleet":
        return "a fleet is not ordered by a fleet"
    return found


def _is_in_head(workspace: Path, directory: str) -> bool:
    return look(workspace, "cat-file", "-e", f"HEAD:./{directory}").returncode == 0


def _blob(workspace: Path, path: str) -> str:
    """SHA-256 of a file as HEAD has it; of nothing where it has none."""
    return sha256(blob_named(workspace, f"HEAD:./{path}") or b"").hexdigest()
