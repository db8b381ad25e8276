"""Items that look as if a machine could answer them, and it cannot: of each family, none gets a proposal."""

from __future__ import annotations

import pytest

from phases.checks.suggest.proposal import Rule
from tests.worlds.checklists import TITLES, proposed, suggested

TRAPS = {
    "a command that changes, prints for a person, or never ends": (
        "Everything installed (`npm ci`)",
        "Deployed (`cdk deploy --all`)",
        "Logs written (`kubectl logs deploy/shop > shop.log`)",
        "Order posted (`curl -X POST https://shop.acme.org/orders`)",
        "Plan shown (`terraform plan`)",
        "Look through `git log --oneline`",
        "Diff read (`git diff main`)",
        "Containers started (`docker compose up`)",
        "Image scanned (`trivy image shop`)",
        "Findings listed (`semgrep scan`)",
    ),
    "what a command shows, where nobody says which command": (
        "The command prints `ok`",
        "`./report.sh` prints `done`",
        "`rm -rf build` prints `ok`",
        "`cat <file>` prints `ok`",
        "`git branch --show-current` prints the branch",
    ),
    "a path whose being there proves nothing": (
        "Update `docs/guide.md`",
        "`README.md` reviewed",
        "Read `RUNBOOK.md`",
        "`sources/list.md` still to be tested",
        "`old.csv` compared with `new.csv`",
        "Entries of `CHANGELOG.md` deleted",
        "Rollback plan documented (`docs/rollback.md`)",
    ),
    "health that is looked at or built": (
        "`/health` endpoint implemented",
        "`/checkout` page looks right",
        "Click through `/cart`",
        "POST `/orders` answers",
    ),
    "names and certificates that are planned, and the time of a cache": (
        "DNS change planned",
        "Certificate renewal planned",
        "DNS TTL lowered",
        "TTL of `www` set to 300",
    ),
    "a condition": (
        "Once merged, delete the branch",
        "If needed, run `make test`",
        "When CI is green, merge",
        "Tag pushed, unless it is a dry run",
    ),
    "remarks about tags, pull requests, secrets": (
        "Tags explained to the team",
        "Mention the tag in the notes",
        "Pull requests discussed",
        "`NPM_TOKEN` rotated",
        "`NPM_TOKEN` secret removed from the repository",
        "Secret kept",
    ),
    "a tool that is known, agreed on, to be installed": (
        "Knowledge of Python 3.11+",
        "Python 3.11 agreed on",
        "Upgrade to Node 20",
        "Install Docker",
    ),
    "tests that people do": (
        "User acceptance tests pass",
        "Load tests pass",
        "Restore tested",
        "Conversion rate above 2%",
        "Tested",
    ),
    "single links, and variables with a place": (
        "Link in the mail works",
        "`API_URL` set in Netlify to the address of the API",
    ),
    "migrations and tables that are tested, ready, rolled back": (
        "Migrations tested",
        "Migration script ready for review",
        "Migrations rolled back",
        "Table `orders` archived",
        "Index `orders_idx` dropped",
        "Row counts compared for table `orders`",
    ),
    "a verified backup": ("Backup verified", "Backup `backups/a.sql.gz` restored"),
    "a bare version, a count of other things": ("Python 3.12", "3 reviewers available", "2 replicas of the painting"),
}
AWS_TRAPS = (
    "Port 443 from 10.0.0.0/16 only",
    "Only the API may reach the database",
    "IAM roles follow least privilege",
    "Alarm thresholds agreed with the team",
    "Keys rotated regularly",
    "Fewer tasks running than desired for 5 minutes",
    "Bucket contents checked",
    "No errors in the logs",
    "RDS failover tested",
    "Secret values rotated",
    "Queue drained by the workers",
    "Lambda timeout discussed",
    "Reserved concurrency agreed",
    "Snapshot restored to a test instance",
    "Budget approved",
    "WAF rules reviewed",
    "Stack of open questions complete",
    "Auto scaling tested",
    "Account manager informed",
)
KUBERNETES_TRAPS = (
    "Pods deleted",
    "Node pool resized",
    "Limits discussed",
    "Secret rotated",
    "Ingress controller chosen",
    "HPA load tested",
    "Helm release upgraded",
    "No downtime",
    "Persistent volumes backed up",
    "Service mesh understood",
    "Traffic shifted",
)


@pytest.mark.parametrize("family", TRAPS)
@pytest.mark.parametrize("title", [TITLES["operations"], TITLES["aws"]])
def test_no_trap_of_a_family_gets_a_proposal(family: str, title: str) -> None:
    taken = {item: found.kind for item in TRAPS[family] if (found := proposed(item, title=title))}
    assert taken == {}


def test_nor_does_one_of_aws_or_kubernetes() -> None:
    found = {item: proposed(item, title=TITLES["aws"]) for item in AWS_TRAPS}
    found |= {item: proposed(item, title=TITLES["kubernetes"]) for item in KUBERNETES_TRAPS}
    assert {item: each.kind for item, each in found.items() if each} == {}


def test_a_command_that_stands_at_tests_of_one_kind_answers_no_tests_of_another() -> None:
    from tests.worlds.checklists import check_words, suggested

    found = suggested(
        "# Release\n\n- [ ] Unit tests pass (`make test`)\n- [ ] Integration tests pass\n- [ ] Tests pass\n"
    )
    assert [check_words(each) for each in found.proposals] == [
        "command make test",
        "command sh -c {integration-test-command}",
        "command make test",
    ]


def test_a_rule_that_needs_a_name_takes_no_item_without_one() -> None:
    assert proposed("Secret exists", title=TITLES["kubernetes"]) is None
    assert proposed("Secret `shop-db` exists", title=TITLES["kubernetes"]) is not None
    assert Rule("x", "x", {}, "", (), ()).named is False


@pytest.mark.parametrize(
    ("item", "entry"),
    [
        ("`git branch --show-current` prints `main`", {"equals": "main"}),
        ("`npm view shop version` prints the new version", {"equals": "{version}"}),
        ("`kubectl config current-context` shows `prod`", {"contains": "prod"}),
    ],
)
def test_what_a_command_prints_is_compared(item: str, entry: dict[str, str]) -> None:
    found = proposed(item)
    assert found is not None
    assert found.entry["expect"] == entry


def test_a_namespace_that_an_item_names_is_its_own() -> None:
    found = proposed("Secret `shop-db` present in namespace `shop`", title=TITLES["kubernetes"])
    assert found is not None
    assert found.entry["command"] == {"run": "kubectl get secret shop-db -n shop -o name", "changes": True}
    assert found.asks == {}


@pytest.mark.parametrize(
    ("item", "title"),
    [
        ("Task definition `shop` registered (512 CPU, 1024 MB)", TITLES["aws"]),
        ("ECS service running (4 tasks)", TITLES["aws"]),
        ("`php artisan test` no warnings", TITLES["operations"]),
        ("`make lint` without warnings", TITLES["operations"]),
        ("No `TODO(release)` left in `lib/`", TITLES["operations"]),
    ],
)
def test_what_a_check_does_not_take_whole_gets_none(item: str, title: str) -> None:
    assert proposed(item, title=title) is None


def test_warnings_that_fail_the_command_are_its_exit_code() -> None:
    found = proposed("`npx eslint . --max-warnings 0` without warnings")
    assert found is not None
    assert found.kind == "command"


@pytest.mark.parametrize(
    ("item", "lacks"),
    [
        ("`values.yaml` contains no `changeme`", "changeme"),
        ("No TODOs left in `notes.md`", "TODO"),
        ("`config.md` has no placeholders", None),
    ],
)
def test_the_word_that_a_file_lacks_is_as_the_item_spells_it(item: str, lacks: str | None) -> None:
    found = proposed(item)
    assert (found and found.entry["file"]) == (None if lacks is None else {"path": item.split("`")[1], "lacks": lacks})


def test_a_file_that_is_committed_is_asked_of_git() -> None:
    found = proposed("`package-lock.json` committed")
    assert found is not None
    assert found.entry["command"] == {"run": "git ls-files --error-unmatch -- package-lock.json", "changes": True}


def test_what_an_alarm_is_about_is_not_what_it_is_called() -> None:
    found = proposed("CloudWatch alarm on `ModelLatency`", title=TITLES["aws"])
    assert found is None or found.asks


def test_a_setting_is_of_the_thing_that_stands_behind_it() -> None:
    found = proposed("ECR scan on push enabled for `shop`", title=TITLES["aws"])
    assert found is not None
    assert found.entry["parameters"] == {"repositoryNames": ["shop"]}


def test_a_region_names_aws() -> None:
    text = "# Release of `thumbs`\n\nRegion: eu-central-1\n\n- [ ] Bucket `thumbs-in` versioning enabled\n"
    assert suggested(text).proposals
    assert not suggested(text.replace("eu-central-1", "Bavaria")).proposals
