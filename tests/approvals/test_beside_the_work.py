"""What stands beside work that is handed in: commits of others since its task began, and files that nobody named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.worlds.agent_world import AgentWorld
from tests.worlds.page_world import Page
from tests.worlds.workspaces import git
from workflow.audit import audit_workspace, file_history
from workflow.service.status import review as status_review


@pytest.fixture
def world(tmp_path: Path) -> AgentWorld:
    made = AgentWorld(tmp_path, policy="default: {presence: any, operator_may_approve: true}\n")
    made.starts()
    return made


def gate(world: AgentWorld) -> str:
    page = Page(world.root)
    page.enters()
    return page.get(page.gate()).said()


def commits(world: AgentWorld, path: str, *more: str) -> str:
    (world.root / path).write_text("evil\n")
    git(world.root, "add", path)
    git(world.root, "commit", "-qm", "wip", *more)
    return git(world.root, "rev-parse", "HEAD").strip()


def test_work_that_was_committed_beforehand_is_shown_against_what_the_task_began_from(world: AgentWorld) -> None:
    sha = commits(world, "f6.txt")
    world.hands_in("f6.txt")
    for said in (gate(world), status_review(world.root, None)):
        assert f"1 commit of others, by no gate of this run: {sha[:10]} wip" in said
        assert re.search(rf"{sha[:10]} `?wip`? by `?Ada <ada@example.com>`?: `?f6.txt", said)
    assert "+evil" in gate(world)
    world.approves(at_terminal=True)
    world.drives()
    (found,) = audit_workspace(world.root, None)
    assert found.findings == []
    (said,) = (each for each in found.unprovable if each.code == "foreign-commits")
    assert f"{sha[:10]} wip (Ada <ada@example.com>): f6.txt" in said.message


def test_very_many_commits_of_others_are_named_without_the_files_that_are_none_of_the_runs(
    world: AgentWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha = commits(world, "other.txt")
    world.works("one.txt")
    world.approves(at_terminal=True)
    world.drives()

    def said() -> str:
        (found,) = audit_workspace(world.root, None)
        (foreign,) = (each for each in found.unprovable if each.code == "foreign-commits")
        return foreign.message

    assert said().endswith(f"{sha[:10]} wip (Ada <ada@example.com>): other.txt")
    monkeypatch.setattr(file_history, "MANY", 0)
    assert said().endswith(f"{sha[:10]} wip (Ada <ada@example.com>): nothing where the run leaves files")


def test_a_commit_of_something_else_is_named_as_well_and_one_of_another_run_as_that(world: AgentWorld) -> None:
    sha = commits(world, "other.txt")
    commits(world, "theirs.txt", "-m", "Phasegate-Run: other-run")
    world.works("one.txt")
    said = gate(world)
    assert f"1 commit of others, by no gate of this run: {sha[:10]} wip" in said
    assert "says it is of run other-run: theirs.txt" in said.replace("`", "")


def test_files_that_nobody_named_are_listed_where_no_command_ran(world: AgentWorld) -> None:
    (world.root / "unnamed.txt").write_text("evil\n")
    world.works("one.txt")
    assert "unnamed.txt: nobody named them, so they stay out of the commit" in gate(world)


def test_the_commit_counts_what_it_changes(world: AgentWorld) -> None:
    world.works("one.txt")
    assert "### Commit (6 files)" in status_review(world.root, None)
    world.approves(at_terminal=True)
    world.drives()
    world.works("two.txt")
    page = status_review(world.root, None)
    assert "### Commit (4 files)" in page
    assert len(re.findall("in HEAD already as it is", page)) == 2
    assert "Commit (4 files)" in gate(world)
    world.approves(at_terminal=True)
    world.drives()
    assert len(git(world.root, "show", "--name-only", "--format=", "HEAD").split()) == 4


def listed_by_the_audit(world: AgentWorld) -> str:
    (audited,) = audit_workspace(world.root, None)
    assert audited.findings == []
    (said,) = (each for each in audited.unprovable if each.code == "foreign-commits")
    return said.message


def everything_at_once(root: Path) -> dict[str, str]:
    """Commits of somebody else that change each another thing, by what the audit is to list of them."""

    def commit(listed: str) -> tuple[str, str]:
        git(root, "commit", "-qam", "theirs")
        return git(root, "rev-parse", "HEAD").strip()[:10], listed

    def adds(path: str) -> None:
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text("evil\n")
        git(root, "add", path)

    made = []
    for path in ("evil.py", "src/evil.py"):
        adds(path)
        made.append(commit(path))
    (root / "evil.py").write_text("more\n")
    made.append(commit("evil.py"))
    git(root, "update-index", "--chmod=+x", "evil.py")
    git(root, "commit", "-qm", "theirs")
    made.append((git(root, "rev-parse", "HEAD").strip()[:10], "evil.py"))
    git(root, "reset", "-q", "--hard")
    git(root, "rm", "-q", "src/evil.py")
    made.append(commit("src/evil.py"))
    (root / ".gitmodules").write_text('[submodule "sub"]\npath = sub\nurl = ./sub\nignore = all\n')
    git(root, "add", ".gitmodules")
    git(root, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub")
    git(root, "commit", "-qm", "theirs")
    made.append((git(root, "rev-parse", "HEAD").strip()[:10], ".gitmodules, sub"))
    git(root, "update-index", "--cacheinfo", f"160000,{'2' * 40},sub")
    git(root, "commit", "-qm", "theirs")
    made.append((git(root, "rev-parse", "HEAD").strip()[:10], "sub"))
    git(root, "commit", "-q", "--allow-empty", "-m", "theirs")
    made.append((git(root, "rev-parse", "HEAD").strip()[:10], "no file"))
    git(root, "rm", "-q", "--cached", "sub", ".gitmodules")
    (root / ".gitmodules").unlink()
    made.append(commit(".gitmodules, sub"))
    git(root, "switch", "-q", "-c", "side", "HEAD~1")
    adds("side.txt")
    made.append(commit("side.txt"))
    git(root, "switch", "-q", "main")
    git(root, "merge", "-q", "--no-commit", "--no-ff", "side")
    adds("merged.txt")
    made.append(commit("merged.txt"))
    return dict(made)


def test_the_audit_and_the_page_name_the_files_of_commits_that_touch_nothing_of_the_run(world: AgentWorld) -> None:
    expected = everything_at_once(world.root)
    world.works("one.txt")
    page = gate(world)
    world.approves(at_terminal=True)
    world.drives()
    said = listed_by_the_audit(world)
    for sha, files in expected.items():
        assert re.search(rf"[:;] {sha} theirs \(Ada <ada@example.com>\): {files}(;|$)", said), said
        assert re.search(rf"{sha} theirs by Ada <ada@example.com>: {files}( |$)", page.replace("`", "")), page
    assert "a merge" not in said


def test_a_commit_while_a_gate_waits_stands_on_its_page_and_on_the_next_one(world: AgentWorld) -> None:
    world.works("one.txt")
    assert "Commits of others since this was shown" not in gate(world)
    sha = commits(world, "evil.py")[:10]
    for said in (gate(world), status_review(world.root, None), str(world.tools.review(None))):
        assert "Commits of others since this was shown: the digest is not about them" in said
        assert re.search(rf"{sha} wip by Ada <ada@example.com>: evil.py", said.replace("`", ""))
    world.approves(at_terminal=True)
    world.drives()
    world.works("two.txt")
    for said in (gate(world), status_review(world.root, None)):
        assert f"1 commit of others, by no gate of this run: {sha} wip" in said
        assert re.search(rf"{sha} wip by Ada <ada@example.com>: evil.py", said.replace("`", ""))
        assert "Commits of others since this was shown" not in said


def test_a_commit_that_one_page_has_named_is_not_named_by_the_next(world: AgentWorld) -> None:
    sha = commits(world, "evil.py")[:10]
    world.works("one.txt")
    assert sha in gate(world)
    world.approves(at_terminal=True)
    world.drives()
    world.works("two.txt")
    assert sha not in gate(world)
    assert sha in listed_by_the_audit(world)


def test_a_commit_before_the_next_task_begins_stands_on_its_page(world: AgentWorld) -> None:
    world.works("one.txt")
    world.approves(at_terminal=True)
    world.drives()
    world.works("two.txt")
    assert "Commits that are not the run's" not in gate(world)
