"""Is a task a checkpoint? By its title: "Checkpoint - ...", "Backend checkpoint: ...", "Checkpoint Sprint 1", 检查点.

Rules:
- The word stands at the beginning, or behind up to three words that say of what; then comes `-`, a dash, `:` or
  nothing.
- "Implement checkpoint triggers" and "Write a checkpoint - often" are work: a verb or an article stands before the
  word, or more words behind it.
"""

from __future__ import annotations

import re
from functools import cache

from workflow.runbook.grammar import Grammar

_FIRST = r"(?:final\s+)?checkpoint(?:\s+\d+[a-z]?)?\s*(?:[-–—:]|$)"
_WORK = (
    "a|an|the|this|each|every|add|adjust|build|change|clean|configure|create|define|delete|design|disable|document|drop|"
    "enable|extend|extract|fix|handle|implement|improve|integrate|introduce|load|make|merge|migrate|move|persist|"
    "refactor|remove|rename|replace|restore|resume|rewrite|run|save|set|setup|store|support|take|test|update|use|"
    "validate|verify|wire|write"
)
CHECKPOINT_ELSEWHERE = (
    "检查点|檢查點|チェックポイント|체크포인트|контрольная точка|punto de control|"
    "ponto de verificação|point de contrôle|prüfpunkt|kontrollpunkt"
)
_LATER = (
    rf"(?:(?!(?:{_WORK})\b)[\w/&.'-]+\s+){{0,3}}checkpoint"
    r"(?:\s+(?:(?:after|before|at|of|for|end of)\s+)?(?:[\w-]+\s+)?\d+(?:\.\d+)*[a-z]?)?"
    r"\s*(?:\([^()]*\)\s*)?(?:[-–—:：]|$)"
    rf"|\S{{0,4}}\s*(?:{CHECKPOINT_ELSEWHERE})\s*\d*\s*(?:[-–—:：]|$)"
)
_LONGEST = 300  # signs of a title that are looked at
_IN_FRONT = r"^[^\w(]+"  # emoji


def is_checkpoint(title: str, grammar: Grammar) -> bool:
    """Whether a task with this title is a checkpoint."""
    if grammar.named_checkpoints:
        if title.isascii() and not any(word in title.lower() for word in ("checkpoint", "punto de", "kontrollpunkt")):
            return False  # by far the most
        return _pattern(_LATER).match(re.sub(_IN_FRONT, "", title[:_LONGEST])) is not None
    return _pattern(_FIRST).match(title) is not None


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
