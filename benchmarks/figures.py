"""Which figures tell whether the code is kept well? `python benchmarks/figures.py [DIRECTORY]` counts and prints them.

The figures of a look at the code from afar: none of them is a test, and each says where it looked. Needs nothing but
Python, so it counts any revision: `git worktree add ../then REVISION`, `python benchmarks/figures.py ../then`.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

LAYERS = ("state", "gates", "phases", "workflow")
PARTS_OF_A_RUN = {"workspace", "plan", "workflow", "journal", "gate", "doors", "settings"}
# what the journal's events and the evidence in them carry (docs/journal-format.md)
FIELDS = frozenset(
    re.findall(
        r"\w+",
        """
        path sha256 size name expected seen verdict where artifacts checks data review witness policy by request
        digest nonce shown_at expires_at times_covered git user host via admits signature comment approvers who
        operator_may_approve expires_after signed opened_by_policy allowed_signers revoked_keys files reason problems
        question answer effect intent result paths object message approval head dirty changed text after before task
        attempt branch from run workflow runbook runbook_sha256 tasks base sandbox adopted commit as plan key id title
        exit_criteria skip file body
        """,
    )
)
READERS = (
    "state/evidence.py",
    "state/event_base.py",
    "state/event_parts.py",
    "state/run_events.py",
    "state/task_events.py",
    "state/json_values.py",
    "state/events.py",
)
# names of values that are read from a journal; others with such keys are answers of AWS, contracts, plans for printing
JOURNAL_VALUES = re.compile(
    r"event|worked|evidence|check|artifact|approval|request|policy|start|rollback|handed_in|commit_intent|failure|by|"
    r"begun|recorded|section|entry|first|other|task|file|c"
)
NOT_JOURNALS = re.compile(r"phases/|workflow/(sandbox|config|cli/(plan|checks|stream|sandbox)|runbook|doors/(aws|git))")
BRANCHES = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.IfExp, ast.Assert)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def sources(root: Path) -> Iterator[tuple[str, str]]:
    """Path below the root, and text, of every module of the product."""
    for layer in LAYERS:
        for path in sorted((root / layer).rglob("*.py")):
            yield path.relative_to(root).as_posix(), path.read_text()


def with_many_parts(tree: ast.AST) -> int:
    """Functions that take three or more of the parts of a run."""
    return sum(len(PARTS_OF_A_RUN & _parameters(node)) >= 3 for node in ast.walk(tree) if isinstance(node, FUNCTIONS))


def _parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    taken = function.args
    return {each.arg for each in (*taken.posonlyargs, *taken.args, *taken.kwonlyargs)}


def string_reads(tree: ast.AST) -> set[int]:
    """Lines that read a field of an event or of evidence by its name: `x["verdict"]`, `x.get("by")`."""
    lines = set()
    for node in ast.walk(tree):
        held, key = _read(node)
        if key in FIELDS and held is not None and JOURNAL_VALUES.fullmatch(_innermost(held)):
            lines.add(node.lineno)  # type: ignore[attr-defined]
    return lines


def _read(node: ast.AST) -> tuple[ast.expr | None, object]:
    """What is read from, and the literal key."""
    match node:
        case ast.Subscript(value=held, slice=ast.Constant(value=key), ctx=ast.Load()):
            return held, key
        case ast.Call(func=ast.Attribute(value=held, attr="get"), args=[ast.Constant(value=key), *_]):
            return held, key
    return None, None


def _innermost(held: ast.expr) -> str:
    """The name that is read from: of `state.worked["checks"]` it is `worked`, of `(a or {})["b"]` it is `a`'s."""
    match held:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.BoolOp(values=[first, *_]):
            return _innermost(first)
        case ast.Subscript(value=inside) | ast.Call(func=ast.Attribute(value=inside)):
            return _innermost(inside)
    return ""


def complexity(function: ast.AST) -> int:
    """McCabe's number, as radon counts it: functions inside count for themselves."""
    number, open_ends = 1, list(ast.iter_child_nodes(function))
    while open_ends:
        node = open_ends.pop()
        if isinstance(node, FUNCTIONS):
            continue
        number += isinstance(node, BRANCHES)
        if isinstance(node, ast.For | ast.While | ast.AsyncFor):
            number += bool(node.orelse)
        if isinstance(node, ast.BoolOp):
            number += len(node.values) - 1
        if isinstance(node, ast.comprehension):
            number += 1 + len(node.ifs)
        if isinstance(node, ast.match_case) and not _is_wildcard(node.pattern):
            number += 1
        open_ends += ast.iter_child_nodes(node)
    return number


def _is_wildcard(pattern: ast.pattern) -> bool:
    return isinstance(pattern, ast.MatchAs) and pattern.pattern is None


def complex_functions(tree: ast.AST) -> int:
    """Functions of 11 or more: rank C or worse."""
    return sum(complexity(node) >= 11 for node in ast.walk(tree) if isinstance(node, FUNCTIONS))


def flat_modules(root: Path, directory: str) -> int:
    """Modules that are in this very directory."""
    return sum(path.name != "__init__.py" for path in (root / directory).glob("*.py"))


def switches(root: Path) -> int:
    """Places of the product where the formatter is switched off."""
    texts = (text for _, text in sources(root))
    return sum(text.count("# fmt: " + word) for text in texts for word in ("skip", "off"))


def figures(root: Path) -> dict[str, int]:
    """Each figure, by what it counts."""
    parsed = [(name, text, ast.parse(text)) for name, text in sources(root)]
    outside = [(name, tree) for name, _, tree in parsed if name not in READERS and not NOT_JOURNALS.match(name)]
    typed = [text for name, text, _ in parsed if not name.startswith("workflow/sandbox/")]
    return {
        "functions that take three or more parts of a run": sum(with_many_parts(tree) for _, _, tree in parsed),
        "lines that read fields of events or evidence by name": sum(len(string_reads(tree)) for _, tree in outside),
        "lines with Any outside of the sandbox": sum(
            bool(re.search(r"\bAny\b", line)) and not line.startswith(("from ", "import "))
            for text in typed
            for line in text.splitlines()
        ),
        "functions of complexity 11 or more (rank C)": sum(complex_functions(tree) for _, _, tree in parsed),
        "places where the formatter is off": switches(root),
        "flat modules in workflow": flat_modules(root, "workflow"),
        "flat modules in phases/stage_06": flat_modules(root, "phases/stage_06"),
        "flat modules in phases/aws_deploy": flat_modules(root, "phases/aws_deploy"),
    }


def main(arguments: list[str]) -> None:
    root = Path(arguments[0]) if arguments else Path(__file__).parent.parent
    for what, count in figures(root).items():
        sys.stdout.write(f"{count:>6}  {what}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
