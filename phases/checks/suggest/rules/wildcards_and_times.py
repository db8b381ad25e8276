"""Rules for names of a whole domain, for who answers for it, and for how long one answer takes."""

from __future__ import annotations

from phases.checks.suggest.proposal import DOMAIN, Name, Rule
from phases.checks.suggest.rules.entries import command

RULES = (
    Rule(
        "name for each subdomain",
        r"(?:create[d]? |configure[d]? |set up |add(?:ed)? )?wildcard (?:DNS(?: A| CNAME)?(?: records?)?|(?:A"
        r"|CNAME) records?)"
        r"(?: (?:is|are|has been))?(?: (?:created|configured|set ?up|added|in place|exists?|resolves?))?"
        r"(?: for (?:[\w-]+ ){0,3}subdomains)?(?: (?:in|at) (?:the )?[\w ]+)?",
        command('dig +short any-name.{wildcard-domain} | grep -q "[0-9a-f][.:]"', changes=True),
        "a name that nobody made resolves from here, not: to the right place",
        ("Wildcard DNS configured for subdomains", "Created wildcard DNS record"),
        ("Wildcard certificate created", "Wildcard DNS planned", "Wildcard search configured"),
        context="operations",
        names={"wildcard-domain": Name("For which domain is the wildcard?", pattern=DOMAIN)},
        several=True,
    ),
    Rule(
        "domain that is registered",
        r"(?:custom )?domain(?: name)?(?: (?P<host>(?:[a-z0-9-]+\.)+[a-z]{2,}))?(?: (?:is|has been))? (?:registered"
        r"|purchased|bought)",
        command("dig +short NS {domain} | grep -q .", changes=True),
        "it is delegated to name servers, not: that it is yours",
        ("Domain name registered", "Domain `acme-shop.org` registered"),
        ("Domain model registered", "Domain name chosen", "Domain registered for two more years"),
        context="operations",
        names={"domain": Name("Which domain?", group="host", code=True, pattern=DOMAIN)},
    ),
    Rule(
        "time of an answer in seconds",
        r"(?!.*\b(?:p\d\d|average|avg|median|percentile|95th|99th|under load|each|every|all)\b)(?:API |backend "
        r"|page |server )?"
        r"response(?: time)?s?(?: (?:is|are))?(?: fast)?(?: ?<=? ?| (?:under|below|less than"
        r"|within) )(?P<seconds>\d+(?:\.\d+)?) ?"
        r"(?:s|sec|seconds?)",
        command("curl -fsS -o /dev/null --max-time $seconds {timed-url}"),
        "one answer from here now, not: under load, and not each address",
        ("API response time < 2 seconds", "Response time under 1 s"),
        ("Average response time < 2 seconds", "Response time < 2 seconds under load", "Response time measured"),
        context="operations",
        names={"timed-url": Name("Which address is to answer in that time?")},
    ),
    Rule(
        "time of an answer in thousandths",
        r"(?!.*\b(?:p\d\d|average|avg|median|percentile|95th|99th|under load|each|every|all)\b)(?:API |backend "
        r"|page |server )?"
        r"response(?: time)?s?(?: (?:is|are))?(?: fast)?(?: ?<=? ?| (?:under|below|less than"
        r"|within) )(?P<ms>[1-9]\d\d) ?"
        r"(?:ms|milliseconds)",
        command("curl -fsS -o /dev/null --max-time 0.$ms {timed-url}"),
        "one answer from here now, not: under load, and not each address",
        ("API response time < 500ms", "Backend response time under 200 ms"),
        ("p95 response time < 500ms", "Response time < 5ms", "Response time < 500ms for each query"),
        context="operations",
        names={"timed-url": Name("Which address is to answer in that time?")},
    ),
)
