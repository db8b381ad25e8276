"""Does a command only read? Decides which commands of a runbook may be run on a plain yes.

Rules:
- Only what is known to read counts: a table of programs and their reading verbs, nothing is inferred from a name.
- Anything that a shell could make more of (redirection into a file, substitution, a list, a background job) does not
  count; a pipe of reading commands does.
- A command that reads may still show a secret: output is masked wherever it is kept.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping, Sequence

# Source: AWS CLI Command Reference; operations that begin like this have the access level List or Read in the service
# authorization reference, but for those named here, which hand out credentials or secrets.
_AWS_READS = re.compile(r"(?:describe|list|get|head|batch-get|lookup|search|filter|scan|query|wait)(?:-|$)|ls$")
_AWS_SECRET = re.compile(
    r"get-secret-value|get-session-token|get-federation-token|get-login-password|get-credentials"
    r"|get-authorization-token|get-password-data|get-parameter|get-object$|assume-role"
)
_CURL_WRITES = re.compile(r"-[A-Za-z]*[XdFToOKu]|--(?:request|data|form|upload|output|remote-name|config|user|json)")


def _first(*verbs: str) -> Callable[[Sequence[str]], bool]:
    return lambda words: bool(words) and words[0] in verbs


def _always(_words: Sequence[str]) -> bool:
    return True


def _aws(words: Sequence[str]) -> bool:
    plain = [word for word in words if not word.startswith("-")]
    if len(plain) < 2 or _AWS_SECRET.match(plain[1]):
        return False
    return bool(_AWS_READS.match(plain[1])) or plain[:2] == ["cloudformation", "validate-template"]


def _curl(words: Sequence[str]) -> bool:
    return not any(_CURL_WRITES.match(word) for word in words if word.startswith("-"))


def _find(words: Sequence[str]) -> bool:
    return not any(re.match(r"-(?:delete|exec|ok|fprint|fls)", word) for word in words)


def _version(words: Sequence[str]) -> bool:
    return list(words) in (["--version"], ["-V"], ["version"], ["-v"])


def _git(words: Sequence[str]) -> bool:
    rest = list(words)
    while rest and rest[0] in ("-P", "--no-pager"):
        rest.pop(0)
    reads = _first("status", "log", "diff", "show", "ls-files", "rev-parse", "describe", "blame")(rest)
    return reads and not any(word.startswith(("--output", "--ext-diff", "--textconv")) for word in rest)


_READS: Mapping[str, Callable[[Sequence[str]], bool]] = {
    **dict.fromkeys(
        (
            "cat",
            "cut",
            "date",
            "df",
            "diff",
            "du",
            "echo",
            "file",
            "grep",
            "head",
            "jq",
            "ls",
            "ps",
            "pwd",
            "sha256sum",
            "stat",
            "tail",
            "test",
            "tr",
            "true",
            "uname",
            "wc",
            "which",
            "whoami",
        ),
        _always,
    ),
    "aws": _aws,
    "curl": _curl,
    "find": _find,
    "git": _git,
    "cdk": lambda words: _first("list", "ls", "diff")(words) or _version(words),
    "terraform": lambda words: _first("validate", "show", "output", "version")(words),
    "kubectl": _first("get", "describe", "logs", "version"),
    "docker": _first("ps", "images", "inspect", "logs", "version"),
    **dict.fromkeys(("python", "python3", "node", "npm", "pnpm", "pip", "make", "go", "cargo", "java"), _version),
}


def only_reads(command: str) -> bool:
    """Whether this command, as a shell would take it, is known to read and nothing else."""
    if re.search(r"[;&<>`\n]|\$\(|\|\|", command.replace("2>&1", "").replace("2>/dev/null", "")):
        return False
    try:
        parts = [shlex.split(part) for part in command.split("|")]
    except ValueError:
        return False  # an open quote, or a | within one
    return all(part and part[0] in _READS and _READS[part[0]](part[1:]) for part in parts)
