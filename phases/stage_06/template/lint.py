"""What does cfn-lint say about the template? Its findings as checks; anything it says closes the gate.

Rules:
- The library, not the command: half a second a run, no other process, and the same rules (`cfn-lint -f json` shows
  the same to people).
- Informational checks (I) are on: a template that is made by a program has no excuse for any of them.
"""

from __future__ import annotations

from phases.stage_06.paths import TEMPLATE
from phases.step import Check

CHECK = "cfn-lint"


def lint_checks(data: bytes, *, region: str, path: str = TEMPLATE) -> list[Check]:
    """One passing check, or one failing check a finding, with `path:line:column`; `path` is the template's.

    `region` is where the template is going: cfn-lint knows which resource types and values a region has.
    """
    # Inside: importing cfn-lint takes 0.4 s.
    from cfnlint import ManualArgs
    from cfnlint.api import lint
    from cfnlint.version import __version__

    text = data.decode()
    matches = lint(text, config=ManualArgs(include_checks=["I"], regions=[region]))
    if not matches:
        return [Check(CHECK, "no finding", f"no finding (cfn-lint {__version__})", "pass", path)]
    return [
        Check(
            f"{CHECK} {number}: {match.rule.id}",
            "no finding",
            match.message,
            "fail",
            f"{path}:{match.linenumber}:{match.columnnumber}",
        )
        for number, match in enumerate(matches, start=1)
    ]
