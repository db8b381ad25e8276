"""`phasegate checks --suggest`: what it prints is a checks file, quotes its words, asks once, overwrites nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from phases.checks.reader import read_checks
from phases.checks.suggest.write import checks_file
from tests.worlds.checking import MODELS
from tests.worlds.checklists import suggested_for
from tests.worlds.workspaces import ROOT
from workflow.cli.main import run
from workflow.runbook.reader import read_runbook

CHECKLISTS = sorted((ROOT / "tests/runbooks/checklists").glob("*.md"))
LIST = """\
# AWS deployment

## Tables
- [ ] Orders table deployed
- [ ] Orders table has TTL enabled on `expiresAt`
- [ ] Python 3.11+ installed
- [ ] Carts table deployed
- [ ] Python 3.11+ installed
- [ ] Team notified

```bash
aws dynamodb describe-table --table-name shop-orders --region eu-west-1
```

## Routes of the API Gateway
- [ ] `GET /orders/{id}` route created
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "list.md").write_text(LIST)
    monkeypatch.chdir(tmp_path)  # no repository
    return tmp_path


def suggested(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert run(["checks", "--suggest", "list.md", "--json", *arguments]) == 0
    body: dict[str, Any] = json.loads(capsys.readouterr().out)
    return body


def test_each_proposal_quotes_its_words_and_says_what_it_does_not_prove(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    body = suggested(capsys)
    lines = LIST.splitlines()
    for proposal in body["proposals"]:
        assert proposal["does_not_prove"]
        assert proposal["rests_on"][0]["where"] == "item"
        for words in proposal["rests_on"]:
            assert words["words"] in lines[words["line"] - 1]
    first = body["proposals"][0]["check"]
    assert (first["parameters"], first["region"]) == ({"TableName": "shop-orders"}, "eu-west-1")
    assert [each["why"] for each in body["without"]] == ["a person's to do or to say"]


def test_what_has_to_be_known_is_asked_once_and_a_check_waits_as_a_remark(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    body = suggested(capsys)
    names = [each["name"] for each in body["questions"]]
    assert names == ["carts-table", "api-id"]
    assert run(["checks", "--suggest", "list.md"]) == 0
    printed = capsys.readouterr().out
    live = {each["id"] for each in yaml.safe_load(printed)["checks"]}
    assert live == {each["check"]["id"] for each in body["proposals"] if not each["asks"]}
    assert run(["checks", "--suggest", "list.md", "--var", "carts-table=carts"]) == 0
    answered = yaml.safe_load(capsys.readouterr().out)["checks"]
    assert {"TableName": "carts"} in [each.get("parameters") for each in answered]


def test_a_box_whose_text_is_there_twice_is_named_by_its_line(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ties = [(each["check"].get("line"), each["check"]["id"]) for each in suggested(capsys)["proposals"]]
    assert (6, "python-3-11-installed") in ties
    assert (8, "python-3-11-installed-8") in ties


@pytest.mark.parametrize("path", CHECKLISTS, ids=lambda path: path.stem)
def test_what_is_proposed_is_a_checks_file_that_fits_its_document(path: Path) -> None:
    found = suggested_for(path)
    plan = read_runbook(path.read_bytes(), name=path.stem, path=path.name)
    checks = read_checks(checks_file(found).encode(), f"{path.stem}.checks.yaml", MODELS, plan=plan)
    assert len(checks.filled({}).checks) == len([each for each in found.proposals if not each.asks])
    tied = [check for check in checks.checks if any(check.belongs_to(task) for task in plan.tasks)]
    assert tied == list(checks.checks)


def test_what_is_written_beside_a_document_is_accepted_as_it_is_and_never_overwritten(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "list.md").write_text("# Release\n\n- [ ] Tests pass (`pytest -q`)\n- [ ] Mail sent\n")
    assert run(["checks", "--suggest", "list.md", "--write"]) == 0
    assert run(["checks", "list.md"]) == 0, capsys.readouterr().err
    before = (place / "list.checks.yaml").read_bytes()
    assert run(["checks", "--suggest", "list.md", "--write"]) == 2
    assert "is not overwritten" in capsys.readouterr().err
    assert (place / "list.checks.yaml").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["gone.md"], "checklist gone.md is not there"),
        (["list.md", "--var", "colour=red"], "--var colour"),
        (["list.md", "--run"], "--run does not go with it"),
    ],
)
def test_what_cannot_be_proposed_is_refused(
    place: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    assert run(["checks", "--suggest", *arguments]) == 2
    assert told in capsys.readouterr().err
    assert [path.name for path in place.iterdir()] == ["list.md"]


def test_an_answer_in_a_command_is_one_word(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "list.md").write_text("# Deployment\n\n- [ ] Site is live\n")
    assert (
        run(["checks", "--suggest", "list.md", "--var", "site-url=https://a.org; rm -rf x"]) == 2
    )  # not known to read
    assert run(["checks", "--suggest", "list.md", "--var", "site-url=https://a.org"]) == 0
    (check,) = yaml.safe_load(capsys.readouterr().out)["checks"]
    assert check["command"] == {"run": "curl -fsS -o /dev/null https://a.org"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no box\n",
        "# T\n- [ ] \n",
        "- [ ] `\n",
        "- [ ] **\n  - [ ] x\n",
        "# Deploy\n- [ ] Run `make test {a} ${b} '{c}'`\n",
        "# Deploy\n- [ ] Route `GET /x/{id}` returns 200\n",
        "- [ ] 1.1 Python 3.11+ installed\n  - [ ] 1.2 Tests pass (`pytest -q`)\n",
        "# Deploy AWS\n- [ ] \u202eTable deployed\n- [ ] a\x1b[31m table deployed\n",
        "~~~\n- [ ] Python 3.11+ installed\n",
    ],
)
def test_any_document_is_read_and_what_comes_of_it_is_a_checks_file(
    place: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    (place / "list.md").write_text(text, encoding="utf-8")
    assert run(["checks", "--suggest", "list.md"]) == 0
    printed = capsys.readouterr().out
    (place / "list.checks.yaml").write_text(printed, encoding="utf-8")
    assert run(["checks", "list.checks.yaml"]) == 0, printed
