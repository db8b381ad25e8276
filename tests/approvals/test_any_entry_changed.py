"""Any one thing of any entry that the commit will hold, changed after it was shown: refused, each time, by name.

Bytes, mode, type, presence and name, of every file of the commit: what was handed in, the runbook, the working log, the
run's own. With real git, and with settings of git that change what a commit would hold.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from state.errors import PhasegateError
from state.event_types import CommitIntended, Voided
from state.read_journal import read
from tests.worlds.approval_world import BOB, ApprovalWorld
from tests.worlds.run_world import RunWorld
from workflow.ports import HandIn, HandView

RUNBOOK = b"# Build a shed\n\n- [ ] 1. Build it\n- [ ] 2. Rest\n"
TOOL, PLANS, OLD, NOTES = "tool.sh", "plans/plan a.txt", "old.txt", "notes.txt"
LOG, ATTRIBUTES = "artifacts/shed/working_log.md", ".phasegate/.gitattributes"
JOURNAL, COPY = ".phasegate/RUN/journal.jsonl", ".phasegate/RUN/runbook.md"
PATHS = ("tasks.md", LOG, TOOL, PLANS, OLD, NOTES, JOURNAL, COPY, ATTRIBUTES)


class Built(ApprovalWorld):
    """A run whose first task, done by hand, is approved and not committed: new, executable, changed, removed files."""

    def __init__(self, root: Path) -> None:
        RunWorld.__init__(self, root, runbook=RUNBOOK)
        self.who, self.key = "Ada <ada@example.com>", None
        (self.root / "artifacts/shed").mkdir(parents=True)
        self.commits_files({OLD: "old\n", NOTES: "before\n", LOG: "# Build a shed: working log\n\nRead this first.\n"})
        self.git("commit", "-q", "--amend", "-m", "A policy")
        self.person.works = [self._builds]
        self.pauses()
        self.approves(BOB)

    def _builds(self, _view: HandView) -> HandIn:
        (self.root / "plans").mkdir()
        (self.root / TOOL).write_text("#!/bin/sh\necho hi\n")
        (self.root / TOOL).chmod(0o755)
        (self.root / PLANS).write_text("wide\nhigh\n")
        (self.root / NOTES).write_text("after\n")
        (self.root / OLD).unlink()
        return HandIn([TOOL, PLANS, OLD, NOTES], "prompt")

    def at(self, path: str) -> Path:
        return self.root / path.replace("RUN", self.run_id)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return Built(tmp_path_factory.mktemp("built"))


@contextmanager
def copied(world: Built) -> Iterator[Built]:
    with tempfile.TemporaryDirectory() as scratch:
        copy = object.__new__(Built)
        copy.__dict__.update(world.__dict__)
        copy.root = Path(scratch) / "repo"
        shutil.copytree(world.root, copy.root, symlinks=True)
        copy.git("update-index", "-q", "--refresh")
        yield copy


Change = Callable[[Built, Path], object]


def another_byte(_world: Built, file: Path) -> None:
    data = file.read_bytes()
    file.write_bytes(data[:-2] + bytes([data[-2] ^ 1]) + data[-1:])


def one_byte_more(_world: Built, file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"\n")


def carriage_returns(_world: Built, file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))


def other_mode(_world: Built, file: Path) -> None:
    file.chmod(file.stat().st_mode ^ 0o100)


def a_link_to_the_same(_world: Built, file: Path) -> None:
    """What is read through it is what was approved."""
    copy = file.with_name(f"{file.name}.copy")
    file.rename(copy)
    file.symlink_to(copy.name)


def a_link_with_that_text(_world: Built, file: Path) -> None:
    """git would keep the very same blob for it."""
    text = file.read_text()
    file.unlink()
    file.symlink_to(text[:200])


def a_directory(_world: Built, file: Path) -> None:
    file.unlink()
    file.mkdir()
    (file / "inner").write_text("x\n")


def gone(_world: Built, file: Path) -> None:
    file.unlink()


def another_case(_world: Built, file: Path) -> None:
    file.rename(file.with_name(file.name.swapcase()))


def another_directory(world: Built, file: Path) -> None:
    """Its directory becomes a link to where it was moved."""
    if file.parent != world.root:
        file.parent.rename(f"{file.parent}.moved")
        file.parent.symlink_to(f"{file.parent.name}.moved")
    else:
        gone(world, file)


def there_again(_world: Built, file: Path) -> None:
    file.write_text("old\n")


def a_link_again(_world: Built, file: Path) -> None:
    file.symlink_to("nowhere")


TO_FILES: tuple[Change, ...] = (
    another_byte,
    one_byte_more,
    carriage_returns,
    other_mode,
    a_link_to_the_same,
    a_link_with_that_text,
    a_directory,
    gone,
    another_case,
    another_directory,
)
TO_NOTHING: tuple[Change, ...] = (there_again, a_link_again, lambda _world, file: file.mkdir())


def refused_by_name(world: Built, path: str, digest: str, *, before_the_commit: bool = True) -> str:
    """What is said when the run goes on; "" where neither the path is named nor a link that stands above it.

    Nothing is committed, and but for hooks no commit is made that has to be taken back.
    """
    said = []
    try:
        world.resumes()
    except PhasegateError as refusal:
        said = [str(refusal), *map(str, refusal.problems)]
    except FileNotFoundError as error:  # the verbs have looked for the journal before
        assert path == JOURNAL
        said = [str(error.filename)]
    try:
        events = read(world.at(JOURNAL))
        if before_the_commit:
            assert not [event for event in events if isinstance(event, CommitIntended)]
        said += [change for event in events if isinstance(event, Voided) for change in event.changed]
    except (PhasegateError, OSError):
        assert path == JOURNAL or said
    assert world.subjects() == ["A policy"]
    assert digest not in world.git("log", "--format=%B")
    named = path.replace("RUN", world.run_id)
    links = [f"{above}, which is a symbolic link" for above in Path(named).parents]
    return next((each for each in said if any(words in each for words in (named, *links))), "")


@pytest.mark.slow
def test_as_it_is_the_approval_commits_exactly_these_entries(built: Built) -> None:
    entries = built.events_of("worked")[0]["entries"]
    assert {entry["path"] for entry in entries} == {path.replace("RUN", built.run_id) for path in PATHS}
    with copied(built) as world:
        world.resumes()
        assert world.subjects()[-1] == "shed task 1: Build it"
        held = dict(reversed(line.split("\t")) for line in world.git("ls-tree", "-r", "HEAD").splitlines())
        for entry in entries:
            mode, _kind, blob = held.get(entry["path"], held.get(f'"{entry["path"]}"', "000000  ")).split(" ")
            assert mode == entry["mode"]
            assert entry["blob"] in (None, blob)


@pytest.mark.slow
@pytest.mark.parametrize("path", PATHS)
def test_one_thing_of_one_entry(built: Built, path: str) -> None:
    digest = built.events_of("worked")[0]["request"]["digest"]
    for change in TO_NOTHING if path == OLD else TO_FILES:
        with copied(built) as world:
            change(world, world.at(path))
            said = refused_by_name(world, path, digest)
            assert said, f"{getattr(change, '__name__', change)}: {path} is not named"


def clean_filter(world: Built) -> None:
    world.git("config", "filter.shout.clean", "tr a-z A-Z")
    (world.root / ".git/info/attributes").write_text("*.txt filter=shout\n")


def stored_with_crlf(world: Built) -> None:
    """The file on disk stays; what git would store of it does not."""
    (world.root / ".git/info/attributes").write_text("*.txt working-tree-encoding=UTF-16LE\n")


def no_modes(world: Built) -> None:
    """git stops looking at the disk's modes: the new executable would be committed as a plain file."""
    world.git("config", "core.fileMode", "false")


SETTINGS: dict[str, tuple[Callable[[Built], None], str]] = {
    "a filter": (clean_filter, NOTES),
    "an encoding": (stored_with_crlf, NOTES),
    "modes are not looked at any more": (no_modes, TOOL),
}


@pytest.mark.parametrize(("change", "path"), SETTINGS.values(), ids=SETTINGS)
def test_a_setting_of_git_that_changes_what_the_commit_would_hold(
    built: Built, change: Callable[[Built], None], path: str
) -> None:
    with copied(built) as world:
        change(world)
        assert refused_by_name(world, path, built.events_of("worked")[0]["request"]["digest"])


HOOKS = {
    "a mode": f"chmod +x {NOTES}; git add {NOTES}",
    "a mode in the index": f"git update-index --chmod=+x {NOTES}",
    "a mode of the log": f"chmod +x {LOG}; git add {LOG}",
    "a type": f"rm {NOTES}; ln -s x {NOTES}; git add {NOTES}",
    "a removal": f"git rm -q --cached {NOTES}",
    "a removal taken back": f"git reset -q HEAD -- {OLD}",
}


@pytest.mark.parametrize("script", HOOKS.values(), ids=HOOKS)
def test_a_hook_that_changes_an_entry_has_its_commit_taken_back(built: Built, script: str) -> None:
    digest = built.events_of("worked")[0]["request"]["digest"]
    path = next(each for each in (OLD, NOTES, LOG) if each in script)
    with copied(built) as world:
        hook = world.root / ".git/hooks/pre-commit"
        hook.write_text(f"#!/bin/sh\n{script}\n")
        hook.chmod(0o755)
        assert refused_by_name(world, path, digest, before_the_commit=False)
