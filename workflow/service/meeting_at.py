"""What does phasegate.yaml of a commit say of where runs are met? Read with what judges it only where it says anything.

Whoever begins a run asks this; what reads and judges settings takes as long as all else that `run` loads.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workflow.doors.git.handed_over import blob_named
from workflow.doors.git.plumbing import look
from workflow.policy.look_alikes import FILE

if TYPE_CHECKING:
    from workflow.policy.meeting_settings import Meeting


def settings_at(workspace: Path, commit: str) -> Meeting | None:
    """`meeting` of phasegate.yaml in this commit; None where it says nothing. Raises BadInput as `read_meeting`."""
    data = blob_at(workspace, commit, FILE)
    if b"meeting" not in data:
        return None
    from workflow.policy.policy_file import read_meeting  # with pydantic

    return read_meeting(data)[0]


def shares_by_itself(workspace: Path) -> bool:
    """Whether a run that begins now is shared at a remote, as HEAD says. Raises BadInput as `settings_at`."""
    settings = settings_at(workspace, "HEAD")
    return settings is not None and bool(settings.remote)


def any_names_runners(workspace: Path) -> bool:
    """Whether runs of this repository may be met at a remote: a phasegate.yaml of HEAD, of any workspace, says by whom.

    It may say so otherwise than as a setting: whoever reads the one that counts judges it.
    """
    where = f":(top,glob)**/{FILE}"
    return look(workspace, "grep", "-q", "-F", "runners", "HEAD", "--", where).returncode == 0


def blob_at(workspace: Path, commit: str, path: str, home: str | None = None) -> bytes:
    """The bytes of a file in a commit; none where it is not there.

    `home`: the workspace that the path is in, as the repository has it; None for this one.
    """
    named = f"./{path}" if home is None else f"{home}/{path}" if home else path
    return blob_named(workspace, f"{commit}:{named}") or b""
