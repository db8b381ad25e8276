"""Is an item one of a list of SQL tables, or of things at Google Cloud? "`orders` - purchases" below "Core tables".

Rules:
- What stands above the item says which kind it is, and that it is there, or made; where something else is done with
  them, or they may be left out, nothing is proposed.
- The item is a name, in backticks or of a form that no word has, and what it is for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from phases.checks.suggest.checklist import Checklist, ListedItem
from phases.checks.suggest.clause import plain_text
from phases.checks.suggest.context import fits
from phases.checks.suggest.listed_names import Listed
from phases.checks.suggest.listed_objects import asked_list
from phases.checks.suggest.proposal import Entry, filled_in
from state.json_values import Json


class Kind(NamedTuple):
    """A kind of things: what names it, in the nearest places; where else it has to be said; its check."""

    place: re.Pattern[str]
    around: re.Pattern[str]
    name: str
    check: Entry
    unproved: str
    asks: Mapping[str, str]


def _listed(run: str, expression: str) -> Entry:
    expect: Json = "present"
    return {"command": {"run": run, "changes": True}, "expression": expression, "expect": expect}


_SNAKE = r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*"
_DASHED = r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*"
_TABLES = asked_list(
    "tables-command", "Which command lists the names of the tables, one a line, without a password in it?"
)
_COLUMNS = "there, not: its columns and rows"
_NO_SQL = r"\A(?!.*(?i:\b(?:DynamoDB|BigQuery|Cassandra|Airtable|NAT|route|routing|Athena|Glue|Snowflake|Redshift)\b))"
KINDS = (
    Kind(
        re.compile(r"(?i)\btables\b"),
        re.compile(r"\bBigQuery\b|`bq "),
        _SNAKE,
        {"command": {"run": "bq show --format=none {bigquery-dataset}.$name", "changes": True}},
        _COLUMNS,
        {"bigquery-dataset": "Which dataset of BigQuery is it (project:dataset)?"},
    ),
    Kind(
        re.compile(r"(?i)\btables\b"),
        re.compile(
            rf"(?s){_NO_SQL}.*\b(?i:SQL\w*|databases?|Postgres\w*|MySQL|MariaDB|Supabase|Neon|migrations?|schemas?)\b"
        ),
        _SNAKE,
        _TABLES[0],
        _COLUMNS,
        _TABLES[1],
    ),
    Kind(
        re.compile(r"\bSecret Manager\b"),
        re.compile(r"\b(?:GCP|Google Cloud|gcloud|Cloud Run|Cloud Functions)\b"),
        _DASHED,
        _listed("gcloud secrets versions list $name --filter=state:enabled --format=json", "[].name"),
        "there with a version that is enabled, not: its value, which is never read",
        {},
    ),
    Kind(
        re.compile(r"\bCloud Functions\b"),
        re.compile(r"\bCloud Functions\b"),
        _DASHED,
        _listed(
            "gcloud functions list --format=json",
            "[?ends_with(name, '/functions/$name') && (state=='ACTIVE' || status=='ACTIVE')].name",
        ),
        "active, not: with the newest code",
        {},
    ),
    Kind(
        re.compile(r"(?i)\bscheduler jobs\b"),
        re.compile(r"\bCloud Scheduler\b|gcloud scheduler"),
        _DASHED,
        _listed(
            "gcloud scheduler jobs list --location={scheduler-location} --format=json",
            "[?ends_with(name, '/jobs/$name') && state=='ENABLED'].name",
        ),
        "there and enabled, not: when it runs",
        {"scheduler-location": "In which location are the jobs of Cloud Scheduler?"},
    ),
    Kind(
        re.compile(r"(?i)\bPub/Sub topics\b"),
        re.compile(r"\bPub/Sub\b"),
        _DASHED,
        _listed("gcloud pubsub topics list --format=json", "[?ends_with(name, '/topics/$name')].name"),
        "there, not: who listens",
        {},
    ),
)
_ITEM = re.compile(
    r"(?:`(?P<code>[^`\s]+)`|(?P<bare>[a-z0-9]+(?:[-_][a-z0-9]+)+))(?: (?:table|created|exists?|deployed))*"
    r"(?P<for>(?: \([^()]*\)| [-\u2013\u2014] [^`]+)?)"
)
_ADDED = re.compile(r"(?i)(?:add|create|store|set) [\w /-]+: `(?P<code>[^`\s]+)`(?P<for>)")
_ELSE_DONE = re.compile(
    r"(?i)\b(?:delet\w*|drop\w*|remov\w*|clean\w*|old|unused|deprecat\w*|optional\w*|migrat\w*|renam\w*|legacy|not?|never"
    r"|without|revok\w*|backups?|restor\w*|test(?:ed|ing)?|empty|truncat\w*|populat\w*|seed\w*|rows?|records|counts?"
    r"|index\w*|columns?|RLS|row[- ]level|polic(?:y|ies)|permissions?|access\w*|grants?|alter\w*|updat\w*|modif\w*"
    r"|chang\w*|encrypt\w*|partition\w*|review\w*|trigger\w*|replicat\w*|rotat\w*|with|if|foreign|relations\w*|logs?|data"
    r"|rollback|enabled|performance|vacuum\w*|analy[sz]e\w*|monitor\w*|roles?|readable|service accounts?)\b"
)
_CLAIMS = re.compile(
    r"(?i)\d|[=<>+\u2192`]|\b(?:columns?|index\w*|unique|must|renamed|dropped|altered|added|updated|new|modified|foreign"
    r"|with|without|has|have|contains?|rows?|records? (?:exist|are)|RLS|enabled|deprecated|optional|if|not?|only|should"
    r"|seeded|populated|empty|migrated|encrypted|constraint\w*|replaces?|supports?|needs?|required)\b"
)
_IN_BRACKETS = re.compile(r"\([^()]*\)")


def listed_elsewhere(item: ListedItem, document: Checklist) -> Listed | None:
    """The check that what the item names is there; None where what stands above it does not say which kind it is."""
    if item.own or item.below or not fits("operations", document, item):
        return None
    text = " ".join(re.sub(r"^[^\w`(]+", "", plain_text(item.text)).split()).rstrip(" .")
    places = (*reversed(item.parents), *reversed(item.headings[1:]))
    said = [_IN_BRACKETS.sub(" ", plain_text(each.text)) for each in places]
    whole = " ".join(plain_text(each.text) for each in places)
    if not places or _ELSE_DONE.search(" ".join(said[:2]).replace("Cloud Logging", "")) or "ptional" in whole:
        return None
    for kind in KINDS:
        place = next((each for each, one in zip(places, said, strict=True) if kind.place.search(one)), None)
        if place is None or not kind.around.search(f"{whole} {document.text}"):
            continue
        found = _ITEM.fullmatch(text) or (_ADDED.fullmatch(text) if "Secret" in kind.place.pattern else None)
        name = (found["code"] or found.groupdict().get("bare") or "") if found else ""
        if found is None or not re.fullmatch(kind.name, name) or _CLAIMS.search(found["for"]):
            return None
        return filled_in(kind.check, {"name": name}), kind.asks, kind.unproved, (item.words, place)
    return None
