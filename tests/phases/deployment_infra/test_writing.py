"""Is an edited file kept until somebody saw the difference? Steps over a workspace in which files are there already."""

from __future__ import annotations

from pathlib import Path

import pytest

from phases.deployment_infra.answers import values_of
from phases.deployment_infra.render import render
from phases.deployment_infra.tasks import STEPS
from phases.step import Work
from state.errors import BadAnswer
from state.files import sha256
from tests.worlds.rendered_module import EXAMPLE
from tests.worlds.step_world import StepWorld

STEP = {step.task_id: step for step in STEPS}
VERSIONS = "terraform/versions.md"
CI = ".github/workflows/ci.yml"


def world(root: Path, **answers: str) -> StepWorld:
    return StepWorld(root, answers=EXAMPLE | answers, run_id="deployment-infra-20260102-030405")


def work(root: Path, *tasks: str, **answers: str) -> Work:
    """What the last of these tasks comes to, each run after the one before."""
    here = world(root, **answers)
    return [here.run(STEP[task]) for task in tasks][-1]


def replace_answer(path: str, content: bytes) -> str:
    return f"replace-{path.strip('.').replace('/', '-').replace('.', '-')}-{sha256(content)[:8]}"


def test_the_files_of_a_task_are_written_and_a_second_run_finds_them(tmp_path: Path) -> None:
    first = work(tmp_path, "1.1")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and ".git" not in path.parts}
    again = work(tmp_path, "1.1")
    assert {check.verdict for check in (*first.checks, *again.checks)} == {"pass"}
    assert {check.seen.split(",")[0] for check in again.checks} == {"there already"}
    assert {path: path.read_bytes() for path in before} == before


def test_an_edited_file_is_kept_and_its_difference_is_shown(tmp_path: Path) -> None:
    work(tmp_path, "1.1")
    (tmp_path / VERSIONS).write_text("# Mine\n")
    came = work(tmp_path, "1.1")
    assert (tmp_path / VERSIONS).read_text() == "# Mine\n"
    (note,) = [check for check in came.checks if check.verdict != "pass"]
    assert (note.name, note.verdict, note.seen) == (VERSIONS, "note", "kept as it was edited")
    (shown,) = came.review
    assert "-# Mine" in shown.body and "+# Versions" in shown.body


def test_an_edited_file_is_replaced_where_that_was_answered_about_these_bytes(tmp_path: Path) -> None:
    work(tmp_path, "1.1")
    (tmp_path / VERSIONS).write_text("# Mine\n")
    came = work(tmp_path, "1.1", **{replace_answer(VERSIONS, b"# Mine\n"): "replace"})
    assert (tmp_path / VERSIONS).read_bytes() == render(VERSIONS, values_of(EXAMPLE))
    assert len(came.review) == 1

    (tmp_path / VERSIONS).write_text("# Another\n")
    work(tmp_path, "1.1", **{replace_answer(VERSIONS, b"# Mine\n"): "replace"})
    assert (tmp_path / VERSIONS).read_text() == "# Another\n"


def test_other_answers_replace_what_the_module_itself_left(tmp_path: Path) -> None:
    work(tmp_path, "1.1", "1.2")
    came = work(tmp_path, "1.1", "1.2", project="till")
    assert {check.verdict for check in came.checks} == {"pass"}
    assert '"till-prod-terraform-state"' in (tmp_path / "terraform/environments/prod/backend.tf").read_text()


def test_a_file_that_a_later_task_wrote_is_not_taken_back(tmp_path: Path) -> None:
    work(tmp_path, "1.1", "2.1", "2.2", "2.4")
    finished = (tmp_path / CI).read_bytes()
    work(tmp_path, "1.1", "2.1")
    assert (tmp_path / CI).read_bytes() == finished


@pytest.mark.parametrize("content", [b"answers: [\n", b"answers: 1\n", b"", b"answers: {project: shop}\n"])
def test_answers_that_were_edited_are_asked_about(tmp_path: Path, content: bytes) -> None:
    work(tmp_path, "1.1")
    (tmp_path / "infrastructure.yaml").write_bytes(content)
    came = work(tmp_path, "1.1")
    assert (tmp_path / "infrastructure.yaml").read_bytes() == content
    assert [check.name for check in came.checks if check.verdict == "note"] == ["infrastructure.yaml"]


def test_a_bad_answer_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(BadAnswer, match="overlaps"):
        work(tmp_path, "1.1", **{"network-prod": "10.20.0.0/16"})
    assert not (tmp_path / "infrastructure.yaml").exists()
