"""A complete run whose three gates ask for different things, and a forger who writes its history anew.

Gate 1.1: two of Bob and Eve, signed, not the operator, within four hours. Gate 1.2: anybody at example.com but the
operator. Gate 2.1: the default.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gates.approval import evidence_digest
from state.evidence import Evidence, Request
from state.fold import fold
from state.model import Plan
from state.read_journal import parse
from tests.worlds.approval_world import ADA, BOB, EVE, ApprovalWorld, Keys
from tests.worlds.forger import Events, Forger, chained
from workflow.engine.commit import commit_message
from workflow.engine.working_log import entry, with_entry
from workflow.runbook.reader import read_runbook

POLICY = """
gates:
  - gate: "1.1"
    approvers: 2
    who: ["bob@*.com", eve@example.com]
    operator_may_approve: false
    expires: 4h
    signed: true
    allowed_signers: keys/signers
    revoked_keys: keys/revoked
  - gate: "1.2"
    who: ["*@example.com"]
    operator_may_approve: false
"""
MALLORY = "Mallory <mallory@example.org>"


def gated_run(root: Path, keys: Keys, policy: str = POLICY) -> ApprovalWorld:
    """The run, from its start to its end."""
    world = ApprovalWorld(root)
    (world.root / "keys").mkdir()
    files = {"keys/signers": keys.allow(BOB) + keys.allow(EVE), "keys/revoked": ""}
    world.commits_files({"phasegate.yaml": policy, **files})
    world.pauses()
    for person in (BOB, EVE):
        world.approves(person, signature=keys.sign(person, world.to_sign()))
    world.resumes()
    world.approves(EVE)
    world.resumes()
    world.approves(ADA)
    world.resumes()
    return world


LOG = "artifacts/shed/working_log.md"


class GateForger(Forger):
    """Rewrites what a gate was told, and digest, messages, log, chain and commits to fit it; only keys it has none."""

    fit = False  # is the working log made to fit?

    def forge(self, edit: Callable[[dict[str, Any]], object], *, fit: bool = True, **given: Any) -> None:
        """`edit` changes an event in place; returning "drop" drops it. Without `fit` digests stay as they were."""

        def anew(events: Events) -> Events:
            kept = [event for event in events if edit(event) != "drop"]
            return self._fitted(kept) if fit else kept

        self.fit = fit
        self.rewrite(anew, **given)

    def beside(self, events: Events, tree: str) -> dict[str, bytes]:
        """The working log with the entry that the events give the task, and its blob in the intent."""
        if not self.fit or events[0]["v"] == 1:
            return {}
        read, _ = parse(chained(events))
        run, key = fold(read), events[-1]["task"]
        plan = read_runbook((self.root / self.copy).read_bytes(), name="shed", path="tasks.md")
        state = run.task(key)
        artifacts = [artifact.path for artifact in state.worked.artifacts] if state.worked else []
        words = entry(run, state, plan.task(key), artifacts)
        old = self.text_at(tree, LOG).encode()
        log = with_entry(old, title="", run_id=self.run_id, task=key, entry=words)
        blob = self.blob_of(log)
        next(each for each in events[-1]["entries"] if each["path"] == LOG).update(blob=blob)
        return {LOG: log}

    def _fitted(self, events: Events) -> Events:
        """Digests, and the messages with the approvers, as they follow from the events."""
        runbook = (self.root / self.copy).read_bytes()
        plan = read_runbook(runbook, name=events[0]["workflow"], path=events[0]["runbook"])
        text = json.dumps(events)
        for old, new in self._digests(events, plan):
            text = text.replace(old, new)
        events = json.loads(text)
        for event in events:
            if event["type"] == "commit-intended":
                about = [each for each in events if each.get("task") == event["task"]]
                people = [each["by"]["git"] for each in about if each["type"] == "approved"]
                head = event["message"].split("Approved-by: ")[0]
                event["message"] = head + "".join(f"Approved-by: {each}\n" for each in dict.fromkeys(people))
        return events

    def _digests(self, events: Events, plan: Plan) -> list[tuple[str, str]]:
        answers: dict[str, str] = {}
        found = []
        for event in events:
            if event["type"] == "task-started":
                answers = {}
            if event["type"] == "answered":
                answers[event["question"]] = event["answer"]
            if event["type"] == "worked":
                version = events[0]["v"]
                read = Request.of_2 if version > 1 else Request.from_json
                task, request = plan.task(event["task"]), read(event["request"])
                digest = evidence_digest(
                    plan=events[0]["plan"],
                    run=self.run_id,
                    task=task.key,
                    attempt=event["attempt"],
                    text=task.text,
                    message=commit_message(plan, task),
                    answers=answers,
                    evidence=Evidence.from_json(event, version),
                    shown=request.covered,
                    version=version,
                )
                found.append((request.digest, digest))
        return found
