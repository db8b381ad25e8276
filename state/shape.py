"""In which shapes is a runbook written? Light: what reads a journal needs no more of a plan."""

from __future__ import annotations

from typing import Literal

Shape = Literal["tasks", "phases", "checklist"]
