"""A command runs, and a file is looked for, in the folder that the document means; where none is said, it is asked."""

from __future__ import annotations

import json

import pytest

from tests.worlds.checklists import suggested


def looked(text: str, path: str = "list.md") -> tuple[str, list[str]]:
    """What the last proposal runs or looks for, and what it asks."""
    last = suggested(text, path).proposals[-1]
    entry = json.loads(json.dumps(last.entry))
    return entry["command"]["run"] if "command" in entry else entry["file"]["path"], list(last.asks)


def test_a_folder_of_the_section_is_gone_to() -> None:
    text = "# Deployment\n\n## Terraform\n\n```bash\ncd infra/aws\n```\n\n- [ ] Run `terraform validate`\n"
    assert looked(text) == ("cd infra/aws && terraform validate", [])


def test_a_file_is_looked_for_in_it() -> None:
    text = "# Deployment\n\n## Terraform\n\n- [ ] Navigate to `terraform/`\n- [ ] Run `terraform init`\n"
    assert looked(text) == ("terraform/.terraform/", [])


def test_a_folder_of_another_section_makes_it_a_question() -> None:
    text = "# Deployment\n\n## One\n\n```bash\ncd web\n```\n\n## Two\n\n- [ ] `npm test` passes\n"
    assert looked(text) == ("cd {directory} && npm test", ["directory"])


def test_a_repository_that_was_just_cloned_is_the_top() -> None:
    text = "# Deployment\n\n```bash\ngit clone https://acme.org/shop.git\ncd shop\n```\n\n- [ ] `npm test` passes\n"
    assert looked(text) == ("npm test", [])


@pytest.mark.parametrize("path", ["terraform/CHECKLIST.md", "apps/shop/RELEASE.md", "../shop/frontend/list.md"])
def test_a_document_in_the_folder_of_a_part_may_mean_that_one(path: str) -> None:
    assert looked("# Deployment\n\n- [ ] `npm test` passes\n", path) == ("cd {directory} && npm test", ["directory"])
    assert looked("# Deployment\n\n- [ ] `shop.json` exists\n", path) == ("{directory}/shop.json", ["directory"])


@pytest.mark.parametrize("path", ["list.md", "docs/deployment.md", "docs/runbooks/web.md", "/tmp/list.md"])
def test_a_document_among_documents_means_the_top(path: str) -> None:
    assert looked("# Deployment\n\n- [ ] `npm test` passes\n", path) == ("npm test", [])


@pytest.mark.parametrize("elsewhere", ["/opt/shop", "~/shop", "../shop", "<folder>"])
def test_a_folder_outside_of_the_repository_is_none(elsewhere: str) -> None:
    text = f"# Deployment\n\n## Shop\n\n```bash\ncd {elsewhere}\n```\n\n- [ ] `npm test` passes\n"
    assert looked(text) == ("cd {directory} && npm test", ["directory"])


def test_parts_of_the_system_have_folders_of_their_own() -> None:
    text = "# Deployment\n\n- [ ] Frontend: `npm test` passes\n- [ ] Backend: `npm test` passes\n"
    found = [(each.entry["command"], list(each.asks)) for each in suggested(text).proposals]
    assert found == [
        ({"run": "cd {frontend-directory} && npm test", "changes": True}, ["frontend-directory"]),
        ({"run": "cd {backend-directory} && npm test", "changes": True}, ["backend-directory"]),
    ]


@pytest.mark.parametrize(
    ("item", "run"),
    [
        ("`npm --prefix web test` passes", "npm --prefix web test"),
        ("`pytest web/tests` passes", "pytest web/tests"),
        ("`kubectl get nodes` works: verify nodes", ""),
    ],
)
def test_what_says_where_it_looks_stays(item: str, run: str) -> None:
    text = f"# Deployment\n\n## One\n\n```bash\ncd web\n```\n\n## Two\n\n- [ ] {item}\n"
    assert not run or looked(text) == (run, [])


def test_a_variable_is_looked_for_in_the_file_of_that_folder() -> None:
    text = "# Deployment\n\n## Web\n\n```bash\ncd web\n```\n\n- [ ] `SHOP_URL` set in `.env`\n"
    run, asks = looked(text)
    assert (run[:20], asks) == ("cd web && < .env gre", [])
