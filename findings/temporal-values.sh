#!/bin/sh
# Values between a workflow and its activities in Temporal's Python SDK, by its own default converter: what arrives where a type was named.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check temporalio==1.35.0
"$work/venv/bin/python" - <<'END'
import typing
from dataclasses import dataclass

from temporalio.converter import DataConverter

values = DataConverter.default.payload_converter


@dataclass
class Limits:
    rows: int


Place = typing.NamedTuple("Place", [("region", str)])
cases = [  # sent, the type that the receiver names, what it gets
    (1.7, int, 1),
    ({"rows": 99.9}, Limits, Limits(rows=99)),
    ([0.5, 1.5], list[int], [0, 1]),
    (1.7, typing.Union[int, float], 1),
    (1.7, typing.Union[float, int], 1.7),
    ({"rows": True}, Limits, Limits(rows=1)),
    ({"rows": 1, "colums": 2}, Limits, Limits(rows=1)),
    (Place("eu-west-1"), Place, ["eu-west-1"]),
    (b"ab", str, b"ab"),
    (float("inf"), float, float("inf")),
]
print("temporalio 1.35.0, its default converter")
for sent, hint, expected in cases:
    payloads = values.to_payloads([sent])
    got = values.from_payloads(payloads, [hint])[0]
    kind = getattr(hint, "__name__", None) if isinstance(hint, type) and not typing.get_args(hint) else hint
    print(f"{sent!r} as {kind}: written {payloads[0].data!r}, read {got!r}")
    assert (type(got), got) == (type(expected), expected), (sent, hint, got)
END
