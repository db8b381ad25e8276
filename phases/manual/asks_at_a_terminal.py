"""Which commands ask somebody at a terminal before they act? A command of a task has none: it is said beforehand.

    asks_at_a_terminal("cdk destroy --context env=dev")     # ("cdk destroy", "--force")
    asks_at_a_terminal("cdk destroy --force")               # None

Sources: `cdk destroy --help` (aws-cdk 2), "terraform apply" and "destroy" (developer.hashicorp.com/terraform/cli),
`pulumi up --help`, `pulumi destroy --help`.
"""

from __future__ import annotations

import itertools
import shlex

# program and verb -> the options with which it asks nobody; the first one is named
_ASKS = {
    ("cdk", "destroy"): ("--force", "-f"),
    **{(program, "destroy"): ("-auto-approve", "--auto-approve") for program in ("terraform", "tofu")},
    **{("pulumi", verb): ("--yes", "-y") for verb in ("up", "destroy", "refresh")},
}


def asks_at_a_terminal(text: str) -> tuple[str, str] | None:
    """The first command of a script that asks, and the option with which it does not; None where none is known to."""
    for line in text.split("\n"):
        try:
            words = shlex.split(line, comments=True)
        except ValueError:
            continue  # a part of something longer
        for at, asked in enumerate(itertools.pairwise(words)):
            options = _ASKS.get(asked)
            if options is not None and not set(options).intersection(words[at:]):
                return " ".join(asked), options[0]
    return None
