"""What phasegate.yaml says, and what is wrong with it: every problem at once, each with file:line:column."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from gates.policy import GatePolicy, Policies
from state.errors import BadInput
from workflow.policy.effective_policy import default_policy
from workflow.policy.policy_file import read_notify, read_policies


@pytest.mark.parametrize(
    "data",
    [b"", b"# nothing\n", b"null\n", b"gates: []\n", default_policy()],
    ids=["empty", "only comments", "null", "no gates", "as init writes it"],
)
def test_what_says_nothing_leaves_the_default(data: bytes) -> None:
    assert read_policies(data) == Policies()


def test_the_commented_settings_of_init_are_right() -> None:
    text = default_policy().decode()
    lines = [line.replace("# ", "  ", 1) if line.strip().startswith("# who:") else line for line in text.splitlines()]
    uncommented = "\n".join(lines).replace("gates: []\n#", "gates:\n ").replace("\n#  ", "\n   ")
    uncommented = uncommented.replace("\n# notify:", "\nnotify:")
    uncommented = uncommented.replace("  # allowed_signers", "  allowed_signers").replace("  # revoked", "  revoked")
    policies = read_policies(uncommented.replace("    who:", "  who:").encode())
    assert read_notify(uncommented.replace("    who:", "  who:").encode()) is not None
    assert policies.default.who == ("ada@example.com", "*@architects.example.com")
    assert policies.default.allowed_signers == ".phasegate-signers"
    assert policies.default.revoked_keys == ".phasegate-revoked"
    strict, lax = policies.rules
    assert (strict.gate, strict.workflow, strict.policy.approvers) == ("3.*", "stage-06", 2)
    assert not strict.policy.operator_may_approve
    assert lax.policy.opened_by_policy


def test_what_a_gate_leaves_out_is_as_under_default() -> None:
    policies = read_policies(
        b"default: {approvers: 2, expires: 30m, signed: true, allowed_signers: s}\ngates: [{gate: 1.10, expires: 7d}]\n"
    )
    assert policies.default.expires_after == timedelta(minutes=30)
    (rule,) = policies.rules
    assert rule.gate == "1.10"  # as written, not the number 1.1
    assert rule.policy == GatePolicy(approvers=2, expires_after=timedelta(days=7), signed=True, allowed_signers="s")


BAD = {
    "not a mapping": (b"- 1\n", "phasegate.yaml:1:1: expected settings"),
    "not YAML": (b"default:\n  who: [\n", "phasegate.yaml:3:1: not YAML"),
    "not UTF-8": (b"\xff\xfe\xff", "phasegate.yaml:1:1: not UTF-8"),
    "a pattern without quotes": (b"default:\n  who: [*x]\n", "phasegate.yaml:2:9: not YAML: found undefined alias"),
    "two documents": (b"a: 1\n---\nb: 2\n", "phasegate.yaml:2:1: not YAML"),
    "an alias": (b"default: &a {approvers: 2}\ngates: [*a]\n", "aliases are not used here"),
    "an object of a language": (b"default: {approvers: !!python/name:os.system x}", "phasegate.yaml:1:11: not YAML"),
    "an unknown setting": (b"default:\n  aprovers: 2\n", "phasegate.yaml:2:3: 'aprovers' is not a setting here"),
    "an unknown section": (
        b"gate: []\n",
        "phasegate.yaml:1:1: 'gate' is not a setting here; there are: "
        "commit, default, gates, meeting, notify, runners, tests",
    ),
    "a name twice": (b"default:\n  approvers: 1\n  approvers: 2\n", "phasegate.yaml:3:3: 'approvers' is given twice"),
    "no approver": (b"default:\n  approvers: 0\n", "phasegate.yaml:2:3: approvers: expected at least 1, seen 0"),
    "a number for yes": (b"default: {signed: 1}\n", "phasegate.yaml:1:11: signed: expected true or false"),
    "a time without unit": (b"default: {expires: 24}\n", "phasegate.yaml:1:11: expires: expected a time such as 30m"),
    "no time at all": (b"default: {expires: 0h}\n", "expected a time such as 30m, 24h or 7d, seen '0h'"),
    "a time beyond reason": (b"default: {expires: 99999d}\n", "phasegate.yaml:1:11: expected at most 365d"),
    "a gate without name": (b"gates:\n  - approvers: 2\n", "phasegate.yaml:2:5: 'gate' is missing"),
    "nobody": (b"default: {who: ['']}\n", "phasegate.yaml:1:11: who: '' can match no git identity: an empty"),
    "a list of nobody": (b"default: {who: []}\n", 'seen an empty list; leave it out, or say ["*"]'),
    "a gate's list of nobody": (b"gates:\n  - gate: a\n    who: []\n", "phasegate.yaml:3:5: who: expected addresses"),
    "one person by two spellings": (
        b"default: {who: [x@y.org, X <x@y.org>], approvers: 2}\n",
        "2 are asked for, and who names 1",
    ),
    "more approvers than people": (
        b"gates:\n  - gate: a\n    who: [x@y.org, X@Y.ORG]\n    approvers: 2\n",
        "phasegate.yaml:4:5: 2 are asked for, and who names 1: this gate could never open",
    ),
    "signed by nobody": (b"default: {signed: true}\n", "phasegate.yaml:1:11: signatures are asked for"),
    "signers elsewhere": (b"default: {allowed_signers: ../s}\n", "phasegate.yaml:1:11: ../s is not a path inside"),
    "signers anywhere": (b"default: {allowed_signers: /etc/s}\n", "phasegate.yaml:1:11: /etc/s is not a path inside"),
}


NOBODY = {
    "@org/team": "a team is nobody here",
    "org/team": "an address has an @",
    "Ada": 'did you mean the address of Ada, or "Ada@*"',
    "Ada Lovelace": "no address has ' ' in it",
    "Ada <ada>": "an address has an @",
    "Ada <>": "an empty entry is nobody",
    "ada@x.org, bob@x.org": "did you mean several entries",
    "ada@x.org,bob@x.org": "did you mean several entries",
    "mailto:ada@x.org": "did you mean ada@x.org",
    "ada@": "expected one address",
    "ada@x@y": "expected one address",
    "ada@x.org.": "no address begins or ends with such a mark",
    "[b-a]*": "its brackets match no character",
    "a[!@]b": "an address has an @",
    "?": "an address has an @",
}


@pytest.mark.parametrize(("entry", "why"), NOBODY.items())
def test_an_entry_that_no_identity_can_match_is_refused(entry: str, why: str) -> None:
    data = f"default:\n  who: ['eve@x.org', '{entry}']\n".encode()
    with pytest.raises(BadInput, match=re.escape(why)) as refused:
        read_policies(data)
    assert f"phasegate.yaml:2:3: who: '{entry}'" in str(refused.value)
    assert entry.partition("<")[2].rstrip(">") in read_policies(data, judged_before=True).default.who[1]


@pytest.mark.parametrize("entry", ["*", "ada*", "*.example.com", "a?b", "???", "a[@]b", "ada@localhost", "o'brien@x.y"])
def test_a_pattern_that_somebody_matches_is_taken(entry: str) -> None:
    assert read_policies(f'default: {{who: ["{entry}"]}}'.encode()).default.who == (entry,)


def test_a_name_with_an_address_is_the_address() -> None:
    policy = read_policies(b"default: {who: ['Ada Lovelace <Ada@example.com>', '<*@x.org>']}").default
    assert policy.who == ("Ada@example.com", "*@x.org")
    assert policy.names("Somebody <ada@example.com>") and not policy.names("Ada Lovelace <ada@example.org>")


@pytest.mark.parametrize(("data", "said"), BAD.values(), ids=BAD)
def test_it_is_refused_with_the_place(data: bytes, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_policies(data)
    assert said in str(refused.value)
    assert refused.value.exit_code == 2


def test_all_problems_are_told_at_once_in_their_order() -> None:
    with pytest.raises(BadInput) as refused:
        read_policies(b"default:\n  approvers: 0\n  approvers: 1\n  foo: 1\ngates:\n  - gate: a\n    expires: soon\n")
    assert [problem.where for problem in refused.value.problems] == [
        "phasegate.yaml:2:3",
        "phasegate.yaml:3:3",
        "phasegate.yaml:4:3",
        "phasegate.yaml:7:5",
    ]


DOCUMENT = (Path(__file__).parents[3] / "docs/approvals.md").read_text("utf-8")


def test_the_documents_example_is_a_policy() -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", DOCUMENT, re.DOTALL)
    strict, lax = read_policies(example.encode()).rules
    assert strict.policy.names("Ada <ada@example.com>")
    assert (strict.policy.signed, lax.policy.signed, lax.policy.opened_by_policy) == (True, False, True)


def test_the_document_has_every_setting() -> None:
    settings = set(GatePolicy.__slots__) - {"files", "expires_after"} | {"expires"}
    assert settings == set(re.findall(r"^\| `(\w+)` \|", DOCUMENT, re.MULTILINE))
    assert all(f"{name}:" in default_policy().decode() for name in settings)


@pytest.mark.parametrize(
    ("data", "places"),
    [
        (b'tests: [a]\ncommit: "{x.__class__}"\nnotify: 3\nrunners: ../r\n', ["1:1", "2:1", "3:1", "4:1"]),
        (
            b"gates:\n  - 3\n  - {gate: a, allowed_signers: ../x}\n  - {gate: b, who: ['']}\n  - {expires: 999d}\n",
            ["2:5", "3:15", "4:15", "5:5", "5:6"],
        ),
        (b"default:\n  signed: 1\n  who: ['']\n  passkeys: /x\n", ["2:3", "3:3", "4:3"]),
        (b"default:\n  signed: true\n  allowed_signers: 3\n", ["3:3"]),  # nobody says that none is named
    ],
)
def test_values_of_a_wrong_kind_hide_no_other_mistake(data: bytes, places: list[str]) -> None:
    with pytest.raises(BadInput) as refused:
        read_policies(data)
    assert [problem.where for problem in refused.value.problems] == [f"phasegate.yaml:{place}" for place in places]


@pytest.mark.parametrize("path", [".git/config", ".GIT/x", "sub/.git/worktrees/a/keys", "./.git/config"])
@pytest.mark.parametrize("setting", ["allowed_signers", "revoked_keys", "passkeys"])
def test_a_file_of_keys_among_gits_own_is_refused_when_the_policy_is_read(setting: str, path: str) -> None:
    with pytest.raises(BadInput, match="is git's own, which no commit can hold"):
        read_policies(f"default: {{{setting}: {path}}}\n".encode())
    assert read_policies(f"default: {{{setting}: .github/keys}}\n".encode())
