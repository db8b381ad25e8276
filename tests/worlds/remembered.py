"""Which answers of libraries are remembered? Those that depend on the words asked alone, and are asked for by the
thousand: the times that botocore reads, and the names of elements in moto's XML. An event list is made of the same few.

And the descriptions of services, which every session would read for itself, from files of megabytes.

And the private key that moto makes for each KMS key, so for each encrypted table: nothing here is encrypted with it,
and to find its primes takes as long as a dozen calls. What tells two KMS keys apart is their id.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import boto3
import botocore.parsers
import botocore.session
import moto.kms.utils
import xmltodict
from botocore.loaders import Loader, create_loader


@contextmanager
def answers_remembered() -> Iterator[None]:
    """Clients that are made inside read times so, and go on doing so."""
    with ExitStack() as exits:
        for module, name in ((botocore.parsers, "DEFAULT_TIMESTAMP_PARSER"), (xmltodict, "_validate_name")):
            exits.enter_context(patch.object(module, name, cache(getattr(module, name))))
        exits.enter_context(patch.object(botocore.session, "create_loader", _loader))
        made = SimpleNamespace(generate_private_key=_private_key)
        exits.enter_context(patch.object(moto.kms.utils, "rsa", made))
        yield


class _OneLoader(Loader):
    """For all sessions; each that boto3 makes adds a search path, which is there already."""

    @property
    def search_paths(self) -> list[str]:
        return list(super().search_paths)


def _loader(data_path: str | None = None) -> Loader:
    return create_loader(data_path) if data_path else _DESCRIPTIONS


_DESCRIPTIONS = _OneLoader(extra_search_paths=[str(Path(boto3.__file__).parent / "data")])
_private_key = cache(moto.kms.utils.rsa.generate_private_key)
