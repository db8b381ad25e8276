"""Rules for who is logged in on this machine: the command lines of hosts, registries and clouds."""

from __future__ import annotations

from phases.checks.suggest.proposal import Entry, Rule
from phases.checks.suggest.rules.entries import command

UNPROVED = "somebody is logged in here, not: who, and what they may do"
_IN = r"(?:logged[- ]?in|authenticated|signed in|login (?:verified|successful|confirmed))"


def _rule(name: str, called: str, run: str, example: str, *, entry: Entry | None = None) -> Rule:
    """A command line of which its own command says whether somebody is logged in."""
    return Rule(
        f"logged in at {name}",
        rf"(?:{called})(?: CLI)?(?: (?:is|are|installed(?:,| and)?|has been))*"
        rf" {_IN}(?: (?:locally|on this machine|here))?"
        rf"|(?:(?:you are|you're) )?(?:logged in(?:to)?|authenticated|signed in)(?: (?:to|into"
        rf"|at))? (?:the )?(?:{called})(?: CLI)?",
        entry or command(run, changes=True),
        UNPROVED,
        (f"{example} CLI logged in", f"Logged in to {example}"),
        (
            f"{example} login page styled",
            f"{example} CLI logged in as the owner",
            f"Users logged in with {example}",
            f"{example} account created",
        ),
        context="any",
        firm=True,
    )


RULES = (
    _rule("GitHub", r"GitHub|gh", "gh auth status", "GitHub"),
    _rule("Azure", r"(?:Microsoft )?Azure|az", "az account show --output none", "Azure"),
    _rule(
        "Google Cloud",
        r"gcloud|Google Cloud(?: SDK)?|GCP",
        "",
        "gcloud",
        entry={
            "command": {"run": "gcloud auth list --filter=status:ACTIVE --format=json", "changes": True},
            "expression": "[].account",
            "expect": "present",
        },
    ),
    _rule("Vercel", r"Vercel", "vercel whoami", "Vercel"),
    _rule("Railway", r"Railway", "railway whoami", "Railway"),
    _rule("Heroku", r"Heroku", "heroku auth:whoami", "Heroku"),
    _rule("Fly.io", r"Fly\.io|flyctl|fly", "flyctl auth whoami", "Fly.io"),
    _rule("npm", r"npm(?: registry)?", "npm whoami", "npm"),
    _rule("Pulumi", r"Pulumi", "pulumi whoami", "Pulumi"),
    _rule("EAS", r"EAS|Expo", "eas whoami", "Expo"),
    _rule("DigitalOcean", r"DigitalOcean|doctl", "doctl account get", "DigitalOcean"),
)
