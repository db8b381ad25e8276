"""Which answers of libraries are remembered? Those that depend on the words asked alone, and are asked for by the
thousand: the times that botocore reads, and the names of elements in moto's XML. An event list is made of the same few.

And the descriptions of services, which every session would read for itself, from files of megabytes. And what every
client works out anew while it is made, or by every call: the names of botocore's events, which handlers take any word,
what TLS needs (nothing leaves this process), and whether a class of moto's has a method.

And under which names moto looks for a member of an answer in an object of its own, which depends on their types alone.

And no request is signed: nobody here looks at a signature, and each takes as long as moto's answer to a small question.
Who asks, and in which region, stands in the header as ever. What a client says that it is, is written once a client.

And what a text of YAML says to one loader, and what cfn-lint says of a template for a region: a template is read and
judged again by every step that goes on from it. And the plan that a runbook is read as, by every process that goes on.

And the private key that moto makes for each KMS key, so for each encrypted table: nothing here is encrypted with it,
and to find its primes takes as long as a dozen calls. What tells two KMS keys apart is their id.
"""

from __future__ import annotations

import inspect
import os
import pickle
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache, lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from weakref import WeakKeyDictionary

import boto3
import botocore.auth
import botocore.hooks
import botocore.httpsession
import botocore.parsers
import botocore.session
import botocore.useragent
import moto.core.responses
import moto.core.serialize
import moto.kms.utils
import xmltodict
import yaml
from botocore.loaders import Loader, create_loader
from moto.core.serialize import AttributePickerContext, ResponseSerializer, XFormedAttributePicker
from moto.core.utils import MISSING, get_value

from phases.stage_06.paths import TEMPLATE
from phases.stage_06.template import lint, plain_values
from phases.step import Check
from state.files import sha256
from workflow.runbook import kept_runbook
from workflow.runbook.reader import read_runbook
from workflow.runs import load_plan

PURE = (
    (botocore.parsers, "DEFAULT_TIMESTAMP_PARSER"),
    (botocore.httpsession, "create_urllib3_context"),
    (botocore.useragent, "sanitize_user_agent_string_component"),
    (xmltodict, "_validate_name"),
)

UNSIGNED: dict[str, Any] = {
    "canonical_request": lambda signer, request: "",
    "signature": lambda signer, text, request: "0" * 64,
    "headers_to_sign": lambda signer, request: {"host": ""},
}
ALIASES = moto.core.serialize.DEFAULT_ALIAS_PROVIDERS


@contextmanager
def answers_remembered() -> Iterator[None]:
    """Clients that are made inside read times so, and go on doing so."""
    with ExitStack() as exits:
        _TOLD.append(exits.enter_context(TemporaryDirectory(prefix="phasegate-linted-")))
        for module, name in PURE:
            exits.enter_context(patch.object(module, name, cache(getattr(module, name))))
        exits.enter_context(patch.object(botocore.hooks, "accepts_kwargs", _takes_any_word))
        exits.enter_context(patch.object(moto.core.responses, "method_names_from_class", _Methods))
        exits.enter_context(patch.object(botocore.hooks.EventAliaser, "_alias_event_name", _event_name))
        exits.enter_context(patch.object(ResponseSerializer, "get_value", _member))
        for name, simple in UNSIGNED.items():
            exits.enter_context(patch.object(botocore.auth.SigV4Auth, name, simple))
        exits.enter_context(patch.object(botocore.useragent.UserAgentString, "to_string", _user_agent))
        exits.enter_context(patch.object(botocore.session, "create_loader", _loader))
        exits.enter_context(patch.object(yaml, "load", _load))
        exits.enter_context(patch.object(plain_values, "plain_values", _plain_values))
        exits.enter_context(patch.object(lint, "lint_checks", _lint_checks))
        for module in (kept_runbook, load_plan):
            exits.enter_context(patch.object(module, "read_runbook", _read_runbook))
        made = SimpleNamespace(generate_private_key=_private_key)
        exits.enter_context(patch.object(moto.kms.utils, "rsa", made))
        yield


def _takes_any_word(function: Any) -> object:
    """As botocore asks it of the whole signature; a function's code says so at once."""
    code = getattr(function, "__code__", None)
    return _ACCEPTS_KWARGS(function) if code is None else code.co_flags & inspect.CO_VARKEYWORDS


class _Methods:
    """The names of a class's methods, of which moto lists all for each call, to look one up. They may change."""

    def __init__(self, of: type) -> None:
        self._of = of

    def __contains__(self, name: str) -> bool:
        return inspect.isfunction(getattr(self._of, name, None))


def _event_name(aliaser: Any, name: str) -> str:
    """All emitters have the same aliases, and each works out every name for itself."""
    if name not in _EVENT_NAMES:
        _EVENT_NAMES[name] = _ALIAS_EVENT_NAME(aliaser, name)
    return _EVENT_NAMES[name]


def _member(serializer: ResponseSerializer, value: Any, key: str, shape: Any) -> Any:
    """The first of the names that is there; what of it is returned may depend on where it stands."""
    picker = serializer._value_picker
    if (
        type(picker) is not XFormedAttributePicker
        or picker.alias_providers is not ALIASES
        or not hasattr(shape, "parent")
    ):
        return _GET_MEMBER(serializer, value, key, shape)
    place = (type(value), serializer.service_model.service_name, shape.parent.name, shape.name, key)
    names = _MEMBER_NAMES.get(place)
    if names is None:
        context = AttributePickerContext(obj=value, key=key, shape=shape)
        names = _MEMBER_NAMES[place] = tuple(dict.fromkeys(picker.get_possible_keys(context)))
    found = next((each for name in names if (each := get_value(value, name, MISSING)) is not MISSING), None)
    if picker.response_transformers:
        path = ".".join((*serializer.path, key))
        for end, transform in picker.response_transformers.items():
            if path.endswith(end):
                return transform(found)
    return found


def _user_agent(client: Any) -> str:
    if client not in _USER_AGENTS:
        _USER_AGENTS[client] = _USER_AGENT(client)
    return _USER_AGENTS[client]


def _load(stream: object, Loader: type) -> Any:
    """Plain data of the caller's own."""
    return pickle.loads(_loaded(stream, Loader)) if isinstance(stream, str | bytes) else _YAML_LOAD(stream, Loader)


@lru_cache(maxsize=200)  # of templates, some of which are large
def _loaded(text: str | bytes, loader: type) -> bytes:
    return pickle.dumps(_YAML_LOAD(text, loader))


def _plain_values(data: bytes, loader: Any, long_form: Callable[[str, object], object]) -> object:
    """Plain data of the caller's own; what is not plain is said anew."""
    return pickle.loads(_plain(data, loader, long_form))


@lru_cache(maxsize=200)
def _plain(data: bytes, loader: Any, long_form: Callable[[str, object], object]) -> bytes:
    return pickle.dumps(_PLAIN_VALUES(data, loader, long_form))


def _lint_checks(data: bytes, *, region: str, path: str = TEMPLATE) -> list[Check]:
    return list(_linted(data, region, path))


@cache
def _linted(data: bytes, region: str, path: str) -> tuple[Check, ...]:
    """Forks of one process tell each other by a file what the linter said."""
    told = Path(_TOLD[-1], sha256(f"{region}\n{path}\n".encode() + data))
    if told.exists():
        found: tuple[Check, ...] = pickle.loads(told.read_bytes())
        return found
    found = tuple(_LINT_CHECKS(data, region=region, path=path))
    made = told.with_name(f"{told.name}.{os.getpid()}")
    made.write_bytes(pickle.dumps(found))
    made.replace(told)
    return found


class _OneLoader(Loader):
    """For all sessions; each that boto3 makes adds a search path, which is there already."""

    @property
    def search_paths(self) -> list[str]:
        return list(super().search_paths)


def _loader(data_path: str | None = None) -> Loader:
    return create_loader(data_path) if data_path else _DESCRIPTIONS


_TOLD: list[str] = []  # directories, as long as they are there
_ACCEPTS_KWARGS, _ALIAS_EVENT_NAME = botocore.hooks.accepts_kwargs, botocore.hooks.EventAliaser._alias_event_name
_EVENT_NAMES: dict[str, str] = {}
_GET_MEMBER, _USER_AGENT = ResponseSerializer.get_value, botocore.useragent.UserAgentString.to_string
_USER_AGENTS: WeakKeyDictionary[Any, str] = WeakKeyDictionary()
_MEMBER_NAMES: dict[tuple[type, str, str, str, str], tuple[str, ...]] = {}
_read_runbook = lru_cache(maxsize=100)(read_runbook)  # what is refused is read again
_YAML_LOAD, _LINT_CHECKS, _PLAIN_VALUES = yaml.load, lint.lint_checks, plain_values.plain_values
_DESCRIPTIONS = _OneLoader(extra_search_paths=[str(Path(boto3.__file__).parent / "data")])
_private_key = cache(moto.kms.utils.rsa.generate_private_key)
