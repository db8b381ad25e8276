#!/bin/sh
# Spec Kit's workflow runner: a run that was killed, and a gate's option that says no in its own word.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check specify-cli==1.2.3 pexpect==4.9.0
mkdir -p "$work/shop/.specify" && cd "$work/shop" && git init -q .
"$work/venv/bin/python" - "$work/venv/bin/specify" <<'END'
import os
import re
import signal
import subprocess
import sys

import pexpect

specify = sys.argv[1]
head = 'schema_version: "1.0"\nworkflow: {id: rel, name: Release, version: "1.0.0"}\nsteps:\n'
with open("kill.yml", "w") as file:
    file.write(head + "  - {id: one, type: shell, run: 'cat begin; echo >> ran'}\n  - {id: two, type: shell, run: 'true'}\n")
os.mkfifo("begin")
run = subprocess.Popen([specify, "workflow", "run", "kill.yml"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
with open("begin", "w"):  # opens when the step reads it
    run.send_signal(signal.SIGKILL)
    run.wait()
listed = subprocess.run([specify, "workflow", "status"], capture_output=True, text=True, check=True).stdout
number = re.search(r"([0-9a-f]{8}) +rel +running", listed).group(1)
resumed = subprocess.run([specify, "workflow", "resume", number], capture_output=True, text=True)
message = " ".join((resumed.stdout + resumed.stderr).split()).replace(number, "RUN")
print(f"specify-cli 1.2.3: resume of a killed run: exit {resumed.returncode}, {message}")
assert resumed.returncode == 1 and "Cannot resume run 'RUN' with status 'running'" in message

with open("gate.yml", "w") as file:
    file.write(head + "  - {id: ok, type: gate, message: 'Ship?', options: [ship, decline, reject], on_reject: abort}\n")
    file.write("  - {id: ship, type: shell, run: 'echo > shipped'}\n")
asked = pexpect.spawn(specify, ["workflow", "run", "gate.yml"], encoding="utf-8", timeout=60)
asked.expect(r"1-3\]")
asked.sendline("2")
asked.expect(pexpect.EOF)
asked.close()
print(f"specify-cli 1.2.3: the gate answered with 'decline': the next step ran: {os.path.exists('shipped')}, exit {asked.exitstatus}")
assert os.path.exists("shipped") and asked.exitstatus == 0
END
