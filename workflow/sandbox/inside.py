"""With which clients does the sandbox's CloudFormation provision? Straight into moto, in this process.

What CloudFormation calls happens inside AWS: it is not counted and no scripted fault reaches it.
"""

from __future__ import annotations

from functools import cache
from typing import Any
from unittest.mock import patch

import botocore.handlers
import botocore.loaders
import botocore.session
from moto.core.models import botocore_stubber

ACCOUNT_ID = "123456789012"
# Shared by every session made here: reading the service descriptions is most of a client's cost.
LOADER = botocore.loaders.create_loader()


def handlers_with(before_send: Any) -> list[Any]:
    """botocore's own handlers, with one answer to "before-send": botocore asks all and takes the first."""
    others = [handler for handler in botocore.handlers.BUILTIN_HANDLERS if handler[0] != "before-send"]
    return [*others, ("before-send", before_send)]


@cache
def inside_client(region: str, service: str) -> Any:
    """A client that moto answers, as long as moto is switched on; made once in a process."""
    return _session().create_client(service, region_name=region)


@cache
def _session() -> Any:
    # Whatever stands in moto's place at this moment applies to sessions from outside only.
    with patch.object(botocore.handlers, "BUILTIN_HANDLERS", handlers_with(botocore_stubber)):
        session = botocore.session.Session()
    session.register_component("data_loader", LOADER)
    session.set_credentials("inside", "inside")
    return session
