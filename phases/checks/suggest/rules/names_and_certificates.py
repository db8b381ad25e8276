"""Rules for where names lead, for how long that may be kept, what proves the sender of mail, and for certificates."""

from __future__ import annotations

from phases.checks.suggest.proposal import DOMAIN, Name, Rule
from phases.checks.suggest.rules.any_order import in_any_order
from phases.checks.suggest.rules.entries import EACH_LEADS, LEADS, command, for_each

_HOST = {"host": Name("Which host?", code=True, pattern=DOMAIN)}
_HOSTS = {"hosts": Name("Which hosts, with spaces between them?")}
_MAIL = {"mail-domain": Name("Which domain sends the mail?", code=True, pattern=DOMAIN)}
_SELECTOR = {"dkim-selector": Name("What is the DKIM selector?")}
_THERE = "each leads there from here, not: everywhere"
_SET = (
    r"(?: (?:is|are|has been|have been))?(?: (?:set|configured|added|created|published|updated|in place|verified"
    r"|exists?))?"
)
_LEADS_TO = r"(?: (?:points?|pointing|pointed|resolves?|resolving|leads?)(?: to)?| ?(?:->|\u2192|=>|=|:))"
_VALID = (
    r"(?:valid|installed|issued|active|obtained|working|works|provisioned|in place|configured|enabled|live"
    r"|set ?up)"
)
_TLS = r"(?:SSL|TLS|HTTPS|SSL/TLS|TLS/SSL)"
_TRUSTED = command("curl -sS -o /dev/null https://{host}/")
_FOR_NOW = "valid for this host now, not: for how long"


def _ttl(compared: str) -> str:
    """The cache time as the zone's own server gives it: what a resolver gives is what is left of it."""
    asked = 'dig +noall +answer "$1" @"$(dig +short NS "$2" | head -n 1)" | awk "{print \\$2; exit}"'
    return f"sh -c 'test \"$({asked})\" {compared} $seconds' _ {{host}} {{dns-zone}}"


_ZONE = {**_HOST, "dns-zone": Name("In which DNS zone (domain) is it?")}

RULES = (
    Rule(
        "record that leads somewhere",
        rf"(?:DNS )?(?P<type>(?-i:A|AAAA|CNAME))(?:[- ]record)?(?: (?:for|of))? (?P<host>{DOMAIN}){_SET}{_LEADS_TO} "
        r"(?P<target>\d+\.\d+\.\d+\.\d+|(?:[a-z0-9-]+\.)+[a-z]{2,})",
        command("dig +short $type $host | grep -qixF -e $target -e $target.", changes=True),
        "it does from here, not: everywhere",
        (
            "A record for `shop.acme-shop.org` → `203.0.113.7`",
            "CNAME for www.acme-shop.org points to cdn.acme-shop.net",
        ),
        ("A record for shop.acme-shop.org → the moon", "MX for acme-shop.org points to a.acme-shop.org"),
        context="operations",
    ),
    Rule(
        "name that leads to a name",
        rf"(?P<host>{DOMAIN})(?: CNAME)?{_LEADS_TO} (?P<target>(?:[a-z0-9-]+\.)+[a-z]{{2,}})",
        command("dig +short $host | grep -qixF -e $target -e $target.", changes=True),
        "it does from here, not: everywhere",
        ("`www.acme-shop.org` points to `cdn.acme-shop.net`", "www.acme-shop.org CNAME → cname.acme-host.net"),
        ("www.acme-shop.org points to the docs", "acme points to cdn.acme-shop.net"),
        context="operations",
    ),
    Rule(
        "names that lead to their places",
        r"(?:(?:configure|update|add|set up|create|switch|change|point) )?(?:all )?(?:(?:the|your|custom|production"
        r"|frontend"
        r"|backend|API|main|primary|root|new|app) )*(?:DNS|domains?|domain names?|subdomains?|DNS (?:A/CNAME|A|CNAME"
        r"|A and"
        r" CNAME) records?|DNS (?:records?|entries|settings)|(?-i:A/CNAME|CNAME) records?)(?: (?:is|are|has been"
        r"|have been"
        r"|has|now))*(?: (?:registered|bought|purchased) and)?(?: DNS)? (?:points?|pointing|pointed|switched|updated"
        r"|cut"
        r" ?over|moved|configured|connected|set ?up|created|live)(?: and propagated)?"
        r"(?: (?:to|at|with|in|for) (?:the |your )?(?:[\w-]+ ){0,3}?(?:provider|platform|host|hosting|load balancer"
        r"|server|ALB"
        r"|IP|IPs|address|addresses|cluster|infrastructure|registrar|deployment|production|application|frontend|backend"
        r"|Vercel|Netlify|Render|Railway|Cloudflare|CloudFront|Firebase|Heroku|Amplify|Fly|DigitalOcean|site|app))?",
        EACH_LEADS,
        _THERE,
        (
            "Frontend domain points to hosting platform",
            "DNS A/CNAME records point to hosting provider",
            "Custom domain configured",
            "Domain registered and DNS configured",
        ),
        ("Domain model updated", "DNS planned", "Domain expert switched to the new team", "Custom domain considered"),
        context="operations",
        names=LEADS,
    ),
    Rule(
        "names that resolve",
        r"(?:(?:the|both|all) )*(?:www (?:and|&|/) (?:the )?(?:apex|root|bare|naked)(?: domains?)?|(?:apex|root|bare"
        r"|naked)"
        r"(?: domain)? (?:and|&|/) www|(?:domains?|hosts?|hostnames|subdomains|DNS names))(?: (?:both|all))? resolve",
        for_each('dig +short "$each" | grep -q "[0-9a-f][.:]"', "hosts"),
        "each resolves from here, not: to the right place",
        ("`www` and apex both resolve", "All hostnames resolve"),
        ("Conflicts resolve", "Domains resolve disputes"),
        context="operations",
        names=_HOSTS,
    ),
    Rule(
        "shorter cache time of a name",
        r"(?:(?:lower|reduce|decrease|drop) (?:the )?)?(?:DNS )?(?-i:TTL)(?:s)?(?: (?:is|are|has been|was|values?"
        r"|for DNS"
        r" records?))*(?: (?:lowered|reduced|decreased|dropped))? (?:to|<=?|\u2264|below)(?: about)? (?P<seconds>\d+) ?"
        r"(?:s|sec|seconds)(?: or less)?",
        command(_ttl("-le"), changes=True),
        "its zone's server says so, not: that caches have dropped what they kept before",
        ("Lower DNS TTL to 300s", "DNS TTL reduced to 60 seconds"),
        ("Lower DNS TTL", "TTL of the cache lowered to 300 entries", "Lower session TTL to 300s"),
        context="operations",
        names=_ZONE,
        around=r"\bDNS\b|[Dd]omain|[Cc]utover|[Cc]ut-over",
    ),
    Rule(
        "cache time of a name",
        r"(?:(?:increase|raise|set|restore) (?:the )?)?(?:DNS )(?-i:TTL)(?: (?:is|has been|was))*(?: (?:increased"
        r"|raised|set"
        r"|restored|back))* to (?P<seconds>\d+) ?(?:s|sec|seconds)(?: for [\w.-]+(?: (?-i:A|CNAME))?(?: record)?)?",
        command(_ttl("-eq"), changes=True),
        "its zone's server says so, not: that caches have it",
        ("Increase DNS TTL back to 3600s", "DNS TTL set to 60 seconds"),
        ("DNS TTL set", "Raise DNS TTL questions", "Set TTL to 60 seconds"),
        context="operations",
        names=_ZONE,
    ),
    Rule(
        "SPF, DKIM and DMARC",
        r"(?:(?:DNS|email|mail|e-mail|and|records?|authentication|for|the) )*"
        + in_any_order(
            "SPF",
            "DKIM",
            "DMARC",
            also=r"records?|DNS|email|mail|configured|set|up|published|added"
            r"|verified|valid",
        ),
        command(
            "dig +short TXT {mail-domain} | grep -q v=spf1 && dig +short TXT _dmarc.{mail-domain} | grep -q v=DMARC1"
            " && dig +short TXT {dkim-selector}._domainkey.{mail-domain} | grep -q p=",
            changes=True,
        ),
        "all three are published, not: that mail is sent by them",
        ("SPF, DKIM and DMARC records configured", "SPF/DKIM/DMARC set up"),
        ("SPF, DKIM and DMARC explained", "SPF and DKIM configured", "SPF, DKIM, DMARC reports read"),
        context="operations",
        names={**_MAIL, **_SELECTOR},
    ),
    Rule(
        "SPF and DKIM",
        in_any_order("SPF", "DKIM", also=r"records?|DNS|email|mail|configured|set|up|published|added|verified|valid"),
        command(
            "dig +short TXT {mail-domain} | grep -q v=spf1"
            " && dig +short TXT {dkim-selector}._domainkey.{mail-domain} | grep -q p=",
            changes=True,
        ),
        "both are published, not: that mail is sent by them",
        ("SPF and DKIM records configured", "SPF/DKIM set up"),
        ("SPF and DKIM explained", "SPF and DMARC configured"),
        context="operations",
        names={**_MAIL, **_SELECTOR},
    ),
    Rule(
        "DMARC of a domain",
        r"DMARC(?: (?:DNS )?(?:records?|policy|TXT))?(?: (?:is))? (?:configured|set ?up|set|added|published|in place"
        r"|enabled"
        r"|exists)|DMARC (?:record )?for [\w.-]+ (?:published|set|exists)",
        {
            "command": {"run": "dig +short TXT _dmarc.{mail-domain}", "changes": True},
            "expect": {"contains": "v=DMARC1"},
        },
        "a policy is published, not: a strict one",
        ("DMARC configured", "DMARC set up"),
        ("DMARC explained", "DMARC reports read"),
        context="operations",
        names=_MAIL,
    ),
    Rule(
        "SPF of a domain",
        r"SPF(?: (?:DNS )?(?:records?|TXT))?(?: (?:is))? (?:configured|set ?up|set|added|published|in place|enabled"
        r"|exists)",
        {"command": {"run": "dig +short TXT {mail-domain}", "changes": True}, "expect": {"contains": "v=spf1"}},
        "a record is published, not: that it names the right senders",
        ("SPF configured", "SPF set up"),
        ("SPF explained", "SPF 50 bought", "SPF removed"),
        context="operations",
        names=_MAIL,
    ),
    Rule(
        "certificate for a host",
        rf"(?:(?:valid|the|new) )*{_TLS}(?: (?:certificates?|certs?))?(?: (?:is|are))?(?: {_VALID}(?: and {_VALID})?)?"
        rf" (?:for|on|at) (?P<host>{DOMAIN})(?: {_VALID})?",
        command("curl -sS -o /dev/null https://$host/"),
        _FOR_NOW,
        ("SSL certificate valid for `shop.acme-shop.org`", "HTTPS works on api.acme-shop.org"),
        ("SSL certificate for `shop.acme-shop.org` bought", "SSL certificate valid for shop owners"),
        context="operations",
    ),
    Rule(
        "certificate of a part",
        rf"(?P<part>frontend|backend|API|website|site|application|app|domain|production|staging"
        rf"|dashboard)(?: (?:domain|site|URL"
        rf"|server))? has (?:an? )?(?:valid )?{_TLS}(?: (?:certificate|cert|enabled))?",
        command("curl -sS -o /dev/null https://{certified-host}/"),
        _FOR_NOW,
        ("Frontend has valid SSL certificate", "API has SSL certificate"),
        ("Team has SSL certificate", "Frontend has a certificate of merit"),
        context="operations",
        names={"certified-host": Name("Which host is it? ({})", group="part")},
    ),
    Rule(
        "certificate that is trusted",
        in_any_order(
            _TLS,
            r"certificate|cert|green padlock|padlock",
            r"valid|trusted|active|secure|working|works|live|recogni[sz]ed|accepted",
            also=r"show(?:s|ing)?|as|by|browsers?|no warnings|production|site|website|domain|custom|current|verify",
            neutral=r"the|an?|is|are|has|in|on|for|with|of|your|and",
        ),
        _TRUSTED,
        _FOR_NOW,
        ("SSL certificate shows as secure", "TLS certificate of the domain is trusted"),
        (
            "SSL certificate secured by Ada",
            "SSL certificates are valid and active on every host",
            "SSL certificate is not valid",
        ),
        context="operations",
        names=_HOST,
    ),
    Rule(
        "host of a certificate",
        rf"(?:(?:SSL|TLS|SSL/TLS) )?(?:certificate|cert) (?:covers?|includes?|is for|matches) (?P<host>{DOMAIN})",
        command(
            "openssl s_client -connect $host:443 -servername $host </dev/null 2>/dev/null "
            "| openssl x509 -noout -checkhost"
            " $host | grep -q 'does match'",
            changes=True,
        ),
        "it has this name, not: that it is trusted, and for how long",
        ("Certificate covers `shop.acme-shop.org`", "TLS certificate includes www.acme-shop.org"),
        ("Certificate covers the floor", "Insurance covers shop.acme-shop.org"),
        context="operations",
    ),
)
