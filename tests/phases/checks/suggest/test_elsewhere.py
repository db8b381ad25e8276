"""What is done on another machine, and what an address answers."""

from __future__ import annotations

import pytest

from phases.checks.suggest.remote import WHY
from tests.worlds.checklists import check_words, proposed, suggested

BEGINNINGS = ("SSH into the server", "Connect to the EC2 instance", "Repository cloned to EC2 instance")


@pytest.mark.parametrize("beginning", BEGINNINGS)
@pytest.mark.parametrize("item", ["Create `.env` file", "`npm test` passes", "Test: `curl http://localhost:80/health`"])
def test_what_follows_on_another_machine_is_not_looked_at_here(beginning: str, item: str) -> None:
    found = suggested(f"# Deployment\n\n## Server\n\n- [ ] {beginning}\n- [ ] {item}\n")
    assert found.proposals == ()
    assert found.others[-1].why == WHY
    assert suggested(f"# Deployment\n\n## Server\n\n- [ ] {item}\n- [ ] {beginning}\n").proposals != ()
    assert suggested(f"# Deployment\n\n## A\n\n- [ ] {beginning}\n\n## B\n\n- [ ] {item}\n").proposals != ()


@pytest.mark.parametrize("item", ["Pods running", "Test: `curl https://shop.acme-shop.org/health`", "DNS resolves"])
def test_what_is_asked_over_the_network_stays(item: str) -> None:
    assert suggested(f"# Kubernetes deployment\n\n## Server\n\n- [ ] SSH into the server\n- [ ] {item}\n").proposals


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ("API health: `curl http://localhost:8000/api/health`", "http://localhost:8000/api/health"),
        ("Test it: `curl -s https://api.acme-shop.org/v1 | jq .`", "https://api.acme-shop.org/v1"),
        ("Public: `curl http://<PUBLIC_IP>/health`", "http://{public-ip}/health"),
        ("`https://<your-domain>/health` loads", "https://{your-domain}/health"),
        ("Grafana accessible: http://localhost:3000", "http://localhost:3000"),
        ("Site accessible at `http://your-domain.com/`", "http://{your-domain-com}/"),
    ],
)
def test_a_curl_that_gets_and_an_address_that_answers_are_asked(item: str, words: str) -> None:
    found = proposed(item)
    assert found is not None
    assert check_words(found) == f"command curl -fsS -o /dev/null {words}"


@pytest.mark.parametrize(
    "item",
    [
        "Blocked: `curl http://localhost:8000/admin` returns 403",
        "Unauthorized without a token: `curl http://localhost:8000/api`",
        "Chat: `curl -X POST http://localhost:8000/chat`",
        "Content is correct: `curl http://localhost:8000/`",
        "Log in: `curl -u ada:x http://localhost:8000/`",
        "Open http://localhost:3000 in a browser",
    ],
)
def test_an_error_that_is_wanted_content_and_clicks_are_left(item: str) -> None:
    assert proposed(item) is None


@pytest.mark.parametrize(
    "item",
    [
        "Build command: `npm run build`",
        "`python smoke_test.py --insert` succeeds",
        "`python pressure_test.py` completes",
        "Alerts: `./scripts/test-alerts.sh`",
        "Template: `aws cloudformation validate-template ...`",
        "`npm run check` shows the current week",
        "Coverage at least 80 %: `go test -cover ./...`",
    ],
)
def test_what_a_command_writes_shows_or_is_set_to_is_not_proved_by_its_end(item: str) -> None:
    found = proposed(item)
    assert found is None or found.kind != "command"


@pytest.mark.parametrize(
    ("item", "address"),
    [
        ("`https://<your-domain>/health` returns 200", "https://{your-domain}/health"),
        ("`/healthz` returns 200", "{base-url}/healthz"),
        ("WebAPI health endpoint returns 200 OK", "{health-url}"),
        ("https://pay.acme.io/healthz answers with 200", "https://pay.acme.io/healthz"),
    ],
)
def test_a_code_that_is_said_is_looked_at_since_a_redirect_ends_well_too(item: str, address: str) -> None:
    found = proposed(item)
    assert found is not None
    assert check_words(found) == f"command curl -sS -o /dev/null -w '%{{http_code}}' {address}"
    assert found.entry["expect"] == {"equals": "200"}


@pytest.mark.parametrize(
    ("item", "run"),
    [
        ("Code pushed to GitHub (`main` branch)", "HEAD origin/main"),
        ("Push to master branch", "HEAD origin/master"),
        ("Code pushed to GitHub", "HEAD @{{upstream}}"),
        ("Push all changes to the repository", "status --porcelain"),
    ],
)
def test_the_branch_that_is_named_is_asked(item: str, run: str) -> None:
    found = proposed(item)
    assert found is not None
    assert run in check_words(found)


def test_a_host_in_capitals_is_asked_for() -> None:
    found = proposed("Health endpoint responding (http://ALB/health)")
    assert found is not None
    assert "http://{alb}/health" in check_words(found)
