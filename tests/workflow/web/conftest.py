"""Fixtures of the page's tests."""

from __future__ import annotations

import pytest

pytest.importorskip("starlette", reason="not run: the extra web is not installed")
