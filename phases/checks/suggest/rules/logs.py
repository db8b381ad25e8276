"""Rules for what stands in logs lately: lines are counted, and none of them is kept or shown.

Silence is no pass: something was logged, and nothing of it is an error.
"""

from __future__ import annotations

from phases.checks.suggest.proposal import Name, Rule
from phases.checks.suggest.rules.entries import HOLDS, aws, command, some_and_none

_WRONG = (
    "contains(message, 'ERROR') || contains(message, 'Error:') || contains(message, 'Exception')"
    " || contains(message, 'Traceback')"
)
_ERRORS = (
    r"(?:critical |unexpected |new |major |application |runtime )*(?:errors?|exceptions?)(?: or exceptions?)?"
    r"(?: messages?)?"
)
_NONE = r"(?:shows?|showing|has|have|contains?|with|without|free of|clear of|is free of|are free of)(?: no)?"
_IN_CLOUD = r"(?:the )?(?:(?:AWS )?CloudWatch|Lambda|ECS|task|function)(?: (?:application|function|task|container))?"
_GROUP = {"log-group": Name("What is the log group called?", option="--log-group-name", code=True)}
_SINCE = {**_GROUP, "since-ms": Name("Since when are lines looked at? (date +%s000)")}
_OF_PODS = r"(?:the )?(?:kubernetes |k8s )?(?:pods?|containers?|deployment|application|app|service)(?:'s)?"

RULES = (
    Rule(
        "errors in CloudWatch",
        rf"(?:no|zero) {_ERRORS}(?: (?:appear|appearing|visible|found|logged|present))? in {_IN_CLOUD} logs?"
        rf"|{_IN_CLOUD} logs? (?:for|{_NONE}) {_ERRORS}",
        aws(
            "logs",
            "filter_log_events",
            some_and_none("events", f"events[?{_WRONG}]"),
            HOLDS,
            logGroupName="{log-group}",
            startTime="{since-ms}",
        ),
        "lines were written since then, and none has ERROR, Error:, Exception or Traceback in it, not: what they mean",
        ("No errors in CloudWatch logs", "Check CloudWatch logs for errors", "Lambda logs show no errors"),
        ("No errors in the logs", "Errors in CloudWatch logs explained", "Review CloudWatch logs"),
        names=_SINCE,
    ),
    Rule(
        "lines in CloudWatch",
        r"(?:(?:application|app|container|Lambda|ECS|task|function|service) )*logs?(?: (?:is|are|group))*"
        r" (?:streaming|flowing|appear(?:s|ing)?|visible|available|being (?:generated|written|sent|collected|captured)"
        r"|arriving|sent|shipped|written|present)(?: (?:in|to|into|on) (?:the )?(?:AWS )?CloudWatch(?: Logs?)?)"
        r"|(?:AWS )?CloudWatch logs?(?: (?:is|are))* (?:streaming|flowing|appear(?:s|ing)?|visible|receiving"
        r"(?: (?:data|logs|events))?|being (?:generated|written|collected|captured)|arriving)",
        aws(
            "logs",
            "filter_log_events",
            "length(events)",
            {"at-least": 1},
            logGroupName="{log-group}",
            startTime="{since-ms}",
        ),
        "something was written since then, not: what",
        ("Application logs visible in CloudWatch", "Logs flowing to CloudWatch", "CloudWatch logs are being generated"),
        ("Logs visible to the team", "CloudWatch logs explained", "Logs sent by mail"),
        names=_SINCE,
    ),
    Rule(
        "errors in the logs of pods",
        rf"(?:no|zero) {_ERRORS}(?: (?:appear|found|logged|present))? in {_OF_PODS} logs?"
        rf"|{_OF_PODS} logs? (?:for|{_NONE}) {_ERRORS}",
        command(
            "kubectl logs deployment/{deployment} -n {namespace} --since=1h"
            " | awk '/ERROR|FATAL|Exception|panic:/ {bad=1} END {exit !NR || bad}'",
            changes=True,
        ),
        "one pod of it wrote lines in the last hour, and none is an error by its words, not: what they mean",
        ("No errors in pod logs", "Check pod logs for errors", "Application logs show no errors"),
        ("No errors in the logs", "Pod logs reviewed", "Pods logged no errors in their diaries"),
        context="kubernetes",
        names={
            "namespace": Name("Which namespace?", option="-n"),
            "deployment": Name("What is the deployment called?", code=True),
        },
    ),
)
