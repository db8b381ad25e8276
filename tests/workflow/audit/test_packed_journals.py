"""In a packed repository journals are compared by git's deltas: what is no prefix is never taken for one."""

from __future__ import annotations

import subprocess
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.worlds.forged_runs import COMPLETE
from tests.worlds.forger import Forger
from tests.worlds.forgeries import Tamper
from workflow.audit import journals
from workflow.audit.packed_journals import prefixes
from workflow.doors.git.object_store import GitRepository

STORY = b"".join(b'{"seq":%d,"text":"line %d of what happened"}\n' % (n, n * n) for n in range(3000))
LENGTHS = [len(STORY) - 100 * n for n in range(40)]
ABOUT_JOURNALS = [(name, tamper) for name, tamper, code in COMPLETE if code.startswith("journal")]


class Store:
    """A packed repository with these blobs, whose pack git makes anew."""

    def __init__(self, place: Path, blobs: Sequence[bytes]) -> None:
        self.place = place
        self._git("init", "-q", "-b", "main")
        self._git("-c", "user.name=A", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "start")
        self.ids = [self._git("hash-object", "-w", "--stdin", stdin=blob) for blob in blobs]
        self._git(
            "pack-objects", "-q", ".git/objects/pack/pack", stdin="".join(f"{each}\n" for each in self.ids).encode()
        )
        self._git("prune-packed")
        with GitRepository(place) as repository:
            self.sizes = repository.sizes(self.ids)
            packed = repository.packed(self.ids)
            assert packed is not None
            self.pack, self.names = packed
            assert repository.packed(["0" * 40]) is None

    def _git(self, *arguments: str, stdin: bytes = b"") -> str:
        command = ["git", "-C", str(self.place), *arguments]
        return subprocess.run(command, input=stdin, capture_output=True, check=True).stdout.decode().strip()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(tmp_path_factory.mktemp("store"), [STORY[:length] for length in LENGTHS])


@pytest.mark.slow
def test_every_prefix_is_told_with_its_length(store: Store) -> None:
    assert prefixes(store.pack, store.names, STORY) == dict(zip(store.ids, LENGTHS, strict=True))
    assert [store.sizes[each].content for each in store.ids] == LENGTHS
    assert sum(size.disk for size in store.sizes.values()) < len(STORY)  # they are deltas


def test_a_longer_one_that_is_made_from_a_shorter_one_is_told() -> None:
    """A base that is the beginning, and bytes that are added to it."""
    delta = _numbers(4096, 4100) + bytes([0xB0, 0, 0x10]) + b"\x04" + STORY[4096:4100]
    pack, names = _pack(STORY[:4096], delta)
    assert prefixes(pack, names, STORY) == {"base": 4096, "made": 4100}


BAD: dict[str, Callable[[bytes], bytes]] = {
    "an added byte is another": lambda good: good[:-1] + b"?",
    "it copies from elsewhere": lambda _: _numbers(4096, 8192) + bytes([0xB0, 0, 0x10, 0xB0, 0, 0x10]),
    "it copies from behind its base": lambda _: _numbers(4096, 4100) + bytes([0xB0, 4, 0x10]),
    "it is longer than it says": lambda good: _numbers(4096, 4099) + good[4:],
    "its base is of another length": lambda good: _numbers(4095, 4100) + good[4:],
    "it ends in the middle of a copy": lambda good: good[:5],
    "it ends in the middle of what it adds": lambda good: good[:-2],
    "it has a reserved instruction": lambda good: good + b"\0",
    "it is empty": lambda _: b"",
    "it is longer than the story": lambda good: _numbers(4096, len(STORY) + 1) + good[4:],
}


@pytest.mark.parametrize("spoil", BAD.values(), ids=BAD)
def test_a_delta_proves_nothing_when(spoil: Callable[[bytes], bytes]) -> None:
    good = _numbers(4096, 4100) + bytes([0xB0, 0, 0x10]) + b"\x04" + STORY[4096:4100]
    assert prefixes(*_pack(STORY[:4096], good), STORY)["made"] == 4100
    assert prefixes(*_pack(STORY[:4096], spoil(good)), STORY) == {"base": 4096}


def test_what_is_made_from_something_else_is_no_prefix() -> None:
    good = _numbers(4096, 4100) + bytes([0xB0, 0, 0x10]) + b"\x04" + STORY[4096:4100]
    assert prefixes(*_pack(b"?" * 4096, good), STORY) == {}
    assert prefixes(*_pack(STORY + b"?", good), STORY) == {}


def _numbers(*numbers: int) -> bytes:
    out = b""
    for number in numbers:
        while number > 0x7F:
            out, number = out + bytes([number & 0x7F | 0x80]), number >> 7
        out += bytes([number])
    return out


def _pack(base: bytes, delta: bytes) -> tuple[bytes, dict[int, str]]:
    first = b"PACK" + bytes(8)
    second = first + bytes([0x30]) + zlib.compress(base)
    back = len(second) - len(first)
    far = bytes([(back >> 7) - 1 | 0x80, back & 0x7F]) if back > 0x7F else bytes([back])
    return second + bytes([0x60]) + far + zlib.compress(delta), {len(first): "base", len(second): "made"}


@pytest.mark.parametrize("place", [0, 40, len(STORY) // 2])
def test_what_differs_in_one_byte_is_no_prefix(place: int, tmp_path: Path) -> None:
    changed = bytearray(STORY[: LENGTHS[5]])
    changed[place] ^= 1
    store = Store(tmp_path, [*[STORY[:length] for length in LENGTHS[:5]], bytes(changed), STORY[: LENGTHS[6]]])
    told = prefixes(store.pack, store.names, STORY)
    assert store.ids[5] not in told
    assert set(told) <= {*store.ids[:5], store.ids[6]}
    assert set(store.ids[:4]) <= set(told)


def test_a_spoiled_pack_proves_nothing_that_is_not_so(store: Store) -> None:
    truth = prefixes(store.pack, store.names, STORY)
    whole = max(store.names)  # behind it the deltas are short
    for place in [*range(12, 200), *range(whole, len(store.pack) - 20)]:
        for bit in (1, 16, 64, 128):
            spoiled = bytearray(store.pack)
            spoiled[place] ^= bit
            assert prefixes(bytes(spoiled), store.names, STORY).items() <= truth.items(), (place, bit)
    assert prefixes(store.pack[: whole + 3], store.names, STORY).items() <= truth.items()
    assert prefixes(b"", store.names, STORY) == {}


@pytest.fixture
def by_delta(monkeypatch: pytest.MonkeyPatch) -> None:
    """However short the run, its journals are looked for in a pack first."""
    monkeypatch.setattr(journals, "_MUCH", 0)
    monkeypatch.setattr(journals, "_SMALL", 0)


@pytest.mark.slow
@pytest.mark.usefixtures("by_delta")
@pytest.mark.parametrize("tamper", [case[1] for case in ABOUT_JOURNALS], ids=[case[0] for case in ABOUT_JOURNALS])
def test_in_a_packed_repository_the_same_is_found_when(
    complete: Forger, tamper: Tamper, monkeypatch: pytest.MonkeyPatch
) -> None:
    tamper(complete)
    complete.git("gc", "-q", "--aggressive")
    found = complete.audit().findings
    monkeypatch.setattr(journals, "_MUCH", 1 << 60)
    assert found == complete.audit().findings
    assert found


@pytest.mark.usefixtures("by_delta")
def test_in_a_packed_repository_nothing_is_hashed(complete: Forger, monkeypatch: pytest.MonkeyPatch) -> None:
    complete.git("gc", "-q")

    def hashed(*_given: object) -> str:
        raise AssertionError("a journal was hashed")

    monkeypatch.setattr(journals, "blob_id", hashed)
    assert complete.codes() == []


def test_a_journal_that_is_not_worth_a_pack_is_hashed(complete: Forger, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*_given: object) -> None:
        raise AssertionError("git was asked")

    monkeypatch.setattr(GitRepository, "packed", asked)
    with monkeypatch.context() as short:
        short.setattr(GitRepository, "sizes", asked)
        assert complete.codes() == []
    monkeypatch.setattr(journals, "_MUCH", 0)  # long enough, but kept as whole files
    assert complete.codes() == []
