#!/bin/sh
# doit and Luigi: when a task is done, and when it need not run.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check doit==0.37.0 luigi==3.8.1
cd "$work"
cat >dodo.py <<'END'
def says(value):
    return lambda: value


def task_check():
    for name, value in {
        "text": "no rows",
        "empty": {},
        "none": None,
        "true": True,
        "false": False,
        "zero": 0,
        "list": [],
    }.items():
        yield {"name": name, "actions": [says(value)]}


def task_copy():
    return {"actions": ["cp source copy"], "file_dep": ["source"], "targets": ["copy"]}


def task_report():
    return {"actions": ["touch report"], "uptodate": [True]}
END
cat >ask.py <<'END'
import logging
import pathlib
import subprocess
import sys

import luigi

logging.disable(logging.CRITICAL)


def doit(task):
    return subprocess.run([sys.executable, "-m", "doit", task], capture_output=True, text=True).returncode


seen = {name: doit(f"check:{name}") for name in ("text", "empty", "none", "true", "false", "zero", "list")}
print("doit 0.37.0: an action that returns ... ends with:", seen)
assert seen == {"text": 0, "empty": 0, "none": 0, "true": 0, "false": 1, "zero": 2, "list": 2}
copy = pathlib.Path("copy")
pathlib.Path("source").write_text("by the task")
doit("copy")
copy.write_text("by hand")
print("a target that was edited since, after another run:", copy.read_text() if doit("copy") == 0 else "failed")
assert copy.read_text() == "by hand"
print("a task that is up to date and never ran:", doit("report"), "its file is there:", pathlib.Path("report").exists())
assert not pathlib.Path("report").exists()


class Export(luigi.Task):
    def output(self):
        return luigi.LocalTarget("rows.json")

    def run(self):
        pass


class Import(luigi.Task):
    def requires(self):
        return Export()


class Typed(luigi.Task):
    rows = luigi.IntParameter()
    force = luigi.BoolParameter()


def status(task):
    return luigi.build([task], local_scheduler=True, detailed_summary=True, log_level="CRITICAL").status.name


print(
    "luigi 3.8.1: a task whose output is not there afterwards:",
    status(Export()),
    "- one that requires it:",
    status(Import()),
)
assert (status(Export()), status(Import())) == ("SUCCESS", "FAILED")
typed = Typed(rows="7", force="no")
print("IntParameter '7':", repr(typed.rows), "- BoolParameter 'no':", typed.force)
assert (typed.rows, typed.force) == ("7", None)
END
"$work/venv/bin/python" -W ignore ask.py
