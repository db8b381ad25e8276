"""What git hands over is hashed: an object that has other bytes than its id says is refused, and shapes no difference.

Each test forges an object of its own repository: the guard is ours, and git has none here.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from hashlib import sha1
from pathlib import Path

import pytest

from state.errors import WorkspaceRefused
from tests.worlds.git_world import RUNBOOK, Repo
from workflow.doors.git.handed_over import ObjectDiffers, blob_named
from workflow.doors.git.head import directories_in_head, has_in_head, may_differ
from workflow.doors.git.read_many import read_blobs
from workflow.doors.git.repository import GitDoor
from workflow.doors.git.two_versions import differences

KEYS = ".phasegate-signers"


def forge(root: Path, id_: str, data: bytes, kind: bytes = b"blob") -> None:
    """Give this id the bytes of another object, loose or (where it is in a pack) in front of the pack's."""
    file = root / ".git" / "objects" / id_[:2] / id_[2:]
    file.parent.mkdir(exist_ok=True)
    file.unlink(missing_ok=True)
    file.write_bytes(zlib.compress(b"%s %d\0" % (kind, len(data)) + data))


def forge_packed(repo: Repo, id_: str, data: bytes) -> None:
    """As `forge`, in a pack of its own, whose index gives the object that id."""
    head = len(data)
    assert head < 16
    body = struct.pack(">4sLL", b"PACK", 2, 1) + bytes([3 << 4 | head]) + zlib.compress(data)
    pack = body + sha1(body, usedforsecurity=False).digest()
    raw = bytes.fromhex(id_)
    fan = b"".join(struct.pack(">L", int(number >= raw[0])) for number in range(256))
    index = b"\xfftOc" + struct.pack(">L", 2) + fan + raw + struct.pack(">LL", zlib.crc32(body[12:]), 12)
    index += pack[-20:]
    index += sha1(index, usedforsecurity=False).digest()
    place = repo.path / ".git" / "objects" / "pack"
    (place / "pack-forged.pack").write_bytes(pack)
    (place / "pack-forged.idx").write_bytes(index)
    loose = repo.path / ".git" / "objects" / id_[:2] / id_[2:]
    loose.unlink()


@pytest.fixture
def keys(repo: Repo) -> str:
    """The blob of the signers, in HEAD."""
    repo.git("tag", "base")
    repo.write(KEYS, "true\n")
    repo.write("sub/own/file", "one\n")
    repo.commit_all("keys")
    return repo.git("rev-parse", f"HEAD:{KEYS}")


def refused(call: Callable[[], object], id_: str) -> None:
    with pytest.raises(ObjectDiffers, match=id_) as error:
        call()
    assert "expected" in error.value.message
    assert error.value.next_command.startswith("git fsck")


READS: dict[str, Callable[[Repo, GitDoor], object]] = {
    "a file of a commit": lambda repo, door: door.blob("HEAD", KEYS),
    "by id": lambda repo, door: door.object(repo.git("rev-parse", f"HEAD:{KEYS}")),
    "one that is looked at": lambda repo, door: blob_named(repo.path, f"HEAD:./{KEYS}"),
    "many": lambda repo, door: list(read_blobs(repo.path, [f"HEAD:{KEYS}"])),
    "the difference": lambda repo, door: door.diff([KEYS], "HEAD"),
    "the difference of what waits": lambda repo, door: door.diff_of(list(door.entries([KEYS]).values()), "HEAD"),
}


@pytest.mark.parametrize("packed", [False, True], ids=["loose", "packed"])
@pytest.mark.parametrize("read", READS)
def test_a_forged_blob_is_refused_by_its_id(repo: Repo, keys: str, read: str, packed: bool) -> None:
    repo.write(KEYS, "edited\n")
    (forge_packed if packed else lambda repo, id_, data: forge(repo.path, id_, data))(repo, keys, b"mine\n")
    assert repo.git("show", f"HEAD:{KEYS}") == "mine"  # git believes it
    refused(lambda: READS[read](repo, GitDoor(repo.path)), keys)


def test_files_below_a_directory_are_hashed(repo: Repo, keys: str) -> None:
    assert GitDoor(repo.path).blobs_below("HEAD", "sub") == {"sub/own/file": b"one\n"}
    blob = repo.git("rev-parse", "HEAD:sub/own/file")
    forge(repo.path, blob, b"two\n")
    refused(lambda: GitDoor(repo.path).blobs_below("HEAD", "sub"), blob)


def tree(repo: Repo) -> str:
    """The root of HEAD, forged so that other keys are at the path."""
    other = repo.git("hash-object", "-w", RUNBOOK)
    root = repo.git("rev-parse", "HEAD^{tree}")
    listed = repo.git("ls-tree", root).replace(repo.git("rev-parse", f"HEAD:{KEYS}"), other)
    (repo.path / ".git" / "listed").write_text(f"{listed}\n")
    made = repo.git("-c", "alias.m=!git mktree < .git/listed", "m")
    forge(repo.path, root, raw(repo, made, "tree"), b"tree")
    return root


def commit(repo: Repo) -> str:
    """HEAD, forged so that it has the tree of the commit before."""
    head, old = repo.head, repo.git("rev-parse", "HEAD~1^{tree}")
    data = raw(repo, head, "commit").replace(repo.git("rev-parse", "HEAD^{tree}").encode(), old.encode())
    forge(repo.path, head, data, b"commit")
    return head


def raw(repo: Repo, id_: str, kind: str) -> bytes:
    file = repo.path / ".git" / "objects" / id_[:2] / id_[2:]
    head, _, data = zlib.decompress(file.read_bytes()).partition(b"\0")
    assert head.startswith(kind.encode())
    return data


PATHS: dict[str, Callable[[Repo, GitDoor], object]] = {
    "a file": lambda repo, door: door.blob("HEAD", KEYS),
    "ids": lambda repo, door: door.tree_ids(door.head(), [KEYS]),
    "entries": lambda repo, door: door.tree_entries(door.head(), [KEYS]),
    "below": lambda repo, door: door.blobs_below("HEAD", "sub"),
    "names": lambda repo, door: directories_in_head(repo.path, "sub"),
    "whether it is there": lambda repo, door: has_in_head(repo.path, KEYS),
    "whether it differs": lambda repo, door: may_differ(repo.path, repo.git("rev-parse", "base"), [KEYS]),
    "the difference": lambda repo, door: door.diff([KEYS], "HEAD"),
}


@pytest.mark.parametrize("forged", [tree, commit], ids=["tree", "commit"])
@pytest.mark.parametrize("read", PATHS)
def test_a_forged_tree_or_commit_leads_nowhere(repo: Repo, keys: str, read: str, forged: Callable[[Repo], str]) -> None:
    repo.write(KEYS, "edited\n")
    id_ = forged(repo)
    refused(lambda: PATHS[read](repo, GitDoor(repo.path)), id_)


def test_a_new_file_is_shown_by_its_own_bytes_though_the_object_was_forged(repo: Repo) -> None:
    repo.write("new", "evil\n")
    forge(repo.path, repo.git("hash-object", "new"), b"nice\n")
    door = GitDoor(repo.path)
    entries = list(door.entries(["new"]).values())
    for shown in (door.diff(["new"], "HEAD"), door.diff_of(entries, "HEAD")):
        assert "+evil" in shown
        assert "nice" not in shown


def test_what_is_gone_from_the_files_is_refused_where_its_object_was_forged(repo: Repo) -> None:
    repo.write("new", "evil\n")
    id_ = repo.git("hash-object", "new")
    door = GitDoor(repo.path)
    entries = list(door.entries(["new"]).values())
    (repo.path / "new").unlink()
    forge(repo.path, id_, b"nice\n")
    refused(lambda: door.diff_of(entries, "HEAD"), id_)


def test_an_object_that_another_names_and_that_is_not_here_is_refused(repo: Repo, keys: str) -> None:
    (repo.path / ".git" / "objects" / keys[:2] / keys[2:]).unlink()
    with pytest.raises(WorkspaceRefused, match=keys):
        GitDoor(repo.path).blob("HEAD", KEYS)


SETTINGS = {
    "diff.context": "0",
    "diff.interHunkContext": "99",
    "diff.noprefix": "true",
    "diff.mnemonicPrefix": "true",
    "diff.srcPrefix": "x/",
    "diff.dstPrefix": "y/",
    "diff.renames": "copies",
    "diff.algorithm": "patience",
    "diff.indentHeuristic": "false",
    "diff.colorMoved": "zebra",
    "diff.wsErrorHighlight": "all",
    "diff.submodule": "log",
    "diff.ignoreSubmodules": "all",
    "diff.external": "true",
    "diff.relative": "true",
    "diff.suppressBlankEmpty": "true",
    "diff.orderFile": "order",
    "color.ui": "always",
    "color.diff": "always",
    "core.quotePath": "false",
    "core.abbrev": "40",
    "core.bigFileThreshold": "1",
}


@pytest.mark.parametrize("whose", ["the repository's", "the user's"])
@pytest.mark.parametrize("setting", SETTINGS)
def test_no_setting_shapes_the_difference(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: str, whose: str
) -> None:
    lines = [f"line {number}\n" for number in range(40)]
    repo.write("a", "".join(lines))
    repo.write("b", "\n".join(["one", "two", "three", "four"]) + "\n\n")
    repo.commit_all("before")
    repo.write("order", "b\na\n")
    repo.write("a", "".join(lines).replace("line 3\n", "three \n").replace("line 15\n", "fifteen\n"))
    repo.write("c-ü", (repo.path / "b").read_text() + "five\n")
    (repo.path / "b").unlink()
    pairs = [("".join(lines).encode(), (repo.path / "a").read_bytes())]
    door = GitDoor(repo.path)
    paths = ["a", "b", "c-ü"]
    entries = list(door.entries(paths).values())
    plain = door.diff(paths, "HEAD"), door.diff_of(entries, "HEAD"), differences(pairs)
    assert plain[0] == plain[1]
    assert plain[0].count("diff --git ") == 3
    assert " line 1\n" in plain[0]
    if whose == "the user's":
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "global"))
        repo.git("config", "--global", setting, SETTINGS[setting])
    else:
        repo.git("config", setting, SETTINGS[setting])
    shown = GitDoor(repo.path)
    assert (shown.diff(paths, "HEAD"), shown.diff_of(entries, "HEAD"), differences(pairs)) == plain


def test_sha256_repositories_are_shown_and_hashed(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "other")
    repo.path.mkdir()
    repo.git("init", "-q", "-b", "main", "--object-format=sha256")
    repo.git("config", "user.name", "Ada")
    repo.git("config", "user.email", "ada@example.com")
    repo.write(KEYS, "true\n")
    repo.commit_all("keys")
    repo.write(KEYS, "edited\n")
    repo.write("new", "one\n")
    door = GitDoor(repo.path)
    shown = door.diff_of(list(door.entries([KEYS, "new"]).values()), "HEAD")
    assert "-true\n+edited\n" in shown
    assert "+one\n" in shown
    id_ = repo.git("rev-parse", f"HEAD:{KEYS}")
    forge(repo.path, id_, b"mine\n")
    refused(lambda: GitDoor(repo.path).blob("HEAD", KEYS), id_)
    refused(lambda: GitDoor(repo.path).diff([KEYS], "HEAD"), id_)
