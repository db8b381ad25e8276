"""No secret is shown: each shape, each way it may come in pieces, and what must stay readable."""

from __future__ import annotations

import ast
import json
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from workflow.doors.masking import KEY_LINES, LINE, MASK, REPLACED, SHAPES, MaskedLines, mask, secret_values
from workflow.doors.secret_forms import Forms

AWS_KEY = "AKIA" + "IOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
HEX = "0123456789abcdef" * 4
GITHUB = "ghp_" + "a1B2" * 9
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9.c2lnbmF0dXJl"

# text, the part of it that must not be seen, what is left
SAMPLES = {
    "AWS access key id": (f"id {AWS_KEY}!", AWS_KEY, "id ***!"),
    "AWS signature": (f"?X-Amz-Signature={HEX}&x=1", HEX, "?X-Amz-Signature=***&x=1"),
    "GitHub token": (f"using {GITHUB}", GITHUB, "using ***"),
    "GitLab token": ("glpat-abcdefghij0123456789", "glpat-abcdefghij0123456789", "***"),
    "Slack token": ("xoxb-1234567890-abc", "xoxb-1234567890-abc", "***"),
    "webhook address": (
        "POST https://hooks.slack.com/services/T0/B0/x9",
        "T0/B0/x9",
        "POST https://hooks.slack.com/services/***",
    ),
    "npm token": ("npm_" + "a" * 36, "npm_" + "a" * 36, "***"),
    "PyPI token": ("pypi-AgEIcHlwaS5vcmcCJDU2", "AgEIcHlwaS5vcmcCJDU2", "***"),
    "Stripe key": ("sk_live_" + "4" * 24, "4" * 24, "***"),
    "JSON web token": (f"cookie {JWT};", JWT, "cookie ***;"),
    "authorization header": ("Authorization: Bearer abc.def", "abc.def", "Authorization: Bearer ***"),
    "user information of an address": (
        "postgres://app:hunter2@db:5432/x",
        "hunter2",
        "postgres://app:***@db:5432/x",
    ),
    "name and value": (f"aws_secret_access_key = {SECRET}", SECRET, "aws_secret_access_key = ***"),
    "option and value": ("login --password hunter2 --user me", "hunter2", "login --password *** --user me"),
}


def test_there_is_a_sample_of_every_shape() -> None:
    assert set(SAMPLES) == {shape.name for shape in SHAPES}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_secret_of_each_shape_is_masked_and_its_surroundings_stay(name: str) -> None:
    text, secret, left = SAMPLES[name]
    assert mask(text) == left
    assert secret not in left


@pytest.mark.parametrize("name", SAMPLES)
def test_what_is_masked_is_not_masked_further(name: str) -> None:
    once = mask(SAMPLES[name][0])
    assert mask(once) == once


@pytest.mark.parametrize("name", SAMPLES)
def test_each_shape_is_needed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text, secret, _left = SAMPLES[name]
    (needed,) = (shape.form for shape in SHAPES if shape.name == name)
    monkeypatch.setattr("workflow.doors.masking.ALL", Forms(form for form in REPLACED if form is not needed))
    assert secret in "".join(lines_of([text.encode()]))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ('{"SecretAccessKey": "ab cd", "x": 1}', '{"SecretAccessKey": "***", "x": 1}'),
        ('{"password":"a\\"b"}', '{"password":"***"}'),
        ("DB_PASSWORD=x", "DB_PASSWORD=***"),
        ("export API_KEY='a b'", "export API_KEY='***'"),
        ("client-secret: abc", "client-secret: ***"),
        ("https://token-only@host/x", "https://***@host/x"),
        ("password='no end of it", "password='***"),
    ],
)
def test_a_value_is_masked_in_every_way_it_may_be_written(text: str, left: str) -> None:
    assert mask(text) == left
    assert mask(left) == left


def test_documents_and_programs_are_still_read_when_a_value_in_them_is_masked() -> None:
    item = {"name": "Ada", "password_hash": "example", "nested": {"api_key": 'a "quoted" one', "token": "x,y"}}
    assert json.loads(mask(json.dumps(item, indent=1)))["nested"] == {"api_key": MASK, "token": MASK}
    assert json.loads(json.loads(mask(json.dumps(json.dumps(item))))) == json.loads(mask(json.dumps(item)))
    assert ast.literal_eval(mask(repr(item)))["password_hash"] == MASK


@pytest.mark.parametrize(
    "text",
    [
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf",
        '"MasterUserSecret": {',
        "password: null",
        "3 tokens used",
        "see https://example.com/a@b and ssh://git@example.com/x.git",
        "arn:aws:dynamodb:eu-west-1:123456789012:table/Orders",
        "secret_rotation: true",
        "the secret is out",
        "AWS_SHARED_CREDENTIALS_FILE=/dev/null",
    ],
)
def test_what_is_no_secret_stays_as_it_is(text: str) -> None:
    assert mask(text) == text


PRIVATE_KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc=\n-----END RSA PRIVATE KEY-----"


def test_a_private_key_is_masked_over_its_lines() -> None:
    assert mask(f"before\nkey: {PRIVATE_KEY} after\nend") == "before\nkey: ***\n***\n***\n*** after\nend"


def test_a_private_key_on_one_line_is_masked() -> None:
    line = PRIVATE_KEY.replace("\n", "\\n")
    assert mask(f'{{"k":"{line}","n":1}}') == '{"k":"***","n":1}'


def test_a_key_without_an_end_masks_so_many_lines_and_no_more() -> None:
    text = "\n".join(["-----BEGIN PRIVATE KEY-----", *(str(number) for number in range(KEY_LINES)), "readable"])
    assert mask(text).split("\n")[-2:] == [MASK, "readable"]


def test_values_of_variables_that_are_named_like_secrets_are_masked_whatever_they_look_like() -> None:
    values = secret_values(
        {
            "DEPLOY_TOKEN": "correct horse",
            "HOME": "/home/ada",
            "MONKEY": "not secret",
            "PWD": "/home",
            "TLS_KEY_FILE": "/etc/tls.pem",
        }
    )
    assert values == ("correct\\ horse", "correct horse")
    assert mask("it said: correct horse, in /home/ada", values) == "it said: ***, in /home/ada"


def test_a_short_value_of_a_variable_masks_nothing_and_a_long_one_goes_first() -> None:
    assert secret_values({"KEY": "1", "A_SECRET": "12345678", "B_SECRET": "123456789"}) == ("123456789", "12345678")


def test_a_value_of_many_lines_is_masked_line_by_line() -> None:
    values = secret_values({"TLS_KEY": "first-line-of-it\nsecond-line-of-it\n"})
    assert mask("x second-line-of-it", values) == "x ***"


def lines_of(pieces: Sequence[bytes], values: Sequence[str] = ()) -> list[str]:
    masker = MaskedLines(values)
    return [*(line for piece in pieces for line in masker.feed(piece)), *masker.end()]


TEXTS = st.lists(
    st.sampled_from([*(sample[0] for sample in SAMPLES.values()), PRIVATE_KEY, "plain", "zwölf", "", "hunter2hunter2"]),
    max_size=6,
).map("\n".join)


@pytest.mark.slow
@given(text=TEXTS, cuts=st.lists(st.integers(0, 2000), max_size=8))
@example(text=f"id {AWS_KEY}!", cuts=[5])
@example(text="zwölf", cuts=[3])
@example(text=PRIVATE_KEY, cuts=[7, 40])
def test_a_secret_that_comes_in_pieces_is_masked_like_a_whole_one(text: str, cuts: list[int]) -> None:
    data = text.encode()
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    pieces = [data[start:end] for start, end in pairwise(places)]
    expected = mask(text, ["hunter2hunter2"]).split("\n")
    assert lines_of(pieces, ["hunter2hunter2"]) == (expected if expected[-1] else expected[:-1])


def test_line_ends_of_every_kind_end_a_line_even_when_cut_in_two() -> None:
    assert lines_of([b"a\r", b"\nb\rc", b"\n"]) == ["a", "b", "c"]


def test_terminal_control_is_left_out_so_that_it_hides_no_secret() -> None:
    assert lines_of([b"\x1b[1mpass\x1b[0mword=\x1b]0;t\x07x\x00y"]) == ["password=***"]


def test_a_line_without_end_is_cut_where_no_secret_can_have_begun() -> None:
    (line,) = lines_of([b"word " * (LINE // 5), b"AKIA", b"IOSFODNN7EXAMPLE" + b"z" * 50_000])
    assert "AKIA" not in line
    assert line.endswith("characters cut ...]")
    assert len(line) < LINE + 100


def test_a_line_of_one_endless_word_keeps_none_of_it() -> None:
    assert lines_of([b"z" * (LINE + 1)]) == ["[... 8,193 characters cut ...]"]


def test_a_line_of_exactly_the_limit_is_whole() -> None:
    assert lines_of([b"z" * LINE]) == ["z" * LINE]
