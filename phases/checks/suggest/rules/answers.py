"""Rules for what an address answers: a code, a field of its JSON, a version, headers; and where names lead."""

from __future__ import annotations

from phases.checks.suggest.proposal import DOMAIN, VERSION, Entry, Name, Rule
from phases.checks.suggest.rules.entries import SITE, command, output
from phases.checks.suggest.urls import ANY_CODE, CODE_OF

_BASE = {"base-url": Name("What is the base URL? (https://shop.example.com)")}
_HEALTH = {"health-url": Name("What is the URL of the health endpoint?")}
_SAYS = r"(?:returns?|responds?(?: with)?|answers?(?: with)?|gives?|reports?|shows?|\u2192|->|=>)"
_HTTP = r"(?:(?: an?)?(?: HTTP)?(?: status)?(?: code)?)?"
_OK = r"(?: (?:HTTP )?200(?: OK)?(?: with)?)?"
_WITHOUT = (
    r"(?: (?:unauthorized|forbidden|not found))?(?: (?:without|with no) (?:an? )?(?:valid )?(?:token|auth(?:entication"
    r"|orization)?|login|credentials|API key|session)| when unauthenticated)?"
)
_FIELD = r"\{ ?\"(?P<field>[A-Za-z_]\w*)\": ?\"(?P<value>[\w .-]+)\" ?\}"
_THE_APP = r"(?:the )?(?:application|app|service|API|server|backend|frontend|site|container)"
ANY_ANSWER: Entry = {"command": {"run": f"{CODE_OF}{{base-url}}"}, "expect": ANY_CODE}
_FIELD_ONLY = "this field has this value now, not: what else it answers"
_LEADS = r"(?: (?:A|DNS|A record|DNS record))? (?:\u2192|->|=>|points? to|resolves? to|pointing to|resolving to)"

RULES = (
    Rule(
        "code of an answer",
        rf"(?:GET )?(?P<path>/[\w/.-]*)(?: endpoint| route| page| path)? {_SAYS}{_HTTP} (?P<code>[34]\d\d){_WITHOUT}",
        {"command": {"run": f"{CODE_OF}{{base-url}}$path"}, "expect": {"equals": "$code"}},
        "this code now and from here, not: why",
        ("`/admin` returns 401 without a token", "`/old` endpoint responds with 404"),
        ("`/admin` returns 200", "`/admin` returns 401 to guests only", "Room 401 returns 404"),
        context="operations",
        names=_BASE,
    ),
    Rule(
        "code without a login",
        rf"(?:unauthenticated|unauthori[sz]ed|anonymous) (?:requests?|calls?|access)(?: to (?:protected|API|secured)"
        rf" (?:endpoints?|routes?))? {_SAYS}{_HTTP} (?P<code>40[13])(?: (?:unauthorized|forbidden))?",
        {"command": {"run": f"{CODE_OF}{{protected-url}}"}, "expect": {"equals": "$code"}},
        "this address answers so, not: each that is protected",
        ("Unauthenticated requests return 401", "Unauthorized access to protected routes returns 403"),
        ("Unauthenticated requests are logged", "Unauthenticated users return in 401 days"),
        context="operations",
        names={"protected-url": Name("Which address wants a login?")},
    ),
    Rule(
        "path that answers",
        rf"{_THE_APP}(?: is)? (?:responds?|responding|answers?|answering|listening|reachable|accessible) (?:to|on|at) "
        r"(?P<path>/[\w/.-]+)(?: (?:endpoint|route|path|requests))?",
        command("curl -fsS -o /dev/null {base-url}$path"),
        "it answers without an error now, not: with the right content",
        ("Application responds to `/health` endpoint", "Service is answering on `/ready`"),
        ("Application responds to `/health` slowly", "Team responds to `/dev/null`"),
        context="operations",
        names=_BASE,
    ),
    Rule(
        "field of a path's answer",
        rf"(?:GET )?(?P<path>/[\w/.-]+)(?: endpoint| route)? {_SAYS}{_OK} {_FIELD}",
        output("curl -fsS {base-url}$path", "$field", {"equals": "$value"}),
        _FIELD_ONLY,
        ('`/health` returns `{"status": "ok"}`', '`GET /ready` endpoint responds with 200 `{"state":"up"}`'),
        ('`/health` wants `{"status": "ok"}`', '`/health` returns `{"status": 1}`'),
        context="operations",
        names=_BASE,
    ),
    Rule(
        "field of the health endpoint",
        rf"health(?:[- ]?check)?(?: endpoint| URL| API)? {_SAYS}{_OK} {_FIELD}",
        output("curl -fsS {health-url}", "$field", {"equals": "$value"}),
        _FIELD_ONLY,
        ('Health endpoint returns `{"status": "healthy"}`', 'Health check responds with `{"state": "UP"}`'),
        ('Health endpoint wants `{"status": "healthy"}`', 'Health returns with `{"age": "9"}` years'),
        context="operations",
        names=_HEALTH,
    ),
    Rule(
        "status of the health endpoint",
        rf"health(?:[- ]?checks?)?(?: endpoints?| URL| API)? {_SAYS}(?: an?)? (?P<value>healthy|ok|up) status",
        output("curl -fsS {health-url}", "status", {"equals": "$value"}),
        "its field `status` says so now, not: what else it answers",
        ("Health endpoint returns healthy status", "Health check reports a `healthy` status"),
        ("Health endpoint returns a wrong status", "Health insurance shows ok status"),
        context="operations",
        names=_HEALTH,
    ),
    Rule(
        "version that answers",
        rf"(?:GET )?(?P<path>/[\w/-]*version[\w/-]*)(?: endpoint)? {_SAYS}(?: the)? (?:new|released?|right|correct"
        r"|expected|deployed) version(?: number)?",
        output("curl -fsS {base-url}$path", "version", {"equals": "{version}"}),
        "its field `version` says so, not: that each instance does",
        ("`/version` returns the new version", "`/api/version` endpoint shows the expected version"),
        ("`/version` returns", "`/version` written for the new version"),
        context="operations",
        names={**_BASE, "version": Name("Which version is released?", code=True, pattern=VERSION)},
    ),
    Rule(
        "headers of security",
        r"(?:all |required )?(?:HTTP )?security headers(?: (?:are|is))? (?:configured|present|set|enabled|in place"
        r"|added|returned|active)",
        command(
            'sh -c \'test -n "$2" && for each in $2; do curl -sSI "$1" | grep -qi "^$each:" || exit 1; done\''
            " _ {site-url} {header-names}",
            changes=True,
        ),
        "the front page sends each of them, not: with a strict value, and not on each page",
        ("Security headers present", "All security headers are configured"),
        ("Security headers discussed", "Headers of the security desk present"),
        context="operations",
        names={**SITE, "header-names": Name("Which headers are they, with spaces between them?")},
    ),
    Rule(
        "name that leads to an address",
        rf"(?P<host>{DOMAIN}){_LEADS}(?: the)?(?: IP)? (?P<ip>\d+\.\d+\.\d+\.\d+)",
        {"command": {"run": "dig +short A $host", "changes": True}, "expect": {"contains": "$ip"}},
        "it does from here, not: everywhere",
        ("`shop.acme-shop.org` points to `203.0.113.7`", "api.acme-shop.org → 203.0.113.7"),
        ("shop.acme-shop.org points to the moon", "203.0.113.7 points to nothing"),
        context="operations",
    ),
    Rule(
        "name that leads to a server",
        rf"(?P<host>{DOMAIN}){_LEADS} (?:the |your |our )?(?:VPS|server|instance|load balancer|droplet|public|elastic"
        r"|static|VM|host)(?:'s)?(?: public)?(?: IP)?(?: address)?",
        {"command": {"run": "dig +short A $host", "changes": True}, "expect": {"contains": "{server-address}"}},
        "it does from here, not: everywhere",
        ("`shop.acme-shop.org` → VPS IP", "api.acme-shop.org points to the server"),
        ("shop.acme-shop.org points to our partners", "Server points to itself"),
        context="operations",
        names={"server-address": Name("Which IP address has the server?")},
    ),
    Rule(
        "domain that leads to a server",
        r"(?:the |your |custom )*(?:domain|DNS)(?: names?| records?)?(?: (?:is|are))? (?:points?|pointing|pointed) to"
        r" (?:the |your |our )?(?:new )?(?:VPS|server|droplet|VM|host|instance|production server)(?:'s)?(?: public)?"
        r"(?: IP)?(?: address)?",
        {"command": {"run": "dig +short A {host}", "changes": True}, "expect": {"contains": "{server-address}"}},
        "it does from here, not: everywhere",
        ("Domain names pointing to VPS IP address", "Domain names pointed to the server"),
        ("Domain points to new markets", "Domain bought"),
        context="operations",
        names={
            "host": Name("Which host?", code=True, pattern=DOMAIN),
            "server-address": Name("Which IP address has the server?"),
        },
    ),
    Rule(
        "end of a certificate",
        r"(?:(?:SSL|TLS|SSL/TLS|HTTPS) )?(?:certificates?|certs?) (?:does not |doesn't )?(?:expires?|expiry|expiration)"
        r"(?: (?:date|is|in|for|after|within|not|before|more than|later than|at least|over|>=?))* ?(?P<days>\d+) ?\+?"
        r" ?days(?: away| left| or more| from now| in the future)?(?<!within \d\d days)",
        command(
            "openssl s_client -connect {host}:443 -servername {host} </dev/null 2>/dev/null | openssl x509 -noout"
            " -checkend $(($days * 86400))",
            changes=True,
        ),
        "it does not end before, not: that clients trust it",
        ("SSL certificate expires in more than 30 days", "Certificate expiry > 14 days"),
        ("Certificate expires soon", "Session expires in 30 days"),
        context="operations",
        names={"host": Name("Which host?", code=True, pattern=DOMAIN)},
    ),
    Rule(
        "certificate of Let's Encrypt",
        r"Let's Encrypt (?:SSL |TLS )?certificates?(?: (?:is|are|has been|have been))? (?:generated|issued|obtained"
        r"|installed|active|valid|configured)(?: (?:for|on) [\w. -]+)?|(?:SSL|TLS|SSL/TLS) certificate status",
        command("curl -fsS -o /dev/null https://{host}/"),
        "valid for this host now, not: for how long",
        ("Let's Encrypt certificates generated", "Verify SSL certificate status"),
        ("Let's Encrypt chosen", "Certificate status of the course"),
        context="operations",
        names={"host": Name("Which host?", code=True, pattern=DOMAIN)},
    ),
    Rule(
        "port that is open",
        r"(?:TCP )?port (?P<port>\d{2,5})(?: (?:is))? (?:open|reachable|accessible|listening)",
        command("nc -z {port-host} $port", changes=True),
        "something accepts connections there from here, not: what it is",
        ("Port 443 open", "TCP port 5432 is reachable"),
        ("Port 443 closed", "Port of call open"),
        context="operations",
        names={"port-host": Name("On which host is port {} open?", group="port")},
    ),
    Rule(
        "API that answers",
        r"(?:(?:the|production|staging|live|deployed|backend|REST) )*(?:API|backend)(?: server| service"
        r"| API)?(?: (?:is|has))?"
        r"(?: (?:deployed|live|running|up) and)? (?:responds?|responding|answers?|online|reachable|accessible|live|up"
        r"|running)(?: (?:over|via|at) HTTPS)?",
        ANY_ANSWER,
        "its base URL answers, with whatever code but a failure of the server's, not: each endpoint",
        ("API responds", "The API service is online", "Backend API is deployed and accessible", "API is reachable"),
        ("API responds to customers' wishes", "API reviewed"),
        context="operations",
        names=_BASE,
    ),
)
