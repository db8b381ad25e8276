"""A tool of a list is this machine's only below a heading of what this machine needs; a server's list says nothing."""

from __future__ import annotations

import pytest

from tests.worlds.checklists import proposed, suggested


@pytest.mark.parametrize(
    ("heading", "item", "tool"),
    [
        ("Tools installed", "**jq** (for JSON in scripts)", {"run": "jq --version"}),
        (
            "Required tools (installed locally)",
            "**Git** ([install guide](https://git-scm.com))",
            {"run": "git --version"},
        ),
        ("Prerequisites", "Docker (for local testing)", {"run": "docker --version"}),
        ("Prerequisites", "Install Node.js 18+", {"run": "node --version", "at-least": "18"}),
        ("Local setup", "Node.js 20+", {"run": "node --version", "at-least": "20"}),
        (
            "Pré-requisitos",
            "Helm >= 3.13 instalado (`helm version`)",
            {"run": "helm version --short", "at-least": "3.13"},
        ),
        ("Software", "jq instalado (`jq --version`)", {"run": "jq --version"}),
        ("Now", "Go 1.24+ installed (`go version`)", {"run": "go version", "at-least": "1.24"}),
        ("Now", "AWS CLI installed (version 2.x)", {"run": "aws --version", "at-least": "2"}),
    ],
)
def test_a_tool_of_a_list_is_looked_for_on_this_machine(heading: str, item: str, tool: dict[str, str]) -> None:
    found = proposed(item, heading=heading)
    assert found is not None
    assert found.entry == {"tool": tool}


@pytest.mark.parametrize(
    ("heading", "item"),
    [
        ("Server requirements", "Docker (for the application)"),
        ("Prepare the VPS environment", "Install Node.js 18+"),
        ("Now", "Docker (for local testing)"),
        ("Tools installed", "**jq** (or another reader of JSON)"),
        ("Prerequisites", "Install Docker"),
        ("Prerequisites", "Git knowledge"),
        ("Tools installed", "Docker (logged in to the registry)"),
        ("Software", "Helm instalado (`helm list`)"),
        ("Local setup", "Docker"),
        ("Vercel project settings", "Node.js 20+"),
    ],
)
def test_a_tool_of_another_list_is_left(heading: str, item: str) -> None:
    found = proposed(item, heading=heading)
    assert found is None or "tool" not in found.entry


@pytest.mark.parametrize(
    ("used", "entry"),
    [
        ("docker-compose up -d", {"tool": {"run": "docker-compose --version", "at-least": "2.0"}}),
        (
            "docker compose up -d",
            {
                "command": {"run": "docker compose version --short", "changes": True},
                "expect": {"version-at-least": "2.0"},
            },
        ),
    ],
)
def test_docker_compose_is_asked_as_the_document_runs_it(used: str, entry: object) -> None:
    text = f"# Deployment checklist\n\n- [ ] Docker Compose installed (version 2.0+)\n\nThen `{used}`.\n"
    assert suggested(text).proposals[0].entry == entry
