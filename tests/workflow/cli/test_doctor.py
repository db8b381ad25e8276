"""What does `doctor` find? The command itself, in repositories that are broken in one way each; it changes nothing."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from state.extras import install_extra
from tests.worlds.forked_shell import forked as phasegate
from tests.worlds.repositories import first_commit
from tests.worlds.workspaces import git
from workflow.cli.main import run
from workflow.doors.aws import diagnosis
from workflow.doors.machine import EXTRAS, NETWORK, file_system

RUNBOOK = "# Shed\n\n- [ ] 1. Paint\n"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [each for each in os.environ if each.startswith(("AWS_", "GIT_"))]:
        monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(home / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(home / "credentials"))
    monkeypatch.setenv("EDITOR", "vi")
    found = tmp_path / "shed"
    found.mkdir()
    (found / "shed.md").write_text(RUNBOOK)
    first_commit(found)
    return found


Found = Mapping[str, Any]


def looked(place: Path, capsys: pytest.CaptureFixture[str], *options: str, code: int = 0) -> dict[str, Found]:
    assert run(["-C", str(place), "doctor", "--json", *options]) == code
    body = json.loads(capsys.readouterr().out)
    assert body["format"] == 1
    assert body["fit"] == (code == 0)
    return {f"{each['area']} {each['name']}": each for each in body["looked"]}


def test_a_sound_repository_is_fit(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = looked(place, capsys)
    assert {name: each["health"] for name, each in found.items() if name.startswith(("repo", "policy", "runs"))} == {
        "repository working tree": "ok",
        "repository branch": "ok",
        "repository identity": "ok",
        "repository locks": "ok",
        "repository hooks": "ok",
        "repository remotes": "ok",
        "repository clock": "ok",
        "policy file": "ok",
        "policy every gate": "ok",
        "runs unfinished": "ok",
    }
    assert found["repository identity"]["seen"] == "Ada <ada@example.com>"
    assert found["policy every gate"]["seen"] == (
        "1 approval of anybody; also of who did the work, at a terminal; unsigned; "
        "of an agent's work at a terminal; within 1 day; you may"
    )


def hook(name: str, text: str, mode: int = 0o755) -> Callable[[Path], None]:
    def act(place: Path) -> None:
        path = place / ".git" / "hooks" / name
        path.write_text(text)
        path.chmod(mode)

    return act


def policy(text: str, *, commit: bool = True, keys: str = "") -> Callable[[Path], None]:
    def act(place: Path) -> None:
        (place / "phasegate.yaml").write_text(text)
        if keys:
            (place / "keys").write_text(keys)
        if commit:
            git(place, "add", ".")
            git(place, "commit", "-q", "-m", "A policy")

    return act


def shell(command: str) -> Callable[[Path], None]:
    return lambda place: subprocess.run(["sh", "-ec", command], cwd=place, check=True, capture_output=True) and None


def stale_lock(place: Path) -> None:
    lock = place / ".git" / "index.lock"
    lock.touch()
    os.utime(lock, (1e9, 1e9))


def damaged(place: Path) -> None:
    assert run(["-C", str(place), "run", "shed.md"]) == 3
    (journal,) = place.glob(".phasegate/*/journal.jsonl")
    journal.write_bytes(journal.read_bytes().replace(b"shed.md", b"shad.md", 1))


MISSING = "#!/usr/bin/env no-such-interpreter\n"
BROKEN: dict[str, tuple[Callable[[Path], None], str, str, str]] = {  # what is done, where it shows, how, and its fix
    "detached": (
        shell("git checkout -q --detach"),
        "repository branch",
        "fail",
        "git -C {place} switch -c phasegate-run",
    ),
    "merging": (shell("cp .git/HEAD .git/MERGE_HEAD"), "repository branch", "fail", "git -C {place} merge --continue"),
    "nobody": (
        shell("git config --unset user.name"),
        "repository identity",
        "fail",
        'git -C {place} config user.name "Your Name" && git -C {place} config user.email you@example.com',
    ),
    "a lock": (stale_lock, "repository lock index.lock", "fail", "(cd -- {place} && rm {place}/.git/index.lock)"),
    "a hook without its program": (
        hook("commit-msg", MISSING),
        "repository hook commit-msg",
        "fail",
        "(cd -- {place} && $EDITOR {place}/.git/hooks/commit-msg)",
    ),
    "a hook": (hook("pre-commit", "#!/bin/sh\ntouch ran\n"), "repository hook pre-commit", "warn", ""),
    "a hook that git passes over": (
        hook("pre-commit", "#!/bin/sh\n", 0o644),
        "repository hook pre-commit",
        "warn",
        "chmod +x {place}/.git/hooks/pre-commit",
    ),
    "hooks elsewhere": (
        shell("mkdir h; printf '#!/nowhere/sh\\n' > h/post-commit; chmod +x h/*; git config core.hooksPath h"),
        "repository hook post-commit",
        "fail",
        "",
    ),
    "signed without a program": (
        shell("git config commit.gpgSign true; git config gpg.program no-such-gpg"),
        "repository signed commits",
        "fail",
        "git -C {place} config commit.gpgSign false",
    ),
    "a commit of tomorrow": (
        shell("GIT_COMMITTER_DATE='2090-01-01T00:00:00Z' git commit -q --allow-empty -m Later"),
        "repository clock",
        "warn",
        "date -u",
    ),
    "another name": (shell("printf 'default: {approvers: 2}' > phasegate.yml"), "policy file", "fail", ""),
    "an unsound policy": (policy("default: {approvers: none}\n"), "policy file", "fail", ""),
    "an uncommitted policy": (policy("default: {approvers: 2}\n", commit=False), "policy file", "fail", ""),
    "signers that are not there": (
        policy("gates:\n- {gate: '1', signed: true, allowed_signers: keys}\n"),
        "policy gate 1 (phasegate.yaml:2:4)",
        "fail",
        "",
    ),
    "no key": (
        policy(
            "gates:\n- {gate: '1', signed: true, allowed_signers: keys, who: [ada@example.com]}\n",
            keys="ada@example.com ssh-ed25519 AAAA\n",
        ),
        "policy gate 1 (phasegate.yaml:2:4)",
        "warn",
        "",
    ),
    "signers without a key": (
        policy("gates:\n- {gate: '1', signed: true, allowed_signers: shed.md, who: [ada@example.com]}\n"),
        "policy gate 1 (phasegate.yaml:2:4)",
        "fail",
        "",
    ),
    "a damaged journal": (damaged, "runs", "fail", ""),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", BROKEN)
def test_what_would_stop_a_run_is_found_with_its_fix(
    name: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    act, where, health, fix = BROKEN[name]
    act(place)
    capsys.readouterr()
    found = looked(place, capsys, code=1 if health == "fail" else 0)
    seen = found[next(each for each in found if each.startswith(where))]
    assert (seen["health"], bool(seen["fix"])) == (health, True)
    if fix:
        assert seen["fix"].split("   # ")[0] == fix.format(place=place)
    assert not (place / "ran").exists()


@pytest.mark.slow
def test_who_can_open_which_gate_is_listed(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    policy("gates:\n- {gate: '1', workflow: shed, approvers: 2, who: ['*@boss.example'], expires: 90m}\n")(place)
    found = looked(place, capsys)
    assert found["policy gate 1 of shed (phasegate.yaml:2:4)"]["seen"] == (
        "2 approvals of *@boss.example; also of who did the work, at a terminal; unsigned; "
        "of an agent's work at a terminal; within 90 minutes; you may not"
    )
    assert found["policy every other gate"]["seen"].endswith("you may")


def test_a_file_of_passkeys_that_is_not_there_yet_is_before_the_first_enrolment(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy("default: {passkeys: keys, signed: true}\n")(place)
    found = next(each for name, each in looked(place, capsys).items() if "every gate" in name)
    assert found["health"] == "warn"
    assert "keys is not there yet" in found["seen"]
    assert " serve   # under People: enrol a passkey" in found["fix"]
    policy("default: {passkeys: keys, allowed_signers: signers, signed: true}\n")(place)
    found = next(each for name, each in looked(place, capsys, code=1).items() if "every gate" in name)
    assert found["health"] == "fail"


def everything(place: Path) -> dict[str, tuple[int, int]]:
    return {str(path): (path.lstat().st_mtime_ns, path.lstat().st_size) for path in sorted(place.rglob("*"))}


@pytest.mark.slow
def test_it_changes_nothing_and_calls_nobody(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(["-C", str(place), "run", "shed.md"]) == 3
    git(place, "remote", "add", "origin", "https://ada:secret@git.example.com/shed.git")
    hook("pre-commit", "#!/bin/sh\ntouch ran\n")(place)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-to-be-shown")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    called: list[object] = []
    monkeypatch.setattr(socket.socket, "connect", lambda _socket, address: called.append(address))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *address, **_more: called.append(address))
    capsys.readouterr()
    before = everything(place)
    assert run(["-C", str(place), "doctor"]) == 0
    said = capsys.readouterr().out
    assert everything(place) == before
    assert called == []
    assert "secret" not in said
    assert "not-to-be-shown" not in said
    assert "AKIA" not in said
    assert "origin (git.example.com)" in said
    assert "credentials: from the environment" in said


def in_aws_files(place: Path, config: str) -> None:
    (place.parent / "home" / "config").write_text(config)


def test_regions_endpoints_and_credentials_are_read_from_files(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    in_aws_files(
        place, "[default]\nregion = eu-west-9\nendpoint_url = http://127.0.0.1:1\ncredential_process = touch ran\n"
    )
    found = looked(place, capsys)
    assert (found["aws region"]["health"], found["aws region"]["seen"]) == (
        "warn",
        "eu-west-9: AWS has no such region; did you mean eu-west-3?",
    )
    assert "127.0.0.1" in found["aws endpoint"]["seen"]
    assert found["aws credentials"]["seen"] == "a program (credential_process), which was not asked"
    assert not Path("ran").exists()
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    assert looked(place, capsys)["aws profile"]["fix"] == "aws configure list-profiles"


def test_credentials_that_ran_out_are_found_without_asking(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    in_aws_files(
        place,
        "[default]\nsso_session = work\nsso_account_id = 111122223333\nsso_role_name = r\n"
        "[sso-session work]\nsso_start_url = https://x.awsapps.com/start\nsso_region = eu-west-1\n",
    )
    assert looked(place, capsys)["aws credentials"]["fix"] == "aws sso login"
    cache = place.parent / "home" / ".aws" / "sso" / "cache"
    cache.mkdir(parents=True)
    from botocore.utils import SSOTokenLoader

    for hours, health in ((-1, "warn"), (1, "ok")):
        until = datetime.now(UTC) + timedelta(hours=hours)
        token = {"accessToken": "t", "expiresAt": f"{until:%Y-%m-%dT%H:%M:%SZ}"}
        name = SSOTokenLoader()._generate_cache_key("", "work")
        (cache / f"{name}.json").write_text(json.dumps(token))
        assert looked(place, capsys)["aws credentials"]["health"] == health
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setenv("AWS_CREDENTIAL_EXPIRATION", "2020-01-01T00:00:00+00:00")
    assert "ran out" in looked(place, capsys)["aws credentials"]["seen"]


def test_outside_of_a_repository_the_machine_is_looked_at_all_the_same(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = looked(place.parent / "home", capsys, code=1)
    assert found["repository working tree"]["fix"] == f"git -C {place.parent / 'home'} init"
    assert "machine python" in found
    assert "aws region" in found


def test_an_extra_that_is_not_there_is_told_with_what_installs_it(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found, version = looked(place, capsys), metadata.version
    assert found["machine extra infra"]["health"] == "ok"
    assert {f"machine extra {each}" for each in EXTRAS} == {name for name in found if name.startswith("machine extra")}
    assert {*EXTRAS, "test"} == {*(metadata.metadata("phasegate").get_all("Provides-Extra") or [])}

    def without(name: str) -> str:
        if name == "python-hcl2":
            raise metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(metadata, "version", without)
    told = looked(place, capsys)["machine extra infra"]
    assert (told["health"], told["fix"]) == ("warn", install_extra("infra"))
    assert told["seen"] == "not there: python-hcl2; used by `deployment-infra`"


@pytest.mark.slow
def test_without_git_the_rest_is_looked_at(place: Path, tmp_path: Path) -> None:
    done = phasegate(place, "doctor", "--json", PATH=str(tmp_path / "nothing"))
    assert done.returncode == 1
    found = {f"{each['area']} {each['name']}": each["health"] for each in json.loads(done.stdout)["looked"]}
    assert found["machine git"] == "fail"
    assert found["machine ssh-keygen"] == "warn"
    assert not [name for name in found if name.startswith("repository")]


def test_a_remote_is_asked_when_that_is_ordered(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(place, place.parent / "other")
    git(place, "remote", "add", "origin", str(place.parent / "other"))
    monkeypatch.setattr(diagnosis, "ask_aws", lambda: diagnosis.Looked("aws", "account", "ok", "111122223333"))
    found = looked(place, capsys, "--online")
    assert found["repository remote origin"]["seen"].startswith("has main at ")
    assert found["aws account"]["seen"] == "111122223333"
    assert "repository remote origin" not in looked(place, capsys)


def test_a_disk_of_the_network_is_known_by_its_type(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/sda / ext4 rw 0 0\nhost:/x {tmp_path}/the\\040share nfs4 rw 0 0\n")
    (tmp_path / "the share" / "repo").mkdir(parents=True)
    assert file_system(tmp_path / "the share" / "repo", mounts) == "nfs4"
    assert file_system(tmp_path, mounts) == "ext4"
    assert NETWORK.fullmatch("nfs4")
    assert not NETWORK.fullmatch("ext4")


@pytest.mark.parametrize(
    ("settings", "how"),
    [
        ("presence: any", "unsigned; of an agent's work in any way, also without a person there"),
        ("presence: terminal, allowed_signers: k", "unsigned; of an agent's work at a terminal or with a signature"),
        (
            "presence: signed, allowed_signers: k, passkeys: p",
            ("unsigned; of an agent's work signed by an SSH key in k or by a passkey in p"),
        ),
        ("signed: true, passkeys: p", "signed by a passkey in p; within"),
    ],
)
def test_what_an_agents_work_needs_is_said_with_each_gate(
    settings: str, how: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for file in ("k", "p"):
        (place / file).write_text("")
    policy(f"default: {{{settings}}}\n")(place)
    assert how in looked(place, capsys)["policy every gate"]["seen"]


@pytest.mark.parametrize("mark", ["skip-worktree", "assume-unchanged"])
def test_a_policy_whose_changes_git_does_not_see_is_told_with_what_lifts_that(
    mark: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy("default: {}\n")(place)
    git(place, "update-index", f"--{mark}", "phasegate.yaml")
    seen = looked(place, capsys)["policy file"]
    assert (seen["health"], seen["fix"]) == ("warn", f"git -C {place} update-index --no-{mark} phasegate.yaml")
    assert f"is marked {mark}, so git does not see what changes in it" in seen["seen"]
