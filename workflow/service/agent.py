"""For whom does an agents' server act? A program, by the name and version that its client says of itself.

Rules:
- Nobody is asked for a name that nobody can prove: it stands in journal, evidence and commits as what it is, said.
- It has no address, so that it is never taken for a person; a person's git identity is only the committer's.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from state.evidence import AGENT
from workflow.service.this_process import who_runs_this
from workflow.service.who import Who

LONGEST = 60  # characters of a client's name with its version
_STRANGE = re.compile(r"[^A-Za-z0-9._/+-]+")  # what a name in a commit's author cannot hold, or would hide something


def agent(directory: Path, name: str, version: str) -> Who:
    """The agent whose client says this name and this version of itself; on this machine, as this user.

    What keeps git's identity from being known here is kept, as of who runs this process: a commit needs a committer.
    """
    here = who_runs_this(directory)
    said = " ".join(filter(None, (_STRANGE.sub("-", each).strip("-._") for each in (name, version))))
    # each order looks for itself whether git knows the committer: this value is kept
    return replace(here, by=replace(here.by, git=f"{AGENT}{said[:LONGEST] or 'unknown'}"), commits=False)
