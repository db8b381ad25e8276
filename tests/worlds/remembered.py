"""Which answers of libraries are remembered? Those that depend on the words asked alone, and are asked for by the
thousand: the times that botocore reads, and the names of elements in moto's XML. An event list is made of the same few.

And the descriptions of services, which every session would read for itself, from files of megabytes.

And what a text of YAML says to one loader, and what cfn-lint says of a template for a region: a template is read and
judged again by every step that goes on from it.

And the private key that moto makes for each KMS key, so for each encrypted table: nothing here is encrypted with it,
and to find its primes takes as long as a dozen calls. What tells two KMS keys apart is their id.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache, lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import boto3
import botocore.parsers
import botocore.session
import moto.kms.utils
import xmltodict
import yaml
from botocore.loaders import Loader, create_loader

from phases.stage_06.paths import TEMPLATE
from phases.stage_06.template import lint
from phases.step import Check


@contextmanager
def answers_remembered() -> Iterator[None]:
    """Clients that are made inside read times so, and go on doing so."""
    with ExitStack() as exits:
        for module, name in ((botocore.parsers, "DEFAULT_TIMESTAMP_PARSER"), (xmltodict, "_validate_name")):
            exits.enter_context(patch.object(module, name, cache(getattr(module, name))))
        exits.enter_context(patch.object(botocore.session, "create_loader", _loader))
        exits.enter_context(patch.object(yaml, "load", _load))
        exits.enter_context(patch.object(lint, "lint_checks", _lint_checks))
        made = SimpleNamespace(generate_private_key=_private_key)
        exits.enter_context(patch.object(moto.kms.utils, "rsa", made))
        yield


def _load(stream: object, Loader: type) -> Any:
    """Plain data of the caller's own."""
    return pickle.loads(_loaded(stream, Loader)) if isinstance(stream, str | bytes) else _YAML_LOAD(stream, Loader)


@lru_cache(maxsize=200)  # of templates, some of which are large
def _loaded(text: str | bytes, loader: type) -> bytes:
    return pickle.dumps(_YAML_LOAD(text, loader))


def _lint_checks(data: bytes, *, region: str, path: str = TEMPLATE) -> list[Check]:
    return list(_linted(data, region, path))


@cache
def _linted(data: bytes, region: str, path: str) -> tuple[Check, ...]:
    return tuple(_LINT_CHECKS(data, region=region, path=path))


class _OneLoader(Loader):
    """For all sessions; each that boto3 makes adds a search path, which is there already."""

    @property
    def search_paths(self) -> list[str]:
        return list(super().search_paths)


def _loader(data_path: str | None = None) -> Loader:
    return create_loader(data_path) if data_path else _DESCRIPTIONS


_YAML_LOAD, _LINT_CHECKS = yaml.load, lint.lint_checks
_DESCRIPTIONS = _OneLoader(extra_search_paths=[str(Path(boto3.__file__).parent / "data")])
_private_key = cache(moto.kms.utils.rsa.generate_private_key)
