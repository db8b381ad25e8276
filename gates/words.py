"""By which words are approvals, reasons, and sections that a gate looks at, known? Light: `status` needs no more."""

from __future__ import annotations

SHORT = 7  # characters of a digest that a person must name at least, where no signature is asked for
FULL = 64  # hex digits of a digest: all of them are named where one is
UNATTENDED = "--yes"  # how an approval came that nobody looked at: it counts in the sandbox only
BY_PROFILE = "by profile"  # how the reason begins of an item that does not apply because of the run's profile
POLICY = "policy"  # who approved, where the policy opened the gate by itself: never the name of a person
UNCHANGED = "unchanged"  # who approved, and how it came, where the gate rests on an approval of before
REMOTE = "remote"  # how a verdict came that somebody gave in another clone: it is signed, or it is nobody's

APPROVING = "Approving this"  # title of the section that says what leaving the task sets off; shown first
DONE_OUTSIDE = "Done outside"  # title of the section that says what the work itself did there


def to_name(digest: str, *, signed: bool) -> str:
    """As much of a digest as has to be named to approve it: all of it at a gate that asks for signatures."""
    return digest if signed else digest[:SHORT]


def is_named(given: str, digest: str, *, signed: bool) -> bool:
    """Whether what somebody gave names this digest, with as many of its characters as such a gate asks for."""
    return digest.startswith(given) and len(given) >= len(to_name(digest, signed=signed))


def approve_policy_command(run_id: str) -> str:
    """The command by which a weaker policy is approved for a run."""
    return f"phasegate approve {run_id} --policy"


def look_at_weaker(run_id: str) -> str:
    """The same, as it is named where nobody has looked at the change yet: a passkey signs it elsewhere."""
    return f"{approve_policy_command(run_id)}   # shows what became weaker, and says how it is approved"
