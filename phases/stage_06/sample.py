"""Where is the sample contract? In `artifacts/` of a clone, beside this file in an installed package."""

from __future__ import annotations

from pathlib import Path

IN_PACKAGE = Path(__file__).with_name("sample_contract.json")
IN_CLONE = Path(__file__).parents[2] / "artifacts" / "stage-02" / "migrationContract.json"


def sample_contract() -> bytes:
    """The bytes of the sample contract that the demo runs on."""
    return (IN_PACKAGE if IN_PACKAGE.exists() else IN_CLONE).read_bytes()
