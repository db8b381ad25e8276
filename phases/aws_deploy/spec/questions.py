"""What may aws-deploy ask? Every question of its steps, as it can be told before the run."""

from __future__ import annotations

from phases.asked import Asked
from phases.aws_deploy.spec.contacts import CONTACTS

_WORDS = "some words"
_YES_NO = ("yes", "no")
_NEW_ATTEMPT = "where an attempt before failed"
_IN_A_ROLLBACK = "in a rollback"


def _word(task: str, name: str, text: str, default: str | None, when: str = "") -> Asked:
    """What a person attests, in words of their own."""
    return Asked(name, text, task, default, expects=_WORDS, when=when)


def _decision(task: str, name: str, text: str, default: str | None, choices: tuple[str, ...], when: str = "") -> Asked:
    """What a person must think about."""
    return Asked(name, text, task, default, choices, when=when, suggest=False)


QUESTIONS = (
    Asked(
        "region",
        "Which AWS region is deployed to?",
        "Phase 1",
        expects="a region such as eu-west-1; by default the configured one",
        is_region=True,
    ),
    Asked("scope", "Which components are deployed?", "Phase 1", "all", expects="all, or names of components"),
    _word(
        "Phase 1",
        "infrastructure-changes",
        "Which infrastructure changes does this deployment need?",
        "those of the checks of phase 3",
    ),
    *(_word("Phase 1", name, text, None) for name, text in CONTACTS.values()),
    _word(
        "Phase 1",
        "rollback-strategy",
        "How is this deployment taken back?",
        "each component's rollback command in reverse order; data from the backups of phase 2",
    ),
    _word("Phase 1", "expected-downtime", "Which downtime is expected?", "none"),
    _decision(
        "", "use-changed-deployment-*", "Use deployment.yaml as it is now?", None, ("use",), "where it was changed"
    ),
    _word(
        "Phase 2",
        "secrets-management",
        "Where do this environment's secrets live, and who may read them?",
        "there are none",
    ),
    _decision(
        "Phase 3", "applied-*", "Are the changes of this round applied?", None, ("applied",), "where no command does it"
    ),
    _decision(
        "Phase 3",
        "infrastructure-confirmed",
        "Are all changes applied that were meant?",
        "confirmed",
        ("confirmed",),
        "where a command applied them",
    ),
    Asked(
        "deploy-again-*",
        "Which components are deployed again?",
        "Phase 4",
        "all",
        expects="all, none, or names of components",
        when=_NEW_ATTEMPT,
        suggest=False,
    ),
    _decision(
        "", "*-interrupted-*", "A command was interrupted.", None, ("done", "repeat"), "where a process died in it"
    ),
    _word(
        "Phase 5",
        "encryption-in-transit",
        "How is data encrypted on its way (TLS where, plain where)?",
        "TLS everywhere",
    ),
    _word("Phase 5", "auto-shutdown", "What switches itself off when it is not needed, and does it?", "nothing has to"),
    _word("Phase 5", "unnecessary-resources", "Which resources does nobody need?", "none"),
    _word(
        "Phase 5",
        "database-off-hours",
        "Which database is scaled down in off-hours, or why not?",
        "none",
        "where a table or a database carries the tags",
    ),
    _word(
        "Phase 5",
        "database-queries",
        "Which queries were looked at for their cost, and how?",
        "none",
        "where a table or a database carries the tags",
    ),
    _word(
        "Phase 5",
        "model-responses",
        "How were the model's responses tested, and by whom?",
        None,
        "where a component is of kind ai-ml",
    ),
    _word(
        "Phase 5",
        "model-updates",
        "How was the update of the model validated against the one before?",
        None,
        "where a component is of kind ai-ml",
    ),
    _word("Phase 6", "known-problems", "Which problems are known, and what helps?", "none is known yet"),
    _word(
        "Phase 7",
        "rollback-of-*",
        "How is this component taken back?",
        None,
        "for each component without a rollback command",
    ),
    Asked(
        "rehearsal-environment",
        "In which environment is the rollback rehearsed ('none': it is not tested)?",
        "Phase 7",
        expects="an environment's name that is not the deployed one, or none",
        suggest=False,
    ),
    _word("Phase 7", "team-aware", "Who has read the rollback plan and knows what to do?", "the operator"),
    _word("Phase 8", "cost-optimization", "What is unused, too large, or moved about too much?", "nothing was found"),
    _word("Phase 8", "issues", "Which issues were met, and how were they resolved?", None),
    _word("Phase 8", "guides-updated", "Which deployment guides were updated?", "none had to be"),
    _word("Phase 8", "diagrams-updated", "Which architecture diagrams were updated?", "none had to be"),
    _word("Phase 8", "lessons-learned", "What was learnt that others should know?", "nothing new"),
    Asked(
        "watch-until",
        "Until when is it watched?",
        "Phase 8",
        expects="a time with its offset, such as 2026-01-02T03:04:05+00:00",
    ),
    _decision("Phase 8", "notify-again-*", "Are people notified again?", "no", ("no", "yes"), _NEW_ATTEMPT),
    _decision(
        "",
        "*-*-arrived-*",
        "Did the notice arrive?",
        None,
        ("arrived", "again"),
        "where a process died while it was sent",
    ),
    _decision("R3", "taken-back-*", "Is this component taken back?", "stays", ("taken back", "stays"), _IN_A_ROLLBACK),
    _decision(
        "R4",
        "taken-back-infrastructure",
        "Is the infrastructure taken back?",
        "stays",
        ("taken back", "stays"),
        _IN_A_ROLLBACK,
    ),
    _decision("R4", "take-back-infrastructure", "Take the infrastructure back?", "yes", _YES_NO, _IN_A_ROLLBACK),
    _decision("R5", "restore-*", "Is the data of this table damaged?", "no", _YES_NO, _IN_A_ROLLBACK),
    _decision("R6", "remove-monitoring", "Remove what was put up to watch it?", "no", _YES_NO, _IN_A_ROLLBACK),
    _word(
        "R6", "rollback-stable", "Is it stable again, and how was that seen?", "nothing else was seen", _IN_A_ROLLBACK
    ),
    _word(
        "R6",
        "rollback-lessons",
        "What led to this, and what keeps it from coming again?",
        "not known yet",
        _IN_A_ROLLBACK,
    ),
)
