#!/bin/sh
# Lines of five fields, by those who run them and those who put them into words: days of the month beside days of the week, and `mon#1`.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check APScheduler==3.11.3 huey==3.5.4 croniter==7.0.0 cronsim==2.8 cron-descriptor==2.2.1
cd "$work" && npm install --silent --no-audit --no-fund cron-parser@5.10.6 cronstrue@3.39.0 >/dev/null
cat >ask.mjs <<'END'
import cronstrue from "cronstrue";
import { CronExpressionParser } from "cron-parser";
const start = { currentDate: new Date("2026-06-01T00:00:00Z"), tz: "UTC" };
const days = (line) => {
  const next = CronExpressionParser.parse(line, start);
  return [1, 2, 3, 4].map(() => next.next().toISOString().slice(5, 10)).join(" ");
};
const lines = process.argv.slice(2);
console.log(
  JSON.stringify([
    lines.map((l) => cronstrue.toString(l)),
    lines.map((l) => (l.includes("#") ? "" : days(l))),
    days(""),
  ]),
);
END
"$work/venv/bin/python" -W ignore - <<'END'
import json
import subprocess
from datetime import UTC, datetime, timedelta

from apscheduler.triggers.cron import CronTrigger
from croniter import croniter
from cron_descriptor import get_description
from cronsim import CronSim
from huey import crontab

START = datetime(2026, 6, 1, tzinfo=UTC)  # a Monday


def days(times):
    return " ".join(next(times).strftime("%m-%d") for _ in range(4))


def by_huey(line):
    of_day = crontab(**dict(zip(("minute", "hour", "day", "month", "day_of_week"), line.split(), strict=True)))
    for day in range(1, 4000):
        if of_day(START + timedelta(days=day)):
            yield START + timedelta(days=day)


def by_apscheduler(line):
    trigger, last = CronTrigger.from_crontab(line, timezone="UTC"), START
    while True:
        last = trigger.get_next_fire_time(None, last + timedelta(seconds=1))
        yield last


def by_croniter(line):
    lines = croniter(line, START)
    while True:
        yield lines.get_next(datetime)


readers = {
    "croniter 7.0.0": by_croniter,
    "cronsim 2.8": lambda line: CronSim(line, START),
    "APScheduler 3.11.3": by_apscheduler,
}
readers["huey 3.5.4"] = by_huey
UNION, BOTH = "06-08 06-15 06-22 06-29", "02-01 03-01 11-01 05-01"
expected = {
    "0 0 1 * 1": {
        "croniter 7.0.0": UNION,
        "cronsim 2.8": UNION,
        "APScheduler 3.11.3": "09-01 12-01 06-01 02-01",
        "huey 3.5.4": BOTH,
    },
    "0 0 */2 * 1": {
        "croniter 7.0.0": "06-03 06-05 06-07 06-08",
        "cronsim 2.8": "06-15 06-29 07-13 07-27",
        "APScheduler 3.11.3": "06-09 06-23 07-07 07-21",
        "huey 3.5.4": "06-15 06-29 07-13 07-27",
    },
    "0 0 * * mon#1": {
        "croniter 7.0.0": "07-06 08-03 09-07 10-05",
        "cronsim 2.8": "07-06 08-03 09-07 10-05",
        "APScheduler 3.11.3": UNION,
    },
}
words = {
    "0 0 1 * 1": (
        "At 12:00 AM, on day 1 of the month, or on Monday",
        "At 12:00 AM, on day 1 of the month, and on Monday",
    ),
    "0 0 */2 * 1": ("At 12:00 AM, every 2 days, or on Monday", "At 12:00 AM, every 2 days in a month, and on Monday"),
    "0 0 * * mon#1": ("At 12:00 AM, on the first Monday of the month",) * 2,
}
asked = subprocess.run(["node", "ask.mjs", *expected], check=True, capture_output=True, text=True).stdout
said, parsed, of_nothing = json.loads(asked)
for number, (line, each) in enumerate(expected.items()):
    for reader, dates in each.items():
        seen = days(readers[reader](line))
        print(f"{line}  {reader}: {seen}")
        assert seen == dates, (line, reader, seen)
    seen = (get_description(line), said[number])
    print(
        f"{line}  cron-descriptor 2.2.1: {seen[0]}\n{line}  cronstrue 3.39.0: {seen[1]}\n{line}  cron-parser 5.10.6: {parsed[number]}"
    )
    assert seen == words[line], seen
assert parsed == [UNION, "06-03 06-05 06-07 06-08", ""], parsed
print("an empty line, cron-parser 5.10.6:", of_nothing, "(each minute)")
assert of_nothing == "06-01 06-01 06-01 06-01", of_nothing
END
