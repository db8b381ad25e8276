#!/bin/sh
# LlamaIndex's workflows: one answer of a person, and how many questions it answers.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check llama-index-workflows==2.26.1
"$work/venv/bin/python" - <<'PYTHON'
import asyncio

from workflows import Context, Workflow, step
from workflows.events import Event, HumanResponseEvent, InputRequiredEvent, StartEvent, StopEvent

ran = []


class Backup(Event):
    pass


class Delete(Event):
    pass


class Answered(Event):
    gate: str
    answer: str


class InTurn(Workflow):
    @step
    async def both(self, ctx: Context, ev: StartEvent) -> StopEvent:
        ran.append("begun")
        first = await ctx.wait_for_event(HumanResponseEvent, waiter_event=InputRequiredEvent(prefix="back up?"))
        second = await ctx.wait_for_event(HumanResponseEvent, waiter_event=InputRequiredEvent(prefix="delete?"))
        return StopEvent(result=[first.response, second.response])


class AtOnce(Workflow):
    @step
    async def fork(self, ctx: Context, ev: StartEvent) -> Backup | Delete | None:
        ctx.send_event(Backup())
        ctx.send_event(Delete())

    @step
    async def backup(self, ctx: Context, ev: Backup) -> Answered:
        asked = InputRequiredEvent(prefix="back up?")
        said = await ctx.wait_for_event(HumanResponseEvent, waiter_id="backup", waiter_event=asked)
        return Answered(gate="backup", answer=said.response)

    @step
    async def delete(self, ctx: Context, ev: Delete) -> Answered:
        asked = InputRequiredEvent(prefix="delete?")
        said = await ctx.wait_for_event(HumanResponseEvent, waiter_id="delete", waiter_event=asked)
        return Answered(gate="delete", answer=said.response)

    @step
    async def end(self, ctx: Context, ev: Answered) -> StopEvent | None:
        both = ctx.collect_events(ev, [Answered] * 2)
        return StopEvent(result=sorted(f"{each.gate}: {each.answer}" for each in both)) if both else None


async def run(kind, answer_after):
    """The questions that were asked, and the result, where one answer is sent once so many have been asked."""
    handler, asked = kind(timeout=20).run(), []
    if answer_after == 0:
        handler.ctx.send_event(HumanResponseEvent(response="yes"))
    async for event in handler.stream_events():
        if isinstance(event, InputRequiredEvent):
            asked.append(event.prefix)
            if len(asked) == answer_after:
                handler.ctx.send_event(HumanResponseEvent(response="yes"))
    return asked, await handler


async def main():
    asked, result = await run(InTurn, 1)
    print(f"two gates in turn, one yes at the first: asked {asked}, answers {result}; the step began {len(ran)} times")
    assert (asked, result, len(ran)) == (["back up?"], ["yes", "yes"], 2), (asked, result, ran)
    _, result = await run(InTurn, 0)
    print(f"the same, one yes before anything was asked: answers {result}")
    assert result == ["yes", "yes"]
    asked, result = await run(AtOnce, 2)
    print(f"two gates at once, each with a waiter_id of its own, one yes: asked {sorted(asked)}, {result}")
    assert result == ["backup: yes", "delete: yes"]


asyncio.run(main())
PYTHON
