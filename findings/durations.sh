#!/bin/sh
# Durations as people write them, by eight libraries: seconds, or that it is refused.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check luigi==3.8.1 humanfriendly==10.0 durationpy==0.11 pytimeparse2==1.7.1 isodate==0.7.2
cd "$work" && npm install --silent --no-audit --no-fund parse-duration@2.1.9 iso8601-duration@2.1.4 ms@2.1.3 >/dev/null
cat >ask.mjs <<'END'
import { readFileSync } from "node:fs";
import ms from "ms";
import parse from "parse-duration";
import * as iso from "iso8601-duration";
const since = new Date("2026-02-01T00:00:00Z");
const seconds = (ask, text) => {
  try {
    const value = ask(text);
    return typeof value === "number" ? value : null;
  } catch {
    return null;
  }
};
const readers = [(t) => parse(t) / 1000, (t) => ms(t) / 1000, (t) => iso.toSeconds(iso.parse(t), since)];
const asked = JSON.parse(readFileSync("cases.json"));
console.log(JSON.stringify(asked.map((text) => readers.map((each) => seconds(each, text)))));
END
"$work/venv/bin/python" -W ignore - <<'END'
import json
import subprocess
from datetime import timedelta

import durationpy
import humanfriendly
import isodate
import luigi
import pytimeparse2

NO = None
cases = {  # luigi, humanfriendly, durationpy, pytimeparse2, isodate, parse-duration, ms, iso8601-duration
    "1 month": (60, NO, NO, 2592000, NO, 2629800, NO, NO),
    "1M": (NO, 60, NO, 60, NO, 60, 60, NO),
    "P1M": (NO, NO, NO, NO, "months=1", 60, NO, 2419200),
    "PT1M": (60, NO, NO, NO, 60, 60, NO, 60),
    "1y": (NO, 31449600, 31536000, 31536000, NO, 31557600, 31557600, NO),
    "2h, 30m": (7200, NO, 9000, 9000, NO, 9000, NO, NO),
    "1,5h": (NO, NO, NO, NO, NO, 54000, NO, NO),
    "1:30": (NO, NO, NO, 90, NO, 0.00103, NO, NO),
    "90": (90, 90, NO, 90, NO, 0.09, 0.09, NO),
    "-P1D": (NO, NO, NO, NO, -86400, -86400, NO, 86400),
}


def plain(value):
    if isinstance(value, isodate.Duration):
        return f"months={value.months}"
    return value.total_seconds() if isinstance(value, timedelta) else value


def seconds(ask, text):
    try:
        return plain(ask(text))
    except Exception:
        return NO


readers = (
    luigi.TimeDeltaParameter().parse,
    humanfriendly.parse_timespan,
    durationpy.from_str,
    pytimeparse2.parse,
    isodate.parse_duration,
)
with open("cases.json", "w") as file:
    json.dump(list(cases), file)
npm = json.loads(subprocess.run(["node", "ask.mjs"], check=True, capture_output=True, text=True).stdout)
print("luigi 3.8.1, humanfriendly 10.0, durationpy 0.11, pytimeparse2 1.7.1, isodate 0.7.2,")
print("parse-duration 2.1.9, ms 2.1.3, iso8601-duration 2.1.4 (from 2026-02-01)")
for (text, expected), scripts in zip(cases.items(), npm, strict=True):
    seen = (*(seconds(each, text) for each in readers), *scripts)
    print(f"{text!r}:", *("refused" if each is None else each for each in seen))
    assert seen == expected, (text, seen)
END
