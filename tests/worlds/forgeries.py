"""What can be done to a run afterwards: each function does one thing to a real repository, as well as it can be."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable

from tests.worlds.forger import Events, Forger, chained

Tamper = Callable[[Forger], None]
RUNBOOK = "tasks.md"
COLOUR = "artifacts/shed/colour.md"


def dropping(number: int) -> Tamper:
    """One commit left out, the later ones put on top of what is left."""

    def tamper(run: Forger) -> None:
        run.remake([(made.tree, made.message) for at, made in enumerate(run.made()) if at != number])

    return tamper


def amended(run: Forger) -> None:
    first, *rest = run.made()
    tree = run.tree_with(first.tree, {COLOUR: b"pink\n"})
    run.remake([(tree, first.message), *((made.tree, made.message) for made in rest)])


def rebased(run: Forger) -> None:
    base = f"{run.made()[0].sha}^"
    onto = run.git("commit-tree", f"{base}^{{tree}}", "-p", base, "-m", "one more before").strip()
    run.remake([(made.tree, made.message) for made in run.made()], onto=onto)


def reordered(run: Forger) -> None:
    first, second, third = run.made()
    run.remake([(made.tree, made.message) for made in (first, third, second)])


def forked(run: Forger) -> None:
    """The third commit beside the second instead of on top of it, joined by a merge."""
    first, second, third = run.made()
    run.remake([(third.tree, third.message)], onto=first.sha)
    run.git("merge", "-q", "-s", "ours", "-m", "join", second.sha)


def squashed(run: Forger) -> None:
    _, second, third = run.made()
    run.remake([(third.tree, f"{second.message}\n{third.message}")], onto=f"{second.sha}^")


def squashed_into_one_of_their_own(run: Forger) -> None:
    run.git("reset", "-q", "--soft", "HEAD~3")
    run.commit("Paint the shed (#1)")


def reworded(subject: str) -> Tamper:
    def tamper(run: Forger) -> None:
        message = run.made()[-1].message
        run.amend_last(message=message.replace("shed task 2.1: Paint the walls", subject))

    return tamper


def with_body(run: Forger) -> None:
    message = run.made()[-1].message
    run.amend_last(message=message.replace("\n\n", "\n\nThis was not so.\n\n", 1))


def without_trailers(run: Forger) -> None:
    run.amend_last(message=run.made()[-1].message.split("\n\n")[0])


def trailer(old: str, new: str) -> Tamper:
    def tamper(run: Forger) -> None:
        message = run.made()[-1].message
        assert old in message
        run.amend_last(message=message.replace(old, new))

    return tamper


def other_approval(run: Forger) -> None:
    first, *_, last = run.made()
    theirs, ours = (made.message.split("Phasegate-Approval: ")[1].split()[0] for made in (first, last))
    run.amend_last(message=last.message.replace(ours, theirs))


def claims_a_task(run: Forger) -> None:
    run.replace(RUNBOOK, b"[ ] 1.2", b"[x] 1.2")
    message = f"shed task 1.2: Order the paint\n\nPhasegate-Run: {run.run_id}\nPhasegate-Task: t1_2"
    run.commit(f"{message}\nPhasegate-Approval: {'0' * 64}\n", RUNBOOK)


def claims_an_end(run: Forger) -> None:
    run.commit(f"shed: abort run {run.run_id}\n\nPhasegate-Run: {run.run_id}\nPhasegate-End: aborted\n")


def claims_nothing(run: Forger) -> None:
    run.commit(f"more\n\nPhasegate-Run: {run.run_id}\n")


def claims_a_folded_run(run: Forger) -> None:
    run.commit(f"more\n\nPhasegate-\n Run: {run.run_id}\nPhasegate-\n Task: t1_2\n")


def claims_it_again(run: Forger) -> None:
    run.commit(run.made()[0].message)


def brought(path: str, data: bytes = b"x\n") -> Tamper:
    """A file committed by somebody; `RUN` is the run's id."""

    def tamper(run: Forger) -> None:
        run.write(path.replace("RUN", run.run_id), data)
        run.commit("for later", path)

    return tamper


def deleted_here(*paths: str) -> Tamper:
    """Gone from the working tree, and in no commit."""

    def tamper(run: Forger) -> None:
        for path in paths:
            where = run.root / path.replace("RUN", run.run_id)
            shutil.rmtree(where) if where.is_dir() else where.unlink()

    return tamper


def in_last(path: str, data: bytes | None) -> Tamper:
    """The last commit of the run amended: a file put in, replaced or taken out."""
    return lambda run: run.amend_last(files={path: data})


def mode_in(number: int, path: str, mode: str) -> Tamper:
    """A file in one of the run's commits, and all later ones, with its bytes and another mode."""

    def with_mode(run: Forger, tree: str) -> str:
        index, where = run.root / ".git" / "forged-index", path.replace("RUN", run.run_id)
        blob = run.git("rev-parse", f"{tree}:{where}").strip()
        run.git("read-tree", tree, index=index)
        run.git("update-index", "--cacheinfo", f"{mode},{blob},{where}", index=index)
        return run.git("write-tree", index=index).strip()

    def tamper(run: Forger) -> None:
        made = run.made()
        trees = [each.tree if at < number else with_mode(run, each.tree) for at, each in enumerate(made)]
        run.remake([(tree, each.message) for tree, each in zip(trees, made, strict=True)])

    return tamper


def mode_later(path: str) -> Tamper:
    """Made executable by an ordinary commit."""

    def tamper(run: Forger) -> None:
        where = path.replace("RUN", run.run_id)
        run.git("update-index", "--chmod=+x", where)
        run.git("commit", "-q", "-m", "make it run")
        run.git("reset", "-q", "--hard")

    return tamper


def mode_and_its_intent(event: dict[str, object]) -> dict[str, object]:
    """The intent of the first commit forged, so that an artifact may be executable in it."""
    entries = event.get("entries") if event["type"] == "commit-intended" else None
    for entry in entries if isinstance(entries, list) else ():
        if entry["path"] == COLOUR:
            entry["mode"] = "100755"
    return event


def runbook_in_last(old: bytes, new: bytes) -> Tamper:
    def tamper(run: Forger) -> None:
        data = (run.root / RUNBOOK).read_bytes()
        assert old in data
        run.amend_last(files={RUNBOOK: data.replace(old, new)})

    return tamper


def edited(path: str, old: bytes, new: bytes) -> Tamper:
    return lambda run: run.replace(path, old, new)


def edited_and_committed(path: str, old: bytes, new: bytes) -> Tamper:
    def tamper(run: Forger) -> None:
        run.replace(path, old, new)
        run.commit("a small change", path)

    return tamper


def removed(path: str) -> Tamper:
    def tamper(run: Forger) -> None:
        run.git("rm", "-q", "-r", "-f", path)
        run.git("commit", "-q", "-m", "tidy up")

    return tamper


def merged_away(run: Forger) -> None:
    """A merge that keeps the side on which nothing had been done: no commit shows a change."""
    run.git("switch", "-q", "-c", "side", f"{run.made()[0].sha}^")
    run.commit("something else")
    run.git("merge", "-q", "-s", "ours", "-m", "join", "main")


def journal_line(edit: Callable[[Events], Events], *, commit: bool) -> Tamper:
    """The journal written anew with its chain, in the working tree or in a commit of its own."""

    def tamper(run: Forger) -> None:
        events = edit(run.events())
        previous = run.whole_journal()
        run.write(run.journal, chained(events))
        assert run.whole_journal() != previous
        if commit:
            run.commit("journal", run.journal)

    return tamper


def journal_in_last(edit: Callable[[Events], Events]) -> Tamper:
    """The journal written anew with its chain, in the last task's own commit."""

    def tamper(run: Forger) -> None:
        run.amend_last(files={run.journal: chained(edit(run.events()))})

    return tamper


def without_third(events: Events) -> Events:
    return events[:2] + events[3:]


def with_third_edited(events: Events) -> Events:
    return [*events[:2], {**events[2], "answer": "red"}, *events[3:]]


def with_one_more(events: Events) -> Events:
    note = {"v": events[0]["v"], "at": events[2]["at"], "type": "noted", "text": "all fine", "by": events[0]["by"]}
    return [*events[:2], note, *events[2:]]


def with_a_last_word(events: Events) -> Events:
    *_, note, _ = with_one_more(events[:3])
    return [*events, note]


def split(run: Forger) -> None:
    """The last task's files in a commit that does not say so, its words on one that holds something else."""
    *_, before, last = run.made()
    smuggled = run.tree_with(last.tree, {"elsewhere/secret.txt": b"x"})
    run.remake([(last.tree, "work in progress"), (smuggled, last.message)], onto=before.sha)


def rewriting(edit: Callable[[dict[str, object]], dict[str, object] | None]) -> Tamper:
    """The whole history made anew from a journal in which each event was edited or dropped."""
    return lambda run: run.rewrite(lambda events: [new for event in events if (new := edit(dict(event))) is not None])


def of(type_: str, task: str | None = None, **changes: object) -> Callable[[dict[str, object]], dict[str, object]]:
    """Fields of the events of this type (and task) changed."""

    def edit(event: dict[str, object]) -> dict[str, object]:
        hit = event["type"] == type_ and task in (None, event.get("task"))
        return {**event, **changes} if hit else event

    return edit


def approval_copied(run: Forger) -> None:
    """What opened the first gate is put before the second one, and the rest goes on from there."""
    events = run.events()
    given = next(event for event in events if event["type"] == "approved")
    run.write(run.journal, chained([*events, {**given, "task": "t1_2"}]))


def approval_copied_all_along(run: Forger) -> None:
    def edit(events: Events) -> Events:
        given = next(event for event in events if event["type"] == "approved")
        copy = {**given, "task": "t1_2"}
        return [copy if (e["type"], e.get("task")) == ("approved", "t1_2") else e for e in events]

    run.rewrite(edit)


def request_copied(run: Forger) -> None:
    """The second task shows what the first had shown: digest, nonce, approval, message and trailers agree."""

    def edit(events: Events) -> Events:
        first = next(event for event in events if event["type"] == "worked")["request"]
        second = next(e for e in events if (e["type"], e.get("task")) == ("worked", "t1_2"))["request"]
        swapped = chained_text(events, second["digest"], first["digest"])
        return chained_text(swapped, second["nonce"], first["nonce"])

    run.rewrite(edit)


def chained_text(events: Events, old: str, new: str) -> Events:
    return [
        json.loads(json.dumps(event).replace(f'"{old}', f'"{new}').replace(f": {old}", f": {new}")) for event in events
    ]


def artifact_and_its_object(run: Forger) -> None:
    """An artifact replaced in its commit, and in the journal the object that it was to get."""
    data = b"pink\n"
    blob = run.blob_of(data)

    def edit(events: Events) -> Events:
        for event in events:
            for entry in event["entries"] if event["type"] == "commit-intended" else ():
                if entry["path"] == COLOUR:
                    entry["blob"] = blob
        return events

    run.rewrite(edit, files={COLOUR: data})


def failed_check(event: dict[str, object]) -> dict[str, object]:
    if event["type"] == "worked" and event["task"] == "t1_1":
        check = {"name": "is legal", "expected": "yes", "seen": "no", "verdict": "fail", "where": ""}
        return {**event, "checks": [check]}
    return event


def first_task_left_out(run: Forger) -> None:
    def edit(events: Events) -> Events:
        kept = [event for event in events if event.get("task") != "t1_1"]
        kept[1] = {**kept[1], "after": None}
        return kept

    run.rewrite(edit, skip=[0])


def on_another_base(run: Forger) -> None:
    run.git("switch", "-q", "--orphan", "elsewhere")
    run.write(RUNBOOK, run.git("show", f"main:{run.copy}").encode())
    base = run.commit("another start", RUNBOOK)
    run.git("switch", "-q", "main")
    run.rewrite(lambda events: events, onto=base)


def unsigned_hand(run: Forger) -> None:
    run.rewrite(lambda events: [of("run-started", sandbox=False)(of("approved", via="--yes")(e)) for e in events])


def copy_forged_all_along(run: Forger) -> None:
    """Another copy of the runbook in every commit; the journal goes on naming the real one."""
    edited = (run.root / run.copy).read_bytes().replace(b"walls", b"roof")
    run.rewrite(lambda events: events, files={run.copy: edited})


def runbook_forged_all_along(run: Forger) -> None:
    """Another runbook, copy and digest in every commit; the commit before the run has the real one."""
    edited = (run.root / run.copy).read_bytes().replace(b"Ask which", b"Do not ask")
    digest = hashlib.sha256(edited).hexdigest()
    run.rewrite(lambda events: [of("run-started", runbook_sha256=digest)(e) for e in events], files={run.copy: edited})


NONE = "0" * 64
CLAIMED = {
    "in lower case": f"phasegate-run: RUN\nphasegate-task: t9\nphasegate-approval: {NONE}\napproved-by: B <b@x.org>",
    "in upper case, with blanks": f"PHASEGATE-RUN : RUN\nPHASEGATE-TASK:t2_1\nPHASEGATE-APPROVAL:  {NONE}",
    "an end in lower case": "phasegate-run: RUN\nphasegate-end: aborted",
    "the run, twice": "Phasegate-Run: RUN\nPhasegate-Run: RUN",
    "this run and another": "Phasegate-Run: shed-1\nPhasegate-Run: RUN\nPhasegate-Task: t9",
    "an approval and no run": f"Phasegate-Approval: {NONE}\nApproved-by: Boss <boss@example.com>",
    "a task and no run": "Phasegate-Task: t2_1",
    "an end and no run": "phasegate-end: rolled-back",
    "a run that cannot be one": "Phasegate-Run: ../../etc\nPhasegate-Task: t2_1",
    "a run without a name": "Phasegate-Run:\nPhasegate-Task: t2_1",
    "in the text": "Phasegate-Run: RUN\nPhasegate-Task: t2_1\n\nThis is no trailer any more.",
    "in the text, of no run": "phasegate-task: t2_1\nand so on, within a paragraph\n\nSigned-off-by: A <a@x.org>",
    "behind bare carriage returns": "all is well\rPhasegate-Run: RUN\rPhasegate-Task: t2_1\rPhasegate-End: aborted",
    "with equals signs": "Phasegate-Run=RUN\nPhasegate-Task = t2_1",
    "with no-break blanks": "Phasegate-Run\u00a0: RUN\n\u00a0Phasegate-Task: t2_1",
    "indented, as git log shows it": "    Phasegate-Run: RUN\n    Phasegate-Task: t2_1",
    "in letters of another script": "Ph\u0430segate-Run: RUN",
    "with hyphens that do not break": "Phasegate\u2011Run: RUN\nPhasegate\u2011Task: t2_1",
}


def claims(trailers: str) -> Tamper:
    """A foreign commit with these lines at the end of its message; `RUN` is the run's id."""

    def tamper(run: Forger) -> None:
        run.commit("ship it\n\n" + trailers.replace("RUN", run.run_id))

    return tamper


TASK_SUBJECT = "shed task 1.2: Order the paint"


APPROVERS = {
    "indented": "  Approved-by: Boss <b@x.org>",
    "behind which there is text": "Approved-by: Boss <b@x.org>\n\nand that was it",
    "in two lines": "Approved-by:\n Boss <b@x.org>",
    "with an equals sign": "Approved-by = Boss <b@x.org>",
    "with a no-break blank": "Approved-by\u00a0: Boss <b@x.org>",
    "behind a bare carriage return": "fine\rApproved-by: Boss <b@x.org>",
    "without a hyphen": "APPROVED BY: Boss <b@x.org>",
}


def says(message: str, path: str = "evil.sh") -> Tamper:
    """A foreign commit of a new file with this message; `RUN` is the run's id."""

    def tamper(run: Forger) -> None:
        run.write(path.replace("RUN", run.run_id), b"evil\n")
        run.commit(message, path)

    return tamper


def claims_an_approver(subject: str, *, path: str = "evil.sh", named: str = "Approved-by") -> Tamper:
    """A foreign commit with this subject, which says that somebody approved it; `RUN` is the run's id."""

    def tamper(run: Forger) -> None:
        where = path.replace("RUN", run.run_id)
        file = run.root / where
        run.write(where, (file.read_bytes() if file.exists() else b"") + b"evil\n")
        run.commit(f"{subject}\n\n{named}: Boss <boss@example.com>", where)

    return tamper


def put_back(path: str, *, cut: int | None) -> Tamper:
    """The first lines only (None: no file at all), and in the next commit all of them again."""

    def tamper(run: Forger) -> None:
        where = path.replace("RUN", run.run_id)
        kept = run.read(where)
        if cut is None:
            run.git("rm", "-q", "-r", "-f", "--ignore-unmatch", "--", where, where.removesuffix(".jsonl"))
        else:
            run.write(where, b"".join(kept.splitlines(keepends=True)[:cut]))
        run.commit("cut", *([] if cut is None else [where]))
        run.write(where, kept)
        run.commit("and back", where)

    return tamper


def taken_along(run: Forger) -> None:
    """The first task's artifact is in a foreign commit in front of the task's own."""
    base, tree = _with_colour(run)
    foreign = run.git("commit-tree", tree, "-p", base, "-m", "all of it").strip()
    run.remake([(each.tree, each.message) for each in run.made()], onto=foreign)


def taken_along_by_a_merge(run: Forger) -> None:
    """The same, from the other side of a merge, where it was before the run began."""
    base, tree = _with_colour(run)
    side = run.git("commit-tree", tree, "-p", base, "-m", "side").strip()
    merge = run.git("commit-tree", tree, "-p", base, "-p", side, "-m", "merge side").strip()
    run.remake([(each.tree, each.message) for each in run.made()], onto=merge)


def taken_along_long_ago(run: Forger) -> None:
    """The same, by a commit that says it is from before the run."""
    base, tree = _with_colour(run)
    message = b"old work\n"
    who = b"Ada <ada@example.com> 1577836800 +0000\n"
    body = f"tree {tree}\nparent {base}\n".encode() + b"author " + who + b"committer " + who + b"\n" + message
    foreign = run.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=body).strip()
    run.remake([(each.tree, each.message) for each in run.made()], onto=foreign)


def _with_colour(run: Forger) -> tuple[str, str]:
    """The commit before the run's first, and its tree with the first task's artifact in it."""
    base = run.git("rev-parse", f"{run.made()[0].sha}^").strip()
    return base, run.tree_with(f"{base}^{{tree}}", {COLOUR: (run.root / COLOUR).read_bytes()})


def merged_into_last(run: Forger) -> None:
    """The last commit, with another side that brings a file in."""
    *_, before, last = run.made()
    side = run.git(
        "commit-tree", run.tree_with(before.tree, {"evil.txt": b"x"}), "-p", before.sha, "-m", "side"
    ).strip()
    _merge(run, run.tree_with(last.tree, {"evil.txt": b"x"}), last.message, before.sha, side)


def merged_with_its_own_past(run: Forger) -> None:
    first, before, last = run.made()
    _merge(run, last.tree, last.message, before.sha, first.sha)


def _merge(run: Forger, tree: str, message: str, *parents: str) -> None:
    sides = [word for parent in parents for word in ("-p", parent)]
    made = run.git("commit-tree", tree, *sides, "-F", "-", stdin=message.encode()).strip()
    run.git("reset", "-q", "--hard", made)
