"""Does a box say more than that its command succeeds? Words of both kinds, beside commands of each kind."""

from __future__ import annotations

import re

import pytest

from phases.manual.box_claims import SAYS_MORE, not_by_exit_code, says_more
from phases.step import Check

MORE = (
    ("Scan is clean (`trivy image shop`)", "clean"),
    ("Security scan passes (`trivy image shop`)", "passes"),
    ("No vulnerabilities: `npm audit`", "No vulnerabilities"),
    ("`make lint` shows 0 errors", "shows 0 errors"),
    ("`cat VERSION` matches the tag", "matches the tag"),
    ("`git tag` prints v1.2.0", "prints v1.2.0"),
    ("`curl -f https://shop.example.com/health` returns 200", "returns 200"),
    ("`terraform plan` shows no changes", "shows no changes"),
    ("Python 3.11+ (`python3 --version`)", "3.11+"),
    ("Node 18 or higher (`node --version`)", "18 or higher"),
    ("Coverage above 80% (`pytest --cov`)", "above 80%"),
    ("3 replicas run: `kubectl get pods`", "3 replicas"),
    ("Pods healthy: `kubectl get pods`", "healthy"),
    ("Service is running: `systemctl restart shop`", "running"),
    ("Queue is empty (`./queue.sh`)", "empty"),
    ("No errors in the logs `kubectl logs shop`", "No errors in"),
    ("Row counts are the same: `./count.sh`", "same"),
    ("Output as expected: `make report`", "as expected"),
    ("TTL enabled: `aws dynamodb describe-time-to-live --table-name x`", "enabled"),
    ("Check the pods: `kubectl get pods`", "Check the pods"),
    ("List the tables: `aws dynamodb list-tables`", "List the tables"),
    ("Old dumps are gone (`ls backups`)", "Old dumps are gone"),
    ("Backup taken: `ls backups`", "Backup taken"),
    ("Backup was taken (`ls -l backups`)", "Backup was taken"),
    ("Disk has room (`df -h`)", "Disk has room"),
    ("Announcement sent (`cat mail.txt`)", "Announcement sent"),
    ("DNS switched (`dig +short shop.example.com`)", "DNS switched"),
    ("`kubectl get pods`", "kubectl get pods"),
    ("Run `ls`", "Run"),
    ("Looking passes (`ls backups`)", "Looking passes"),
    ("Queue is short (`./queue.sh`)", "Queue is short"),
    ("Tables locked (`psql -c 'select 1'`)", "Tables locked"),
    ("Released with `make release`, and `git log -1` is right", "Released with"),
    ("No errors in the log (`grep -q ERROR app.log`)", "No errors in"),
    ("Old dump is gone (`test -e old.dump`)", "gone"),
    ("Replicas healthy: `kubectl rollout status deployment/x`", "healthy"),
    ("Pods are not-ready: `./pods.sh`", "Pods are not-ready"),
    ("Stream re-enabled: `ls streams`", "Stream re-enabled"),
    ("DNS time-to-live is down to 60 seconds (`dig shop.example.org`)", "60 seconds"),
    ("Cache is cut to 60 seconds (`make cache`)", "60 seconds"),
    ("Disk is 80 % full (`df -h`)", "is 80"),
)
NO_MORE = (
    "All unit tests passing (`make test`)",
    "Code linted successfully (`make lint`)",
    "Lint without errors: `make lint`",
    "Types check with no errors: `mypy .`",
    "Code formatted (`make format`)",
    "Dependencies installed (`make install`)",
    "Bootstrap verified (`cdk list --context env=dev`)",
    "Migrations applied: `alembic upgrade head`",
    "Stack is deployed: `cdk deploy`",
    "Template is valid: `sam validate`",
    "Database reachable: `pg_isready -h db`",
    "Database is backed up (`make backup`)",
    "Backup exists (`test -s dump.sql`)",
    "Old dumps are gone (`test ! -e backups/old.dump`)",
    "Service is active: `systemctl is-active shop`",
    "Shop answers: `curl -fsS https://shop.example.com/health`",
    "Announcement sent (`./scripts/send-mail.sh`)",
    "Smoke test passes (`./smoke`)",
    "Tests pass (`cd app && make test`)",
    "`make smoke` returns 0",
    "`make test`",
    "Run `make deploy`",
    "Time-to-live is told (`./release-ttl.sh`)",
    "Open-source notice (`make install-notice`)",
    "Write the on-call list (`./update-oncall.sh`)",
    "Up-front payment (`./send-money.sh`)",
    "Cache of 60 seconds (`./set-cache.sh 60`)",
)


def commands_in(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


@pytest.mark.parametrize(("text", "words"), MORE)
def test_what_an_exit_code_does_not_say_is_quoted(text: str, words: str) -> None:
    assert words in says_more(text, commands_in(text))


@pytest.mark.parametrize("text", NO_MORE)
def test_that_a_command_succeeds_is_what_its_exit_code_says(text: str) -> None:
    assert says_more(text, commands_in(text)) == ""


def test_a_command_that_succeeded_is_not_checked_for_a_box_that_says_more_and_says_what_was_seen() -> None:
    check = not_by_exit_code(
        Check("command 1: x", "exit 0", "exit 0 after 1 s", "pass", answers=("command 1",)), "clean"
    )
    assert (check.verdict, check.answers) == ("not-checked", ("command 1", SAYS_MORE))
    assert check.seen.startswith("exit 0 after 1 s, which does not say 'clean'")
