"""What is the order of a run? `order.json` in the signed commit at `todo/<run>`: which run, of what, where it acts.

    {"v": 1, "run": "fleet-x-canary-0a1b2c3d", "workflow": "stage-06", "runbook": "docs/stage-06.md",
     "answers": {"stage": "prod"}, "target": {"account": "111111111111", "region": "eu-west-1"} or {"sandbox": true},
     "directory": "targets/eu", "profile": "eu", "ordered_by": {"git": ..., "user": ..., "host": ...}}

Rules:
- The commit's parent is the commit that the run begins at; its tree is that commit's, with `order.json` over it.
- Ordered is what has a branch: `todo/<run>` and `refs/heads/phasegate/<run>` are made by one push, each under the lease
  "there is none". The branch stays when the run is over, so no push, however late it arrives, orders a run again.
- It holds no credentials: `profile` names some that the worker's own machine has.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import PurePosixPath

from state import json_values as j
from state.cheap_classes import dataclass
from state.event_parts import RunTarget
from state.evidence import By
from state.json_line import read_object
from state.json_values import Fields, Json
from workflow.meeting.moves import Move, Remote, move
from workflow.meeting.refs import Names

FILE = "order.json"  # in the run's own directory at the top of the repository: `.phasegate/<run>/order.json`
VERSION = 1
LARGEST = 256 * 1024  # bytes of one


@dataclass(frozen=True, slots=True)
class Order:
    """A run that somebody else is to begin.

    Attributes:
        runbook: its path below `directory`; "" for the workflow's own place.
        target: where it is to act; a worker at another account or region is refused.
        directory: the workspace, as the repository has it; "" for its top.
        profile: of the worker's own configuration; "" for none.
        ordered_by: whose word it is, as the journal's `ordered_by` will have it.
    """

    run: str
    workflow: str
    runbook: str
    answers: Mapping[str, str]
    target: RunTarget
    directory: str
    ordered_by: By
    profile: str = ""

    def to_bytes(self) -> bytes:
        body: dict[str, Json] = {
            "v": VERSION,
            "run": self.run,
            "workflow": self.workflow,
            "runbook": self.runbook,
            "answers": dict(self.answers),
            "target": self.target.to_json(),
            "directory": self.directory,
            "profile": self.profile,
            "ordered_by": self.ordered_by.to_json(),
        }
        return json.dumps(body, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"

    @classmethod
    def from_bytes(cls, data: bytes) -> Order:
        """Raises ValueError, with the field, for what is none."""
        if len(data) > LARGEST:
            raise ValueError(f"an order has at most {LARGEST:,} bytes, this has {len(data):,}")
        body = read_object(data)
        if j.whole(body, "v", 1) != VERSION:
            raise ValueError(f"order version {body['v']}, this phasegate reads {VERSION}")
        return cls(
            j.file_name(body, "run"),
            j.file_name(body, "workflow"),
            _below(body, "runbook"),
            j.text_of_each(body, "answers"),
            j.part(body, "target", RunTarget.from_json),
            _below(body, "directory"),
            j.part(body, "ordered_by", By.from_json),
            j.text_if_any(body, "profile"),
        )


def file_of(run: str) -> str:
    """Path of the order in its commit, from the top of the repository."""
    return f".phasegate/{run}/{FILE}"


def put_up(remote: Remote, names: Names, run: str, commit: str, base: str) -> None:
    """Have the run ordered at the remote, by this signed commit; `base`: the commit that it begins at.

    Raises RunFenced where the run was ordered before, WorkspaceRefused as `move`.
    """
    move(remote, [Move(names.of("todo", run), "", commit), Move(names.branch(run), "", base)], run=run)


def _below(body: Fields, name: str) -> str:
    """A path that stays below where it begins, or "" for none."""
    value = j.path_or_empty(body, name)
    if value and (value.startswith("/") or ".." in PurePosixPath(value).parts or str(PurePosixPath(value)) != value):
        raise j.misread(body, name, "a path below the repository, without . and ..")
    return value
