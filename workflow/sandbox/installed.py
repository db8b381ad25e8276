"""Are the packages of the sandbox there? Who begins something looks first: starting it would find out late."""

from __future__ import annotations

from importlib.util import find_spec

from state.errors import BadInput
from state.extras import install_extra

NEEDED = ("moto", "werkzeug", "cloudpickle")  # what its server imports, and nothing else does


def require_installed() -> None:
    """Raises BadInput where the packages of the extra `sandbox` are not there. Loads none of them."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise BadInput(
            f"the sandbox needs {', '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not installed",
            next_command=install_extra("sandbox"),
        )
