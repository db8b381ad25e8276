"""What does a wave of a fleet do? It orders its targets' runs, waits until all are over, and shows what they left.

Rules:
- A run is ordered by an effect: its id is in the intent, and the remote takes one order of a run, ever. So a wave that
  dies anywhere goes on with the runs that it has, and orders the rest.
- Nothing is ordered beyond the limits, behind so many failures, or once somebody said stop.
- A run that failed is mended where it is, by `resume`; only for one that has ended otherwise than complete a person is
  asked whether the target is ordered again.
- What is approved rests on the commits of the branches: one that moves voids the approval by its name.
- What the journal has of a run stays: it was ordered, it was over at a commit. A branch that is gone (hosts delete
  those that are merged) orders nothing again; that commit is used where anybody still has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import PurePosixPath

from typing_extensions import TypedDict

from phases.documents.markdown import code, document, table
from phases.elsewhere import RunThere, RunWanted
from phases.fleet.model import Fleet, FleetTarget, Wave
from phases.fleet.runbook import TITLE, file_of
from phases.step import Check, PastEffect, Question, ReviewSection, StepContext, Work
from state.cheap_classes import dataclass
from state.counted import counted
from state.errors import StepFailed
from state.json_values import format_time, parse_time
from state.path_word import path_word

RUNS = "artifacts/fleet/runs.md"
POLL = 15.0  # between two looks at the remote, where it is waited here [s]
AGAIN, WITHOUT = "order it again", "go on without it"


class Intent(TypedDict):
    """Of an effect `order TARGET`."""

    target: str
    run: str
    directory: str


class Ordered(TypedDict):
    """What came of it: the commit that the run begins at."""

    base: str


class Over(TypedDict):
    """Of an effect `over TARGET N COMMIT`: a run is seen to have ended, so."""

    run: str
    state: str
    commit: str


class Baked(TypedDict):
    """Until when is waited."""

    until: str


class Line(TypedDict):
    """A target in the evidence."""

    target: str
    run: str
    state: str
    commit: str
    findings: int


class Left(TypedDict):
    """`Work.data` of a wave."""

    fleet: str
    wave: str
    runs: list[Line]


@dataclass(frozen=True, slots=True)
class Given:
    """A run that was ordered for a target, the `number`th of them."""

    target: str
    run: str
    directory: str
    number: int


def run_wave(ctx: StepContext) -> Work:
    """Order the runs of a wave's targets, wait until they are over, and list what each came to."""
    fleet = load(ctx)
    wave = wave_of(ctx, fleet)
    given = _until_over(ctx, fleet, wave)
    _bake(ctx, wave, given)
    return _evidence(ctx, fleet, wave, given)


def commits_there(ctx: StepContext) -> Mapping[str, str]:
    """The commits that the branches of the wave's runs are at: what its approval rests on."""
    effects = ctx.own_effects()
    runs = [each.run for each in ordered_runs(effects).values()]
    heads = ctx.runs.heads(runs, over_at(effects))
    return {f"branch of {run}": heads.get(run, "gone") for run in runs}


def load(ctx: StepContext) -> Fleet:
    """The fleet file that this task was planned from. Raises StepFailed where it is another one by now."""
    from phases.fleet.reader import FleetDocument  # with pydantic: not to load a workflow

    named = file_of(ctx.task.text)
    if named is None:
        raise StepFailed(
            f"task {ctx.task.label} names no fleet file, so nobody can order its runs",
            next_command="phasegate fleet FILE.yaml   # writes the runbook of a fleet",
        )
    data = ctx.read(named.path)
    seen = sha256(data).hexdigest()
    if seen != named.sha256:
        raise StepFailed(
            f"{named.path} is not the fleet that was ordered: expected SHA-256 {named.sha256[:12]}, seen {seen[:12]}",
            next_command=f"git -P diff -- {path_word(named.path)}   # put it back, then phasegate resume {ctx.run_id}",
        )
    return FleetDocument(data, named.path).fleet


def wave_of(ctx: StepContext, fleet: Fleet) -> Wave:
    """The wave that this task is. Raises StepFailed."""
    found = fleet.wave(ctx.task.title.removeprefix(TITLE))
    if found is None:
        raise StepFailed(
            f"fleet {fleet.name} has no wave {ctx.task.title.removeprefix(TITLE)}",
            next_command=f"phasegate status {ctx.run_id}   # which runbook it goes by",
        )
    return found


def ordered_runs(effects: Sequence[PastEffect]) -> dict[str, Given]:
    """Target -> the run that was ordered for it last, whether or not it is known what came of that."""
    found: dict[str, Given] = {}
    for effect in effects:
        if effect.name.startswith("order "):
            intent = effect.intended(Intent)
            before = found.get(intent["target"])
            number = 1 if before is None else before.number + (before.run != intent["run"])
            found[intent["target"]] = Given(intent["target"], intent["run"], intent["directory"], number)
    return found


def bases_of(effects: Sequence[PastEffect]) -> dict[str, str]:
    """Run -> the commit that it begins at, of those that are known to be ordered."""
    orders = [each for each in effects if each.name.startswith("order ")]
    return {each.intended(Intent)["run"]: came["base"] for each in orders if (came := each.came_to(Ordered))}


def over_at(effects: Sequence[PastEffect]) -> dict[str, str]:
    """Run -> the commit at which it was seen to be over, the last time."""
    seen = [each.intended(Over) for each in effects if each.name.startswith("over ")]
    return {each["run"]: each["commit"] for each in seen}


def _until_over(ctx: StepContext, fleet: Fleet, wave: Wave) -> Mapping[str, Given]:
    """Order what the wave has, and return its runs when all are over. Raises Waiting and StepFailed."""
    for each in ordered_runs(ctx.own_effects()).values():
        _order(ctx, fleet, wave, each)  # again: what was intended and is in doubt is looked for, and only then made
    while True:
        effects = ctx.own_effects()
        given, known = ordered_runs(effects), over_at(effects)
        there = ctx.runs.look({each.run: each.directory for each in given.values()}, known)
        for each in given.values():
            _require_there(ctx, each, there[each.run], bases_of(effects).get(each.run, ""))
            if there[each.run].is_over and known.get(each.run) != there[each.run].commit:
                _record_over(ctx, each, there[each.run])
        given_up = _given_up(ctx, given, there)
        under_way = [each for each in given.values() if not there[each.run].is_over]
        left = [each for each in wave.targets if each not in given]
        left += [target for target, again in given_up.items() if again]
        _require_going_on(ctx, wave, given, there, left, given_up)
        now = list(_within_limits(fleet, wave, left, under_way))
        for target in now:
            _order(ctx, fleet, wave, _next(ctx, fleet, target, given.get(target)))
        if now:
            continue
        if not under_way and not left:
            return given
        ctx.wait_for(POLL, _words(given, there, left))


def _record_over(ctx: StepContext, given: Given, there: RunThere) -> None:
    """Have the journal know what the run came to, whatever becomes of its branch."""
    over: Over = {"run": given.run, "state": there.state, "commit": there.commit}
    ctx.effect(f"over {given.target} {given.number} {there.commit[:10]}", dict(over), lambda: over, lambda: over, Over)


def _require_there(ctx: StepContext, given: Given, there: RunThere, base: str) -> None:
    """Raise StepFailed for a run that was ordered, and of which nobody here has anything any more."""
    if there.state:
        return
    at, remote, branch = there.commit, ctx.runs.remote, f"refs/heads/phasegate/{given.run}"
    seen = f"over at {at[:10]}, which neither this clone nor the remote has" if at else "not seen to be over yet"
    find = f"git log --all -1 --format=%H -F --grep 'Phasegate-Run: {given.run}'   # in a clone that had it: its COMMIT"
    back = f"git push {remote} {at or 'COMMIT'}:{branch}   # in a clone that has it"
    raise StepFailed(
        f"run {given.run} of target {given.target} was ordered{f' at {base[:10]}' if base else ''}, {seen}, and its "
        f"branch is gone from remote {remote}; nothing is ordered again",
        next_command="\n      ".join([*([] if at else [find]), back, f"phasegate resume {ctx.run_id}   # then"]),
    )


def _within_limits(fleet: Fleet, wave: Wave, left: Sequence[str], under_way: Sequence[Given]) -> Iterator[str]:
    """Those of these targets for which a run may be ordered now, in order."""
    here = [fleet.targets[each.target] for each in under_way]
    for name in left:
        target = fleet.targets[name]
        in_account = [each for each in here if not target.at.sandbox and each.at.account == target.at.account]
        if len(here) < min(wave.at_most, fleet.runs) and len(in_account) < fleet.per_account:
            here.append(target)
            yield name


def _next(ctx: StepContext, fleet: Fleet, target: str, before: Given | None) -> Given:
    """The run to be ordered for this target: the same id whenever this attempt is done again."""
    number = before.number + 1 if before else 1
    key = f"{ctx.run_id} {ctx.task.key} {target} {number}"
    suffix = sha256(key.encode()).hexdigest()[:8]
    named = PurePosixPath(fleet.workflow).stem
    return Given(target, f"{named}-{ctx.now:%Y%m%d-%H%M%S}-{suffix}", fleet.targets[target].directory, number)


def _order(ctx: StepContext, fleet: Fleet, wave: Wave, given: Given) -> None:
    target = fleet.targets[given.target]
    intent: Intent = {"target": given.target, "run": given.run, "directory": given.directory}
    effects = ctx.own_effects()
    base_before, known = bases_of(effects).get(given.run), over_at(effects)

    def act() -> Ordered:
        if before := find():
            return before  # by an earlier attempt
        _require_not_stopped(ctx, wave, [given.target])
        ctx.progress(f"orders {given.run} for {given.target} ({target.at})")
        return {"base": ctx.runs.order(_wanted(fleet, target, given.run))}

    def find() -> Ordered | None:
        base = base_before or ctx.runs.heads([given.run], known).get(given.run)
        return {"base": base} if base else None

    ctx.effect(f"order {given.target} {given.number}", dict(intent), act, find, Ordered)


def _wanted(fleet: Fleet, target: FleetTarget, run: str) -> RunWanted:
    return RunWanted(run, fleet.workflow, target.answers, target.at, target.directory, target.profile)


def _given_up(ctx: StepContext, given: Mapping[str, Given], there: Mapping[str, RunThere]) -> Mapping[str, bool]:
    """Targets whose run ended otherwise than complete, and whether another one is to be ordered, as a person says."""
    ended = [each for each in given.values() if there[each.run].is_over and there[each.run].has_failed]
    return {each.target: _again(ctx, each, there[each.run].state) for each in ended}


def _again(ctx: StepContext, given: Given, state: str) -> bool:
    question = Question(
        f"again-{given.target}-{given.number}",
        f"Run {given.run} of target {given.target} is {state.replace('_', ' ')}. And now?",
        choices=(AGAIN, WITHOUT),
        suggest=False,
        persons=True,
    )
    return (ctx.answers().get(question.name) or ctx.ask(question)) == AGAIN


def _require_going_on(
    ctx: StepContext,
    wave: Wave,
    given: Mapping[str, Given],
    there: Mapping[str, RunThere],
    left: Sequence[str],
    given_up: Mapping[str, bool],
) -> None:
    """Raise StepFailed where nothing more may be ordered: too many failures, or somebody said stop."""
    failed = [each for each in given.values() if there[each.run].has_failed and each.target not in given_up]
    rest = f"; not ordered: {', '.join(left)}" if left else ""
    resume = f"phasegate resume {ctx.run_id}   # then the fleet"
    if len(failed) >= wave.stop_after_failures:
        runs = ", ".join(f"{each.run} ({each.target})" for each in failed)
        raise StepFailed(
            f"wave {wave.name} is stopped: {counted(len(failed), 'run')} failed, and stop_after_failures is "
            f"{wave.stop_after_failures}: {runs}{rest}",
            next_command=f"phasegate resume {failed[0].run}   # mend it, in a clone where it is taken\n      {resume}",
        )
    if left:
        _require_not_stopped(ctx, wave, left)


def _require_not_stopped(ctx: StepContext, wave: Wave, left: Sequence[str]) -> None:
    """Raise StepFailed where somebody said that nothing more is ordered."""
    if who := ctx.runs.stopped(wave.name):
        file = file_of(ctx.task.text)
        raise StepFailed(
            f"wave {wave.name} is stopped by {who}; not ordered: {', '.join(left)}",
            next_command=f"phasegate fleet {path_word(file.path if file else 'FILE.yaml')}   # lifts that, and goes on",
        )


def _words(given: Mapping[str, Given], there: Mapping[str, RunThere], left: Sequence[str]) -> str:
    """What is waited for, in one line."""
    open_ = [(each.target, there[each.run]) for each in given.values() if not there[each.run].is_over]
    said = [f"{name} ({seen.state}{f', {seen.because}' if seen.because else ''})" for name, seen in open_]
    return ", ".join(said) + (f"; not ordered yet: {', '.join(left)}" if left else "")


def _bake(ctx: StepContext, wave: Wave, given: Mapping[str, Given]) -> None:
    """Return when the wave's time has passed since its runs were over. Raises Waiting."""
    if not wave.bake:
        return
    runs = sorted(each.run for each in given.values())
    before = [each.came_to(Baked) for each in ctx.own_effects() if each.name == "bake" and each.intent["runs"] == runs]
    known = next((each["until"] for each in reversed(before) if each), "")

    def act() -> Baked:
        return {"until": known or format_time(datetime.now(UTC) + wave.bake)}

    baked = ctx.effect("bake", {"runs": runs}, act, lambda: None, Baked)
    ctx.wait_until(parse_time(baked["until"]), f"wave {wave.name} to bake")


def _evidence(ctx: StepContext, fleet: Fleet, wave: Wave, given: Mapping[str, Given]) -> Work:
    known = over_at(ctx.own_effects())
    lines: list[Line] = []
    checks: list[Check] = []
    for name in wave.targets:
        each = given[name]
        ctx.waiting(f"auditing {each.run}")
        audited = ctx.runs.audit(each.run, each.directory, known)
        line: Line = {
            "target": name,
            "run": each.run,
            "state": audited.state,
            "commit": audited.commit,
            "findings": len(audited.findings),
        }
        lines.append(line)
        checks.append(_check(line, audited.findings))
    shown = _table(fleet, lines)
    before = [ctx.data(task.id, Left) for task in ctx.tasks if task.ordinal < ctx.task.ordinal]
    waves = [f"## Wave {each['wave']}\n\n{_table(fleet, each['runs'])}" for each in before]
    ctx.write(RUNS, document(f"Fleet {fleet.name}", *waves, f"## Wave {wave.name}\n\n{shown}"))
    data: Left = {"fleet": fleet.name, "wave": wave.name, "runs": lines}
    return Work(checks, dict(data), [ReviewSection("Runs of this wave", shown)])


def _table(fleet: Fleet, lines: Sequence[Line]) -> str:
    return table(
        ("Target", "Where", "Run", "Came to", "Last commit", "Audit"),
        [
            (
                code(each["target"]),
                fleet.targets[each["target"]].at,
                code(each["run"]),
                each["state"].replace("_", " "),
                code(each["commit"][:10]),
                counted(each["findings"], "finding"),
            )
            for each in lines
        ],
    )


def _check(line: Line, findings: Sequence[str]) -> Check:
    seen = f"{line['state'].replace('_', ' ')} at {line['commit'][:10]}, {counted(len(findings), 'finding')}"
    if findings:
        seen += f": {findings[0][:200]}"
    left_out = line["state"] in ("aborted", "rolled_back")  # a person said that it goes on without
    verdict = "fail" if findings else "note" if left_out else "pass" if line["state"] == "complete" else "fail"
    return Check(f"run of {line['target']}", "complete, audit clean", seen, verdict, line["run"])  # type: ignore[arg-type]
