"""Whatever stands at whatever place of a file from outside: it is taken, or refused with that place, and soon."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from gates.policy_change import SigningKeys, key_files, key_lines, passkey_lines
from phases.aws_deploy.spec.deployment_file import read_deployment
from phases.checks.reader import read_checks
from phases.contract.reader import read_contract
from phases.deployment_infra.answers import written_answers
from phases.documents.yaml_document import MOST_VALUES
from state.errors import BadInput
from tests.worlds.nasty_values import DEEP, JSON_WORDS, YAML_WORDS, places, with_word
from tests.worlds.soft_authenticator import Authenticator
from workflow.doors.aws.models import BotocoreModels
from workflow.policy.passkeys import passkey_of, passkeys_in, read_passkeys, revoked_ids
from workflow.policy.policy_file import read_notify, read_policies
from workflow.runs.answers_file import parse_answers

MODELS = BotocoreModels()
LONGEST_LINE = 1000  # characters of a problem: nobody reads more, and a log need not hold it

POLICY = {
    "default": {"approvers": 1, "who": ["ada@example.com"], "expires": "2d", "signed": False, "allowed_signers": "s"},
    "gates": [{"gate": "3.2", "workflow": "stage-06", "approvers": 1}],
    "commit": "{name} {id}: {title}",
    "tests": "make test",
}
ANSWERS = {"region": "eu-west-1", "watch-until": "24h"}
CHECKS = {
    "checks": [
        {
            "id": "a",
            "name": "A",
            "service": "dynamodb",
            "operation": "describe_table",
            "parameters": {"TableName": "orders"},
            "expression": "not_null(Table.TableStatus)",
            "expect": {expectation: value},
            "within": 30,
            "every": 5,
            "severity": "note",
            "region": "eu-west-1",
            "tasks": ["1"],
            "criterion": "it is there",
        }
        for expectation, value in [("equals", "ACTIVE")]
    ]
}
EXPECTATIONS = [{"matches": "A.*"}, {"at-least": 3}, {"one-of": ["A", 2]}, {"contains": {"a": [1]}}]
DEPLOYMENT = {
    "name": "shop",
    "environment": "test",
    "region": "eu-west-1",
    "components": [{"name": "a", "kind": "api", "deploy": "./a", "smoke_test": "./b", "needs": []}],
    "inventory": {"tags": {"team": "shop"}, "services": ["lambda"], "names": "*"},
    "configuration": {"files": ["a.yaml"], "naming": "shop-.*"},
    "watch": {"metrics": [{"namespace": "N", "name": "n", "limit": 1, "dimensions": {"a": "b"}}], "duration": "24h"},
    "performance": [{"name": "p", "about": "response", "limit": 200, "command": "./p"}],
    "cost": {"daily_usd": 5},
    "archive": ["a"],
}
CONTRACT = {
    "tables": [
        {
            "table": "Orders",
            "type": "single-entity",
            "source_table": "orders",
            "pk": "Id",
            "sk": None,
            "gsis": [
                {"index_name": "ByAt", "pk": "Id", "sk": "At", "projection": "INCLUDE", "projected_attributes": ["Sum"]}
            ],
            "attributes": [
                {"name": "Id", "type": "S", "source_table": "o", "source_column": ["id"]},
                {"name": "At", "type": "N", "source_table": "o", "source_column": "at", "denormalized": True},
                {"name": "Sum", "type": "N", "source_table": "o", "source_column": "s", "denormalized": False},
            ],
            "satisfies": ["AP1"],
            "estimated_item_size_bytes": 100.5,
        }
    ]
}
PROFILES = {
    "profiles": {
        "dev": {"values": {"region": "eu-west-1", "stack": "shop-dev"}, "leaves-out": ["1"], "lines": [12]},
        "prod": {"values": {"region": "eu-west-1", "stack": "shop"}, "leaves-out": [], "lines": []},
    },
    "checks": [{"id": "a", "name": "A", "command": {"run": "make a", "changes": True}, "tasks": ["1"]}],
}
NOTIFY = {
    "notify": {
        "when": ["waits", "decided"],
        "webhook": "https://hooks.example.com/x",
        "command": "./tell",
        "sns": "arn:aws:sns:eu-west-1:123456789012:gates",
        "bell": True,
        "sandbox": False,
    },
}
SIGNED = {
    "default": {
        "signed": True,
        "passkeys": "passkeys",
        "user_verified": False,
        "revoked_keys": "revoked",
        "operator_may_approve": False,
        "orderer_may_approve": False,
        "presence": "signed",
        "attempts": 3,
        "repeat": True,
        "opened_by_policy": False,
        "tick_not_applicable": True,
    },
}
PASSKEY = json.loads(Authenticator("Ada <ada@example.com>").line)
INFRASTRUCTURE = {"answers": {"name": "shop", "region": "eu-west-1", "peak-load": "200", "edge": "none"}}
Read = Callable[[bytes], Any]
KINDS: dict[str, tuple[Any, Read]] = {
    "policy": (POLICY, lambda data: read_policies(data, "f")),
    "answers": (ANSWERS, lambda data: parse_answers(data, "f")),
    "checks": (CHECKS, lambda data: read_checks(data, "f", MODELS)),
    **{
        f"checks that expect {next(iter(each))}": (
            {"checks": [{**CHECKS["checks"][0], "expect": each}]},
            lambda data: read_checks(data, "f", MODELS),
        )
        for each in EXPECTATIONS
    },
    "deployment": (DEPLOYMENT, lambda data: read_deployment(data, "f")),
    "contract": (CONTRACT, lambda data: read_contract(data, path="f")),
    "profiles": (PROFILES, lambda data: read_checks(data, "f", MODELS)),
    "notify": (NOTIFY, lambda data: (read_policies(data, "f"), read_notify(data, "f"))),
    "signed gates": (SIGNED, lambda data: read_policies(data, "f")),
    "passkeys": (PASSKEY, lambda data: read_passkeys(data, "f")),
    "infrastructure": (INFRASTRUCTURE, written_answers),
}
IN_JSON = ("contract", "passkeys")


def verdict(read: Read, data: bytes) -> str:
    """ "" when it was taken; else what is wrong with the refusal, or "refused"."""
    try:
        read(data)
    except BadInput as error:
        if error.exit_code != 2 or not error.next_command:
            return f"no exit code 2 with a next command: {error}"
        lines = [str(each) for each in error.problems] or [error.message]
        wrong = [
            line
            for line in lines
            if not re.match(r"(f:[1-9]\d*(:[1-9]\d*)?|\$[.\[\w\]\"$]*)( is|:)|f is nested .* at f:\d", line)
        ]
        if wrong:
            return f"no place: {wrong[0][:300]}"
        long = [line for line in lines if len(line) > LONGEST_LINE]
        str(error).encode()
        return f"{len(long[0])} characters in one line: {long[0][:300]}" if long else "refused"
    except Exception as error:  # noqa: BLE001 - any is a fault, and all of them are to be seen at once
        return f"{type(error).__name__}: {str(error)[:200]}"
    return ""


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_any_value_at_any_place_is_taken_or_refused_by_its_place(kind: str) -> None:
    sound, read = KINDS[kind]
    assert verdict(read, json.dumps(sound).encode()) == ""
    words = JSON_WORDS if kind in IN_JSON else YAML_WORDS
    faults, slow, count = {}, {}, 0
    count_of_places = len(list(places(sound)))
    every = 1 if kind in IN_JSON or count_of_places < 10 else 3 if count_of_places < 30 else 8  # words at a place
    every = 2 if kind.startswith("checks that") and every == 3 else every  # few places are looked at there
    for at, place in enumerate(places(sound)):
        if kind.startswith("checks that") and "expect" not in place:
            continue  # the rest of it is as in "checks"
        for name, word in list(words.items())[at % every :: every]:
            began = time.process_time()
            said = verdict(read, with_word(sound, place, word).encode("utf-8", "surrogatepass"))
            if (took := time.process_time() - began) > 2:
                slow[name, place] = took
            if said not in ("", "refused"):
                faults[name, place] = said
            count += 1
    assert not faults, f"{len(faults)} of {count}: " + "\n".join(f"{at}: {said}" for at, said in faults.items())
    assert not slow
    assert count >= (60 if kind.startswith("checks that") else 200)


def test_a_passkeys_id_that_is_there_twice_is_cut_and_long_texts_are_refused() -> None:
    twice = json.dumps({**PASSKEY, "id": "A" * 1364}).encode()
    assert verdict(read_passkeys_of_f, twice) == ""
    with pytest.raises(BadInput) as refused:
        read_passkeys(twice + b"\n" + twice, "f")
    assert [str(each) for each in refused.value.problems] == [f"f:2: the passkey {'A' * 16} is there twice"]
    for name in ("address", "name", "id", "rp_id", "enrolled_by"):
        assert verdict(read_passkeys_of_f, json.dumps({**PASSKEY, name: "A" * 1404}).encode()) == "refused"


def read_passkeys_of_f(data: bytes) -> object:
    return read_passkeys(data, "f")


@pytest.mark.parametrize("name", [*JSON_WORDS, "no UTF-8", "half of a list of revoked keys", "no line's end"])
def test_lines_of_keys_may_be_anything_since_no_key_is_made_of_them(name: str) -> None:
    odd = {"no UTF-8": b"\xff\xfe{", "half of a list of revoked keys": b"SSHKRL\n\x00\xff", "no line's end": b"x\x0c"}
    line = odd[name] if name in odd else JSON_WORDS[name].encode("utf-8", "surrogatepass")
    for data in (line, b'{"id": ' + line + b"}", b'{"revoked": ' + line + b"}\n", b"ada@example.com " + line):
        keys = SigningKeys(key_lines(data) | passkey_lines(data)[0], passkey_lines(data)[1])
        assert passkeys_in(keys.allowed) == []
        assert all(isinstance(each, str) for each in revoked_ids(keys.revoked))
        assert passkey_of(keys, "AAAA") is None
        assert sum(map(len, key_files(keys.allowed))) <= len(data) + 1


NEVER = [
    *("a date that does not exist", "a date", "no int", "no bool", "no float", "5,000 digits", "a set", "an object"),
    *("a call", "a tag of one's own", "octal of 1.1", "sexagesimal", "deep lists", "deep mappings", "deep names"),
    *("aliases of aliases", "an alias of itself", "a merge", "half a surrogate pair", "beyond Unicode", "underscores"),
]


@pytest.mark.parametrize("name", NEVER)
@pytest.mark.parametrize("kind", ["policy", "answers", "checks", "deployment", "profiles", "notify"])
def test_it_is_refused_wherever_any_value_goes(kind: str, name: str) -> None:
    """At a place that no setting has, too: what cannot be read is never passed over."""
    sound, read = KINDS[kind]
    assert verdict(read, with_word({**sound, "more": 1}, ("more",), YAML_WORDS[name]).encode()) == "refused"


def test_a_field_that_takes_any_value_takes_no_word_that_yaml_turns() -> None:
    for word in ("yes", "Off", "on"):
        text = with_word(CHECKS, ("checks", 0, "expect", "equals"), word).encode()
        with pytest.raises(BadInput, match="is true or false to YAML"):
            read_checks(text, "f", MODELS)
    for word, value in (("true", True), ('"yes"', "yes"), ("3", 3), ("0xFF", 255), ("1.5", 1.5)):
        text = with_word(CHECKS, ("checks", 0, "expect", "equals"), word).encode()
        assert read_checks(text, "f", MODELS).checks[0].expect.value == value


def test_answers_are_texts_as_they_are_written() -> None:
    said = parse_answers(b"version: 3.10\naccount: 123456789012\nname: 'yes'\ncommand: make test\n", "f")
    assert said == {"version": "3.10", "account": "123456789012", "name": "yes", "command": "make test"}


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (b"a: 1\nb: \xff\n", "f:2:4: not UTF-8"),
        ("a: 1\n".encode("utf-16"), "f:1:1: not UTF-8: it begins as UTF-16 does"),
        (b"a: 1\nb: x\x00y\n", "f:2:5: not YAML: the character #x00 is not allowed"),
        (b"a: b\n\tc: d\n", "f:2:"),
        (b"a: 1\n---\nb: 1\n", "f:2:1: not YAML"),
        (b"%YAML 99999999999999999999999999999999.1\n---\na: 1\n", "f:1:1: not YAML"),
        (b"- " * DEEP, "f:1:101: not YAML: nested more than 50 levels deep"),
        (b"[" * DEEP, "f:1:51: not YAML: nested more than 50 levels deep"),
        (b"? " * DEEP, "f:1:"),
        (b"a: &a [x]\nb: *a\n", "f:2:1: aliases are not used here"),
    ],
    ids=lambda value: None if isinstance(value, str) else value[:12].hex(),
)
@pytest.mark.parametrize("kind", ["policy", "answers", "checks", "deployment", "notify"])
def test_a_file_that_is_no_sound_yaml_is_refused_by_the_place(kind: str, data: bytes, where: str) -> None:
    with pytest.raises(BadInput) as refused:
        KINDS[kind][1](data)
    assert any(str(problem).startswith(where) for problem in refused.value.problems), refused.value.problems


@pytest.mark.slow
def test_a_file_with_too_many_values_is_refused_where_they_are_too_many() -> None:
    with pytest.raises(BadInput, match=f"f:1:.*not YAML: more than {MOST_VALUES:,} values"):
        parse_answers(b"[" + b"1," * 10 * MOST_VALUES + b"]", "f")


@pytest.mark.parametrize("turn", [b"\n", b"\r\n", b"\xef\xbb\xbf"], ids=["LF", "CRLF", "a byte-order mark"])
def test_line_ends_and_a_byte_order_mark_change_nothing(turn: bytes) -> None:
    text = b"region: eu-west-1\nscope: all\n"
    data = turn + text if turn.startswith(b"\xef") else text.replace(b"\n", turn)
    assert parse_answers(data, "f") == {"region": "eu-west-1", "scope": "all"}
    assert parse_answers(b"", "f") == {}


def test_a_contract_that_is_nested_too_deeply_is_refused_by_the_place_before_it_is_parsed() -> None:
    brackets = b'{"a": "[[[[\\"[[",\n "b": ' + b"[" * DEEP
    with pytest.raises(BadInput, match=r"f is nested too deeply to be read") as refused:
        read_contract(brackets, path="f")
    assert str(refused.value.problems[0]) == "f:2:106: more than 100 levels"
