"""Which passkeys does this file of a workspace hold? For who looks at a page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from state.errors import PhasegateError
from state.outside_file import POLICY, read_outside
from workflow.policy.passkeys import Passkey, read_passkeys


def passkeys_in_file(workspace: Path, file: str) -> Sequence[Passkey]:
    """Those of this file ("": none is named); none where it cannot be read, which is the gate's own to say."""
    if not file:
        return ()
    try:
        return read_passkeys(read_outside(workspace / file, "list of passkeys", limit=POLICY, name=file), file)
    except (OSError, PhasegateError):
        return ()
