"""Commands, tools, files and addresses in items: what is taken, and what proves nothing or must not be run."""

from __future__ import annotations

import pytest

from tests.worlds.checklists import check_words, proposed, suggested

TAKEN = {
    "Tests pass (`make test`)": "command make test",
    "Run `npm run lint`": "command npm run lint",
    "Code formatted (`make format`)": "command make format && git -P diff --exit-code",
    "Chart is valid: `helm lint charts/x`": "command helm lint charts/x",
    "`./scripts/health-check.sh` passes": "command ./scripts/health-check.sh",
    "Image exists (`docker manifest inspect shop/api:<tag>`)": "command docker manifest inspect shop/api:{tag}",
    "Python 3.11+ installed": "tool python3 --version",
    "Terraform installed (version >= 1.0)": "tool terraform --version",
    "Node.js and npm installed": "command node --version && npm --version",
    "`Dockerfile` exists": "file Dockerfile",
    "`.env` file created from `.env.example`": "file .env",
    "No syntax errors: `node -c src/app.js`": "command node -c src/app.js",
    "Unit tests pass (`pnpm --filter @shop/api test`)": "command pnpm --filter @shop/api test",
    "Admin UI accessible at `http://localhost:8001`": "command curl -fsS -o /dev/null http://localhost:8001",
    "http://localhost:3001/health → 200": "command curl -sS -o /dev/null -w '%{http_code}' http://localhost:3001/health",
    "No TODO left in `README.md`": "file README.md",
    "Version bumped in `pyproject.toml`": "file pyproject.toml",
    "`package.json` bumped to `1.0.0`": "file package.json",
    "Frontend loads: `https://shop.acme.org/`": "command curl -fsS -o /dev/null https://shop.acme.org/",
}
LEFT = (
    "Build and ship (`make build-and-deploy`)",
    "Install (`npm ci`)",
    "Push the image (`docker build --push -t x .`)",
    "Server starts (`npm run dev`)",
    "Look at the plan (`terraform plan`)",
    "Logs are quiet (`kubectl logs -f deploy/x`)",
    "Report written (`npm test > report.txt`)",
    "Fixed (`eslint --fix .`)",
    "Both pass (`make test` and `make lint`)",
    "Secrets set (`gh secret set TOKEN`)",
    "If it fails, run `make test`",
    "Python knowledge",
    "Agree on Python 3.11",
    "Install Node.js 18+",
    "Update `README.md`",
    "Read `docs/guide.md`",
    "Delete `old.json`",
    "`a.md` and `b.md` exist in two places",
    "`../secrets.json` exists",
    "API documented at `https://shop.acme.org/docs`",
    "Unit tests passing in CI",
    "Load tests pass",
    "User acceptance tests pass",
    "Verify `jest` and `supertest` are installed",
    "Maintenance page up at https://shop.acme.org",
    "Targets all UP: `http://localhost:9090/targets`",
)


@pytest.mark.parametrize("item", TAKEN)
def test_what_holds_or_does_not_is_taken(item: str) -> None:
    found = proposed(item)
    assert found is not None
    assert check_words(found) == TAKEN[item]


@pytest.mark.parametrize("item", LEFT)
def test_what_proves_nothing_or_changes_something_is_left_to_a_person(item: str) -> None:
    assert proposed(item) is None


def test_a_command_below_an_item_is_its_own_and_quoted() -> None:
    found = suggested("# Deploy\n\n- [ ] Settled\n\n  ```sh\n  kubectl rollout status deployment/x -n shop\n  ```\n")
    (proposal,) = found.proposals
    assert [(words.where, words.line) for words in proposal.rests_on] == [("item", 3), ("block", 6)]


@pytest.mark.parametrize(
    ("command", "asked", "expression"),
    [
        ("aws dynamodb describe-table --table-name orders", [], "Table.TableStatus"),
        (
            "aws cloudformation describe-stacks --stack-name $STACK --query 'Stacks[0].StackStatus'",
            ["stack"],
            "Stacks[0]",
        ),
        ("aws s3api get-bucket-versioning --bucket <bucket>", ["bucket"], "Status"),
    ],
)
def test_a_read_command_of_the_aws_cli_is_a_check(command: str, asked: list[str], expression: str) -> None:
    (proposal,) = suggested(f"# Deploy\n\n- [ ] There\n  ```bash\n  {command}\n  ```\n").proposals
    assert list(proposal.asks) == asked
    assert str(proposal.entry["expression"]).startswith(expression)
    assert proposal.entry["expect"] != "present"  # a status is said, not only shown


@pytest.mark.parametrize(
    "command",
    ["aws dynamodb list-tables", "aws s3 rm s3://x", "aws logs tail x", "aws nothing describe-it --name x"],
)
def test_a_command_of_the_aws_cli_that_may_show_nothing_or_changes_something_is_no_check(command: str) -> None:
    assert suggested(f"# Deploy\n\n- [ ] There\n  ```bash\n  {command}\n  ```\n").proposals == ()


def test_another_language_is_not_translated_and_what_is_no_operation_takes_no_words() -> None:
    assert proposed("Tabelle `bestellungen` angelegt", title="Inbetriebnahme auf AWS") is None
    assert proposed("Health checks passing", title="Reading group", heading="Autumn") is None
    assert proposed("Orders table created", title="Furniture", heading="Garden") is None


@pytest.mark.parametrize("heading", ["NO-GO if", "Roadmap", "Nice to have", "Future work"])
def test_where_a_tick_means_failure_or_later_nothing_is_proposed(heading: str) -> None:
    assert proposed("Tests pass (`make test`)", heading=heading) is None
    assert proposed("Tests pass (`make test`)", heading="GO / NO-GO") is not None
