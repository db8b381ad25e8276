"""Who is told when a gate waits, expires or is decided? By webhook, command, SNS and bell: `notify` of phasegate.yaml.

Rules:
- A notice never stops a run and changes nothing of it: each way is tried once, all at the same time, for `LIMIT` at
  most, and one that fails is a line of progress.
- Only what this process recorded is told: whoever recorded an event elsewhere has told it there.
- The settings are those of HEAD. A sandbox run tells nobody outside unless they say `sandbox: true`.
- Where a page serves the repository behind TLS (`serve --origin`), a gate that waits is told with its address.
- No notice carries a secret: texts pass the masker, and of addresses no more than the host is shown.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING

from gates.approval import POLICY, UNATTENDED
from state.errors import PhasegateError
from state.event_types import Approved, Event, Rejected, TaskEvent, Voided, Worked
from state.evidence import Request
from state.printable import printable_line
from state.task_events import TAKEN_BACK
from state.task_name import number_and_title
from state.task_state import TaskStatus
from workflow.engine.engine import Engine
from workflow.policy.look_alikes import FILE

if TYPE_CHECKING:
    from workflow.policy.notify_settings import Happening, Notify

LIMIT = 10.0  # [s] for all ways together
SUBJECT = 100  # characters of an SNS subject. Source: API_Publish of Amazon SNS, parameter Subject


@contextmanager
def notified(engine: Engine) -> Iterator[None]:
    """Tell of what is recorded in the block, and at its end of a gate that waits and that nobody was asked about."""
    notices = Notices(engine)
    engine.open_run.watcher = notices
    try:
        yield
    finally:
        notices.waits()


class Notices:
    """Implements workflow.ports.Watcher for one run, held by this process."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._shown = False  # whether something was put before its approvers, and nobody was told yet

    def recorded(self, event: Event, request: Request | None) -> None:
        if isinstance(event, Worked):
            self._shown = True
            return
        if not isinstance(event, Approved | Rejected | Voided):
            return
        self._shown = False
        if isinstance(event, Rejected) and request is not None and event.at >= request.expires_at:
            self._tell("expires", event, f"expired: {event.reason}")
        elif said := _decision(event):
            self._tell("decided", event, said)

    def waits(self) -> None:
        current = self._engine.run.current_task
        if not self._shown or current is None or current.status != TaskStatus.IN_REVIEW or current.request is None:
            return
        from workflow.service.served import gate_served  # here: where something was put before people
        from workflow.views.boxes import how_to_open

        self._shown = False
        run, request = self._engine.run.run_id, current.request
        until = f"{request.expires_at:%Y-%m-%d %H:%M} UTC"
        how = "; ".join([f"phasegate status {run} --review", *how_to_open(self._engine.run, current)])
        where = gate_served(self._engine.workspace, run)
        at = f"{where} ; " if where.startswith("https:") else ""  # one on this machine is nobody's elsewhere
        self._tell("waits", current.key, f"waits for approval until {until}: {at}{how}")

    def _tell(self, what: Happening, of: TaskEvent | str, said: str) -> None:
        engine = self._engine
        key = of if isinstance(of, str) else of.task
        try:
            settings = _settings(engine)
        except PhasegateError as error:  # the gate says the same, with what to do
            engine.doors.person.progress(f"notify: nobody was told: {error.message}")
            return
        if settings is None or what not in settings.when:
            return
        task = engine.plan.task(key)
        name = number_and_title(task.id, task.title)
        text = engine.doors.mask(printable_line(f"{engine.workspace.name}: {engine.run.run_id}: {name} {said}"))
        about = {"EVENT": what, "RUN": engine.run.run_id, "TASK": task.label, "TEXT": text}
        self._deliver(_ways(engine, settings, text, {f"PHASEGATE_{name}": value for name, value in about.items()}))

    def _deliver(self, ways: Mapping[str, Callable[[], None]]) -> None:
        failed: dict[str, str] = {}

        def attempt(name: str, way: Callable[[], None]) -> None:
            try:
                way()
            except PhasegateError as error:
                failed[name] = error.message
            except Undelivered as error:
                failed[name] = str(error)
            except Exception as error:  # noqa: BLE001 - a notice is no part of the run, whatever becomes of it
                failed[name] = f"{type(error).__name__}: {error}"

        threads = {name: Thread(target=attempt, args=(name, way), daemon=True) for name, way in ways.items()}
        for thread in threads.values():
            thread.start()
        end = time.monotonic() + LIMIT
        for name, thread in threads.items():
            thread.join(max(0.0, end - time.monotonic()))
            if thread.is_alive():
                failed.setdefault(name, f"no answer within {LIMIT:g} s")
        for name, why in failed.items():
            why = self._engine.doors.mask(printable_line(why))
            self._engine.doors.person.progress(f"notify: {name} was not told: {why}")


def _decision(event: Event) -> str:
    """What was decided, and by whom; "" for what `--yes` opened."""
    match event:
        case Approved():
            if event.approval.via == UNATTENDED:
                return ""
            by = "the policy" if event.approval.via == POLICY else event.by.git
            return f"approved by {by}" + ("" if event.approval.admits else "; more approvals are needed")
        case Rejected(reason=reason) if reason == TAKEN_BACK:
            return f"taken back by {event.by.git}, who handed it in"
        case Rejected():
            return f"rejected by {event.by.git}: {event.reason}"
        case Voided():
            return f"void, it goes back to work: {'; '.join(event.changed)}"
        case _:
            return ""


def _settings(engine: Engine) -> Notify | None:
    """`notify` as HEAD has it. Raises BadInput for a file that is not sound."""
    here = engine.workspace / FILE
    if not here.is_file() or b"notify" not in here.read_bytes():
        return None
    data = engine.doors.git.blob("HEAD", FILE)
    if data is None:
        return None
    from workflow.policy.policy_file import read_notify  # pydantic and YAML, only where somebody is to be told

    return read_notify(data)


def _ways(
    engine: Engine, settings: Notify, text: str, variables: Mapping[str, str]
) -> Mapping[str, Callable[[], None]]:
    """How it is told: name of the way -> what does it, and raises what went wrong."""
    ways: dict[str, Callable[[], None]] = {}
    if settings.bell and engine.doors.person.at_terminal:
        from workflow.doors.terminal import ring

        ways["the bell"] = ring
    if engine.run.start.sandbox and not settings.sandbox:
        return ways
    if settings.webhook:
        ways["the webhook"] = lambda: _post(settings, text)
    if settings.command:
        ways["the command"] = lambda: _run(engine, settings.command, variables)
    if settings.sns:
        ways[f"topic {settings.sns}"] = lambda: _publish(engine, settings.sns, text)
    return ways


def _post(settings: Notify, text: str) -> None:
    from workflow.doors.webhook import post

    address = settings.webhook_address()
    if not address:
        raise Undelivered(f"the variable that {settings.webhook} names is not set")
    # Source: https://docs.slack.dev/messaging/formatting-message-text, "Escaping text"
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    status = post(address, {"text": escaped})
    if not 200 <= status < 300:
        raise Undelivered(f"it answered {status}")


def _run(engine: Engine, command: str, variables: Mapping[str, str]) -> None:
    steps = engine.doors.steps
    assert steps is not None
    done = steps.commands.run(
        command, directory=engine.workspace, timeout=LIMIT - 1, extra=variables, show=lambda _line: None
    )
    if done.exit_code != 0:
        said = done.output.strip()[-200:]
        raise Undelivered(f"`{command}` ended with {done.exit_code}" + (f": {said}" if said else ""))


def _publish(engine: Engine, topic: str, text: str) -> None:
    aws = engine.doors.connect().at(topic.split(":")[3])
    subject = text[:SUBJECT].encode("ascii", "replace").decode()  # ASCII only, or SNS refuses it
    aws.call("sns", "publish", TopicArn=topic, Subject=subject, Message=text)


class Undelivered(Exception):
    """What kept a notice from arriving; told as progress, and nothing else."""
