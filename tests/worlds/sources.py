"""Which modules has the product? For tests that read its sources."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
LAYERS = ("state", "gates", "phases", "workflow")


def modules(root: Path) -> dict[str, Path]:
    """Every module of the product, by its name; a package by its own."""
    found = {}
    for layer in LAYERS:
        for path in (root / layer).rglob("*.py"):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found
