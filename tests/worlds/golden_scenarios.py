"""Which golden runs are there? Each as what was done before it was packed, and what is done then, to its end.

A step is as in `golden_run.py`; `exit` is the expected exit code, 0 when it is left out. Two steps only record knows:
`killed-in` names the git hook in which the command is killed with SIGKILL, `torn` is written behind the journal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.worlds.golden_run import Step

SHED = """# Paint the shed

- [ ] 1. Prepare
  - [ ] 1.1 Choose a colour
    - **COMMIT**: Commit with message "shed 1.1: Choose a colour"
  - [ ] 1.2 Buy the paint
- [ ] 2. Paint the walls
"""
EDITED = SHED.replace("[ ] 1.1", "[x] 1.1").replace("the walls", "the walls twice") + "- [ ] 3. Look at it\n"
HUT = "# Build a hut\n\n- [x] 1. Choose a place\n- [ ] 2. Saw the boards\n- [ ]* 3. Sand them\n- [x] 4. Order a door\n"
CHECKPOINT = """# Build a hut

- [ ] 1. Saw the boards
- [ ] 2. Checkpoint - ensure all tests pass
- [ ] 3. Roof
"""
SHIP = """# Ship it

## Phase 1: Build

Write the greeting. Look with `cat greeting.txt`.

- [ ] written
- [ ] read aloud

### Exit Criteria
- The greeting is friendly
- It is short

**Request permission to proceed to Phase 2**

## Phase 2: Ship

Ship it to `[place]`: `scp greeting.txt [place]`.
"""
CHECKLIST = "# Before we open\n\n## Kitchen\n\n- [ ] stove off\n- [ ] fridge on\n\n## Garden\n\n- [ ] gate closed\n"
BROKEN = "# Ship it\n\n- [ ] 1. Look at the greeting\n  - `cat no-such-file`\n- [ ] 2. Ship\n"
ANSWERS = """rollback-critical-functionality: "yes"
rollback-data-integrity: "no"
rollback-performance: "no"
rollback-security: "no"
rollback-notified: the whole street
"""
STAGE_ANSWERS = "region: eu-west-1\nenvironment: test\nalarm-address: none\nstack-name: shop-tables\n"
ADA, BOB, EVE, ROBOT = (f"{name} <{name.lower()}@example.com>" for name in ("Ada", "Bob", "Eve", "Robot"))


def typed(*words: str, who: str = ADA, code: int = 0) -> Step:
    """A command as somebody types it."""
    return {"type": list(words)} | ({"who": who} if who != ADA else {}) | ({"exit": code} if code else {})


def written(path: str, text: str) -> Step:
    return {"write": {path: text}}


def done(*words: str, code: int = 0) -> Step:
    return typed("done", *words, who=ROBOT, code=code)


def approved(who: str = ADA, *words: str) -> Step:
    return typed("approve", "--digest", "{digest}", *words, who=who)


def handed_in(path: str, text: str) -> tuple[Step, ...]:
    return written(path, text), done("--path", path)


BEGUN = (typed("run", "shed.md", code=3),)
RESUMED, RESUMED_TO_THE_END = typed("resume", code=3), typed("resume")
COLOUR = handed_in("colour.txt", "green\n")
PAINT = handed_in("paint/bill.txt", "2 pots\n")
WALLS = handed_in("walls.md", "# Green\n")
FOURTH = (done("--no-files"), approved(), RESUMED_TO_THE_END)
SECOND_AND_THIRD = (*PAINT, approved(), RESUMED, *WALLS, approved(), RESUMED_TO_THE_END)
IN_REVIEW = (*BEGUN, *COLOUR)
APPROVED = (*IN_REVIEW, approved())
HALF_WAY = (*APPROVED, RESUMED)
FROM_APPROVED = (RESUMED, *SECOND_AND_THIRD)
COMPLETE = (*APPROVED, *FROM_APPROVED)
ROLLBACK = typed("rollback", "--reason", "it leaks", "--answers", "{root}/answers.yaml", code=3)
R1_WAITS = (*HALF_WAY, *PAINT, approved(), RESUMED, written("answers.yaml", ANSWERS), ROLLBACK)
RETURNED = (written("returned.md", "two pots\n"), done("--path", "returned.md", "--attest", "all"))
R2 = (approved(), RESUMED, *RETURNED, approved(), RESUMED_TO_THE_END)
STAGE_WAITS = typed("resume", "--answers", "{root}/answers.yaml", code=3)
OVER = (typed("resume", code=4), typed("note", "too late", code=2))


@dataclass(frozen=True)
class Scenario:
    """`later`: how long after its last event the run is looked at and gone on with [s]; `pack`: git's garbage goes."""

    about: str
    before: tuple[Step, ...]
    then: tuple[Step, ...]
    files: Mapping[str, str]
    later: int = 0
    pack: bool = False


def shed(about: str, before: tuple[Step, ...], then: tuple[Step, ...], *, later: int = 0, policy: str = "") -> Scenario:
    """A run of the shed's runbook, by hand."""
    return Scenario(about, before, then, {"shed.md": SHED} | ({"phasegate.yaml": policy} if policy else {}), later)


def stage_06(about: str, before: tuple[Step, ...], then: tuple[Step, ...]) -> Scenario:
    from phases.stage_06.inputs.sample import sample_contract
    from phases.stage_06.workflow import runbook_text

    contract = sample_contract().decode()
    files = {"tasks.md": runbook_text().decode(), "artifacts/stage-02/migrationContract.json": contract}
    return Scenario(about, before, then, files, pack=True)


SIGNED = """gates:
  - gate: "1.1"
    signed: true
    allowed_signers: signers
"""
SCENARIOS: dict[str, Scenario] = {
    "waits-for-work": shed("begun; the first task is to be done", BEGUN, (*COLOUR, approved(), *FROM_APPROVED)),
    "in-review": shed("the first task waits for approval", IN_REVIEW, (RESUMED, approved(), *FROM_APPROVED)),
    "expired": shed(
        "the first task waited for approval for two days, the policy gives it one",
        IN_REVIEW,
        (RESUMED, done("--path", "colour.txt"), approved(), *FROM_APPROVED),
        later=2 * 86400,
    ),
    "expires-in-a-month": shed(
        "the first task waited for two days, the policy gives it thirty",
        IN_REVIEW,
        (approved(), *FROM_APPROVED),
        later=2 * 86400,
        policy="default:\n  expires: 30d\n",
    ),
    "approved": shed("the first task is approved, and not committed", APPROVED, FROM_APPROVED),
    "approved-and-changed": shed(
        "an approved file is changed before its commit",
        (*APPROVED, written("colour.txt", "red\n")),
        (RESUMED, done("--path", "colour.txt"), approved(), *FROM_APPROVED),
    ),
    "killed-before-commit": shed(
        "killed in pre-commit: intended, and not committed",
        (*APPROVED, typed("resume", code=-9) | {"killed-in": "pre-commit"}),
        FROM_APPROVED,
    ),
    "killed-after-commit": shed(
        "killed in post-commit: committed, and nothing recorded since",
        (*APPROVED, typed("resume", code=-9) | {"killed-in": "post-commit"}),
        FROM_APPROVED,
    ),
    "commit-refused": shed(
        "a hook refused the commit",
        (
            *APPROVED,
            written(".git/hooks/pre-commit", "#!/bin/sh\nexit 1\n"),
            {"chmod": ".git/hooks/pre-commit"},
            typed("resume", code=5),
            {"remove": ".git/hooks/pre-commit"},
        ),
        FROM_APPROVED,
    ),
    "half-way": shed("the first task is committed, the second one begun", HALF_WAY, SECOND_AND_THIRD),
    "half-way-in-review": shed(
        "the first task is committed, the second one waits for approval",
        (*HALF_WAY, *PAINT),
        (approved(), RESUMED, *WALLS, approved(), RESUMED_TO_THE_END),
    ),
    "torn-journal": shed(
        "the process died while it wrote a line",
        (*HALF_WAY, {"torn": '{"v":1,"seq":5,"at":"2026-01-'}),
        (RESUMED, *SECOND_AND_THIRD),
    ),
    "complete": shed("three tasks in three commits", COMPLETE, (RESUMED_TO_THE_END,)),
    "rejected": shed(
        "the first task was rejected",
        (*IN_REVIEW, typed("reject", "--reason", "not green enough")),
        (RESUMED, *handed_in("colour.txt", "greener\n"), approved(), *FROM_APPROVED),
    ),
    "begun-again": shed(
        "rejected, begun again, and noted",
        (
            *IN_REVIEW,
            typed("reject", "--reason", "not green enough", who=BOB),
            RESUMED,
            typed("note", "the sun faded it"),
        ),
        (*handed_in("colour.txt", "greener\n"), approved(), *FROM_APPROVED),
    ),
    "voided": shed(
        "what waited was changed, and an approval refused for it",
        (*IN_REVIEW, written("colour.txt", "red\n"), typed("approve", "--digest", "{digest}", code=2)),
        (RESUMED, done("--path", "colour.txt"), approved(), *FROM_APPROVED),
    ),
    "aborted": shed("aborted half-way", (*HALF_WAY, typed("abort", "--reason", "it was sold")), OVER),
    "rollback-plan-waits": shed("a rollback whose plan waits for approval", R1_WAITS, R2),
    "rolling-back": shed("a rollback whose plan is committed, R2 begun", (*R1_WAITS, *R2[:2]), R2[2:]),
    "rolled-back": shed("rolled back", (*R1_WAITS, *R2), OVER),
    "noted": shed(
        "remarks in and between tasks",
        (*BEGUN, typed("note", 'Ünïcode, "quoted"'), *COLOUR, typed("note", "while it waits", who=BOB)),
        (approved(), *FROM_APPROVED),
    ),
    "edit-taken": shed(
        "the runbook was edited under its run, and the edit taken",
        (*HALF_WAY, written("shed.md", EDITED), typed("resume", code=2), typed("resume", "--take-edit", code=3)),
        (*SECOND_AND_THIRD[:-1], RESUMED, *FOURTH),
    ),
    "edit-in-review": shed(
        "the task after an edit that was taken waits, and with it the edit",
        (*HALF_WAY, written("shed.md", EDITED), typed("resume", "--take-edit", code=3), *PAINT),
        (approved(), RESUMED, *WALLS, approved(), RESUMED, *FOURTH),
    ),
    "own-message": shed(
        "phasegate.yaml has a template of commit messages",
        HALF_WAY,
        SECOND_AND_THIRD,
        policy='commit: "docs({id}): {title}"\n',
    ),
    "one-of-two-approvals": shed(
        "two must approve, one of them has",
        (*IN_REVIEW, approved(BOB, "--comment", "a fine green")),
        (typed("approve", "--digest", "{digest}", who=BOB, code=2), RESUMED, approved(EVE), *FROM_APPROVED),
        policy='gates:\n  - gate: "1.1"\n    approvers: 2\n    who: ["*@example.com"]\n',
    ),
    "signed": Scenario(
        "a signed approval is given; nobody has its key any more",
        (*IN_REVIEW, approved(BOB, "--key", "{keys}/bob")),
        FROM_APPROVED,
        {"shed.md": SHED, "phasegate.yaml": SIGNED, "signers": 'bob@example.com namespaces="phasegate" {bob-key}\n'},
    ),
    "signed-and-committed": Scenario(
        "a signed approval is committed",
        (*IN_REVIEW, approved(BOB, "--key", "{keys}/bob"), RESUMED),
        SECOND_AND_THIRD,
        {"shed.md": SHED, "phasegate.yaml": SIGNED, "signers": 'bob@example.com namespaces="phasegate" {bob-key}\n'},
    ),
    "operator-may-approve": shed(
        "who handed in may approve, and did",
        (*IN_REVIEW, approved(ROBOT)),
        (RESUMED, *PAINT, approved(ROBOT), RESUMED, *WALLS, approved(ROBOT), RESUMED_TO_THE_END),
        policy="default:\n  operator_may_approve: true\n",
    ),
    "yes": shed(
        "a sandbox run whose gates --yes opened",
        (typed("run", "shed.md", "--sandbox", "--yes", "--until", "1.2"),),
        (typed("resume", "--yes"),),
    ),
    "adopted": Scenario(
        "two tasks of a half-done document were taken over; the first approver is to see it",
        (typed("run", "hut.md", "--adopt", code=3), *handed_in("boards.txt", "12\n")),
        (approved(), RESUMED, done("--skip", "no sandpaper"), approved(), RESUMED_TO_THE_END),
        {"hut.md": HUT},
    ),
    "skipped": Scenario(
        "an optional task is to be skipped, which waits for approval",
        (
            typed("run", "hut.md", "--adopt", code=3),
            *handed_in("boards.txt", "12\n"),
            approved(),
            RESUMED,
            done("--skip", "no sandpaper"),
        ),
        (approved(), RESUMED_TO_THE_END),
        {"hut.md": HUT},
    ),
    "opened-by-policy": Scenario(
        "a checkpoint's gate was opened by the policy",
        (typed("run", "hut.md", code=3), *handed_in("boards.txt", "12\n"), approved(), RESUMED),
        (*handed_in("roof.txt", "on\n"), approved(), RESUMED_TO_THE_END),
        {
            "hut.md": CHECKPOINT,
            "phasegate.yaml": 'tests: "test -f boards.txt"\ngates:\n  - gate: "2"\n    opened_by_policy: true\n',
        },
    ),
    "step-failed": Scenario(
        "a command of the first task failed",
        (typed("run", "ship.md", code=3), done("--no-files", "--run", "1", code=5)),
        (
            RESUMED,
            written("no-such-file", "now it is there\n"),
            done("--path", "no-such-file", "--run", "1"),
            approved(),
            RESUMED,
            done("--no-files"),
            approved(),
            RESUMED_TO_THE_END,
        ),
        {"ship.md": BROKEN},
    ),
    "phases": Scenario(
        "a phase with exit criteria attested, a command run and boxes of its own waits for approval",
        (
            typed("run", "ship.md", code=3),
            written("greeting.txt", "Hello\n"),
            done("--path", "greeting.txt", "--run", "all", "--attest", "all"),
        ),
        (approved(), RESUMED, done("--no-files"), approved(), RESUMED_TO_THE_END),
        {"ship.md": SHIP},
    ),
    "phases-asked": Scenario(
        "one of two exit criteria is attested, the other one is asked",
        (
            typed("run", "ship.md", code=3),
            written("greeting.txt", "Hello\n"),
            done("--path", "greeting.txt", "--run", "1", "--attest", "1", code=3),
        ),
        (
            done("--attest", "all", "--run", "all"),
            approved(),
            RESUMED,
            done("--no-files"),
            approved(),
            RESUMED_TO_THE_END,
        ),
        {"ship.md": SHIP},
    ),
    "checklist": Scenario(
        "the first section of a checklist waits for approval",
        (typed("run", "open.md", code=3), done("--no-files")),
        (approved(), RESUMED, done("--no-files"), approved(), RESUMED_TO_THE_END),
        {"open.md": CHECKLIST},
    ),
    "as-checklist": Scenario(
        "a phase workflow was read as a checklist because that was asked for",
        (typed("run", "ship.md", "--as", "checklist", code=3), done("--no-files", "--attest", "all")),
        (approved(), RESUMED_TO_THE_END),
        {"ship.md": SHIP},
    ),
    "stage-06-complete": stage_06(
        "stage-06 complete in the sandbox, whose state is not kept",
        (typed("run", "stage-06", "--sandbox", "--yes"),),
        (typed("resume"),),
    ),
    "stage-06-at-3.1": stage_06(
        "stage-06 waits for the approval of its change set, which went with the sandbox: "
        "the approval is void, another is made",
        (
            typed("run", "stage-06", "--sandbox", "--yes", "--until", "2.1"),
            written("answers.yaml", STAGE_ANSWERS),
            STAGE_WAITS,
        ),
        (approved(), STAGE_WAITS, approved(), typed("resume", "--until", "3.1")),
    ),
}
