"""What files does a workflow's package bring along? Its runbook, and what `init` writes beside it."""

from __future__ import annotations


def packaged(package: str, name: str) -> bytes:
    """The bytes of a file in the folder of a package: `packaged("phases.stage_06", "runbook.md")`."""
    from importlib.resources import files  # here: importing it takes 15 ms, and only `init` needs it

    return files(package).joinpath(name).read_bytes()
