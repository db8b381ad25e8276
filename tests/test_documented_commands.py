"""Every command of README.md and docs/*.md runs as it is printed, at a terminal and without one."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from state.errors import BadInput
from tests.worlds.autopilot import drive
from tests.worlds.documented import DOCUMENTS, Block, blocks, outside, script
from tests.worlds.forked_shell import at_hand, type_in
from tests.worlds.workspaces import ROOT, environment, stop_sandbox
from workflow.cli.main import run

# blocks that do not run here, literally, and why
ELSEWHERE = {
    """\
$ make deploy CONFIG=infrastructure/config/dev.json     # zips the handlers, executes a change set, saves outputs
$ make smoke CONFIG=infrastructure/config/dev.json      # one fact a line, exit 1 when one failed
$ make destroy CONFIG=infrastructure/config/dev.json
""": "in the service's own directory; run by tests/artifacts/test_session_commands.py",
    "make demo\n": "makes a .venv from a package registry; the demo itself is tests/stories/test_main_job.py",
    """\
pipx install '.[sandbox]'     # or: uv tool install '.[sandbox]'
phasegate doctor              # would a run start here? Exit 1 when not, with what to do
""": "installs from a package registry",
    "phasegate demo --workflow aws-deploy --yes   # a sample application, all eight phases, in the sandbox\n": (
        "takes a minute; run by tests/stories/test_aws_deploy.py"
    ),
    "phasegate demo --workflow aws-deploy --yes\n": "takes a minute; run by tests/stories/test_aws_deploy.py",
    "phasegate demo --workflow deployment-checklist --yes   # a service in the sandbox, and its whole checklist\n": (
        "takes a minute; run by tests/stories/test_deployment_checklist.py"
    ),
    "phasegate demo --workflow deployment-infra --yes   # needs the extras `infra` and `sandbox`; a minute or two\n": (
        "takes a minute; run by tests/stories/test_deployment_infra.py"
    ),
    "phasegate demo --workflow deployment-infra --yes\n": (
        "takes a minute; run by tests/stories/test_deployment_infra.py"
    ),
    "phasegate serve ~/shop ~/billing\n": "serves until it is ended; run by tests/workflow/web/test_serve_command.py",
    "phasegate run deployment-infra\n": "asks a person",
    "phasegate run aws-deploy\n": "asks AWS",
    "phasegate run stage-06 --answers answers.yaml\n": "asks AWS",
    "ssh-keygen -Y verify -n phasegate -I bob@example.com -f .phasegate-signers -s signature < text\n": (
        "needs an approval that Bob signed; done by tests/workflow/policy/test_ssh_signature.py"
    ),
    """\
npm install --prefix ~/phasegate-node @aws-sdk/client-dynamodb @aws-sdk/lib-dynamodb tsx typescript @types/node
PHASEGATE_NODE_PROJECT=~/phasegate-node python -m pytest tests/phases/stage_06/chapters/test_typescript_programs.py
""": "installs from a package registry",
    """\
git clone URL worker-1 && cd worker-1
git config user.name "Worker 1" && git config user.email worker-1@example.com
git config gpg.format ssh && git config user.signingkey ~/.ssh/worker-1.pub      # named in runners
phasegate worker                     # until Ctrl-C or SIGTERM
phasegate worker --once              # until nothing can move any more: for a timer
phasegate worker --target 111111111111/eu-west-1       # for runs that act there, and no others
phasegate worker --slots 3           # at three runs side by side
""": "needs a remote, and goes on until it is ended; run by tests/remote/test_worker.py",
}

# what a document shows as an example, and what is typed here in its place
_JSON = """"$({} --json | python3 -c 'import json, sys; print(json.load(sys.stdin){})')\""""
STAND_INS = {
    "--policy --digest 4f2a91c": """--policy --digest "$(
        phasegate approve --policy 2>&1 < /dev/null | grep -o -m 1 '[-]-digest [0-9a-f]*' | cut -d' ' -f2)\"""",
    "4f2a91c": _JSON.format("phasegate status", '["waiting_for"]["digest"]'),
    "http://127.0.0.1:PORT": _JSON.format("phasegate sandbox status", '["endpoint_url"]'),
}

BY_HAND = """printf '# Shed\\n\\n- [ ] 1. Choose a colour\\n- [ ] 2. Paint\\n' > shed.md
git add -A; git commit -q -m "A runbook"
phasegate run shed.md || test $? = 3
"""
HANDED_IN = (
    BY_HAND
    + "echo green > colour.txt\nGIT_AUTHOR_NAME=Robot GIT_AUTHOR_EMAIL=r@example.com phasegate done --path colour.txt\n"
)

# what a reader of the document has at that point: before block N of it, a script for a shell in the repository
BEFORE = {
    ("docs/approvals.md", 0): "printf 'default: {approvers: 1, expires: 1h}\\n' > phasegate.yaml\n" + HANDED_IN,
    ("docs/approvals.md", 1): """printf 'default: {approvers: 1, expires: 2h}\\n' > phasegate.yaml
git commit -q -m "More time" phasegate.yaml
""",
    ("docs/audit.md", 0): HANDED_IN + "phasegate approve --digest 4f2a91c\nphasegate resume --until 1\n",
    ("docs/by-hand.md", 0): """cat > cut.md <<'END'
# Cut over

## T-0

- [ ] DNS switched
- [ ] Frontend rebuilt
- [ ] Tests pass (`test -e green`)
- [ ] Staging is up (`test -e staging`)

## T+1

- [ ] Everybody told
END
git add -A; git commit -q -m "A checklist"
phasegate run cut.md || test $? = 3
""",
    ("docs/by-hand.md", 1): """phasegate abort --reason "Next example" || test $? = 4
cat > tasks.md <<'END'
# Tasks

## Phase 1: Plan

```sh
echo made > src/made.txt
```

### Exit Criteria

- Somebody has read it

## Phase 2: Build

Build it.
END
mkdir src docs; echo x > src/a; git add -A; git commit -q -m "Tasks"; echo y > src/a; echo z > docs/plan.md
""",
    ("docs/checks.md", 0): """cat > orders.md <<'END'
# Orders

- [ ] 1. Switch on recovery
END
cat > orders.checks.yaml <<'END'
checks:
  - id: orders-restorable
    name: Point-in-time recovery is on
    service: dynamodb
    operation: describe_continuous_backups
    parameters: {TableName: "{environment}-orders"}
    expression: ContinuousBackupsDescription.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus
    expect: {equals: ENABLED}
    tasks: ["1"]
END
""",
    ("docs/questions.md", 1): """rm answers.yaml
cat > release.md <<'END'
# Release

- [ ] 1. Tell them

  ```sh
  echo "<VERSION>" > told.txt
  ```
END
git add -A; git commit -q -m "A release"
echo "fill-version: '1.2'" > answers.yaml
phasegate run release.md || test $? = 3
phasegate done --no-files --run 1 --answers answers.yaml || test $? = 3
echo "fill-version: '1.3'" > answers.yaml
""",
    ("docs/rollback.md", 0): HANDED_IN,
    ("docs/stage-06.md", 0): f"""mkdir -p artifacts/stage-02
cp '{ROOT}/artifacts/stage-02/migrationContract.json' artifacts/stage-02/
""",
}
CTRL_D = "\x04"
WITH_SANDBOX = {"README.md", "docs/checks.md", "docs/sandbox.md", "docs/stage-06.md"}
RUN_HERE = [each for each in DOCUMENTS if any(block.text not in ELSEWHERE for block in blocks(each))]
# Somebody at the terminal runs nothing that the document does not run, and pauses whenever else they are asked. A
# question is drawn once more as it ends; under load that comes by itself and is answered again, by what does nothing
# then: Ctrl-C would end the shell.
PAUSED = [
    (r"\? Run `.*a key, or.*s\) skip", "s"),
    (r"a key, or.*p\) pause", "p"),
    (r"a key, or.*n\) no: ", "n"),
    (r"\n\? [^\n]*\? $", CTRL_D),
]
CODES_OF_A_PAUSE = (3, 130)  # who is asked pauses; without a terminal the run does


def place_of(tmp_path: Path, document: str) -> Path:
    """The directory where the document is tried: a repository, for the README a directory in which it makes some."""
    place = tmp_path / "place"
    place.mkdir()
    if document != "README.md":
        for words in (
            ("init", "-q", "-b", "main"),
            ("config", "user.name", "Ada"),
            ("config", "user.email", "ada@example.com"),
            ("commit", "-q", "--allow-empty", "-m", "Start"),
        ):
            subprocess.run(["git", "-C", str(place), *words], check=True)
    return place


def run_here(document: str) -> list[tuple[str, Block]]:
    found = [block for block in blocks(document) if block.text not in ELSEWHERE]
    return [(BEFORE.get((document, number), ""), block) for number, block in enumerate(found)]


@pytest.mark.slow
@pytest.mark.parametrize("at_a_terminal", [False, True], ids=["without-a-terminal", "at-a-terminal"])
@pytest.mark.parametrize("document", RUN_HERE)
def test_the_commands_of_a_document_run_as_they_stand(document: str, at_a_terminal: bool, tmp_path: Path) -> None:
    place, codes, commands_file = place_of(tmp_path, document), tmp_path / "codes", tmp_path / "commands"
    codes.touch()
    tried = run_here(document)
    commands_file.write_text(script(tried, STAND_INS, codes))
    here = {
        **environment(),
        "PATH": f"{Path(sys.executable).parent}:{environment()['PATH']}",
        "PAGER": "cat",
        "PROMPT_TOOLKIT_NO_CPR": "1",
        "TERM": "xterm-256color",
        "HOME": str(tmp_path),
    }
    try:
        if at_a_terminal:
            with at_hand() as desk:
                path = {"PATH": f"{desk}:{here['PATH']}"}
                child = pexpect.spawn(
                    *("bash", [str(commands_file)]),
                    cwd=str(place),
                    env={**here, **path},
                    encoding="utf-8",
                    dimensions=(60, 120),
                )
                child.delaybeforesend = None
                shown = drive(child, PAUSED, within=240).text
        else:
            done = type_in(place, f"bash {commands_file}", here)
            shown = done.stdout + done.stderr
        seen = {int(number): int(code) for number, code in map(str.split, codes.read_text().splitlines())}
        wrong = []
        for number, command in enumerate(command for _, block in tried for command in block.commands):
            asked = at_a_terminal and command.exit_code == 3
            if seen.get(number) not in (CODES_OF_A_PAUSE if asked else (command.exit_code,)):
                wrong.append((command.text, command.exit_code, seen.get(number)))
        assert not wrong, shown[-6000:]
        if document == "README.md":
            the_shop_is_as_the_readme_says(place / "shop")
    finally:
        for repository in (place, place / "shop") if document in WITH_SANDBOX else ():
            stop_sandbox(repository)


def the_shop_is_as_the_readme_says(shop: Path) -> None:
    def git(*words: str) -> str:
        return subprocess.run(["git", "-C", str(shop), *words], capture_output=True, text=True, check=True).stdout

    assert len(git("log", "--format=%s").splitlines()) == 15
    assert git("status", "--porcelain") == "?? answers.yaml\n"


def test_what_does_not_run_here_is_still_documented() -> None:
    printed = {block.text for document in DOCUMENTS for block in blocks(document)}
    assert set(ELSEWHERE) <= printed
    assert {document for document, _ in BEFORE} <= set(RUN_HERE)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_block_uses_no_variable_that_its_document_does_not_set(document: str) -> None:
    """Who pastes it has none of this test's own: a path in a variable that is explained nowhere is no path."""
    typed = "\n".join(command.text for block in blocks(document) for command in block.commands)
    given = {*re.findall(r"(?:^|[\s;&])(\w+)=", typed), "HOME", "PWD", "PATH"}
    assert set(re.findall(r"\$\{?([A-Za-z_]\w*)", typed)) - given == set()


def test_the_demos_are_pasted_one_after_the_other_in_one_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """They take minutes, so they stand in ELSEWHERE: here each only makes its directory, all in one place."""
    typed = [command.text for block in blocks("README.md") for command in block.commands]
    demos = [shlex.split(each, comments=True)[1:] for each in typed if each.startswith("phasegate demo ")]
    assert len(demos) == 3
    monkeypatch.setattr("workflow.service.sandbox.stop", lambda _workspace: None)

    def only_made(*_args: object, **_more: object) -> None:
        raise BadInput("made, and no more", next_command="phasegate demo")

    monkeypatch.setattr("workflow.cli.demo.run", only_made)
    for words in (["demo"], *demos):
        assert run(["-C", str(tmp_path), *words]) == 2
        assert "made, and no more" in capsys.readouterr().err, words
    assert len(list(tmp_path.iterdir())) == 4


@pytest.mark.parametrize("document", DOCUMENTS)
def test_no_command_stands_where_this_test_does_not_look(document: str) -> None:
    """A command belongs into ```console or ```sh; an indented one, or one in another fence, would never be run."""
    assert outside(document) == []
