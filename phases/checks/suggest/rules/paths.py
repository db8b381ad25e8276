"""Rules for paths and pages, as those write them who look at them one by one: codes behind arrows, fields, logins."""

from __future__ import annotations

from phases.checks.suggest.proposal import Entry, Name, Rule
from phases.checks.suggest.rules.entries import SITE, command, for_each, output
from phases.checks.suggest.urls import CODE_OF

_BASE = {"base-url": Name("What is the base URL? (https://shop.example.com)")}
_HEALTH = {"health-url": Name("What is the URL of the health endpoint?")}
_PATH = r"(?P<path>/[\w/.-]*\w/?|/)"
_LABEL = r"(?:(?!POST|PUT|PATCH|DELETE|all|each|every)[\w-]+ ){0,3}?"
_SAYS = (
    r"(?: endpoint| route| page| path)?(?:,? (?:returns?|returning|responds?(?: with)?|answers?(?: with)?|gives?"
    r"|reports?"
    r"|shows?|is|->|=>|\u2192|=|:|-|\u2013|\u2014)| ?(?:->|=>|\u2192|=|:))"
)
_CODE = r"(?: an?)?(?: HTTP)?(?: status)?(?: code)?:? ?(?P<code>[1-5]\d\d)(?: (?-i:[A-Z][A-Za-z]+(?: [A-Z][a-z]+)?))?"
_NO_TOKEN = (
    r"(?: (?:without|with no) (?:an? )?(?:valid )?(?:token|auth(?:entication|orization)?|login|credentials|API key"
    r"|session|JWT|header)| when (?:unauthenticated|not logged in|logged out))?"
)
_VALUE = r"[\"'`]?(?P<value>[\w.-]+)[\"'`]?"
_FIELD = rf"[\"'`{{]*(?P<field>[A-Za-z_]\w*)[\"'`]? ?[:=] ?{_VALUE}\}}?"
_MORE = r",? ?(?:and|&|,) [\"'`]?(?P<field2>[A-Za-z_]\w*)[\"'`]? ?[:=] ?[\"'`]?(?P<value2>[\w.-]+)[\"'`]?"
_WITH = (
    r"(?: an?)?(?: (?:HTTP )?200(?: OK)?)?(?: (?:with|and|plus|JSON))*(?: (?:an? )?(?:body|payload|field"
    r"|status)(?: of)?)?"
)
_FIELDS_ONLY = "these fields have these values now, not: what else it answers"
_LIVE = (
    r"(?: (?:is|are|works and is))? (?:loads?|loading|live|accessible|reachable|online|available|published|up|opens"
    r"|responds?|returns 200)(?: (?:at|on|via|over|from) (?:the |your |its )?(?:(?:production|public|live|custom"
    r"|correct)"
    r" )*(?:URL|domain|site|website|HTTPS|internet))?"
)
_NOT_BEHIND_A_LOGIN = (
    r"(?!.*\b(?:admin|dashboard|profile|account|settings|checkout|member|user|private|all|each|every|other|legal"
    r"|and|both|error|404|not)\b)"
)
# where somebody logs in, nobody knows which pages are shown to all
_NOBODY_LOGS_IN = r"(?is)\A(?!.*\b(?:log ?in|sign[- ]?in|authenticat\w+|next-?auth|clerk)\b).*"
_NO_LOGIN_NO_WAY: Entry = for_each(
    'case "$(curl -sS -o /dev/null -w "%{http_code} %{redirect_url}" "$each")" in'
    " 401*|403*|30?*login*|30?*sign*|30?*auth*) ;; *) false ;; esac",
    "protected-urls",
)
_PROTECTED = {"protected-urls": Name("Which addresses want a login, with spaces between them?")}
_ROUTES = r"(?:API |admin |protected |private |dashboard |user )*(?:routes|endpoints|pages|APIs?|requests)"
_XML = (
    "curl -fsS -L {which} | python3 -c 'import sys, xml.etree.ElementTree as tree;"
    ' print(tree.parse(sys.stdin.buffer).getroot().tag.rsplit("}")[-1])\''
)


def _root_of(address: str, *roots: str) -> Entry:
    """The name of the root of what an address answers, which is XML."""
    return {"command": {"run": _XML.replace("{which}", address), "changes": True}, "expect": {"one-of": [*roots]}}


def _headers(more: str, wanted: str) -> Entry:
    """That the front page's headers have a line of this form; `more`: options of curl."""
    return command(f"curl -sS -o /dev/null -D - {more} {{site-url}} | grep -qiE '{wanted}'", changes=True)


RULES = (
    Rule(
        "code of a path",
        rf"{_LABEL}(?:GET |curl )?{_PATH}{_SAYS}{_CODE}{_NO_TOKEN}",
        {"command": {"run": f"{CODE_OF}{{base-url}}$path"}, "expect": {"equals": "$code"}},
        "this code now and from here, not: what it shows",
        (
            "`/api/health` → 200",
            "GET `/ready` = 200",
            "Memory API `/health` - HTTP 200",
            "GET `/docs` — 200 OK",
        ),
        ("`/api/health` → 200 ms", "POST `/orders` → 201", "All endpoints below `/api` → 200", "`/api` → 20"),
        context="operations",
        names=_BASE,
    ),
    Rule(
        "field of a path",
        rf"{_LABEL}(?:GET )?{_PATH}{_SAYS}{_WITH} {_FIELD}",
        output("curl -fsS {base-url}$path", "to_string($field)", {"equals": "$value"}),
        "this field has this value now, not: what else it answers",
        ("GET `/ready` returns ready=true", "`/health` responds with db: up"),
        ("GET `/ready` returns ready", "`/health` returns errors: some of them", "GET ready returns ready=true"),
        context="operations",
        names=_BASE,
    ),
    Rule(
        "two fields of a path",
        rf"{_LABEL}(?:GET )?{_PATH}{_SAYS}{_WITH} {_FIELD}{_MORE}",
        output(
            "curl -fsS {base-url}$path",
            "[to_string($field), to_string($field2)]",
            {"equals": ["$value", "$value2"]},
        ),
        _FIELDS_ONLY,
        ("Memory agent `/ready` returns ready=true and vector_ok=true", "`/health` returns db=ok, cache=ok"),
        ("`/ready` returns ready=true and more", "`/ready` returns ready and vector_ok"),
        context="operations",
        names=_BASE,
    ),
    Rule(
        "field of the health answer",
        rf"(?:API |backend |server |application |app )?health(?:[- ]?check)?(?: endpoint| URL"
        rf"| API)?{_SAYS}{_WITH} {_FIELD}",
        output("curl -fsS {health-url}", "to_string($field)", {"equals": "$value"}),
        "this field has this value now, not: what else it answers",
        ('Health check returns 200 OK with "status: healthy"', "Health endpoint returns status=ok"),
        ("Health check returns status", "Health check returns 200 OK with love: much of it"),
        context="operations",
        names=_HEALTH,
    ),
    Rule(
        "page at its path",
        rf"{_NOT_BEHIND_A_LOGIN}[\w /&-]{{0,40}}?\bpage{_LIVE}",
        {"command": {"run": f"{CODE_OF}{{site-url}}$path"}, "expect": {"equals": "200"}},
        "it answers now, and not with a login, not: that it looks right",
        ("Pricing page loads (`/pricing`)", "About us page is live (`/about`)"),
        ("Admin page loads (`/admin`)", "Pricing page loads (fast)", "Pricing page drawn (`/pricing`)"),
        context="operations",
        remark=r"^(?P<path>/[\w/-]*)$",
        names=SITE,
    ),
    Rule(
        "page to go to",
        rf"{_NOT_BEHIND_A_LOGIN}(?:can )(?:navigate to|access|open|reach|load|visit) (?:the )?(?P<path>/[\w/-]+)"
        r"(?: page| route)?",
        {"command": {"run": f"{CODE_OF}{{site-url}}$path"}, "expect": {"equals": "200"}},
        "it answers now, and not with a login, not: that it looks right",
        ("Can navigate to `/chat` page", "Can open `/models`"),
        ("Can navigate to `/admin` page", "Can open a shop", "Navigate to `/chat` and say something"),
        context="operations",
        names=SITE,
    ),
    Rule(
        "page of its own",
        rf"{_NOT_BEHIND_A_LOGIN}(?P<page>(?!(?:home|landing|main|front|login|this|the|new)\b)[A-Za-z][\w&-]*"
        rf"(?: [\w&-]+){{0,3}}) page{_LIVE}",
        {"command": {"run": f"{CODE_OF}{{page-url}}"}, "expect": {"equals": "200"}},
        "it answers now, and not with a login, not: that it looks right",
        ("Converter page loads", "Privacy policy page is live"),
        ("Admin page loads", "Converter page loads fast", "All product pages load", "Status page tells the truth"),
        context="operations",
        names={"page-url": Name("What is the URL of the {} page?", group="page")},
        document=_NOBODY_LOGS_IN,
    ),
    Rule(
        "text of the law that is published",
        r"(?P<text>privacy policy|terms of (?:service|use)|terms (?:&|and) conditions|cookie policy|imprint"
        r"|refund policy)"
        r"(?: (?:is|are))? (?:published|live|online|accessible|reachable)(?: (?:on|at) (?:the |your )?(?:website|site"
        r"|URL|domain))?",
        command("curl -fsS -o /dev/null {text-url}"),
        "its page answers without an error now, not: that it says the right thing",
        ("Privacy policy published", "Terms of Service live on website"),
        ("Privacy policy written", "Terms of the contract published", "Privacy policy reviewed"),
        context="operations",
        names={"text-url": Name("What is the URL of the {}?", group="text")},
    ),
    Rule(
        "site at its address",
        r"(?:can (?:access|reach|open) (?:the )?)?(?:production |public |live )?(?:website|site|web ?app|app"
        r"|application"
        r"|frontend|home ?page|landing page)(?: (?:is|has been))?(?: (?:deployed|live|up|running) and)?(?: (?:loads?"
        r"|accessible|reachable|live|online|available|opens|up))?(?: (?:at|on|via|under|from|through) (?:the |your "
        r"|its )?"
        r"(?:(?:production|public|live|custom|correct|deployed|final) )*(?:URL|domain|address|website))(?<!access)"
        r"|can (?:access|reach|open) (?:the )?(?:home ?page|website|site|frontend|application|landing page)",
        command("curl -fsS -o /dev/null {site-url}"),
        "it answers without an error now, not: that it looks right",
        ("Website loads at production URL", "Site deployed and accessible via domain", "Can access homepage"),
        ("Website loads at a snail's pace", "Site for the new domain discussed", "App of the URL shortener works"),
        context="operations",
        names=SITE,
    ),
    Rule(
        "documents of an API",
        r"(?:(?:the|interactive|auto-generated) )*(?:API (?:docs?|documentation)|swagger(?: UI| docs| documentation)?"
        r"|open ?api docs|redoc|graphql playground)(?: (?:is|are))? (?:accessible|reachable|live|available|loads?"
        r"|online"
        r"|up|working|works)(?: (?:over|via) HTTPS)?",
        command("curl -fsS -o /dev/null {api-docs-url}"),
        "they answer without an error now, not: that they are the newest",
        ("API docs accessible", "Swagger UI loads"),
        ("API docs written", "API documentation complete", "Swagger chosen"),
        context="operations",
        names={"api-docs-url": Name("What is the URL of the API's documents?")},
    ),
    Rule(
        "console that answers",
        r"(?P<console>(?!(?:verify|check|test|confirm|ensure|all|user|admin|main|CloudWatch|Grafana|Prometheus|AWS"
        r"|the|monitoring"
        r"|kubernetes)\b)(?-i:[A-Z])[\w.-]+"
        r"(?: (?-i:[A-Z])[\w-]+)?) (?:dashboard|console|web UI|UI|web interface|admin UI)(?: (?:is|are))? (?:accessible"
        r"|reachable|loads?|available|up|responds?|online)",
        command("curl -fsS -o /dev/null {console-url}"),
        "it answers without an error now, not: that it shows the right thing",
        ("Kibana dashboard accessible", "RabbitMQ console is reachable"),
        (
            "Dashboard accessible by keyboard",
            "Kibana dashboards reviewed",
            "Admin dashboard accessible",
            "dashboard loads",
        ),
        context="operations",
        names={"console-url": Name("What is the address of {}?", group="console")},
    ),
    Rule(
        "code in brackets without a login",
        r"(?:(?:unauthenticated|unauthori[sz]ed|anonymous) (?:requests?|calls?|access"
        r"|users?)(?: to [\w -]{3,30})?(?: (?:are"
        r"|is))? (?:rejected|blocked|denied|refused|return(?:s|ed)?)|(?:protected|private|admin|secured) (?:routes?"
        r"|endpoints?|APIs?)(?: (?:are|is))? (?:reject(?:s|ed)?|den(?:y|ied)|refuse[sd]?|block(?:s|ed)?|protected"
        r"|return(?:s|ed)?)(?: (?:unauthenticated|unauthori[sz]ed|anonymous) (?:requests?|users?|access|calls?))?)",
        for_each(
            'test "$(curl -sS -o /dev/null -w "%{http_code}" "$each")" = $code',
            "protected-urls",
        ),
        "these addresses answer so, not: others",
        ("Unauthenticated requests rejected (401)", "Protected routes deny anonymous access (403)"),
        ("Unauthenticated requests counted (401)", "Unauthenticated requests rejected (soon)"),
        context="operations",
        remark=r"^(?:(?:HTTP|status|code|returns?) )*(?P<code>40[13])(?: (?:Unauthorized|Forbidden))?$",
        names=_PROTECTED,
    ),
    Rule(
        "what wants a login",
        rf"(?:(?:unauthenticated|unauthori[sz]ed|anonymous) (?:requests?|access|calls?"
        rf"|users?)(?: to {_ROUTES})?(?: (?:is|are))?"
        rf" (?:rejected|blocked|denied|refused)|{_ROUTES}(?: (?:are|is))? (?:require(?:s)? (?:auth(?:entication)?"
        rf"|a login"
        r"|login|a token|an API key)|(?:properly )?protected|auth[- ]protected|secured)(?: (?:with|by) (?:auth"
        r"(?:entication)?|login|JWT|tokens?))?)",
        _NO_LOGIN_NO_WAY,
        "these addresses want a login, not: others",
        ("Admin routes protected", "API endpoints require authentication", "Unauthenticated requests rejected"),
        ("Admin routes protected by mountains", "API endpoints drawn", "Routes through the park protected"),
        context="operations",
        names=_PROTECTED,
    ),
    Rule(
        "address that is redirected",
        r"(?P<from>https?://[\w.-]+(?:/[\w./-]*)?) (?:redirects?|is redirected|->|\u2192|=>)(?: to)? "
        r"(?P<to>https?://[\w.-]+(?:/[\w./-]*)?)",
        {
            "command": {"run": "curl -sS -o /dev/null -w '%{redirect_url}' $from"},
            "expect": {"one-of": ["$to", "$to/"]},
        },
        "this address is redirected, not: others",
        (
            "`http://shop.acme-shop.org` redirects to `https://shop.acme-shop.org`",
            "https://www.acme-shop.org/ → https://acme-shop.org/",
        ),
        ("`http://shop.acme-shop.org` redirects to the shop", "`http://shop.acme-shop.org` redirects"),
        context="operations",
    ),
    Rule(
        "with or without www",
        r"(?:www|non-www|apex|bare domain|root domain|naked domain)(?: (?:and|/|\u2194) (?:www|non-www|apex))?"
        r"(?: (?:domain|version|subdomain|URL))?(?: (?:is|are))? (?:redirects?|redirected|->|\u2192"
        r"|=>)(?: correctly)?(?: to)?"
        r" (?:the )?(?:www|non-www|apex|canonical)(?: (?:domain|version|subdomain|URL))?"
        r"|www(?:/| to | -> )non-www redirect(?:s|ion)?(?: (?:works?|working|configured|in place|set ?up))?",
        {
            "command": {"run": "curl -sS -o /dev/null -w '%{redirect_url}' https://{redirected-host}/"},
            "expect": {"one-of": ["https://{canonical-host}/", "https://{canonical-host}"]},
        },
        "the front page is redirected, not: every path",
        ("Non-www redirects to www", "www to non-www redirect works"),
        ("www redirects traffic jams", "Apex of the mountain redirects to www"),
        context="operations",
        names={
            "redirected-host": Name("Which host is redirected?"),
            "canonical-host": Name("To which host is it redirected?"),
        },
    ),
    Rule(
        "allowed origin",
        r"CORS(?: (?:policy|headers?|origins?))?(?: (?:is|are))?(?: (?:allows?|configured|set|enabled|updated"
        r"|working|works"
        r"|open|restricted))*(?: (?:for|to|from))?(?: (?:the |your )?origin)? (?P<origin>https?://[\w.-]+(?::\d+)?)",
        command(
            "curl -sS -o /dev/null -D - -H 'Origin: $origin' {api-url}"
            " | grep -qiE '^access-control-allow-origin: *$origin.?$'",
            changes=True,
        ),
        "this origin is allowed, not: that no other is",
        ("CORS allows `https://shop.acme-shop.org`", "CORS configured for https://app.acme-shop.org"),
        ("CORS only allows `https://shop.acme-shop.org`", "CORS configured for Ada"),
        context="operations",
        names={"api-url": Name("Which address of the API is asked from another origin?")},
    ),
    Rule(
        "allowed origin of the frontend",
        r"(?:(?:configure|set up|update) )?CORS(?: (?:settings|policy|headers?|origins?|configuration))?(?: (?:is"
        r"|are|has been"
        r"|properly))*(?: (?:configured|set ?up|enabled|updated|working|works|allows?|set))?(?: (?:for|to include"
        r"|with|from)?"
        r" ?(?:the |your )?(?:(?:production|frontend|front-end|new|app|correct) )+(?:domains?|origins?|URLs?|host))"
        r"|CORS (?:is |headers? |policy )*(?:configured|enabled|set ?up)(?: on (?:the )?(?:API|backend|server))?",
        command(
            'sh -c \'curl -sS -o /dev/null -D - -H "Origin: $1" "$2" | tr -d "\\r" '
            '| grep -qixE "access-control-allow-origin: *$1"\''
            " _ {frontend-origin} {api-url}",
            changes=True,
        ),
        "this origin is allowed, not: that no other is",
        ("CORS configured for production domain", "CORS updated for frontend domain", "CORS configured"),
        ("CORS only allows your domain", "CORS explained", "CORS rejects other domains"),
        context="operations",
        names={
            "frontend-origin": Name("Which origin is to be allowed? (https://app.example.com)"),
            "api-url": Name("Which address of the API is asked from another origin?"),
        },
    ),
    Rule(
        "compressed answers",
        r"(?:(?:HTTP|response|asset|static|server|text) )*(?:gzip|brotli|gzip ?/ ?brotli|brotli ?/ ?gzip)(?: (?:and"
        r"|or) brotli)?"
        r"(?: compression)?(?: (?:is))?(?: (?:enabled|active|on|configured|working|works))"
        r"|compression(?: is)? (?:enabled"
        r"|active|on|working)",
        _headers("-H 'Accept-Encoding: gzip, br'", "^content-encoding: *(gzip|br|brotli)"),
        "the front page comes compressed (gzip, br for brotli), not: each file",
        ("Gzip compression enabled", "Gzip/Brotli compression enabled"),
        ("Image compression done", "Compression of the schedule enabled", "gzip installed"),
        context="operations",
        names=SITE,
        around=r"(?i)site|web|page|front|cdn|nginx|http|performance|perf|deploy",
    ),
    Rule(
        "map of the site",
        r"(?:XML )?site ?map(?: file)?(?: (?:is|works and is))? (?:accessible|reachable|live|available|served|loads?"
        r"|online"
        r"|present|returns? (?:valid )?XML)",
        _root_of("{sitemap-url}", "urlset", "sitemapindex"),
        "it is one in its form, not: that it lists the right pages",
        ("Sitemap accessible", "XML sitemap is live"),
        ("Sitemap submitted to Google", "Sitemap drawn", "Sitemap complete"),
        context="operations",
        names={"sitemap-url": Name("What is the URL of the sitemap?")},
    ),
    Rule(
        "feed of a site",
        r"(?:the )?(?:RSS|Atom|RSS/Atom)(?: feed)?(?: (?:is))? (?:accessible|reachable|live|available|served|loads?"
        r"|online"
        r"|works?|working|returns? (?:valid )?(?:RSS |Atom )?XML)",
        _root_of("{feed-url}", "rss", "feed", "RDF"),
        "it is one in its form, not: that it has the newest",
        ("RSS feed works", "Atom feed returns XML"),
        ("RSS feed read", "RSS considered", "Feed of the cattle works"),
        context="operations",
        names={"feed-url": Name("What is the URL of the feed?")},
    ),
    Rule(
        "feed at an address",
        r"curl(?: -[sSfLi]+)* (?P<url>https?://[\w./-]+) returns (?:an? |the )?(?:valid )?(?:RSS|Atom"
        r"|feed)(?: feed)? XML",
        _root_of("$url", "rss", "feed", "RDF"),
        "it is one in its form, not: that it has the newest",
        ("`curl https://acme-shop.org/feed/` returns RSS XML", "`curl -s https://acme-shop.org/atom` returns Atom XML"),
        ("`curl https://acme-shop.org/feed/` returns 200 entries", "`curl https://acme-shop.org/` returns XML"),
        context="operations",
    ),
    Rule(
        "map of the site at an address",
        r"curl(?: -[sSfLi]+)* (?P<url>https?://[\w./-]+) returns (?:an? |the )?(?:valid )?sitemap(?: XML)?",
        _root_of("$url", "urlset", "sitemapindex"),
        "it is one in its form, not: that it lists the right pages",
        ("`curl https://acme-shop.org/sitemap_index.xml` returns sitemap XML",),
        ("`curl https://acme-shop.org/map` returns 12 pages", "`curl https://acme-shop.org/` returns a map"),
        context="operations",
    ),
    Rule(
        "robots and sitemap",
        r"robots\.txt ?(?:and|&|\+|,|/) ?sitemap\.xml(?: (?:is|are|both))*(?: (?:present|accessible|available"
        r"|in place|exist"
        r"|reachable|served|return 200|live|deployed|published))",
        command("curl -fsS -o /dev/null {site-url}/robots.txt && curl -fsS -o /dev/null {site-url}/sitemap.xml"),
        "both are served, not: that they say the right thing",
        (
            "`robots.txt` + `sitemap.xml` reachable (`/robots.txt`, `/sitemap.xml`)",
            "robots.txt and sitemap.xml accessible",
        ),
        ("robots.txt and sitemap.xml reviewed", "Robots and sitemap accessible"),
        context="operations",
        names=SITE,
    ),
)
