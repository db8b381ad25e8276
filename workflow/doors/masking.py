"""How are secrets kept out of what is shown and recorded? A table of shapes, and a masker for text in pieces.

Rules:
- A secret becomes `***`; what names it (`password=`) stays, so that a reader sees that something was there.
- A line is masked as a whole, never a piece of one: a secret that came in two reads is masked like any other.
- Ways to be a secret: to have a shape of SHAPES, of `token_shapes.py` or of `worded_secrets.py`, to stand inside a
  private key, to be what the line before announced (`password: |`), or to be the value of an environment variable
  whose name says so. docs/masking.md lists them.
- What is masked stays as it is when it is masked again.
- A line is looked at up to LINE characters; the rest is cut off at a place where no secret can have begun.
- This is a net for accidents, not a proof: what has no shape and no telling name is not known to be secret.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from functools import lru_cache, partial
from itertools import pairwise
from typing import NamedTuple

from state.late_pattern import late
from workflow.doors.commanded_secrets import COMMANDED
from workflow.doors.secret_extent import MASK, masked_within, replaced
from workflow.doors.secret_forms import Form, Forms, Group, folded
from workflow.doors.terminal_text import BAD, read
from workflow.doors.token_shapes import AWS_KEY_ID, BASE64_LINE, JSON_WEB_TOKEN, TOKENS
from workflow.doors.token_spans import without_tokens
from workflow.doors.worded_secrets import (
    AUTHORIZATION,
    BLOCK,
    KEY_ONLY,
    NAME_AND_VALUE,
    NAME_ONLY,
    OPTION_AND_VALUE,
    SCALAR,
    VALUE_ONLY,
    WORDED,
)
from workflow.doors.written_values import written

LINE = 8192  # characters of one line that are kept
SHORTEST = 8  # characters; a shorter value of a variable ("1", "true") would mask words all over the text
SHORT_LINE = 4  # characters; a shorter line of a value of several ("}", "---") would mask others all over the text
KEY_LINES = 200  # a private key of 16,384 bits has fewer; without its end nothing more is masked


class Shape(NamedTuple):
    """What one kind of secret looks like; the group `keep`, where there is one, stands in front of it and stays."""

    form: Form
    source: str

    @property
    def name(self) -> str:
        return self.form.name


def _shape(name: str, pattern: str, source: str, *anchors: Group, one_word: bool = True) -> Shape:
    return Shape(Form(name, pattern, anchors, one_word), source)


SHAPES = (
    _shape(
        "AWS access key id",
        AWS_KEY_ID,
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids",
        ("AKIA", "ASIA", "ABIA", "ACCA"),
    ),
    _shape(
        "AWS signature",
        r"(?P<keep>(?i:signature)=)[0-9a-f]{64}\b",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html",
        ("signature=",),
    ),
    _shape(
        "GitHub token",
        r"gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255}",
        "https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github"
        "#githubs-token-formats",
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
    ),
    _shape(
        "GitLab token",
        r"gl(?:pat|oas|dt|rt|cbt|ptt|ft|soat|agent|imt)-[A-Za-z0-9_.-]{20,300}",
        "https://docs.gitlab.com/security/tokens/#token-prefixes",
        ("glpat-", "gloas-", "gldt-", "glrt-", "glcbt-", "glptt-", "glft-", "glsoat-", "glagent-", "glimt-"),
    ),
    _shape(
        "Slack token",
        r"xox[a-z]-[A-Za-z0-9-]{10,250}|xapp-[A-Za-z0-9-]{10,250}",
        "https://api.slack.com/concepts/token-types",
        ("xox", "xapp-"),
    ),
    _shape(
        "webhook address",
        r"(?P<keep>https://(?:hooks\.slack\.com/(?:services|workflows|triggers)|discord(?:app)?\.com/api/webhooks"
        r"|[\w-]{1,63}\.webhook\.office\.com/webhookb2)/)[^\s\"'<>]+",
        "https://api.slack.com/messaging/webhooks",
        ("hooks.slack.com/", "/api/webhooks/", ".webhook.office.com/"),
    ),
    _shape(
        "npm token",
        r"npm_[A-Za-z0-9]{36}",
        "https://github.blog/changelog/2021-09-23-npm-has-a-new-access-token-format/",
        ("npm_",),
    ),
    _shape("PyPI token", r"pypi-[A-Za-z0-9_-]{16,1000}", "https://pypi.org/help/#apitoken", ("pypi-",)),
    _shape(
        "Stripe key",
        r"[sr]k_(?:live|test)_[A-Za-z0-9]{16,255}",
        "https://docs.stripe.com/keys",
        ("k_live_", "k_test_"),
    ),
    _shape(
        "JSON web token",
        JSON_WEB_TOKEN,
        "https://www.rfc-editor.org/rfc/rfc7519#section-3.1",
        ("eyJ",),
    ),
    Shape(AUTHORIZATION, "https://www.rfc-editor.org/rfc/rfc9110#section-11.6.2"),
    _shape(
        "user information of an address",
        r"(?P<keep>\b[A-Za-z][A-Za-z0-9+.-]{0,30}://[^\s/:@\"'?#]{0,256}:)"
        r"(?:[^\s\"/?#]{1,1024}(?=@)|(?![0-9]{1,5}[/?#])[^\s@\"]{1,1024}(?=@))"
        r"|(?P<keep2>\bhttps?://)[^\s/:\"?#<>]{1,1024}(?=@)",
        "https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1",
        ("://",),
        ("@",),
        one_word=False,
    ),
    Shape(
        NAME_AND_VALUE,
        "https://github.com/Yelp/detect-secrets/blob/master/detect_secrets/plugins/keyword.py",
    ),
    Shape(
        OPTION_AND_VALUE,
        "https://github.com/Yelp/detect-secrets/blob/master/detect_secrets/plugins/keyword.py",
    ),
)

# Source: https://www.rfc-editor.org/rfc/rfc7468#section-2 (labels), and OpenSSH's own
_KEY = Form("private key", r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----", (("-----BEGIN",),))
_KEY_END = late(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
BARE_KEY = "private key without its frame"
ROUNDS = 8  # more than a line ever needed; one round finds nothing in most
REMEMBERED, SHORT = 512, 4096  # texts that are masked more than once in a process, and their characters

REPLACED = (*TOKENS.values(), *(shape.form for shape in SHAPES), *WORDED.values(), *COMMANDED.values())  # in this order
_TOKENS = frozenset(form for form in REPLACED if form.one_word and "(?P<" not in form.written)
_ANNOUNCING = frozenset((KEY_ONLY, BLOCK, NAME_ONLY))
ALL = Forms((_KEY, *REPLACED, *_ANNOUNCING))

_WORDS = "SECRETS?|TOKENS?|PASSWORDS?|PASSWD|PASSPHRASE|PASSCODE|PASS|CREDENTIALS?|(?:API|ACCESS|PRIVATE)?KEYS?"
_OF_PROGRAMS = "PGPASSWORD|SSHPASS|MYSQL_PWD|REDISCLI_AUTH"  # what psql, sshpass, mysql and redis-cli read
_SECRET_NAME = late(rf"(?:^|_)(?:{_WORDS})(?:_(?!FILE$|PATH$|DIR$|SOCK$)|$)|^(?:{_OF_PROGRAMS})$", re.IGNORECASE)
_SECRET_AT_THE_END = late(r"(?i)(?:secret|token|passw(?:or)?d|pwd|passphrase|credential|key)s?$")  # `apitoken`
_TOKEN_ENDS = late(r"[\s\"',;]")


def secret_values(environment: Mapping[str, str], stand_for: Iterable[tuple[str, str]] = ()) -> tuple[str, ...]:
    """Values that must not be shown, because their variables' names say so; the longest first.

    Each is there as programs write it, too; one of several lines as it is, beside its lines.

    A name that ends in `_FILE` says where the secret is, which is none. `stand_for`: (what is filled in, the variable
    that it is taken from), where the former's name may say so as well: `("api-token", "FOO")`.
    """
    values = [value for value in map(str.strip, _named_secrets(environment, stand_for)) if len(value) >= SHORTEST]
    lines = {line.strip() for value in values for line in (*value.splitlines(), *value.split("\n"))}
    found = {form for value in (*values, *lines) if len(value) >= SHORTEST for form in written(value)}
    return tuple(sorted(found, key=lambda form: (-len(form), form)))


def _named_secrets(environment: Mapping[str, str], stand_for: Iterable[tuple[str, str]]) -> Iterator[str]:
    """The values of variables whose names, or what they are filled in for, say that they are secret."""
    telling = {
        variable
        for filled_in, variable in stand_for
        if _SECRET_NAME.search(filled_in.replace("-", "_")) or _SECRET_AT_THE_END.search(filled_in)
    }
    return (value for name, value in environment.items() if name in telling or _SECRET_NAME.search(name))


def mask(text: str, values: Iterable[str] = ()) -> str:
    """The text with its secrets masked, line by line; `values` are secrets whatever they look like."""
    return _remembered(text, tuple(values)) if len(text) <= SHORT else _mask(text, tuple(values))


def _mask(text: str, values: tuple[str, ...]) -> str:
    forms = ALL.in_text(text)
    masker = _Masker(values, Forms(forms))
    if not forms and not any(map(masker.has_value, text.split("\n"))):
        return text
    return "\n".join(masker.line(line) for line in text.split("\n"))


_remembered = lru_cache(REMEMBERED)(_mask)


@lru_cache(REMEMBERED)
def _beginnings(forms: tuple[Form, ...]) -> tuple[str, ...]:
    """Anchors of which one stands in every text that one of these forms may match, in small letters."""
    return tuple({anchor.lower() for form in forms for anchor in form.anchors[0]})


class MaskedLines:
    """Bytes in, in any pieces; lines of text out, masked, without their ends and without terminal control."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._masker = _Masker(values, ALL)
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._line = ""
        self._cut = 0  # characters of this line beyond LINE

    def feed(self, data: bytes) -> Iterator[str]:
        """The lines that these bytes complete."""
        yield from self._take(self._decoder.decode(data))

    def end(self) -> Iterator[str]:
        """What is left when nothing more comes."""
        yield from self._take(self._decoder.decode(b"", final=True))
        if self._line:
            yield from self._whole()

    def _take(self, text: str) -> Iterator[str]:
        *whole, rest = text.split("\n")
        for line in whole:
            yield from self._add(line)
            yield from self._whole()
        yield from self._add(rest)

    def _add(self, text: str) -> Iterator[str]:
        """Keep more of the line; one that a carriage return parts is ended at one of these before it is too long."""
        for number, part in enumerate(text.split("\r")):
            if number and len(self._line) + len(part) < LINE:
                self._line += "\r"
            elif number:
                yield from self._whole()
            room = LINE - len(self._line)
            self._line += part[:room]
            self._cut += max(len(part) - room, 0)

    def _whole(self) -> Iterator[str]:
        line, cut, self._line, self._cut = self._line, self._cut, "", 0
        if not cut:
            yield from self._masked(line)
            return
        line = "".join(read(line).lines)
        ends = [found.end() for found in _TOKEN_ENDS.finditer(line)]
        kept = line[: ends[-1]] if ends else ""  # what is cut in two may be a secret without its shape
        yield f"{self._masker.line(kept)}[... {cut + len(line) - len(kept):,} characters cut ...]"

    def _masked(self, line: str) -> Sequence[str]:
        """The line masked, one for each carriage return; as it is read otherwise where only that shows a secret."""
        found = read(line)
        before = copy(self._masker) if found.readings else self._masker
        lines = tuple(self._masker.line(each) for each in found.lines)
        masked = ((each, copy(before).line(each)) for each in found.readings)
        hidden = {after for reading, after in masked if after != reading}
        if not hidden or hidden == {"".join(lines).replace(BAD, "")}:
            return lines
        return tuple(hidden) if len(hidden) == 1 and lines == found.lines else (MASK,)


def _short_lines(values: Iterable[str]) -> Iterator[str]:
    """Lines that are secrets where they stand alone; a longer one is one wherever it stands."""
    lines = (line.strip() for value in values for line in value.splitlines())
    return (line for line in lines if SHORT_LINE <= len(line) < SHORTEST)


_AROUND = "\"'`$,;()[]{}"


class _Masker:
    """Masks one line after the other; knows what the lines before said of the next one."""

    def __init__(self, values: Iterable[str], forms: Forms) -> None:
        self._values = tuple(value for value in values if "\n" not in value)
        self._of_several_lines = tuple(value for value in values if "\n" in value)
        self._lines = frozenset(_short_lines(self._of_several_lines))
        self._forms = forms
        self._key_lines = 0  # how many more may belong to the key whose beginning was seen
        self._bare_key = False  # the line before was a line of a private key without its frame
        self._announced: Form | None = None  # what the next line with text is masked by
        self._block = -1  # indent of a name whose value are the lines that are further in; -1 for none

    def line(self, line: str) -> str:
        """The line masked. What it says of the next one is read from what is left, so that twice is once."""
        forms = self._forms.in_text(line)
        if not forms and self._expects_nothing and not self.has_value(line):
            return line
        line = self._without_strings_and_keys(self._without_values(line), forms)
        text = line.strip()
        if not text:
            return line
        indent = len(line) - len(line.lstrip())
        if 0 <= self._block < indent:
            return line[:indent] + MASK
        if self._bare_key and BASE64_LINE.fullmatch(text):
            return line.replace(text, MASK)
        self._bare_key = _is_bare_key(line, forms) or (self._bare_key and text == MASK)
        masked = self._plain(self._without_announced(line), forms)
        self._announce(masked, forms)
        return masked

    def _without_strings_and_keys(self, line: str, forms: tuple[Form, ...]) -> str:
        in_a_key = self._key_lines > 0
        if not in_a_key and (forms or self._values):
            line = masked_within(line, partial(self._text, _beginnings(forms)))
        if in_a_key or not self._key_lines:  # one that began within a string has been masked up to the end of that
            line = self._without_keys(line)
        return line

    def _text(self, beginnings: tuple[str, ...], text: str) -> str:
        """The text of a string in a line, which may be of lines itself; a private key may go on in the next string."""
        if not self._key_lines and not self._values:
            low = folded(text)
            if not any(anchor in low for anchor in beginnings):
                return text
        within = _Masker((*self._values, *self._of_several_lines), self._forms)
        within._key_lines = self._key_lines
        masked = [within.line(line) for line in text.split("\n")]
        if self._key_lines or text.rstrip().endswith("-----"):
            self._key_lines = within._key_lines
        return "\n".join(line for before, line in pairwise(("", *masked)) if not before == line == MASK)

    def has_value(self, line: str) -> bool:
        """Whether a secret value, or a line of one, stands in this line."""
        return any(value in line for value in self._values) or self._short_line(line) != ""

    def _short_line(self, line: str) -> str:
        """The short line of a value that stands alone here, but for quotes around the value; "" for none."""
        alone = line.strip().strip(_AROUND)
        return alone if alone in self._lines else ""

    def _without_values(self, line: str) -> str:
        if short := self._short_line(line):
            return line.replace(short, MASK)
        for value in self._values:
            line = line.replace(value, MASK)
        return line

    def _without_announced(self, line: str) -> str:
        """The line without what the line before said that it holds."""
        announced = self._announced
        return replaced(announced.pattern, announced.end, line) if announced else line

    @property
    def _expects_nothing(self) -> bool:
        return not self._key_lines and not self._bare_key and self._announced is None and self._block < 0

    def _without_keys(self, line: str) -> str:
        """The line without what belongs to a private key; one that begins here goes on with the next lines."""
        if self._key_lines:
            end = _KEY_END.search(line)
            self._key_lines = 0 if end else self._key_lines - 1
            return MASK + self._without_keys(line[end.end() :]) if end else MASK
        begin = _KEY.pattern.search(line) if _KEY.anchors[0][0] in line else None
        if begin is None:
            return line
        self._key_lines = KEY_LINES + 1  # the rest of this one is the first
        return line[: begin.start()] + self._without_keys(line[begin.end() :])

    def _announce(self, line: str, forms: tuple[Form, ...]) -> None:
        self._block, self._announced = -1, None
        if _ANNOUNCING.isdisjoint(forms):
            return
        if block := BLOCK.pattern.match(line):
            self._block = len(block["indent"])
        if NAME_ONLY.pattern.search(line):
            self._announced = VALUE_ONLY
        elif KEY_ONLY.pattern.search(line):
            self._announced = SCALAR

    def _plain(self, line: str, forms: tuple[Form, ...]) -> str:
        line = self._without_values(line)
        tokens = [form for form in forms if form in _TOKENS]
        searched = [form for form in forms if form not in _TOKENS and form is not _KEY and form not in _ANNOUNCING]
        for _ in range(ROUNDS):  # what is masked may stand in front of a secret that had not its shape before
            before = line
            line = without_tokens(line, tokens)
            for form in searched:
                line = replaced(form.pattern, form.end, line)
            if line == before:
                break
            line = masked_within(line, partial(self._text, _beginnings(forms)))
        return line


def _is_bare_key(line: str, forms: tuple[Form, ...]) -> bool:
    """Whether it is a line of a private key without its frame."""
    bare = TOKENS[BARE_KEY]
    return bare in forms and bare.pattern.search(line) is not None
