"""A file that is taken for the policy and is none closes the gates; what is the project's own does not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from state.errors import BadInput
from state.printable import as_name
from tests.worlds.approval_world import ApprovalWorld
from workflow.cli.main import run
from workflow.policy import look_alikes
from workflow.policy.look_alikes import is_meant, refuse_look_alikes

MEANT = [
    *("phasegate.yml", ".phasegate.yaml", ".phasegate.yml", "Phasegate.yaml", "PHASEGATE.YML", "phasegate.json"),
    *("phasegate.yaml.txt", "phasegates.yaml", "phase-gate.yaml", "_phasegate.yaml", "phasegate.toml", "phasegate.yam"),
    *("phase_gate.yml", "phasegate.yaml.yaml", "phasegate-policy.yml", "phasegate (1).yaml", "phasegate copy.yaml"),
    *("phasegate.yaml ", "\uff50hasegate.yaml", "ph\u0430segate.yaml", "phas\u0435gate.yaml", "phaseg\u03b1te.yaml"),
    *("phasegate\u200b.yaml", "phasegate .yaml", "phasegate\u2800.yaml", "phase\u00adgate.yml", "phasegate.yam\u04cf"),
    *("phasegate.yamI", "phas\u00e9gate.yaml", "\u13e2HASEGATE.YAML", "phasegate\u2024yaml", "phase\u2010gate.yaml"),
    *("phasegate.local.yaml", "phasegate.prod.yml", "phasegate.override.yaml", "phasegate-local.yaml"),
    *("phasegate.yaml.md", "phasegate", "Phasegate", "phase-gate", "ph\u0430segate", ".phasegate.local.yaml"),
]
OTHERS = [
    *(
        "phasegate.md",
        "phasegate.txt.asc",
        ".phasegate-signers",
        "phasegate.yaml.bak",
        "phasegate.yaml~",
        "phasegate.txt",
    ),
    *("phasegate.example.yaml", "phasegate.sample.yml", "phasegate.yaml.example.md", "phase.yaml", "\u0430.yaml"),
    *("phasegate.yaml.example", "phasegate-demo.yml", "test_phasegate.yaml", "phasegate.py", "gates.yaml"),
]


@pytest.mark.parametrize("name", MEANT)
def test_a_name_that_means_the_policy_is_refused_at_the_top(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("default: {approvers: 2}\n")
    with pytest.raises(BadInput, match="would be ignored") as refused:
        refuse_look_alikes(tmp_path)
    assert refused.value.problems[0].where == as_name(name)
    assert refused.value.next_command.startswith("git add ")


@pytest.mark.parametrize("name", OTHERS)
def test_another_name_means_nothing(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("")
    refuse_look_alikes(tmp_path)
    assert not is_meant(name)


def test_a_name_without_an_ending_means_the_policy_at_the_top_alone_and_where_it_is_no_program(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config/phasegate").write_text("a word list, say")
    program = tmp_path / "phasegate"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    refuse_look_alikes(tmp_path)
    program.chmod(0o644)
    with pytest.raises(BadInput, match="would be ignored"):
        refuse_look_alikes(tmp_path)


def test_a_sign_that_is_taken_for_another_is_named(tmp_path: Path) -> None:
    (tmp_path / "ph\u0430segate\u200b.yaml").write_text("")
    with pytest.raises(BadInput) as refused:
        refuse_look_alikes(tmp_path)
    (problem,) = refused.value.problems
    assert "U+0430 CYRILLIC SMALL LETTER A, U+200B ZERO WIDTH SPACE" in problem.message
    typed = "$'ph\\xd0\\xb0segate\\xe2\\x80\\x8b.yaml'"
    assert refused.value.next_command.startswith(f"git add {typed} && ")


@pytest.mark.parametrize("name", [".github/phasegate.yml", "config/phasegate.yaml", ".phasegate/phasegate.yaml"])
def test_directories_of_settings_are_looked_into(name: str, tmp_path: Path) -> None:
    (tmp_path / name).parent.mkdir()
    (tmp_path / name).write_text("")
    with pytest.raises(BadInput, match=name):
        refuse_look_alikes(tmp_path)


@pytest.mark.parametrize("place", ["specs/login", "specs"])
def test_a_copy_beside_the_runbook_or_above_it_is_refused_and_elsewhere_it_is_not(place: str, tmp_path: Path) -> None:
    for directory in ("specs/login", "tests/data"):
        (tmp_path / directory).mkdir(parents=True)
    (tmp_path / "tests/data/phasegate.yaml").write_text("a test's own")
    (tmp_path / "phasegate.yaml").write_text("")
    refuse_look_alikes(tmp_path, "specs/login")
    (tmp_path / place / "phasegate.yaml").write_text("")
    with pytest.raises(BadInput, match=f"{place}/phasegate.yaml") as refused:
        refuse_look_alikes(tmp_path, "specs/login")
    assert ".bak" in refused.value.next_command  # there is a policy: the other is not moved onto it


def test_a_link_to_the_policy_is_the_policy_and_a_directory_is_none(tmp_path: Path) -> None:
    (tmp_path / "phasegate.yaml").write_text("")
    (tmp_path / "phasegate.yml").symlink_to("phasegate.yaml")
    (tmp_path / ".phasegate.yaml").mkdir()
    refuse_look_alikes(tmp_path)
    (tmp_path / "phasegate.json").symlink_to("elsewhere")
    with pytest.raises(BadInput, match=r"phasegate\.json"):
        refuse_look_alikes(tmp_path)


def test_a_start_and_a_later_gate_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    world = ApprovalWorld(tmp_path)
    (world.root / "phasegate.yml").write_text("default: {approvers: 2}\n")
    with pytest.raises(BadInput, match=r"phasegate\.yml"), world.start():
        pass
    assert not (world.root / ".phasegate").exists()
    (world.root / "phasegate.yml").rename(tmp_path / "away")
    world.pauses()
    (tmp_path / "away").rename(world.root / "phasegate.yml")
    before = world.root.joinpath("phasegate.yml").read_bytes()
    for verb in (("resume",), ("approve", "--digest", "0000000"), ("plan", "tasks.md"), ("done", "--no-files")):
        assert run(["-C", str(world.root), *verb]) == 2
        assert "phasegate.yml: expected phasegate.yaml" in capsys.readouterr().err
    assert world.root.joinpath("phasegate.yml").read_bytes() == before


def test_the_directory_of_the_command_is_looked_into(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    world = ApprovalWorld(tmp_path)
    (world.root / "app/api").mkdir(parents=True)
    (world.root / "app/phasegate.yaml").write_text("default: {approvers: 2}\n")
    for verb in (("plan", "tasks.md"), ("run", "tasks.md"), ("done",), ("approve", "--digest", "0000000"), ("resume",)):
        assert run(["-C", str(world.root / "app/api"), *verb]) == 2
        assert "app/phasegate.yaml: expected" in capsys.readouterr().err


def test_a_directory_that_rests_is_not_listed_again_and_a_new_name_in_it_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed: list[str] = []
    real = os.listdir

    def listing(directory: str) -> list[str]:
        listed.append(directory)
        return real(directory)

    monkeypatch.setattr(os, "listdir", listing)
    (tmp_path / "conf").mkdir()
    for _ in range(2):  # made this moment: a second change may have left no trace
        refuse_look_alikes(tmp_path, "docs")
    assert len([each for each in listed if each.endswith("conf/")]) == 2

    monkeypatch.setattr(look_alikes, "QUIET", 0)
    os.utime(tmp_path / "conf", (1, 1))  # no tick of now
    refuse_look_alikes(tmp_path, "docs")
    listed.clear()
    refuse_look_alikes(tmp_path, "docs")
    assert listed == []
    (tmp_path / "conf" / "phasegate.yml").write_bytes(b"")
    with pytest.raises(BadInput, match="the policy is phasegate"):
        refuse_look_alikes(tmp_path, "docs")
