"""Is anything wrong with the sources and the template? Python that does not compile, and what cfn-lint finds."""

import sys
from pathlib import Path

from cfnlint.api import lint

HERE = Path(__file__).parent.parent


def main():
    faults = []
    for source in sorted(HERE.glob("*/*.py")):
        try:
            compile(source.read_bytes(), str(source), "exec", dont_inherit=True)
        except SyntaxError as error:
            faults.append(f"{source.relative_to(HERE)}:{error.lineno}: {error.msg}")
    template = HERE / "infrastructure" / "template.yaml"
    for match in lint(template.read_text("utf-8"), regions=["us-east-1"]):
        faults.append(f"{template.relative_to(HERE)}:{match.linenumber}: {match.rule.id} {match.message}")
    print("\n".join(faults) or "nothing is wrong")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
