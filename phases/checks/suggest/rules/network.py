"""Rules for what answers on the network: health, redirects, headers, certificates, names."""

from __future__ import annotations

from phases.checks.suggest.proposal import DOMAIN, Name, Rule
from phases.checks.suggest.rules.entries import SITE, command, for_each

_BASE = {"base-url": Name("What is the base URL? (https://shop.example.com)")}
_HOST = {"host": Name("Which host?", code=True, pattern=DOMAIN)}
_PATH = r"(?P<path>/[\w/.-]*)"
_OK = (
    r"(?:(?:is|are|returns?|responds?|responding|answers?|reachable|accessible|ok|healthy|with|a|status|code|HTTP|200)"
    r"[ ,/]*)+"
)

_HEALTHY = (
    r"(?: (?:is|are))? (?:passing|pass(?:es|ed)?|successful|green|healthy|ok|return(?:s|ing)?"
    r" (?:HTTP )?(?:200|ok|healthy)(?: ok)?|responds?"
    r"(?: with)?(?: (?:HTTP )?200)?(?: ok)?|responding|reachable|accessible)"
)
_HOSTS = {"hosts": Name("Which hosts, with spaces between them?")}
_EACH_HOST = for_each('curl -fsS -o /dev/null "https://$each/"', "hosts")

RULES = (
    Rule(
        "health of a path",
        rf"(?:(?:GET|HTTP|API|application|app|service|backend|frontend|production) )*(?:(?:health(?:[- ]?check)?"
        rf"|readiness|liveness|status)(?: endpoint| check)* )?(?:endpoint )?{_PATH}(?: endpoint| page| route)? {_OK}",
        command("curl -fsS -o /dev/null {base-url}$path"),
        "it answers without an error now, not: with the right content",
        ("Health endpoint `/health` returns 200", "`/api/status` responds with 200 OK", "`/healthz` is healthy"),
        ("`/health` implemented", "`/login` page looks right", "`/etc/hosts` edited", "POST `/orders` returns 201"),
        context="any",
        names=_BASE,
    ),
    Rule(
        "health",
        rf"(?:(?:application|app|service|API|backend|frontend|production|staging|site|server) )*health"
        rf"(?:[- ]?check)?(?: (?:endpoint|URL|status))?{_HEALTHY}",
        command("curl -fsS -o /dev/null {health-url}"),
        "it answers without an error now, not: that all behind it is healthy",
        ("Health endpoint returns 200", "Health check passes", "API health check responds"),
        ("Health checks implemented", "Mental health ok", "Health check configured"),
        context="operations",
        names={"health-url": Name("What is the URL of the health endpoint?")},
    ),
    Rule(
        "health of several",
        rf"(?:(?:application|app|service|API|backend|frontend|production|staging|site|server|all|the) )*health"
        rf"(?:[- ]?checks?)?(?: (?:endpoints?|URLs?|status))?{_HEALTHY}",
        for_each('curl -fsS -o /dev/null "$each"', "health-urls"),
        "each answers without an error now, not: that all behind it is healthy",
        ("Health checks passing", "All health endpoints respond"),
        ("Health checks implemented", "Mental health ok", "Health endpoints documented"),
        context="operations",
        names={"health-urls": Name("What are the URLs of the health endpoints, with spaces between them?")},
    ),
    Rule(
        "reachable",
        r"(?:production |staging |live |public )?(?:site|website|web ?site|application|app|homepage|home page"
        r"|landing page|URL|domain)(?: (?:URL|endpoint))?(?: (?:is|are))? (?:reachable|accessible|live|up"
        r"|responding|online|loads|returns (?:HTTP )?200)(?: (?:via|over|at|on) (?:HTTPS|the (?:production )?"
        r"(?:domain|URL)))?",
        command("curl -fsS -o /dev/null {site-url}"),
        "it answers without an error now, not: that it looks right",
        ("Site is live", "Application is accessible via HTTPS", "Website returns 200"),
        ("Site is beautiful", "Application reachable by keyboard", "Site built"),
        context="operations",
        names=SITE,
    ),
    Rule(
        "redirect to HTTPS",
        r"HTTP(?: traffic| requests)? (?:redirects?(?:ed)?|is redirected|are redirected)(?: correctly"
        r"| automatically)? to HTTPS|HTTP(?:S)? ?(?:to|->|→) ?HTTPS redirect(?:ion|s)?(?: (?:is |are )?(?:enabled"
        r"|configured|working|in place|works))?|(?:HTTPS|SSL) redirects? (?:enabled|configured)",
        {
            "command": {"run": "curl -sS -o /dev/null -w '%{redirect_url}' http://{host}/"},
            "expect": {"matches": "https://.*"},
        },
        "the front page is redirected, not: every path",
        ("HTTP redirects to HTTPS", "HTTP to HTTPS redirect configured"),
        ("Redirects reviewed", "HTTPS chosen", "Old URLs redirect to new ones"),
        context="any",
        names=_HOST,
        firm=True,
    ),
    Rule(
        "certificate",
        r"(?:(?:valid )?(?:SSL|TLS|HTTPS|SSL/TLS|TLS/SSL)(?: ?/ ?HTTPS)?)(?: (?:certificate|cert))(?: is)?"
        r"(?: (?:installed|valid|issued|obtained|deployed|ready|provisioned|validated|set up|active|in place|configured"
        r"|not expired|working|installed and valid"
        r"|valid and not expired|enabled))+"
        r"|(?:TLS/|SSL/)?HTTPS(?:/SSL|/TLS)?(?: is)? (?:enabled|working|active|set ?up|configured)(?: with (?:an? )?"
        r"(?:(?:valid|SSL|TLS) )*certificate)?",
        command("curl -fsS -o /dev/null https://{host}/"),
        "valid for this host now, not: for how long",
        ("SSL certificate valid", "TLS certificate installed", "HTTPS enabled"),
        ("SSL certificate ordered", "Certificate of completion valid", "HTTPS planned"),
        context="operations",
        names=_HOST,
    ),
    Rule(
        "certificates of several",
        r"(?:all )?(?:valid )?(?:SSL|TLS|HTTPS|SSL/TLS|TLS/SSL)(?: ?/ ?HTTPS)? (?:certificates|certs)(?: are)?"
        r"(?: (?:installed|valid|issued|obtained|deployed|ready|provisioned|set up|active|in place|configured"
        r"|not expired|working|installed and valid|valid and not expired|enabled))+"
        r"|(?:SSL|TLS|HTTPS)(?: is)? (?:enabled|configured|working|active) (?:for|on) all (?:domains|endpoints|hosts)"
        r"|all domains have (?:SSL|TLS|HTTPS)(?:/TLS)? certificates?",
        _EACH_HOST,
        "valid for these hosts now, not: for how long",
        ("SSL certificates configured", "HTTPS is enabled on all endpoints"),
        ("SSL certificates ordered", "Certificates of completion valid"),
        context="operations",
        names=_HOSTS,
    ),
    Rule(
        "header",
        r"(?P<header>Strict-Transport-Security|HSTS|Content-Security-Policy|CSP|X-Frame-Options"
        r"|X-Content-Type-Options|Referrer-Policy|Permissions-Policy)(?: headers?)?(?: (?:is|are))?(?: (?:set"
        r"|present|enabled|configured|in place|sent|returned|served))",
        {"command": {"run": "curl -sSI {site-url}"}, "expect": {"matches": "(?is).*\n$header_name:.*"}},
        "the front page sends it, not: with a strict value",
        ("X-Frame-Options header set", "Content-Security-Policy configured", "HSTS enabled"),
        ("Headers reviewed", "CSP violations reported"),
        context="operations",
        names=SITE,
    ),
    Rule(
        "name resolves",
        r"(?:(?:production )?(?:DNS|domain|domain name|hostname)(?: (?-i:A|AAAA|CNAME))?(?: (?:records?|entry|entries"
        r"|name))?)(?: (?:is|are"
        r"|has|have))?(?: (?:resolves?|resolving))",
        {
            "command": {"run": "dig +short {host}", "changes": True},
            "expect": {"matches": r"[\s\S]*[0-9a-f][.:][\s\S]*"},
        },
        "it resolves from here, not: to the right place, and not everywhere",
        ("DNS resolves", "Domain name resolves"),
        ("DNS changes planned", "Domain bought", "DNS TTL lowered"),
        context="operations",
        names=_HOST,
    ),
    Rule(
        "file of a site",
        r"(?P<file>robots\.txt|sitemap\.xml|security\.txt|favicon\.ico|manifest\.json)(?: (?:file|is|are))*(?: "
        r"(?:present|accessible|available|in place|exists?|reachable|served|returns 200|live|deployed|published))",
        command("curl -fsS -o /dev/null {site-url}/$file"),
        "it is served, not: that it says the right thing",
        ("`robots.txt` is accessible", "sitemap.xml exists"),
        ("robots.txt reviewed", "Sitemap submitted"),
        context="operations",
        names=SITE,
    ),
    Rule(
        "certificate for some days",
        r"(?:(?:SSL|TLS|SSL/TLS|HTTPS) )?(?:certificates?|certs?)(?: (?:is|are))? (?:valid for(?: at least| more than"
        r"| another)?|not expiring (?:within|in)(?: the next)?) (?P<days>\d{1,3}) (?:more )?days?",
        command(
            "openssl s_client -connect {host}:443 -servername {host} </dev/null 2>/dev/null | openssl x509 -noout"
            " -checkend $(($days * 86400))",
            changes=True,
        ),
        "it does not end before, not: that clients trust it",
        ("Certificate valid for more than 14 days", "TLS certificate is valid for at least 30 days"),
        ("Certificate of the course valid for two years", "Certificate valid", "Session valid for 14 days"),
        context="operations",
        names=_HOST,
    ),
    Rule(
        "bare domain",
        r"www(?:\.[\w.-]+)? redirects? to (?:the )?(?:bare|naked|apex|root)(?: domain)?|(?:www )?redirects?(?: from"
        r" www)? to"
        r" (?:the )?(?:bare|naked|apex|root) domain",
        {
            "command": {"run": "curl -sS -o /dev/null -w '%{redirect_url}' https://www.{bare-domain}/"},
            "expect": {"equals": "https://{bare-domain}/"},
        },
        "the front page is redirected, not: every path",
        ("`www` redirects to the bare domain", "www redirects to apex domain"),
        ("Bare domain bought", "www documented"),
        context="operations",
        names={"bare-domain": Name("What is the bare domain?", code=True, pattern=DOMAIN)},
    ),
    Rule(
        "records of a kind",
        r"(?:DNS )?(?P<type>(?-i:MX|CAA|NS))(?: DNS)? records?(?: (?:is|are|exist))*"
        r"(?: (?:set|configured|in place|created|published|added|there))?(?<!records)(?<!record)(?<! are)(?<! is)",
        {"command": {"run": "dig +short $type {host}", "changes": True}, "expect": {"matches": ".+"}},
        "there is one, as this machine's resolver has it, not: the right one",
        ("MX records in place", "CAA record configured", "NS records exist"),
        ("MX records", "Medical records in place", "MX records removed", "CNAME records reviewed"),
        context="operations",
        names=_HOST,
    ),
    Rule(
        "DKIM",
        r"DKIM(?: (?:DNS )?(?:records?|keys?|signing))?(?: (?:is|are))? (?:configured|set ?up|set|added|published|in"
        r" place"
        r"|enabled|exists?|created)",
        {
            "command": {"run": "dig +short TXT {dkim-selector}._domainkey.{mail-domain}", "changes": True},
            "expect": {"contains": "p="},
        },
        "a key is published, not: that mail is signed with it",
        ("DKIM configured", "DKIM record published"),
        ("DKIM explained", "DKIM key rotated"),
        context="any",
        names={
            "dkim-selector": Name("What is the DKIM selector?"),
            "mail-domain": Name("Which domain sends the mail?", code=True, pattern=DOMAIN),
        },
    ),
)
