"""By which words are approvals, reasons, and sections that a gate looks at, known? Light: `status` needs no more."""

from __future__ import annotations

SHORT = 7  # characters of a digest that a person must name at least
UNATTENDED = "--yes"  # how an approval came that nobody looked at: it counts in the sandbox only
BY_PROFILE = "by profile"  # how the reason begins of an item that does not apply because of the run's profile
POLICY = "policy"  # who approved, where the policy opened the gate by itself: never the name of a person
UNCHANGED = "unchanged"  # who approved, and how it came, where the gate rests on an approval of before

APPROVING = "Approving this"  # title of the section that says what leaving the task sets off; shown first
DONE_OUTSIDE = "Done outside"  # title of the section that says what the work itself did there
