"""Rules for what Prometheus and what stands beside it say over their HTTP APIs: targets, rules, alerts, health.

Source: https://prometheus.io/docs/prometheus/latest/querying/api/ (targets, rules); Grafana and Alertmanager: their
health endpoints.
"""

from __future__ import annotations

from phases.checks.suggest.proposal import Name, Rule
from phases.checks.suggest.rules.entries import HOLDS, command, output, some_and_none

_PROMETHEUS = {"prometheus-url": Name("What is the address of Prometheus? (http://localhost:9090)")}
_RULES = "curl -fsS {prometheus-url}/api/v1/rules"
_KNOWN = r"(?i)prometheus"
_REACHED = r"(?: (?:UI|server|web UI|dashboard))?(?: (?:is|are))? (?:accessible|reachable|healthy|responding)"

RULES = (
    Rule(
        "targets of Prometheus",
        r"(?:all )?(?:Prometheus )?(?:scrape )?targets?(?: (?:is|are|all|shows?|showing|as|healthy|in))* (?:UP|healthy"
        r"|green|being scraped|scraped|active|discovered)(?: (?:in|on|by) Prometheus| state)?"
        r"|Prometheus(?: is| server is)?(?: successfully)? (?:scrapes?|scraping|collects?|collecting)(?: all)?"
        r"(?: (?:metrics|data|targets|services|pods|endpoints))?(?: from (?:all )?(?:services|targets|pods|endpoints"
        r"|nodes|exporters))?",
        output(
            "curl -fsS {prometheus-url}/api/v1/targets",
            some_and_none("data.activeTargets", "data.activeTargets[?health!='up']"),
            HOLDS,
        ),
        "each target that it knows answered the last scrape, not: that it knows all of them",
        ("All Prometheus targets UP", "Prometheus is scraping metrics", "Prometheus scraping all services"),
        ("Sales targets are healthy", "Prometheus targets planned", "Target group targets healthy"),
        context="any",
        names=_PROMETHEUS,
        around=_KNOWN,
    ),
    Rule(
        "target of one job",
        r"(?P<job>[a-z][\w-]*[-_][\w-]*)(?: scrape)? (?:target|job)(?: (?:is|shows?))? (?:UP|healthy|up and healthy)",
        output(
            "curl -fsS {prometheus-url}/api/v1/targets",
            some_and_none(
                "data.activeTargets[?labels.job=='$job']", "data.activeTargets[?labels.job=='$job' && health!='up']"
            ),
            HOLDS,
        ),
        "each target of this job answered the last scrape, not: that it counts what matters",
        ("`shop-api` target UP", "`shop-api` job is healthy"),
        ("`shop-api` target missed", "Sales target up"),
        context="operations",
        document=_KNOWN,
        names=_PROMETHEUS,
    ),
    Rule(
        "rules of Prometheus",
        r"(?:all )?(?:(?:Prometheus|alert(?:ing)?) )+rules(?: (?:is|are"
        r"|have been))? (?:loaded|active|configured|applied|deployed|imported|in place)(?: (?:in|into|by|on)"
        r" Prometheus)?",
        output(_RULES, "data.groups[].rules[?type=='alerting'].name[]", {"contains-each": "{alert-rules}"}),
        "each of these is loaded, not: its bounds, and not that somebody is told",
        ("Alert rules loaded in Prometheus", "Prometheus alerting rules configured"),
        ("Alert rules agreed", "House rules in place", "Rules loaded"),
        context="any",
        names={
            **_PROMETHEUS,
            "alert-rules": Name(
                "What are the alerting rules called, with spaces between them?", many=True, pattern=r"[A-Za-z]\w*"
            ),
        },
        document=_KNOWN,
    ),
    Rule(
        "alerts that fire",
        r"no (?:critical |active |unexpected |open )*alerts?(?: (?:is|are))? (?:firing|active|triggered|raised)"
        r"(?: (?:in|on) (?:Prometheus|Alert ?manager))?",
        output(
            _RULES,
            "length(data.groups[].rules[] | [?type=='alerting']) > `0`"
            " && length(data.groups[].rules[] | [?state=='firing']) == `0`",
            HOLDS,
        ),
        "some rules are loaded, and none of them fires now, not: that they look at the right thing",
        ("No alerts firing in Prometheus", "No active alerts firing"),
        ("No alert sent", "Alerts firing reviewed", "No CloudWatch alarms firing"),
        context="operations",
        document=_KNOWN,
        names=_PROMETHEUS,
    ),
    Rule(
        "Prometheus itself",
        rf"Prometheus{_REACHED}",
        command("curl -fsS -o /dev/null {prometheus-url}/-/healthy"),
        "it answers now, not: that it scrapes anything",
        ("Prometheus UI accessible", "Prometheus is healthy"),
        ("Prometheus explained", "Prometheus accessible to the team only"),
        context="any",
        names=_PROMETHEUS,
    ),
    Rule(
        "Grafana itself",
        rf"Grafana{_REACHED}|Grafana login page(?: is)? (?:loads|accessible|reachable|shown)",
        output("curl -fsS {grafana-url}/api/health", "database", {"equals": "ok"}),
        "it answers and has its database now, not: that its panels show something",
        ("Grafana accessible", "Grafana UI is reachable"),
        ("Grafana dashboards reviewed", "Grafana accessible by phone"),
        context="any",
        names={"grafana-url": Name("What is the address of Grafana? (http://localhost:3000)")},
    ),
    Rule(
        "Alertmanager itself",
        rf"Alert ?manager{_REACHED}",
        command("curl -fsS -o /dev/null {alertmanager-url}/-/healthy"),
        "it answers now, not: that it tells somebody",
        ("Alertmanager accessible", "AlertManager is healthy"),
        ("Alertmanager routes agreed", "Alert the manager"),
        context="any",
        names={"alertmanager-url": Name("What is the address of Alertmanager? (http://localhost:9093)")},
    ),
)
