"""Rules for what answers on the network, as those say it who deploy a site: health, pages, names."""

from __future__ import annotations

from phases.checks.suggest.proposal import DOMAIN, Entry, Name, Rule
from phases.checks.suggest.rules.any_order import in_any_order
from phases.checks.suggest.rules.entries import (
    DATABASE,
    DATABASE_REACHED,
    EACH_LEADS,
    LEADS,
    REDIS,
    REDIS_ANSWERS,
    SITE,
    command,
)

_BASE = {"base-url": Name("What is the base URL? (https://shop.example.com)")}
_HOST = {"host": Name("Which host?", code=True, pattern=DOMAIN)}
_HEALTH = {"health-url": Name("What is the URL of the health endpoint?")}
_OF = (
    r"(?:(?:all|the|main|application|app|service|API|web ?API|backend|frontend"
    r"|production|staging|site|server|service|gateway) )*"
)
_WORDS = r"(?:health|readiness|liveness)(?:[- ]?checks?)?"
_RESOLVES: Entry = {
    "command": {"run": "dig +short {host}", "changes": True},
    "expect": {"matches": r"[\s\S]*[0-9a-f][.:][\s\S]*"},
}
_FROM_HERE = "it resolves from here, not: to the right place, and not everywhere"

RULES = (
    Rule(
        "health of something",
        rf"(?:test|verify|check|confirm|curl|hit|ping)(?: that)?(?: the)? {_OF}{_WORDS}(?: (?:endpoint|URL|API"
        rf"|route))?"
        rf"(?: (?:works?|is working|responds?))?"
        rf"|{_OF}{_WORDS}(?: (?:endpoint|URL|route))?(?: is)? (?:returning|returns?|responding|responds?"
        rf"|working|works|passed"
        rf"|successful|succeeds?|answering|answers?|available|up)(?: (?:with|a|an|HTTP|status|code|200|ok|healthy"
        rf"|success))*",
        command("curl -fsS -o /dev/null {health-url}"),
        "it answers without an error now, not: that all behind it is healthy",
        (
            "Test health check endpoint",
            "WebAPI health endpoint returns 200 OK",
        ),
        (
            "Test health endpoint code",
            "All health endpoints returning 200 OK",
            "Health check interval agreed",
            "Health endpoint returns 503",
        ),
        context="operations",
        names=_HEALTH,
    ),
    Rule(
        "path after a colon",
        rf"(?:[\w-]+ ){{0,3}}(?:{_WORDS}|status)(?: endpoint)?: ?(?:GET )?(?P<path>/[\w/.-]*) (?:returns?|responds?"
        rf"(?: with)?|answers?|is)"
        r"(?: (?:HTTP|status|200|ok|healthy|code))+",
        command("curl -fsS -o /dev/null {base-url}$path"),
        "it answers without an error now, not: with the right content",
        ("Backend health check: `/health` returns 200", "Health endpoint: `/healthz` responds with 200 OK"),
        ("Backend health check: `/health` returns 500", "Backend health: `/health` written"),
        context="any",
        names=_BASE,
    ),
    Rule(
        "address to test",
        r"(?:test|check|verify)(?: the)? (?P<which>CloudFront|S3 website|deployed|deployment|production|live|public"
        r"|backend"
        r"|frontend|API|site|app)(?: \w+)? URL(?: works| responds| loads)?",
        command("curl -fsS -o /dev/null {tested-url}"),
        "it answers without an error now, not: that it looks right",
        ("Test CloudFront URL", "Verify production URL works"),
        ("Test URL parsing", "Check the URL of the invoice"),
        context="operations",
        names={"tested-url": Name("What is the {} URL?", group="which")},
    ),
    Rule(
        "path to test",
        rf"(?:test|check|verify)(?: that)?(?: the)? {_OF}(?:{_WORDS}|status)(?: endpoint)?:? (?P<path>/[\w/.-]+)",
        command("curl -fsS -o /dev/null {base-url}$path"),
        "it answers without an error now, not: with the right content",
        ("Check health endpoint: `/health`", "Test status endpoint: `/api/status`"),
        ("Check health of `/dev/sda`", "Check health: everything"),
        context="operations",
        names=_BASE,
    ),
    Rule(
        "path that is accessible",
        r"(?:the )?(?:[\w-]+ ){1,3}(?:is |are )?(?:accessible|reachable|available|responds?|responding)(?: at)?:? "
        r"(?P<path>/[\w/.-]+)",
        command("curl -fsS -o /dev/null {base-url}$path"),
        "it answers without an error now, not: with the right content",
        ("API documentation accessible: `/docs`", "Metrics endpoint is available at `/metrics`"),
        ("Backup available at `/mnt`, says the team", "Swagger accessible soon"),
        context="operations",
        names=_BASE,
    ),
    Rule(
        "endpoint that answers",
        r"(?:the )?(?!.*(?:webhook|websocket|wss|admin|login|upload|post"
        r"|\b(?:all|each|every|verify|check|test|confirm|ensure)\b))(?P<endpoint>(?!health|all|API|each"
        r"|every)[A-Za-z][\w-]*"
        r"(?: [\w-]+){0,2}?)"
        r"(?: API)? endpoint (?:is )?"
        r"(?:accessible|reachable|responds?|responding|returns 200)(?: (?:with )?(?:200|ok))*",
        command("curl -fsS -o /dev/null {endpoint-url}"),
        "it answers without an error now, not: with the right content",
        ("Inventory endpoint accessible", "Price list endpoint responds"),
        ("Admin endpoint accessible", "Inventory endpoint documented", "All endpoints reachable by keyboard"),
        context="operations",
        names={"endpoint-url": Name("What is the URL of the {} endpoint?", group="endpoint")},
    ),
    Rule(
        "something loads",
        r"(?:the )?(?:production |staging |live |deployed )?(?:frontend|front-end"
        r"|web ?app|web ?UI|(?:load balancer|ALB|CloudFront|Vercel|Amplify|Netlify|production|public"
        r"|auto-generated|deployment|site)"
        r"(?: distribution| deployment)? (?:URL|endpoint|domain))(?: (?:is|are))?(?: (?:deployed|live|running"
        r"|up) and)? (?:reachable|accessible|live|up|responding"
        r"|online|loads?|loading|responds?|returns (?:HTTP )?200)(?: (?:at|via|over|on|from|through|by) (?:the )?"
        r"(?:HTTPS|(?:production |public |custom )?(?:domain|URL"
        r"|internet)|(?:CloudFront|Vercel|Amplify|ALB|load balancer|Netlify)(?: URL| domain)?))?",
        command("curl -fsS -o /dev/null {site-url}"),
        "it answers without an error now, not: that it looks right",
        ("Frontend loads at CloudFront URL", "Web app is reachable"),
        (
            "Frontend loads fast",
            "Frontend accessible by keyboard",
            "Backend API written",
            "Frontend accessible to the blind",
        ),
        context="operations",
        names=SITE,
    ),
    Rule(
        "application over its domain",
        r"(?:application|app|site|website|frontend|service)(?: (?:is|are))? (?:accessible|reachable|available|live) "
        r"(?:via|at|on|over|through|by) (?:the |its )?"
        r"(?:custom |production |public )?(?:domain|ingress|load balancer|ALB|URL|internet)(?: name| URL| endpoint"
        r"| DNS)?",
        command("curl -fsS -o /dev/null {site-url}"),
        "it answers without an error now, not: that it looks right",
        ("Application accessible via domain", "App is reachable through the load balancer"),
        ("Application accessible by screen reader", "Service available at the desk"),
        context="operations",
        names=SITE,
    ),
    Rule(
        "name known",
        r"DNS (?:propagation|changes?|records?|switch(?:ed)?)(?: (?:is|has|are|have))?(?: been)? (?:complete[d]?"
        r"|verified|done|working|works|finished|propagated|updated|live|in effect)|DNS (?:has )?(?:propagated|updated"
        r"|switched(?: over)?)|(?:check|verify|confirm) (?:that )?DNS propagation",
        EACH_LEADS,
        "each leads there from here, not: everywhere",
        ("DNS propagation complete", "Verify DNS propagation", "DNS records updated"),
        ("DNS propagation explained", "DNS changes announced", "DNS records removed", "DNS propagated globally"),
        context="operations",
        names=LEADS,
    ),
    Rule(
        "name that resolves",
        r"(?:(?:check|verify|confirm|test) )?(?:DNS|domain|hostname) (?:name )?resolution(?: (?:is|works?|working"
        r"|ok))*",
        _RESOLVES,
        _FROM_HERE,
        ("Verify DNS resolution", "DNS resolution works"),
        ("DNS resolution explained", "Verify the resolution of the dispute"),
        context="operations",
        names=_HOST,
    ),
    Rule(
        "address record",
        r"(?:create |add |set |configure )?(?:DNS )?(?P<type>(?-i:A|AAAA|CNAME|ALIAS))[- ]records?(?: (?:is|are"
        r"|has been))?(?: (?:created|configured|added|set|set up|exists?))?(?: for [\w.-]+)?(?<!record)(?<!records)",
        EACH_LEADS,
        "each leads there from here, not: everywhere",
        ("DNS A record created", "DNS A record added"),
        ("A record year", "DNS A record removed", "A record was set in running", "A record"),
        context="operations",
        names=LEADS,
        around=r"(?i)\bDNS\b|domain|route ?53|load balancer|server|\bIP\b|hosting|CNAME|AAAA",
    ),
    Rule(
        "address record that leads somewhere",
        r"(?:create |add |set |configure )?(?:(?:the|your|production) )*(?:(?:DNS )?(?-i:A|AAAA|CNAME|ALIAS)"
        r"[- ]records?"
        r"|domain(?: name)?|DNS(?: records?)?)(?: (?:is|are|has been))?(?: (?:created|configured|added|set|set up))?"
        r" (?:pointing|points?|pointed) to (?:the |your )?[\w .-]+",
        {"command": {"run": "dig +short {host}", "changes": True}, "expect": {"contains": "{address}"}},
        "it resolves to this from here, not: everywhere",
        ("Create A record pointing to the load balancer", "CNAME record pointing to the load balancer"),
        ("DNS record removed", "Points to discuss"),
        context="operations",
        names={**_HOST, "address": Name("To which address or name is it to lead?")},
    ),
    Rule(
        "secure connection",
        r"valid (?:SSL|TLS|HTTPS)(?:/TLS)? certificate|(?:SSL|TLS(?=.* (?:for|on|in) )"
        r"|SSL/TLS|HTTPS)(?: (?:is|certificate is))? (?:enabled|configured|works|working|active)"
        r"(?: (?:for|on|in|via) (?:the )?(?:production(?: URL| domain| site)?|domain|ALB|load balancer"
        r"|CloudFront))?|HTTPS (?:works|is working)",
        command("curl -fsS -o /dev/null https://{host}/"),
        "valid for this host now, not: for how long",
        ("SSL configured", "HTTPS works", "TLS is enabled for production"),
        ("HTTPS planned", "TLS of the bus works council", "SSL considered", "TLS is enabled"),
        context="operations",
        names=_HOST,
    ),
    Rule(
        "forced to HTTPS",
        r"HTTP (?:automatically|traffic|requests|is|are|automatically is|traffic is)? ?redirect(?:s|ed)?"
        r"(?: automatically)? to HTTPS|(?:automatic |force |forced )(?:HTTPS|SSL)(?: redirects?)?"
        r"(?: (?:is )?(?:enabled|configured|working))?|HTTPS redirect(?:ion)?(?: (?:is )?)(?:working|works|enabled"
        r"|configured|set up)|create HTTP redirect to HTTPS|HTTPS(?: is)? enforced|"
        + in_any_order(
            r"HTTPS|SSL",
            r"redirect(?:s|ed|ion|ions|ing)?|enforced|forced",
            also=r"HTTP|all|traffic|requests|connections|automatically|automatic|works?|working|enabled|configured"
            r"|set up|active|in place|verify|test|check|\u2192|->",
            neutral=r"the|is|are|to|for",
        ),
        {
            "command": {"run": "curl -sS -o /dev/null -w '%{redirect_url}' http://{host}/"},
            "expect": {"matches": "https://.*"},
        },
        "the front page is redirected, not: every path",
        ("HTTP automatically redirects to HTTPS", "HTTPS redirects work", "All HTTP traffic is redirected to HTTPS"),
        (
            "HTTP chosen",
            "Redirect to HTTPS planned",
            "HTTPS redirect discussed",
            "HTTPS redirects to www",
            "HTTPS is not enforced",
        ),
        context="operations",
        names=_HOST,
    ),
    Rule(
        "cache or database reachable",
        r"(?:(?:Redis|cache) (?:connections?|connectivity)(?: (?:is|are))?(?: (?:working|works?|ok|successful"
        r"|established|verified))|Redis connectivity|(?:test|check|verify) Redis connect(?:ion|ivity))",
        REDIS_ANSWERS,
        "it answers, not: what it holds",
        ("Redis connection works", "Redis connectivity"),
        ("Redis connections counted", "Connection of the cache drawn"),
        context="operations",
        names=REDIS,
        around=r"(?i)redis",
    ),
    Rule(
        "connection to the database",
        r"(?:test|check|verify) (?:the )?(?:production |RDS )?(?:database|DB|RDS|PostgreSQL|Postgres|MySQL|MongoDB) "
        r"(?:database )?(?:connections?|connectivity)(?: string)?(?: from [\w -]+)?"
        r"|(?:(?:database|DB|PostgreSQL|Postgres|MySQL|MongoDB) )connections?(?: (?:is|are))? (?:works?|working|ok"
        r"|healthy|active|successful|established)(?: from (?:the )?[\w -]+)?|"
        + in_any_order(
            r"database|DB|PostgreSQL|Postgres|MySQL|MariaDB|MongoDB|RDS",
            r"connect(?:ed|ion|ions|ivity|s)|reachable|accessible",
            r"works?|working|ok|successful|established|verified|tested|healthy|active|connected|reachable|accessible",
            also=r"can|be|server|instance|production|string|database|cluster|running|created|available|up|Amazon|AWS",
            neutral=r"the|an?|is|are|to|and|our",
        ),
        DATABASE_REACHED,
        "it can be reached from here, not: from where the application runs",
        ("Test database connection", "PostgreSQL database connected", "RDS instance is reachable"),
        (
            "Test database design",
            "Database connection pool tested",
            "Database connections counted",
            "Database accessible from the application",
            "Database is not publicly accessible",
        ),
        context="operations",
        names=DATABASE,
    ),
)
