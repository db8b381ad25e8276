"""Which items do the phases' checks answer, and which of them does each exit criterion rest on?

The numbers are those of `runbook.md`: phase, then item.
"""

from __future__ import annotations

from collections.abc import Mapping

from phases.checks.answered import Item

SCOPE = Item("1.1")
PRESENT_STATE = Item("1.2")
PLAN = Item("1.3")
ACCESS = Item("1.4")
CALLER = Item("1.4", "caller")
BRANCH = Item("2.1")
OWN_COMMANDS = Item("2.2")
CONFIGURATION = Item("2.3")
BACKUPS = Item("2.4")
APPLIED_CHANGES = Item("3.1")
CONFIRMED = Item("3.1", "confirmed")
RESOURCES = Item("3.2")
SETTINGS = Item("3.3")
DATA_PIPELINE = Item("4.1")
AI_ML = Item("4.2")
API = Item("4.3")
SMOKE_TESTS = Item("4.4")
FIRST_MINUTES = Item("4.5")
INTEGRATION = Item("5.1")
PERFORMANCE = Item("5.2")
SECURITY = Item("5.3")
ECONOMY = Item("5.4")
DATABASE_CARE = Item("database")  # the document's special considerations; no criterion rests on them
AI_ML_CARE = Item("AI/ML")
STORAGE_CARE = Item("storage")
DASHBOARDS = Item("6.1")
ALARMS = Item("6.2")
OPERATIONS = Item("6.3")
ALARM_DRILL = Item("6.4")
PROCEDURE = Item("7.1")
TEAM = Item("7.1", "team")
REHEARSAL = Item("7.2")
AUTOMATION = Item("7.3")
DOCUMENTS = Item("8.1")
NOTICES = Item("8.2")
WATCH = Item("8.3")
REPORT = Item("8.4")
ARCHIVE = Item("8.5")
COST = Item("cost")  # at the three checkpoints; no criterion rests on it
ROLLBACK_NOTICE = Item("notice")  # of a rollback, whose tasks have no numbered items

# the criterion's words (`plain`) -> the items that it rests on
ANSWERED_BY: Mapping[str, tuple[Item, ...]] = {
    "deployment scope clearly defined": (SCOPE, PLAN),
    "infrastructure state verified": (PRESENT_STATE,),
    "credentials confirmed working": (CALLER,),
    "all tests passing": (OWN_COMMANDS,),
    "environment configs prepared": (CONFIGURATION,),
    "backups created (if applicable)": (BACKUPS,),
    "user confirms all infrastructure changes applied": (CONFIRMED,),
    "agent verified all resources via cli": (RESOURCES,),
    "no discrepancies between console and cli": (RESOURCES, SETTINGS),
    "all components deployed": (DATA_PIPELINE, AI_ML, API),
    "smoke tests passing": (SMOKE_TESTS,),
    "no critical errors in logs": (FIRST_MINUTES,),
    "all validations passing": (INTEGRATION, ECONOMY),
    "performance acceptable": (PERFORMANCE,),
    "security checks complete": (SECURITY,),
    "monitoring fully configured": (DASHBOARDS, ALARMS),
    "alerts tested and working": (ALARM_DRILL,),
    "runbooks documented": (OPERATIONS,),
    "rollback procedures documented": (PROCEDURE,),
    "rollback tested successfully": (REHEARSAL,),
    "team aware of procedures": (TEAM,),
    "documentation updated": (DOCUMENTS,),
    "stakeholders notified": (NOTICES,),
    "monitoring shows stability": (WATCH,),
}
