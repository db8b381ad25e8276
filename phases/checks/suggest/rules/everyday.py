"""Rules for what most lists ask, in whatever order its words stand: types, pages, what git ignores, the repository."""

from __future__ import annotations

from phases.checks.suggest.proposal import Name, Rule
from phases.checks.suggest.rules.any_order import in_any_order
from phases.checks.suggest.rules.entries import command

_PASSES = r"pass(?:es|ed|ing)?|green|succeed(?:s|ed)?|successful|clean(?:ly)?|without errors|works?|working"
_VERIFIED = r"verified|confirmed|checked|tested|verify|check|confirm|test"

RULES = (
    Rule(
        "types that are checked",
        in_any_order(
            r"type[- ]?check(?:s|ing)?|TypeScript compilation|TypeScript",
            rf"{_PASSES}|no errors|error-free|compiles",
            also=r"TypeScript|strict|mode|code|all|checks?|compilation",
        ),
        command("sh -c {types-command}", changes=True),
        "it found nothing here and now, not: that its rules are strict",
        ("TypeScript typecheck passing", "TypeScript strict mode passes"),
        (
            "Type checks planned",
            "Blood type check passed",
            "TypeScript tests passing",
            "TypeScript migration successful",
        ),
        context="operations",
        names={"types-command": Name("Which command checks the types?")},
    ),
    Rule(
        "page that is live",
        r"(?:the |our )?(?P<page>privacy policy|terms(?: of (?:service|use))?|support|landing|status|help|pricing"
        r"|documentation|imprint|cookie policy|demo)(?: (?:URL|page|link|site))(?: (?:is|are))? "
        r"(?:live|online|accessible|reachable|up|works|working|loads|available|published)",
        command("curl -fsS -o /dev/null {public-page-url}"),
        "it answers without an error now, not: with the right text",
        ("Privacy policy URL is live", "Terms of service link works"),
        ("Privacy policy is approved", "Support team is reachable", "Terms of service page drafted"),
        context="operations",
        names={"public-page-url": Name("What is the URL of the page ({})?", group="page")},
    ),
    Rule(
        "file that git ignores and never had",
        r"(?P<path>\.env(?:\.[\w-]+)*)(?: files?)?(?: (?:is|are))? (?:in|added to|listed in|ignored (?:by|in)) "
        r"(?:the )?\.?gitignore,? (?:and|but) (?:is |are )?(?:not|never) (?:committed|tracked|in git|pushed)",
        command('git check-ignore -q --no-index $path && test -z "$(git ls-files -- $path)"', changes=True),
        "ignored, and not in git now, not: that it never was",
        ("`.env` file is in `.gitignore` and not committed", "`.env.local` is in .gitignore and not tracked"),
        ("`.env` is committed", "`.env` is in .gitignore and not read"),
        context="any",
    ),
    Rule(
        "repository that can be read",
        in_any_order(
            r"(?:Git|GitHub) repository|(?:Git|GitHub) repo|repository|repo",
            r"access|accessible|reachable",
            also=rf"available|granted|to|Git|GitHub|{_VERIFIED}",
        ),
        command("git ls-remote --exit-code origin HEAD", changes=True),
        "this machine may read the remote, not: that it may write",
        ("Git repository access", "Repository is accessible"),
        ("Repository access reviewed", "Docker repository access", "Repository accessible to customers"),
        context="operations",
        around=r"(?i)\bgit|clone",
    ),
)
