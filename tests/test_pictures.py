"""The pictures of the documents: small, shown somewhere, and nothing in them but the picture."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PICTURES = sorted((ROOT / "docs/pictures").iterdir())
MOST = 100_000  # [bytes]


def chunks(data: bytes) -> Iterator[bytes]:
    """The types of a PNG's chunks. Source: PNG specification, "Chunk layout"."""
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    at = 8
    while at < len(data):
        (size,) = struct.unpack(">I", data[at : at + 4])
        yield data[at + 4 : at + 8]
        at += size + 12


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.name)
def test_a_picture_is_small_and_says_nothing_beside_what_is_seen(path: Path) -> None:
    data = path.read_bytes()
    assert len(data) < MOST
    assert set(chunks(data)) <= {b"IHDR", b"sRGB", b"PLTE", b"IDAT", b"IEND"}


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.name)
def test_a_picture_is_shown_in_the_readme(path: Path) -> None:
    assert f"(docs/pictures/{path.name})" in (ROOT / "README.md").read_text()
