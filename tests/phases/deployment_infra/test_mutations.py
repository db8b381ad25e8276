"""Does each property of the module see what breaks it? Single changes of its files, each red in its own property.

The module's own tests are run as they are shipped, in this process, over files that differ in one text.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import Phase, settings

from phases.deployment_infra.answers import values_of
from phases.deployment_infra.questions import questions
from phases.deployment_infra.render import render_all
from tests.worlds.module_mutations import MONITORING, MUTATIONS
from tests.worlds.rendered_module import EXAMPLE, LARGEST, OTHERS, SMALLEST

pytestmark = pytest.mark.slow
# No example is made smaller, and none is kept: whether a test is red is all that is asked. Which examples are drawn
# depends on the modules that are loaded, whose constants hypothesis draws, too: a change that few examples show is
# looked for in many.
FEW = settings(max_examples=60, derandomize=True, database=None, deadline=None, phases=(Phase.generate,))
SOME = settings(FEW, max_examples=5)
MANY = settings(FEW, max_examples=3000)
FOLDER = "tests/infrastructure"
BROKEN = {f"test_property_{number:02}_": changes for number, changes in MUTATIONS.items()}
BROKEN["test_monitoring.py"] = MONITORING
Test = Callable[[object], None]


@pytest.fixture(scope="module")
def rendered() -> dict[str, str]:
    return texts(EXAMPLE)


def texts(answers: Mapping[str, str]) -> dict[str, str]:
    return {path: content.decode() for path, content in render_all(values_of(answers)).items()}


@pytest.fixture(scope="module")
def shipped(
    rendered: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], ModuleType]]:
    """Imports a file of the module's tests, as it is rendered."""
    folder = tmp_path_factory.mktemp("module")
    before = set(sys.modules)
    for path, text in rendered.items():
        if path.startswith(FOLDER) and path.endswith(".py"):
            (folder / Path(path).name).write_text(text)
    sys.path.insert(0, str(folder))
    yield importlib.import_module
    sys.path.remove(str(folder))
    for name in set(sys.modules) - before:
        if getattr(sys.modules[name], "__file__", None) and str(folder) in str(sys.modules[name].__file__):
            del sys.modules[name]


def cases(test: Callable[..., None], folder: Path) -> list[Callable[[object], None]]:
    """The calls of a test, its parameters filled in; hypothesis draws its own."""
    marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
    if not marks:
        return [lambda module: test(module=module)]
    names, values = marks[0].args
    names = [names] if isinstance(names, str) else list(names)
    given = [dict(zip(names, value if len(names) > 1 else [value], strict=True)) for value in values]
    if "tmp_path_factory" in inspect.signature(test).parameters:

        class Factory:
            made = 0

            def mktemp(self, name: str) -> Path:
                Factory.made += 1
                made = folder / f"{name}-{Factory.made}"
                made.mkdir()
                return made

        given = [{**each, "tmp_path_factory": Factory()} for each in given]
    return [lambda module, each=each: test(module=module, **each) for each in given]


@contextmanager
def drawing(examples: settings) -> Iterator[None]:
    """As many examples for tests that do not say how many they draw."""
    before = settings.get_current_profile_name()
    settings.register_profile("mutations", examples)
    settings.load_profile("mutations")
    try:
        yield
    finally:
        settings.load_profile(before)


def is_red(tests: list[Test], module: object) -> bool:
    """Whether one of the tests fails."""
    for test in tests:
        try:
            test(module)
        except (Exception, pytest.fail.Exception):  # noqa: BLE001 - whatever it is, pytest calls it a failure
            return True
    return False


def in_file(module: ModuleType) -> list[Callable[..., None]]:
    """The tests of a file, those first that draw no examples: they are quick, and one that is red is enough."""
    found = [test for name, test in vars(module).items() if name.startswith("test_")]
    return sorted(found, key=lambda test: hasattr(test, "hypothesis"))


@pytest.mark.parametrize("answers", [OTHERS, SMALLEST, LARGEST], ids=["others", "smallest", "largest"])
def test_with_any_answers_that_are_taken_every_property_holds(
    answers: Mapping[str, str], shipped: Callable[[str], ModuleType], tmp_path: Path
) -> None:
    given: dict[str, str] = {}
    while asked := questions(given):
        name = asked[0].name
        assert asked[0].problem_with(answers[name]) is None, name
        given[name] = answers[name]
    rendered = texts(given)
    module, red = shipped("module_files").Module(rendered), []
    for name in sorted(BROKEN):
        (path,) = [each for each in rendered if each.startswith(f"{FOLDER}/{name}")]
        with drawing(SOME):
            for test in (case for each in in_file(shipped(Path(path).stem)) for case in cases(each, tmp_path)):
                try:
                    test(module)
                except (AssertionError, pytest.fail.Exception) as error:
                    red.append((name, str(error)[:300]))
    assert red == []


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_every_mutation_is_red_in_its_own_property(
    name: str, rendered: dict[str, str], shipped: Callable[[str], ModuleType], tmp_path: Path
) -> None:
    assert len(BROKEN[name]) >= 10
    (path,) = [each for each in rendered if each.startswith(f"{FOLDER}/{name}")]
    named = in_file(shipped(Path(path).stem))
    tests = [case for test in named for case in cases(test, tmp_path)]
    drawn = [case for test in named if hasattr(test, "hypothesis") for case in cases(test, tmp_path)]
    module_of = shipped("module_files").Module
    with drawing(FEW):
        for test in tests:
            test(module_of(rendered))  # as it is shipped it is green, with its reason where it is not
    survived = []
    for file, old, new in BROKEN[name]:
        assert old in rendered[file], f"{file} does not have {old!r}"
        mutated = rendered[file].replace(old, new, 1)
        assert mutated != rendered[file]
        module = module_of({**rendered, file: mutated})
        with drawing(FEW):
            red = is_red(tests, module)
        with drawing(MANY):
            red = red or is_red(drawn, module)
        if not red:
            survived.append((file, old, new))
    assert survived == []
