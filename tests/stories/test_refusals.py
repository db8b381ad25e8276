"""What cannot be run is refused before anything is written: exit 2, every problem at once, the next command named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.worlds.workspaces import SAMPLE, environment, git, workspace
from workflow.cli.main import run

Change = Callable[[dict[str, Any]], object]
CONTRACT = json.loads(SAMPLE.read_bytes())
TABLE = next(i for i, table in enumerate(CONTRACT["tables"]) if table["type"] == "single-entity" and table["gsis"])


def table(contract: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = contract["tables"][TABLE]
    return found


def index(number: int) -> dict[str, Any]:
    return {**CONTRACT["tables"][TABLE]["gsis"][0], "index_name": f"Index{number:02}"}


def retype(contract: dict[str, Any]) -> None:
    key = next(entry for entry in table(contract)["attributes"] if entry["name"] == table(contract)["pk"])
    key["type"] = "M"


def twice(contract: dict[str, Any]) -> None:
    attributes = table(contract)["attributes"]
    attributes.append({**attributes[0], "type": "B" if attributes[0]["type"] != "B" else "S"})


CHANGES: dict[str, tuple[Change, str]] = {
    "a missing field": (lambda c: table(c).pop("source_table"), f"$.tables[{TABLE}].source_table"),
    "a wrong shape": (lambda c: table(c).update(gsis={"a": 1}), f"$.tables[{TABLE}].gsis"),
    "an undeclared key attribute": (lambda c: table(c).update(pk="Nowhere"), f"$.tables[{TABLE}].pk"),
    "a key of type M": (retype, f"$.tables[{TABLE}]"),
    "two types for one attribute": (twice, f"$.tables[{TABLE}].attributes"),
    "21 indexes": (lambda c: table(c).update(gsis=[index(i) for i in range(21)]), f"$.tables[{TABLE}].gsis"),
    "a bad table name": (lambda c: table(c).update(table="a b"), f"$.tables[{TABLE}].table"),
    "a duplicate table name": (lambda c: c["tables"].append(table(c)), f"$.tables[{len(CONTRACT['tables'])}]"),
    "INCLUDE without attributes": (
        lambda c: table(c)["gsis"][0].update(projection="INCLUDE", projected_attributes=[]),
        f"$.tables[{TABLE}].gsis[0]",
    ),
    "no tables": (lambda c: c.update(tables=[]), "$.tables"),
}


def changed(*changes: Change) -> bytes:
    contract = json.loads(SAMPLE.read_bytes())
    for change in changes:
        change(contract)
    return json.dumps(contract).encode()


def refused(place: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run, and see exit 2 and nothing changed."""
    before = sorted(path for path in place.rglob("*") if ".git" not in path.parts)
    commits = git(place, "log", "--format=%H") if (place / ".git").exists() else ""
    code = run(["-C", str(place), *(arguments or ("run", "stage-06", "--sandbox", "--yes"))])
    said = capsys.readouterr().err
    assert code == 2, said
    assert "Traceback" not in said
    assert sorted(path for path in place.rglob("*") if ".git" not in path.parts) == before
    if commits:
        assert git(place, "log", "--format=%H") == commits
    return said


@pytest.mark.parametrize("name", CHANGES)
def test_a_bad_contract_is_refused_with_its_json_path(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change, path = CHANGES[name]
    with workspace(tmp_path / "shop", contract=changed(change)) as place:
        assert path in refused(place, capsys)


@pytest.mark.parametrize("data", [b"{", b"[1, 2", b"\xff\xfe", b"", b"7"], ids=repr)
def test_what_is_not_a_contract_at_all_is_refused(
    data: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with workspace(tmp_path / "shop", contract=data) as place:
        assert "artifacts/stage-02/migrationContract.json" in refused(place, capsys)


def test_all_problems_are_told_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    together = ("an undeclared key attribute", "21 indexes", "a bad table name")
    with workspace(tmp_path / "shop", contract=changed(*(CHANGES[name][0] for name in together))) as place:
        said = refused(place, capsys)
    assert all(CHANGES[name][1] in said for name in together)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda place: git(place, "checkout", "-q", "--detach"), "HEAD is detached"),
        (
            lambda place: (place / ".git/MERGE_HEAD").write_text(git(place, "rev-parse", "HEAD")),
            "a merge is in progress",
        ),
        (lambda place: (place / ".gitignore").write_text("artifacts/\n"), "is ignored by .gitignore"),
        (lambda place: (place / "tasks.md").write_bytes(b"- [ ] 1.1 Other\n"), "tasks.md"),
        (
            lambda place: (
                (place / "artifacts/stage-06").mkdir(),
                (place / "artifacts/stage-06/deployment-config.md").write_text("mine"),
            ),
            "artifacts/stage-06/deployment-config.md",
        ),
        (lambda place: (place / "artifacts/stage-02/migrationContract.json").unlink(), "migrationContract.json"),
    ],
    ids=["detached HEAD", "merge in progress", "artifacts ignored", "dirty runbook", "dirty artifact", "no contract"],
)
def test_a_workspace_that_is_not_fit_is_refused(
    spoil: Callable[[Path], object], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with workspace(tmp_path / "shop") as place:
        spoil(place)
        assert said in refused(place, capsys)


def test_no_git_identity_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with workspace(tmp_path / "shop") as place:
        git(place, "config", "--unset", "user.name")
        git(place, "config", "--unset", "user.email")
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
        monkeypatch.setenv("GIT_CONFIG_SYSTEM", "/dev/null")
        assert "git does not know who" in refused(place, capsys)


def test_without_a_repository_it_says_git_init(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert f"next: git -C {tmp_path} init\n" in refused(tmp_path, capsys)


@pytest.mark.parametrize("answers", ["region: [1]", "- region", "{", "region: yes"], ids=str)
def test_bad_answers_are_refused(answers: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with workspace(tmp_path / "shop") as place:
        given = tmp_path / "answers.yaml"
        given.write_text(answers)
        assert "answers" in refused(place, capsys, "run", "stage-06", "--sandbox", "--answers", str(given))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"AWS_REGION": "eu-west-1"}, "no credentials"),
        ({"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y"}, "no region"),
    ],
    ids=["no credentials", "no region"],
)
def test_a_real_account_that_is_not_set_up_is_said_plainly(
    settings: dict[str, str],
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {**settings, **{k: v for k, v in environment().items() if k.startswith("AWS_")}}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    with workspace(tmp_path / "shop") as place:
        code = run(["-C", str(place), "run", "stage-06"])
        for _ in range(4):  # 1.1 to 1.4 need no account; each waits for its approval
            assert code == 3
            state = status(place, capsys)
            with monkeypatch.context() as somebody_else:
                somebody_else.setenv("GIT_AUTHOR_NAME", "Bob")
                somebody_else.setenv("GIT_AUTHOR_EMAIL", "bob@example.com")
                assert run(["-C", str(place), "approve", "--digest", state["waiting_for"]["digest"]]) == 0
            code = run(["-C", str(place), "resume"])
        error = capsys.readouterr().err
        assert code == 5
        assert said in error
        assert "next: " in error


def status(place: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    capsys.readouterr()
    run(["-C", str(place), "status", "--json"])
    body: dict[str, Any] = json.loads(capsys.readouterr().out)
    return body
