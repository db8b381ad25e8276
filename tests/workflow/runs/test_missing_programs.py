"""What a runbook's commands and checks need and is not on PATH is said, with its line, before a run starts."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.worlds.command_world import CommandWorld
from tests.worlds.run_world import RunWorld
from tests.worlds.workspaces import git
from workflow.runbook.reader import read_runbook
from workflow.runs.missing_programs import missing_programs

RUNBOOK = b"""# Ship

- [ ] 1. Build

  ```bash
  echo begin

  nosuchprog build --all
  ```
- [ ] 2. Look with `frobnicate --check` and `git status --short`
- [x] 3. Done with `oldprog --all`
- [ ] 4. Pods run

  ```zsh
  ls
  ```

```text
othersprog --never
```
"""
CHECKS = """checks:
- {id: pods, name: Pods, command: {run: "kubectl get pods | grep x"}, tasks: ["4"]}
- {id: tool, name: Tool, tool: {run: terrafrob --version, at-least: 1.2}, tasks: ["4"]}
- {id: here, name: Here, command: {run: git status --short}, tasks: ["4"]}
- {id: mine, name: Mine, virtual-environment: {}, tasks: ["4"]}
"""
FOUND = [
    ("nosuchprog", "tasks.md", 8, "command 1 of 1 Build"),
    ("frobnicate", "tasks.md", 10, "command 1 of 2 Look with `frobnicate --check` and `git status --short`"),
    ("oldprog", "tasks.md", 11, "command 1 of 3 Done with `oldprog --all`"),
    ("zsh", "tasks.md", 15, "command 1 of 4 Pods run"),
    ("kubectl", "tasks.checks.yaml", 2, "check pods"),
    ("terrafrob", "tasks.checks.yaml", 3, "check tool"),
]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandWorld:
    """On a PATH of git, sh, bash, grep, ls and python3 alone."""
    world = CommandWorld(tmp_path, runbook=RUNBOOK)
    (world.root / "tasks.checks.yaml").write_text(CHECKS)
    git(world.root, "add", "tasks.checks.yaml")
    git(world.root, "commit", "-q", "-m", "Checks")
    monkeypatch.setenv("PATH", only(tmp_path, "git", "sh", "bash", "grep", "ls", "python3"))
    return world


def only(place: Path, *programs: str) -> str:
    (place / "bin").mkdir()
    for name in programs:
        found = shutil.which(name)
        assert found, name
        (place / "bin" / name).symlink_to(found)
    return str(place / "bin")


def test_plan_names_each_with_its_line_and_stays_0(world: CommandWorld) -> None:
    told = world("plan", "tasks.md")
    assert told.code == 0
    notes = [line for line in told.out.splitlines() if line.endswith("[no-program]")]
    assert notes == [
        f"{file}:{line}: note: `{program}` is not on PATH here; {of} names it [no-program]"
        for program, file, line, of in FOUND
    ]
    body = json.loads(world("plan", "tasks.md", "--json").out)["missing_programs"]
    assert [tuple(each.values()) for each in body] == FOUND
    assert not (world.root / ".phasegate").exists()


def test_doctor_warns_of_them_for_each_runbook_and_still_fits(world: CommandWorld) -> None:
    (world.root / "sound.md").write_text("# Sound\n\n- [ ] 1. See `git status --short`\n")
    told = world("doctor", "--json")
    found = {each["name"]: each for each in json.loads(told.out)["looked"] if each["area"] == "programs"}
    assert told.code == 0
    assert found["sound.md"]["health"] == "ok"
    assert found["tasks.md"]["health"] == "warn"
    assert all(f"`{program}` ({file}:{line})" in found["tasks.md"]["seen"] for program, file, line, _ in FOUND)
    assert found["tasks.md"]["fix"].endswith(" plan tasks.md   # what names each")


def test_a_run_says_it_before_it_begins_and_goes_on(world: CommandWorld) -> None:
    told = world("run", "tasks.md", "--adopt")
    assert told.code == 3
    said, run = told.error.index("`kubectl` is not on PATH here"), told.error.index("is to be done by hand")
    assert said < run


def test_what_run_refuses_of_the_checks_plan_refuses_too(world: CommandWorld) -> None:
    (world.root / "tasks.checks.yaml").write_text(CHECKS.replace('tasks: ["4"]', 'tasks: ["9"]', 1))
    plan = world("plan", "tasks.md")
    assert plan.code == 2
    assert "tasks.checks.yaml:2:" in plan.error
    found = [each for each in json.loads(world("doctor", "--json").out)["looked"] if each["area"] == "programs"]
    assert [each["health"] for each in found] == ["warn"]


def test_without_python_a_virtual_environment_says_what_is_missing(
    world: CommandWorld, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "more").mkdir()
    monkeypatch.setenv("PATH", only(tmp_path / "more", "git", "sh", "bash", "ls", "grep"))
    body = json.loads(world("plan", "tasks.md", "--json").out)["missing_programs"]
    assert body[-1] == {"program": "python3", "file": "tasks.checks.yaml", "line": 5, "of": "check mine"}


def test_what_a_step_shows_is_run_by_nobody_and_needs_nothing(tmp_path: Path) -> None:
    data = (
        b"# Shed\n\n- [ ] 1. P\n  - [ ] 1.1 Choose a colour\n    - `steptool --check`\n- [ ] 2. Do `handtool --check`\n"
    )
    plan, workflow = read_runbook(data, name="shed", path="tasks.md"), RunWorld(tmp_path).workflow
    assert workflow.step_for(plan.tasks[0]) is not None
    assert [each.program for each in missing_programs(plan, workflow, None)] == ["handtool"]
