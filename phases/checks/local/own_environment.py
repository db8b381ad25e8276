"""Is a program that a check looks at only phasegate's own? By PATH and VIRTUAL_ENV as phasegate was given them.

What starts phasegate may put phasegate's own virtual environment in front of PATH (`uvx phasegate`, a wrapper of
somebody's): `python3`, `pip` and the like are phasegate's own then, and say nothing of the machine.

Rules:
- An environment that VIRTUAL_ENV names was activated: it is the person's, also where phasegate is installed in it.
- What is not in an environment of phasegate's own (a system Python, `pip install --user`) is the machine's.

Source: PEP 405 ("Specification"); venv ("How venvs work"): activating sets VIRTUAL_ENV and the front of PATH.
"""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from collections.abc import Mapping

from phases.manual.programs_here import rows_of_programs


def only_phasegates(command: str, environment: Mapping[str, str] = os.environ) -> str:
    """Why a command would tell of phasegate's own environment, as a sentence; "" where it tells of the machine."""
    own = own_programs(environment)
    path = environment.get("PATH")
    for name in rows_of_programs(command) if own else ():
        found = shutil.which(name, path=path)
        if found and os.path.realpath(os.path.dirname(found)) == own:  # noqa: PTH120 - a link in there is followed last
            active = environment.get("VIRTUAL_ENV") or "not set"
            return (
                f"the {name} on PATH is of the environment that phasegate itself runs in, {sys.prefix}, which is not "
                f"active: VIRTUAL_ENV is {active}"
            )
    return ""


def own_programs(environment: Mapping[str, str] = os.environ) -> str:
    """The directory of the programs of phasegate's own environment; "" where it has none, or it was activated."""
    if sys.prefix == sys.base_prefix:
        return ""
    active = environment.get("VIRTUAL_ENV")
    if active and os.path.realpath(active) == os.path.realpath(sys.prefix):
        return ""
    return os.path.realpath(sysconfig.get_path("scripts"))


def path_of_the_person(environment: Mapping[str, str] = os.environ) -> str:
    """PATH without the programs of phasegate's own environment."""
    own = own_programs(environment)
    given = environment.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(each for each in given if not own or os.path.realpath(each) != own)
