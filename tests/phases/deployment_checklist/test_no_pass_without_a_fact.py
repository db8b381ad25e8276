"""The checks of the deployment checklist: none passes on an answer, a command or a file that says nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from phases.aws import NotFound
from phases.checks.definition import DeclaredCheck
from phases.checks.evaluate import Outcome, evaluate
from phases.checks.local.local_check import CommandExit, FileState, LocalCheck, ToolVersion, VirtualEnvironment
from phases.checks.profiles import chosen, with_values
from tests.worlds.checklist_world import HereAsLooked, Looked, checks
from tests.worlds.silent_checks import passes, silent_passes

pytestmark = pytest.mark.slow

# Commands whose datum is their exit code: what they print says no more.
EXIT_CODE = {"formatted": "git prints nothing where nothing has changed", "tested-again": "as `make test` ends"}


def asked(looked: Looked) -> Mapping[str, Outcome]:
    """What came of every check and lookup that passed, as it was filled in."""
    found: dict[str, Outcome] = {}
    replace(looked, known=None).outcomes(found)
    return {name: outcome for name, outcome in found.items() if outcome.state == "passed"}


@pytest.mark.parametrize("profile", ["dev", "production"])
def test_no_check_passes_on_an_answer_of_aws_that_says_nothing(bases: Mapping[str, Looked], profile: str) -> None:
    looked, spoilt, wrong = bases[profile], 0, []
    here = HereAsLooked(looked, {})
    for outcome in asked(looked).values():
        check = outcome.check
        if isinstance(check, DeclaredCheck):
            call = (check.operation.service, check.operation.name, json.dumps(check.parameters, sort_keys=True))
            pages = looked.heard[call]
            assert isinstance(pages, list)
            count, silent = silent_passes(replace(check, within=0), pages, here)
            spoilt, wrong = spoilt + count, wrong + silent
    sys.stderr.write(f"deployment-checklist, {profile}: {spoilt} answers spoilt, {len(wrong)} passes\n")
    assert spoilt > 500
    assert not wrong, "\n".join(wrong)


def silences(looked: Looked, check: LocalCheck) -> Iterator[tuple[str, Looked]]:
    """This machine, on which what the check looks at says nothing."""
    match check.look:
        case CommandExit(run=run) | ToolVersion(run=run):
            (run,) = [each for each in looked.commands if run in each]
        case VirtualEnvironment():
            (run,) = [each for each in looked.commands if each.startswith("python3 -c")]
        case FileState(path=path):
            for content in (b"", b"\n", b"{}", b"null") if check.look.json or check.expression else (b"", b"\n"):
                yield repr(content), replace(looked, files={**looked.files, path: content})
            yield "no file", replace(looked, files={name: each for name, each in looked.files.items() if name != path})
            return
        case _:
            return
    for code, output in ((0, ""), (0, "\n"), (1, ""), (126, ""), (127, "")):
        if code or check.id not in EXIT_CODE:
            yield f"exit {code}, {output!r}", replace(looked, commands={**looked.commands, run: (code, output)})


@pytest.mark.parametrize("profile", ["dev", "production"])
def test_no_check_passes_on_a_command_or_a_file_that_says_nothing(bases: Mapping[str, Looked], profile: str) -> None:
    tried, wrong = set(), []
    for outcome in asked(bases[profile]).values():
        check = outcome.check
        if not isinstance(check, LocalCheck):
            continue
        for how, silent in silences(bases[profile], check):
            tried.add(check.id)
            seen = evaluate(check, None, here=HereAsLooked(silent, {}), wait=lambda _seconds: None)
            fits = check.id == "config-file" and how == "b'{}'"  # it is JSON; its fields are other checks' to see
            if seen.state == "passed" and not fits:
                wrong.append(f"{check.id} passes, with {how}")
    assert len(tried) > 15
    assert not wrong, "\n".join(wrong)


def test_what_is_gone_is_so_by_the_word_of_aws() -> None:
    values = with_values(chosen(checks().profiles, {"profile": "dev"}), {})
    gone = [each for each in checks().checks if each.id.endswith("-gone")]
    assert len(gone) == 9
    for check in checks().only(gone).filled(values).checks:
        assert isinstance(check, DeclaredCheck)
        about = {"service": check.operation.service, "operation": check.operation.name}
        assert passes(check, NotFound("it is not there", **about, code="ResourceNotFoundException"))
        assert not passes(check, [{}])
        assert not passes(check, [{"Stacks": []}])
        assert not passes(check, [{"Table": {}}])
