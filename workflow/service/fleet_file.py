"""Can this fleet be ordered here? Its file, held against the repository: every problem at once, nothing written.

Rules:
- A run begins at HEAD: directories and runbooks are looked for in HEAD, never in the working tree alone.
- Answers are held against the questions of the workflow, as those of a run are.
- The remote is that of phasegate.yaml; where the file names an address, it must be that one's.
"""

from __future__ import annotations

from collections.abc import Iterator
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
from workflow.doors.git.plumbing import look
from workflow.doors.masking import mask
from workflow.policy.look_alikes import FILE as POLICY
from workflow.runs.answers_file import GivenAnswers
from workflow.runs.askable import refuse_unasked
from workflow.runs.load_plan import RunTarget, load_plan
from workflow.runs.workflow_catalog import is_markdown
from workflow.service.meeting_place import Place, place_of
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


def read_fleet(directory: Path, workspace: Path, file: str) -> FleetHere:
    """The file, as it is seen from the directory. Raises BadInput with every problem of what it says by itself."""
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
    document = FleetDocument(data, path, is_secret=lambda text: mask(text) != text)
    return FleetHere(document, path, sha256(data).hexdigest())


def require_orderable(here: FleetHere, place: Place) -> None:
    """Raise BadInput with everything in it that is not as this repository has it."""
    problems = [*_repository(here, place)]
    if _blob(place.workspace, here.path) != here.sha256:
        problems.append(here.document.problem((), f"is not as HEAD has it: git add {here.path} && git commit"))
    plans: dict[str, RunTarget | str] = {}
    for target in here.document.fleet.targets.values():
        problems += _target(here, place.workspace, target, plans)
        problems += _policy(here, place, target)
    if problems:
        raise here.document.refusal(problems)


def _repository(here: FleetHere, place: Place) -> Iterator[Problem]:
    wanted = here.document.fleet.repository
    seen = look(place.workspace, "remote", "get-url", place.remote.name).stdout.decode(errors="replace").strip()
    if wanted and wanted != seen:
        yield here.document.problem(
            ("repository",), f"expected the address of remote {place.remote.name}: {seen or 'there is no such remote'}"
        )


def _target(
    here: FleetHere, workspace: Path, target: FleetTarget, plans: dict[str, RunTarget | str]
) -> Iterator[Problem]:
    """What is wrong with one; `plans`: by directory, what is to run there, or why nothing can."""
    at: At = ("targets", target.name)
    where = target.at.region
    if where and (why := region_refused(where, _regions())):
        yield here.document.problem((*at, "region"), f"region: {why}")
    if target.directory not in plans:
        plans[target.directory] = _plan(workspace, here.document.fleet.workflow, target.directory)
    plan = plans[target.directory]
    if isinstance(plan, str):
        yield here.document.problem((*at, "directory") if target.directory else ("workflow",), plan)
        return
    for name, answer in target.answers.items():
        try:
            refuse_unasked(
                GivenAnswers({name: answer}, here.path, {name: "1:1"}, ()),
                plan.plan,
                plan.workflow,
                workspace / target.directory,
            )
        except BadInput as error:
            for problem in error.problems:
                yield here.document.problem((*at, "answers", name), f"answers: {problem.message}")


def _policy(here: FleetHere, place: Place, target: FleetTarget) -> Iterator[Problem]:
    """Why nobody could take the run of a target that has a directory, which is a workspace with a policy of its own."""
    workspace = place.workspace / target.directory
    if not target.directory or not workspace.is_dir():
        return
    at: At = ("targets", target.name, "directory")
    try:
        runners_at(workspace, "HEAD")
        prefix = place_of(workspace).names.prefix
    except BadInput as error:
        yield here.document.problem(at, f"directory {target.directory}: {error.message}")
        return
    if prefix != place.names.prefix:
        yield here.document.problem(
            at,
            f"directory {target.directory}: its {POLICY} has meeting.prefix {prefix}, the fleet's {place.names.prefix}",
        )


@cache
def _regions() -> frozenset[str]:
    from workflow.doors.aws.models import BotocoreModels  # botocore, where a target names a region only

    return frozenset(BotocoreModels().regions())


def _plan(workspace: Path, workflow: str, directory: str) -> RunTarget | str:
    """What runs in this directory, or why nothing can."""
    if directory and look(workspace, "cat-file", "-e", f"HEAD:./{directory}").returncode != 0:
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


def _blob(workspace: Path, path: str) -> str:
    """SHA-256 of a file as HEAD has it; of nothing where it has none."""
    return sha256(look(workspace, "cat-file", "blob", f"HEAD:./{path}").stdout).hexdigest()
