"""Which words of a heading or a label say that something is done in some case only, or on the way back?

Rules:
- A condition begins with If, says "if needed", "only if" or "if necessary", or is about a failure ("On failure", "When
  something goes wrong"); the like in a few other languages.
- The way back is called rollback, back-out, troubleshooting or emergency; and fallback, revert and the like where that
  is all that it is called ("Fallback plan", "Rückfallplan", 回滚步骤). "Test the rollback" and "Rollback preparation"
  go forward.
"""

from __future__ import annotations

import re

_NUMBER = (
    r"(?i)^[^\w(]*(?:(?:phase|stage|step|part|task)\s+)?"
    r"(?:\d{1,6}[a-z]?(?:\.\d{1,6}[a-z]?)*\b|[A-Z]\b(?=[.:)]))?[\s.:)–—-]*"
)
_HEADING_CONDITION = r"(?i)^(?:only\s+)?if\b|\bif needed\b|\bonly if\b|\bif necessary\b"
_SE = r"se\s+(?:a|o|as|os|il|lo|la|algo|alguma?|qualcosa|der|for|houver|não|non|necess\w+)\b"  # "Se ejecuta" is no if
_ELSEWHERE = (
    rf"(?i)^(?:nur\s+)?(?:wenn|falls)\b|^(?-i:Si|si)\b|^{_SE}|^(?:если|如果|若|もし|万一|만약)|場合(?:は|のみ)?[)）]?$"
    r"|\b(?:bei bedarf|falls (?:nötig|erforderlich)|si (?:es )?necesario|si nécessaire|se necess[aá]ri[oa])\b"
    r"|必要に応じて|^(?:im fehlerfall|bei (?:fehlern?|problemen)|en cas d|en caso de (?:fallo|error|problema)"
    r"|em caso de (?:falha|erro)"
    r"|in caso di (?:errore|problem)|при (?:сбое|ошибке))"
)
_MAY_BE_ELSEWHERE = (
    r"(?i)wenn|falls|\bsi\b|\bse\b|если|如果|若|もし|万一|만약|場合|必要に|bedarf|fehler|problem|e[nm] cas|in caso|при "
)
_LINE_IFS = rf"(?:If\s|Wenn\s|Falls\s|Si\s|(?i:{_SE})|Если\s|如果|若|もし|万一|만약)|.*場合(?:は|のみ)?[:：][*_]*$"
_OPTIONAL = (
    r"(?i)[(\[（](?:optional|opcional|optionnel(?:le)?|facultati(?:f|ve)|facoltativ[oa]|opzionale|необязательно|任意|"
    r"可选|可選|선택|nice[- ]to[- ]have|stretch(?:[- ]goals?)?)[)\]）]"
    r"|^\W*(?:optional|opcional|facultatif)\s*(?:[:：–—-]\s|$)|^\W*(?:nice[- ]to[- ]haves?|stretch[- ]goals?)\W*$"
)
_ON_FAILURE = (
    r"(?i)^(?:on|upon|in (?:the )?(?:case|event) of)\s+(?:\w+\s+){0,3}(?:failures?|errors?|problems?|trouble)\W*$"
    r"|^when\b.*\b(?:fails?|failed|wrong|errors?|breaks?|broken)\b|^what if\b"
)
_OF_FAILURE = ("fail", "wrong", "error", "problem", "trouble", "break", "broken", "what if")
_ONLY_IF = r"(?i)(?:^|[\s(,;:\u2013\u2014-])(?:only\s+)?if\s+([^()]+?)\s*\)?$"
_NEEDED = ("needed", "necessary", "required")
_LONGEST = 300  # signs of a heading that are looked at
_BACK = r"(?:roll(?:ing|ed|s)?[ -]?backs?|back(?:ing|ed|s)?[ -]?outs?|trouble-?shooting|emergency|emergencies)"
_NO_EMERGENCY = (  # "Emergency deployment" is work in a hurry
    r"(?!(?<=emergency)\s+(?!(?:procedures?|protocols?|plans?|steps?|responses?|contacts?|actions?|stops?|shut-?downs?|"
    rf"recovery|restores?|switch|runbooks?|checklists?|access|abort|exit|measures?|handling|instructions|{_BACK})\b)\w)"
)
_WAY_BACK = rf"(?i)\b{_BACK}\b(?!-\w){_NO_EMERGENCY}"
_FORWARD = (
    r"(?i)\b(?:prepar\w*|rehears\w*|practi[cs]e|test|tests|testing|verify|document|define|write|create|implement|build|"
    rf"add|design|review|plan(?= (?:the|a|for)\b)|user story|feature|support)\b.*\b{_BACK}\b"
    rf"|\b{_BACK}\s+(?:(?:and|&) \w+ )?(?:prep\w*|readiness|rehears\w*|drills?|tests?\b|testing|support|feature|"
    r"requirements?\b)"
    rf"|^[^\w]*(?:task|work package|story|epic|WP)\s*[\w.-]*\d\b.*\b{_BACK}\s+(?:\w+ )?(?:guides?|docs?|"
    r"documentation|pages?|trees?)\b"
)
_BETWEEN_PARTS = r"(?i)[,;/&+]|\b(?:and|or)\b"
_PART_OF_BACK = (
    rf"(?i)\b{_BACK}\b|\b(?:recover|restor|revert|undo|abort|contingenc|fall-?back|incident|escalat|disaster|fail|"
    r"support|contact|procedure|plan|strateg|trigger|step|criteria|error|debug|FAQ)\w*"
)
_PLAN = r"plans?|procedures?|steps?|path|instructions?|actions?"
_ONLY_BACK = (  # where this is all that a heading says
    rf"(?i)[\W_]*(?:(?:how\s+to|the|{_PLAN}|plano|piano|procédure|procedimiento|procedimento|процедура|план)\s+)?"
    r"(?:(?:de|di|do|da)\s+|d['’])?"
    rf"(?:(?:fall-?back|fall\s+back|contingency|revert|reverting)(?:\s+(?:{_PLAN}))?"
    r"|rückfall(?:plan|szenario|strategie)?|rückabwicklung|zurückrollen|retour\s+arrière|marche\s+arrière|vuelta\s+atrás"
    r"|marcha\s+atrás|reversión|reversão|retorno|ripristino|откат(?:а)?"
    r"|(?:回滚|回退|回復|ロールバック|切り戻し|롤백)\s*(?:方案|步骤|計画|计划|流程|手順|절차|계획)?)[\W_]*$"
)
_BACK_LABEL = (  # a line about going back, or the beginning of one: "To roll back:", "**Rollback**: `make undo`"
    rf"(?i)[\W_]*(?:(?:to|for|how\s+to)\s+)?(?:the\s+)?(?:{_BACK}|fall-?back|revert)(?:\s+(?:{_PLAN}|commands?))?"
    r"[*_]*\s*[:：]"
)
_MAY_BE_LABEL = r"(?i)back|out|trouble|emergenc|revert|rück|arrière|atrás|revers|ripristino|откат|回|ロール|切り|롤백"
_MAY_BE_ONLY_BACK = r"(?i)fall|conting|revert|rück|arrière|atrás|revers|retorno|ripristino|откат|回|ロール|切り|롤백"


def the_case(condition: str) -> str:
    """The case alone: `no-go` of "Roll back (only if no-go)"; the condition itself where it says so in other words."""
    text = bare_name(condition[:_LONGEST]).strip(" :*_")
    found = re.search(_ONLY_IF, text)
    if found is None:
        return text
    what, before = found[1].strip(), what_is_done(condition)
    return f"{before or 'it'} is {what}" if what.lower() in _NEEDED else what


def what_is_done(condition: str) -> str:
    """What stands before the case: `Roll back` of "Roll back (only if no-go)"; "" where nothing does."""
    text = bare_name(condition[:_LONGEST]).strip(" :*_")
    found = re.search(_ONLY_IF, text)
    return text[: found.start()].rstrip(" (,;:\u2013\u2014-") if found else ""


def only_in_a_case(title: str, condition: str, *, alone: bool) -> str:
    """That a section is done in some case only; `alone`: with the title only where that does not say so itself."""
    if not alone:
        return f"{title}: done only in this case: {condition}"
    said = f"done only in this case: {the_case(condition)}"
    return said if condition.strip(" :*_").lower() in title.lower() else f"{title}: {said}"


def names_more(heading: str) -> bool:
    """Whether a heading of the way back names something else beside it: "Rollback, roll-forward and kill switches"."""
    before, _, behind = _around_way_back(bare_name(heading[:_LONGEST]))
    own, *others = re.split(_BETWEEN_PARTS, behind)
    if any(_is_other(part) for part in re.split(_BETWEEN_PARTS, before)[:-1]):
        return True
    return not _is_other(own) and any(_is_other(part) for part in others)  # not "Rollback of the API and the queue"


def _around_way_back(name: str) -> tuple[str, str, str]:
    match = re.search(_WAY_BACK, name)
    return (name[: match.start()], match[0], name[match.end() :]) if match else ("", "", name)


def _is_other(part: str) -> bool:
    """Whether a part of a heading has words, and none of them is about the way back."""
    return re.search(r"\w", part) is not None and re.search(_PART_OF_BACK, part) is None


def is_conditional(heading: str) -> bool:
    """Whether a heading says in which case its section is done."""
    heading = heading[:_LONGEST]
    lower = heading.lower()
    if "if" in lower and re.search(_HEADING_CONDITION, bare_name(heading)):
        return True
    if re.search(_MAY_BE_ELSEWHERE, lower) and re.search(_ELSEWHERE, bare_name(heading)):
        return True
    if not any(word in lower for word in _OF_FAILURE):
        return False  # nearly all: nothing is compiled for them
    return re.search(_ON_FAILURE, bare_name(heading)) is not None and re.search(_WAY_BACK, heading) is None


def is_way_back(heading: str) -> bool:
    """Whether a heading is about going back, not about getting ready for it."""
    heading = heading[:_LONGEST]
    if re.search(_MAY_BE_ONLY_BACK, heading) and re.match(_ONLY_BACK, bare_name(heading)):
        return True
    lower = heading.lower()
    if not ("back" in lower or "out" in lower or "trouble" in lower or "emergenc" in lower):
        return False  # nearly all: nothing is compiled for them
    return re.search(_WAY_BACK, heading) is not None and re.search(_FORWARD, heading) is None


def may_be_way_back(line: str) -> bool:
    """Whether a line could be about going back: a quick look."""
    return re.search(_MAY_BE_LABEL, line) is not None


def begins_with_way_back(line: str) -> bool:
    """Whether a line begins with a label that is about going back: "Rollback: restore the snapshot"."""
    return re.match(_BACK_LABEL, line) is not None


def is_optional(heading: str) -> bool:
    """Whether a heading says that what stands below it is optional."""
    return re.search(_OPTIONAL, bare_name(heading[:_LONGEST])) is not None


def is_about_a_case(heading: str) -> bool:
    """Whether a heading is about some case, or about going back: "Roll back (only if no-go)" is no list of criteria."""
    return is_conditional(heading) or is_way_back(heading)


def line_condition(line: str) -> str:
    """The condition that a line is, without its marks and colon; "" where it is none."""
    text = line.strip("*_> \t")
    return text.rstrip(":：*_ \t") if text.endswith((":", "：")) and re.match(_LINE_IFS, text) else ""


def may_have_conditions(text: str) -> bool:
    """Whether a document could have a line that is a condition: a quick look before lines are read."""
    return "If " in text or re.search(r"Wenn\s|Falls\s|\bS[ie]\s|Если|如果|若|もし|万一|만약|場合", text) is not None


def bare_name(heading: str) -> str:
    """A heading without its number, and without Phase, Step and the like before it."""
    return re.sub(_NUMBER, "", heading, count=1)
