"""A command is run with the option that its item's words need, or not proposed; what reaches out never is."""

from __future__ import annotations

import pytest

from phases.checks.suggest.strict import strictly
from tests.worlds.checklists import check_words, proposed, suggested


@pytest.mark.parametrize(
    ("item", "run"),
    [
        ("Run `npm audit` - fix any high/critical vulnerabilities", "npm audit --audit-level=high"),
        ("Run `npm audit` (no critical findings)", "npm audit --audit-level=critical"),
        ("Run `tfsec .` (ZERO HIGH/CRITICAL issues)", "cd {directory} && tfsec . --minimum-severity HIGH"),
        ("`cargo check --workspace` - zero errors, zero warnings", "RUSTFLAGS=-Dwarnings cargo check --workspace"),
        ("`npx eslint src` without warnings", "npx eslint src --max-warnings 0"),
        ("`python manage.py check --deploy` passes", "python manage.py check --deploy --fail-level WARNING"),
        ("`cargo fmt --all` - run before tagging", "cargo fmt --all --check"),
        ("`gofmt -l .` prints nothing", 'test -z "$(gofmt -l .)"'),
        ("`cargo build --release` - optimized binary produced", "cargo build --release"),
        ("`cd api && npm audit` shows no high vulnerabilities", "cd api && npm audit --audit-level=high"),
        ("`nix flake check` passes", "nix flake check"),
        ("`pytest tests/test_notifications.py` passes", "pytest tests/test_notifications.py"),
    ],
)
def test_a_command_fails_where_the_words_of_its_item_do_not_hold(item: str, run: str) -> None:
    found = proposed(item)
    assert found is not None
    assert check_words(found) == f"command {run}"


@pytest.mark.parametrize(
    "item",
    [
        "Run `checkov -d .` (resolve all critical findings)",
        "`php artisan test` without warnings",
        "Security audit (run `python manage.py check --deploy`)",
        "`npm run test-email` - mail configuration",
        "`npm run test:sms` passes",
        "`make load-test` passes",
        "`python scripts/smoke_live.py` passes",
        "`./verify-slack-webhook.sh` passes",
        "`npm test` - all 42 tests pass",
    ],
)
def test_what_no_option_makes_fail_or_what_reaches_out_is_left(item: str) -> None:
    assert proposed(item) is None


def test_what_an_item_already_says_stays() -> None:
    assert strictly("npm audit --audit-level=critical", "no critical findings") == "npm audit --audit-level=critical"
    assert strictly("make test", "no high findings") == "make test"
    assert strictly("cargo clippy -- -D warnings", "zero warnings") == "cargo clippy -- -D warnings"


@pytest.mark.parametrize(
    ("item", "path"),
    [
        ("Architecture diagram (`docs/architecture.svg`)", "docs/architecture.svg"),
        ("Deployment guide created (`docs/deployment.md`)", "docs/deployment.md"),
        ("`backend/Dockerfile` existe", "backend/Dockerfile"),
        ("`public/manifest.json` exists (PWA)", "public/manifest.json"),
    ],
)
def test_a_path_and_that_it_is_there(item: str, path: str) -> None:
    found = proposed(item)
    assert found is not None
    assert found.entry == {"file": {"path": path}}


@pytest.mark.parametrize(
    "item",
    [
        "Update the deployment guide (`docs/deployment.md`)",
        "Deployment guide updated (`docs/deployment.md`)",
        "`vercel.json` present (framework: nextjs)",
        "`lib/cache.ts` exists - Redis support with TLS",
        "`docs/plan.md` exists (complete)",
    ],
)
def test_what_stands_in_a_file_is_not_that_it_is_there(item: str) -> None:
    assert proposed(item) is None


@pytest.mark.parametrize(
    ("heading", "below", "is_proposed"),
    [
        ("New files (create)", "", True),
        ("Dockerfiles are present", "", True),
        ("Scripts", "", True),
        ("New files (create)", "\n  - Tests: pass", False),
        ("Modified files", "", False),
        ("Package scripts", "", False),
        ("Files in release assets", "", False),
    ],
)
def test_a_list_of_files_is_one_where_its_heading_says_so(heading: str, below: str, is_proposed: bool) -> None:
    text = f"# Deployment checklist\n\n## {heading}\n\n- [ ] `api/backup.js` - the backup{below}\n"
    assert bool(suggested(text).proposals) is is_proposed
