"""Rules for what a project's own commands look at: links, spelling, documentation, packages, formats, warnings.

Each asks for its command by the kind: two kinds never share a question.
"""

from __future__ import annotations

from phases.checks.suggest.proposal import Name, Rule
from phases.checks.suggest.rules.entries import command

_PASS = (
    r"(?: (?:is|are|all|have|run|was|were))*(?: all)? (?:pass(?:es|ed|ing)?|succeed(?:s|ed)?|successful(?:ly)?|green"
    r"|clean"
    r"|completed?(?: without errors)?)"
)
_BUILDS = r"(?: (?:is|are|all|still))* (?:builds?|built)(?: (?:cleanly|successfully|without (?:any )?errors))?"
_DOCS = r"(?:the |project |API |HTML |sphinx |mkdocs )*(?:docs?|documentation)(?: (?:site|website))?"
_PACKAGES = r"(?:the |source |python |release |npm |distribution )*(?:package|sdist|wheel|distribution|sdist and wheel)"


def _by_command(
    kind: str, head: str, name: str, ask: str, unproved: str, words: tuple[tuple[str, ...], tuple[str, ...]]
) -> Rule:
    return Rule(
        kind,
        head,
        command(f"sh -c {{{name}}}", changes=True),
        unproved,
        words[0],
        words[1],
        context="operations",
        names={name: Name(ask)},
    )


RULES = (
    _by_command(
        "links",
        r"no (?:broken|dead) links(?: (?:in|on) (?:the )?(?:README|docs|documentation|site|website))?"
        r"|(?:all )?(?:the )?(?:README |docs |documentation |GitHub |external |internal )*links (?:are |all"
        r" )*(?:working|work"
        r"|valid|resolve|not broken)|(?:run (?:the )?)?(?:broken )?link check(?:er|s)?(?: (?:passes|passed|clean))?"
        r"|(?:links|URLs) (?:checked|verified|validated)",
        "link-check-command",
        "Which command ends with 0 only when these links are not broken?",
        "they answer today, from here, not: with the right page",
        (
            ("No broken links in docs", "Verify GitHub links are working", "Links checked"),
            ("Links added", "Links reviewed by Ada", "All links work as buttons"),
        ),
    ),
    _by_command(
        "spelling",
        r"(?:run (?:the )?)?spell[- ]?(?:ing )?check(?:er|s)?(?:\(\))?(?: (?:is |are )?(?:passes|passed|pass|clean|run"
        r"|done))?"
        r"|(?:run )?spell_check\(\)|no (?:spelling (?:errors|mistakes)|typos)(?: (?:in|found in) (?:the )?(?:docs"
        r"|documentation|README))?|spelling (?:checked|verified)",
        "spelling-command",
        "Which command ends with 0 only when the spelling is right?",
        "what its dictionary knows, not: that the words are the right ones",
        (
            ("Run `spell_check()`", "Spell check passes", "No spelling mistakes"),
            ("Spelling of the name agreed", "Spell book passes"),
        ),
    ),
    _by_command(
        "documentation that builds",
        rf"(?:{_DOCS}{_BUILDS}|build (?:the )?{_DOCS}(?: (?:locally|without errors|successfully))?"
        rf"|{_DOCS} build{_PASS})",
        "docs-build-command",
        "Which command builds the documentation?",
        "it builds here and now, not: that it is what is published, and not what stands in it",
        (
            ("Docs build successfully", "Build the docs site", "Documentation build passes"),
            ("Docs build without warnings", "Documentation rebuilt and pushed", "Docs of the build passed on"),
        ),
    ),
    _by_command(
        "documentation without warnings",
        rf"{_DOCS}(?: build(?:s)?)?(?: (?:is|are))?(?: (?:cleanly and|successfully and))? (?:without|with no|with zero"
        r"|with 0) (?:any )?(?:errors (?:or|and) warnings|warnings(?: (?:or|and) errors)?)",
        "strict-docs-build-command",
        "Which command builds the documentation, and ends with 0 only without warnings?",
        "it builds so here and now, not: that it is what is published",
        (
            ("Docs build without warnings", "Documentation builds with no errors or warnings"),
            ("Docs without pictures", "Docs warn without warnings"),
        ),
    ),
    _by_command(
        "build without warnings",
        r"(?:no|zero|0) (?:compiler|compilation|build) warnings|(?:clean )?(?:build|compiles|builds|compilation"
        r"|project builds"
        r"|code compiles)(?: (?:is|passes|succeeds|completes))? (?:without|with no|with zero|with 0) (?:any"
        r" )?(?:compiler )?"
        r"(?:warnings(?: (?:or|and) errors)?|errors (?:or|and) warnings)",
        "warning-free-build-command",
        "Which command builds it, and ends with 0 only without warnings?",
        "it builds so here and now, not: on another machine",
        (
            ("No compiler warnings", "Build completes without warnings", "Builds with no errors or warnings"),
            ("No warnings", "No console warnings", "Build trust without warnings"),
        ),
    ),
    _by_command(
        "package that builds",
        rf"{_PACKAGES}(?: (?:is|are))? (?:builds?|built)(?: (?:cleanly|successfully|without (?:any )?errors|locally))?"
        rf"|build (?:the )?{_PACKAGES}(?: locally)?",
        "package-build-command",
        "Which command builds the package?",
        "it builds here and now, not: that it is what is published",
        (
            ("Package builds without errors", "Build the sdist and wheel", "Package built successfully"),
            ("Package tours built", "Build the package manager", "Package published"),
        ),
    ),
    _by_command(
        "format",
        rf"(?:all )?(?:code )?(?:format(?:ting)?|style)(?: checks?)?{_PASS}|(?:all )?code(?: is| has been)? formatted"
        r"(?: with [\w.-]+)?|formatted code with [\w.-]+",
        "format-command",
        "Which command ends with 0 only when nothing is left to format?",
        "it found nothing here and now, not: that its rules are the team's",
        (
            ("Code formatting passes", "Formatted code with `styler`", "Code is formatted"),
            ("Format agreed", "Style guide passes review", "Code formatted in the book"),
        ),
    ),
    _by_command(
        "lint and format",
        rf"(?:all )?(?:code )?lint(?:ing|er)?(?: and |, | & | ?/ ?)(?:format(?:ting)?|style)(?: checks?)?{_PASS}",
        "lint-and-format-command",
        "Which command lints, and looks whether something is left to format?",
        "it found nothing here and now, not: that its rules are the team's",
        (
            ("Code linting & formatting checks passed", "Lint and format checks pass"),
            ("Lint and format agreed", "Linting and tests pass"),
        ),
    ),
    _by_command(
        "syntax",
        r"(?:\w+ )?syntax checks?(?: (?:is|are|all))* (?:pass(?:es|ed)?|clean|green)|no syntax errors",
        "syntax-command",
        "Which command checks the syntax?",
        "it found nothing here and now, not: that it looks at each file",
        (
            ("Lua syntax checks pass", "No syntax errors"),
            ("Syntax checked by Ada", "Syntax passes from book to book"),
        ),
    ),
    _by_command(
        "minimum of coverage",
        r"(?:code |test )*coverage (?:meets|is above|exceeds|at or above|reaches|is at)(?: or exceeds)? (?:the"
        r" )?(?:minimum"
        r" |required |project )*threshold",
        "coverage-command",
        "Which command ends with 0 only when enough is covered?",
        "the share that its tool counts, not: that the tests test something",
        (
            ("Coverage meets the threshold", "Code coverage meets minimum threshold"),
            ("Coverage of the press meets expectations", "Coverage threshold agreed"),
        ),
    ),
    Rule(
        "share that is covered",
        r"(?:code |test )*coverage(?: (?:is|meets|at|above|stays))?(?: (?:the )?(?:minimum )?(?:threshold|target"
        r"|satisfactory"
        r"|sufficient|maintained|acceptable))?",
        command("sh -c {coverage-command}", changes=True),
        "the share that its tool counts, not: that the tests test something",
        ("Code coverage is satisfactory (>70%)", "Code coverage meets minimum threshold (>80%)", "Coverage (>= 90 %)"),
        ("Code coverage", "Press coverage is satisfactory (Monday)", "Coverage is satisfactory"),
        context="operations",
        remark=r"^(?:>=?|≥|at least|above|over|minimum:?) ?(?P<least>\d+) ?%\+?$",
        names={"coverage-command": Name("Which command ends with 0 only when enough is covered?")},
        firm=True,
    ),
    Rule(
        "tests of an R package",
        r"(?:(?:all )?(?:local |unit )?tests pass )?devtools::test\(\)(?: passes)?|(?:all )?(?:local )?tests pass(?:"
        r" locally)?",
        command("Rscript -e 'devtools::test(stop_on_failure = TRUE)'", changes=True),
        "they passed here and now, not: that they test enough",
        ("All local tests pass (`devtools::test()`)",),
        ("All local tests pass (`make test()`)", "All tests agreed (`devtools::test()`)"),
        context="operations",
        remark=r"^devtools::test\(\)$",
    ),
    Rule(
        "check of an R package",
        r"devtools::check\(\) (?:has|shows|gives|returns|with) (?:no|0|zero) errors(?: or |, | and )warnings",
        command("Rscript -e 'devtools::check(error_on = \"warning\")'", changes=True),
        "it found none here and now, not: on CRAN's machines",
        ("Confirm `devtools::check()` has no errors or warnings",),
        ("`devtools::check()` has no errors, warnings, or notes", "`devtools::check()` read"),
        context="any",
    ),
)
