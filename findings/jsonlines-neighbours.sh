#!/bin/sh
# jsonlines reads by orjson where that happens to be installed: what one file is then, and whether it reads what it wrote.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/alone"
"$work/alone/bin/pip" install --quiet --disable-pip-version-check jsonlines==4.0.0
python3 -m venv "$work/beside"
"$work/beside/bin/pip" install --quiet --disable-pip-version-check jsonlines==4.0.0 orjson==3.13.0
cat > "$work/read.py" <<'PYTHON'
import io
import sys

import jsonlines

expected = {  # a value: what is read of the line that jsonlines wrote, without orjson and with it
    "1.5": (1.5, 1.5),
    "2**64": (2**64, 18446744073709551616.0),
    "10**25 + 1": (10**25 + 1, 1e25),
    "float('nan')": ("nan", "InvalidLineError"),
    "float('inf')": (float("inf"), "InvalidLineError"),
}
with_orjson = "orjson" in sys.modules  # which nothing here imported
assert with_orjson == (sys.argv[1] == "beside")
for written, wanted in expected.items():
    text = io.StringIO()
    jsonlines.Writer(text).write(eval(written))
    try:
        seen = jsonlines.Reader(io.StringIO(text.getvalue())).read()
    except jsonlines.InvalidLineError as error:
        seen = type(error).__name__
    seen = "nan" if seen != seen else seen
    print(f"orjson {sys.argv[1] if with_orjson else 'not installed'}: wrote {text.getvalue().strip()}, reads {seen!r}")
    assert (type(seen), seen) == (type(wanted[with_orjson]), wanted[with_orjson]), seen
PYTHON
"$work/alone/bin/python" "$work/read.py" alone
"$work/beside/bin/python" "$work/read.py" beside
