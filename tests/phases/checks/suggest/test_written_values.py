"""Values that a file has now are asked by their nouns; placeholders are not in it; ignored paths are looked at."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from phases.checks.suggest.checklist import ListedItem
from phases.checks.suggest.written_values import ignored_of, written_value
from tests.worlds.checklists import suggested


@pytest.mark.parametrize(
    ("item", "asked"),
    [
        ("Updated `k8s/ingress.yaml` with your domain", "Which domain does k8s/ingress.yaml have?"),
        ("Update terraform.tfvars with the certificate ARN", "Which certificate ARN does terraform.tfvars have?"),
        ("Email updated in `k8s/issuer.yaml`", "Which Email does k8s/issuer.yaml have?"),
        ("Update image URIs in `k8s/web.yaml`", "Which image URIs does k8s/web.yaml have, with spaces between them?"),
    ],
)
def test_a_value_is_asked_by_its_noun(item: str, asked: str) -> None:
    found = written_value(ListedItem(1, item))
    assert found is not None
    assert list(found[1].values()) == [asked]


@pytest.mark.parametrize(
    "item",
    [
        "Update `k8s/web.yaml` with your settings",
        "Update `k8s/secrets.yaml` with the following:",
        "Update API key in `shop.json`",
        "Update `k8s/web.yaml` with your domain and the image",
        "Updated `a.yaml` and `b.yaml` with your domain",
        "Review domain in `k8s/web.yaml`",
        "No `<REPLACE_ME>` placeholders remain",
    ],
)
def test_a_vague_noun_a_secret_and_more_than_one_are_left(item: str) -> None:
    assert written_value(ListedItem(1, item)) is None


def test_a_placeholder_is_looked_for_in_the_file_that_stands_above() -> None:
    text = "# Deployment\n\n## Fill in `k8s/shop.yaml`\n\n- [ ] No `<REPLACE_ME>` placeholders remain\n"
    (found,) = suggested(text).proposals
    assert found.entry == {"file": {"path": "k8s/shop.yaml", "lacks": "<REPLACE_ME>"}}


def _exit(place: Path, item: str) -> int:
    found = ignored_of(ListedItem(1, item))
    assert found is not None
    command = found[0]["command"]
    assert isinstance(command, dict)
    return subprocess.run(["sh", "-c", str(command["run"])], cwd=place, capture_output=True, check=False).returncode


@pytest.mark.parametrize(
    ("item", "lines", "ignored"),
    [
        ("`.gitignore` includes `.env`, `*.key`", ".env\n*.key\n", True),
        ("`.gitignore` includes `.env`, `*.key`", ".env\n", False),
        ("`uploads/` directory in `.gitignore`", "uploads/\n", True),
        ("`node_modules` excluded from version control", "dist\n", False),
        ("`.dockerignore` excludes `.env.local` files", "**/.env*\n", True),
        ("`.dockerignore` excludes `.env.local` files", "dist\n", False),
    ],
)
def test_each_ignored_path_is_looked_at(tmp_path: Path, item: str, lines: str, *, ignored: bool) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    (tmp_path / (".dockerignore" if "docker" in item else ".gitignore")).write_text(lines)
    assert (_exit(tmp_path, item) == 0) is ignored


@pytest.mark.parametrize(
    "item", ["`.gitignore` reviewed", "`.env` removed from `.gitignore`", "`.gitignore` excludes build artifacts"]
)
def test_what_names_no_ignored_path_is_left(item: str) -> None:
    assert ignored_of(ListedItem(1, item)) is None
