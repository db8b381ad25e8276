"""Which checks does `phasegate checks --suggest` propose for a document, and where are they put?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from gates.judged import checks_beside
from phases.checks.local.working_tree import OF_RUNS
from state.errors import BadInput, PhasegateError
from state.files import named
from state.outside_file import RUNBOOK, read_outside
from state.path_word import path_word
from workflow.service.workspace import directory_at, workspace_and_target
from workflow.views.suggested_checks import SuggestedView


def suggest_checks(directory: Path, target: str, known: Mapping[str, str]) -> SuggestedView:
    """The proposals for the items of a Markdown file, which may be anywhere; nothing is called and nothing written.

    Args:
        known: answers to its questions, by name.

    Raises BadInput for a file that is not there or cannot be read, an answer to what is not asked, and an answer with
    which a check would be refused.
    """
    from phases.checks.reader import read_checks
    from phases.checks.suggest.propose import leave_out_own, suggest
    from phases.checks.suggest.write import checks_file
    from workflow.doors.aws.models import BotocoreModels
    from workflow.runbook.checklist import read_items_of

    start = directory_at(directory)
    try:
        data = read_outside(start / target, "checklist", limit=RUNBOOK, name=target)
    except FileNotFoundError as error:
        raise BadInput(f"checklist {target} is not there", next_command="ls ./*.md") from error
    models = BotocoreModels()
    found = leave_out_own(suggest(read_items_of(data, target), models, known), _own_files(directory, target))
    unasked = [name for name in known if name not in found.questions]
    if unasked:
        raise BadInput(
            f"--var {unasked[0]}: expected an answer to a question of {target}, seen one that is not asked",
            next_command=f"phasegate checks --suggest {path_word(target)}   # lists the questions",
        )
    beside = checks_beside(target)[0]
    read_checks(checks_file(found).encode(), beside, models)
    return SuggestedView(found, beside)


def _own_files(directory: Path, target: str) -> tuple[str, ...]:
    """What a run of this document has in the working tree: the paths of its own files, from where its commands run."""
    from workflow.runs.runbook_name import name_here

    try:
        with workspace_and_target(directory, target) as (workspace, document):
            return (OF_RUNS, f"artifacts/{name_here(workspace, document)}", document)
    except PhasegateError:  # in no repository: as it will be at the top of one
        return (OF_RUNS, f"artifacts/{Path(target).stem}", Path(target).name)


@contextmanager
def _whole_or_gone(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError:
        place.unlink()
        raise


def write_beside(directory: Path, view: SuggestedView) -> str:
    """Put the proposals beside the document; its path as given. Raises BadInput when something is there already."""
    from phases.checks.suggest.write import checks_file

    place = directory_at(directory) / view.beside
    try:
        with named(place), place.open("x", encoding="utf-8") as file, _whole_or_gone(place):
            file.write(checks_file(view.found))
            file.flush()
    except FileExistsError as error:
        raise BadInput(
            f"{view.beside} is there already, and is not overwritten",
            next_command=f"phasegate checks --suggest {path_word(view.found.path)} | diff - {path_word(view.beside)}",
        ) from error
    return view.beside
