"""Does an item claim more than its check shows, or is it about something else? Traits of its form and of its place.

Looked at for each proposal, whichever rule made it: what is found makes the check possible, and it is not proposed.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache

from phases.checks.suggest.another_repository import elsewhere_in_git
from phases.checks.suggest.beneath_items import (
    asks_another_endpoint,
    expected_below,
    further_commands,
    is_forwarded,
    lists_more,
)
from phases.checks.suggest.checklist import Checklist
from phases.checks.suggest.clause import plain_text, without_code, without_remarks
from phases.checks.suggest.one_of_several import one_of_several
from phases.checks.suggest.proposal import Proposal, run_of
from phases.checks.suggest.scope import narrower
from phases.checks.suggest.whole import POSSIBLE

# what a place or an item names -> the services of AWS that a check of it asks
_SERVICES: tuple[tuple[re.Pattern[str], frozenset[str]], ...] = tuple(
    (re.compile(rf"(?<![\w.-])(?:{pattern})(?![\w-])"), frozenset(services.split()))
    for pattern, services in (
        (r"RDS|Aurora", "rds"),
        (r"S3|[Bb]uckets?", "s3"),
        (r"CloudFront", "cloudfront"),
        (r"EC2|VPCs?|[Ss]ubnets?|[Ss]ecurity [Gg]roups?|NAT|AMIs?|(?:VPC )?[Ff]low [Ll]ogs", "ec2"),
        (r"Lambdas?", "lambda logs cloudwatch iam"),
        (r"ALB|NLB|ELB|[Ll]oad [Bb]alancers?|[Tt]arget [Gg]roups?", "elbv2"),
        (r"DynamoDB", "dynamodb"),
        (r"ElastiCache|Redis|Memcached|Valkey", "elasticache"),
        (r"Cognito", "cognito-idp"),
        (r"API Gateway|REST APIs?|HTTP APIs?|WebSocket APIs?", "apigateway apigatewayv2"),
        (r"ECS|Fargate", "ecs elbv2 application-autoscaling"),
        (r"EKS", "eks"),
        (r"ECR", "ecr"),
        (r"SNS", "sns"),
        (r"SQS", "sqs"),
        (r"IAM", "iam"),
        (r"CloudWatch", "cloudwatch logs sns"),
        (r"[Aa]larms?", "cloudwatch sns"),
        (r"CloudTrail", "cloudtrail"),
        (r"KMS", "kms"),
        (r"WAF", "wafv2"),
        (r"Route ?53", "route53"),
        (r"EventBridge", "events scheduler"),
        (r"Step Functions", "stepfunctions"),
        (r"OpenSearch|Elasticsearch", "opensearch"),
    )
)
# who else runs things: what AWS or a cluster answers is not about them
_OTHERS = re.compile(
    r"\b(?:GCP|Google Cloud|Cloud (?:Run|SQL|Build|Storage)|Azure|Vercel|Netlify|Render(?! (?:time|the))|Railway|Heroku"
    r"|Fly\.io|Digital ?Ocean|Cloudflare|Supabase|Neon|PlanetScale|(?:MongoDB )?Atlas|Firebase|Linode|Hetzner|Upstash"
    r"|Secret Manager|Key Vault|Cloud Logging|App Service|LocalStack|Namecheap|GoDaddy|Datadog|New Relic|Sentry"
    r"|PagerDuty)\b"
)
_OF_AWS = re.compile(
    r"\b(?:AWS|Amazon|CloudWatch|EKS|ECS|EC2|RDS|S3|Lambda|DynamoDB|SNS|SQS|Route ?53|ACM|CloudFront|ECR|IAM)\b"
)
_CLUSTERS_OF = re.compile(r"\b(?:GKE|AKS|LKE|DOKS)\b|(?i:kubernetes|k8s|cluster)")
_OF_LOGS = re.compile(
    r"(?i)^\W*(?:\d+[.)]\s*)?(?:(?:check|verify|review|inspect|application|the|all|for|in) )*logs?\b(?! ?in\b|ging)"
)
_ABOUT_LOGS = re.compile(r"\blogs?\b|logGroup", re.IGNORECASE)
_REMARK = re.compile(r"\(([^()]*)\)")
_NOT = re.compile(r"^(?:and )?(?i:not|do not (?=name|call|use|squash|include)|without|instead of)\b(?! `?[A-Z_]+`?$)")
_OR = re.compile(r"(?i)^or\b|\bor (?:other|others|another|any other|equivalent|similar|alternative|your)\b")
_ANOTHER_WAY = re.compile(r"\bOR\W*$|\bOR\b(?= )|(?i:, or (?:create|use|run|push|trigger|let|by|via|manually)\b)")
_LEADS_TO = re.compile(r" (?:\u2192|->) (?P<where>(?!\d|OK\b|[Ss]uccess|[Pp]ass)[A-Za-z][\w ./-]*)")
_KNOWS_WHERE = re.compile(r"/dev/null|address(?:es)?\}")
_WITH_STATE = re.compile(
    r"(?i)\bwith (?P<more>(?:the )?(?P<what>[\w.-]+)(?: [\w.-]+){0,2} (?:installed|enabled"
    r"|configured|attached|running))\b"
)
_BOTH = re.compile(r"(?<![\w`/.])[A-Z]\w+/(?P<other>[A-Z]\w+)\b")
_ONE_THING = re.compile(r"(?i)tls|ssl|https?|cd|udp|output|alb|elb|nlb|rds|ssh|workflows?|amplify")
_SIZE = re.compile(r"(?i)(\d+)(?:\.\d+)? ?(?:[KMG]i?B|bytes|lines|chars?|characters)\b")
_SENTENCE = re.compile(r"[.;] +(?=[A-Z`*])(?P<more>.+)")
_CLAIMS = re.compile(
    r"(?i)\d|\b(?:should|must|shall|needs?|expect\w*|also|and|no|not|never|only|is|are|shows?|contains?)\b"
)
# what a remark claims: numbers that are no time, date, count of tests or step, and words of state
_NUMBERS = re.compile(
    r"(?<![\w./-])v?(?!\d{4}-\d\d)(?!\d+(?:-\d+)? ?(?:min|sec|hour|day wait|m\b|s\b|h\b))\$?(\d+(?:\.\d+)*)"
    r"(?![\d/]|\.\d"
    r"|-\d+ ?(?:min|sec|hour))"
)
_TIMES = re.compile(
    r"(?i)\b(?:https?://|localhost|see|step|steps|phase|section|part|option|task|item|line|commits?|from|waits?|takes?"
    r"|after"
    r"|within|default|e\.g|about|~\d+ ?min)\b|\d ?/ ?\d|\d\+? ?(?:min|sec|hour|tests?\b)"
)
_CLASS = re.compile(r"\b(?:db\.|cache\.)?(?:[a-z]\d[a-z]{0,3})\.(?:nano|micro|small|medium|\d*x?large)\b")
_COMPARED = re.compile(r"[<>\u2265\u2264]=? ?\$?\d[\d.]*")
_STATED = re.compile(
    r"(?i)\b(?:public|private|read[- ]only|read access|write access|only|encrypted|restricted|multi-az|no public|ubuntu"
    r"|version \d|must be|with|(?<!if )configured|allows?|pointing to|pay[- ]per[- ]request"
    r"|on[- ]demand|provisioned|serverless|spot|multi-region|versioned|t\d)\b"
)
_ALONE = re.compile(r"(?<![\w.])\d+(?:\.\d+)*(?![\w])")  # of a check: not those of `ec2`, `route53`
_NETWORK = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?(?![\w.])")
_MAJOR = re.compile(r"(?<![\w./-])v(\d+)(?![\w./-])")  # "AWS CLI v2"
_OK = ("200",)  # what answers without an error
_AND = re.compile(r"(?i)\b[\w-]+(?:, | and | & )[\w-]+")
_PUBLIC = re.compile(r"(?i)\bpublic(?:ly)? (?:read|access\w*)\b(?! blocked)")
_MONEY = re.compile(r"[$\u20ac]\d+")
_ELSEWHERE = re.compile(
    r"(?i)\bfrom (?:the |your |another |other |each |inside )?(?:back-?end|app\w*|lambda\w*|pods?"
    r"|containers?|ECS|tasks?|EC2"
    r"|instances?|servers?|API|front-?end|services?|workers?|VPC|ALB|load balancer|web|client|your IP|my IP|office)\b"
    r"|\bcan (?:reach|connect to|talk to)\b"
)
# a second state, which the first says nothing of, and what of a check looks at it
_AND_ALSO = re.compile(
    r"(?i)(?: and |, | & )(?P<state>accessible|reachable|healthy|responding|responsive|encrypted|logging|tested|working"
    r"|secured|monitored|rotated|versioned|subscribed|confirmed|receiving|invoked|queryable|operational)\b"
)
_ALSO_LOOKED_AT = {
    "healthy": r"TargetHealth|healthStatus",
    "encrypted": r"(?i)encrypt|SSE|Kms",
    "logging": r"IsLogging|[Ll]ogging",
    "versioned": r"[Vv]ersioning",
    "confirmed": r"PendingConfirmation|arn:",
}
_S3_ELSEWHERE = re.compile(
    r"\b(?i:S3[- ]compatible|Scaleway|MinIO|Backblaze|Wasabi|Cloudflare R2|DigitalOcean Spaces|Ceph|Linode Object)\b"
)
_KEEPS_SECRETS = re.compile(
    r"(?i)\b(?:in|to|from|via) (?:the )?(?:\w+ )?(?:Secrets? Manager|(?:Key )?Vault|Parameter Store|GitHub)\b"
)
_MAY = re.compile(r"(?i)\b(?:access|permissions?|read|write|full|only|polic(?:y|ies))\b")
_RETURNS = re.compile(r"(?i)\b(?:returns?|shows?|responds? with|prints?|says?) [`\"\u201c]([^`/\"\u201d]+)[`\"\u201d]")
_WITHOUT_ERRORS = re.compile(
    r"(?i)\b(?:without|with no|no) (?:any )?(?:console |browser |JavaScript )?(?:errors|issues)"
)
_EVERYWHERE = re.compile(
    r"(?i)\b(?:in|for|across|on) (?:all|every|each|both|\w+ of the) (?:\w+ ){0,2}?"
    r"(?:regions?|accounts?|(?:availability )?zones?"
    r"|AZs?|environments?|clusters?|stages?)\b"
)
_FOR_EACH = re.compile(r"(?i)\b(?:for|on|of) (?:all|every|each|both) .+")
_ONE_PER = re.compile(
    r"(?i)\b(?:one (?:per|for each|in each)|per (?:region|environment|service|tenant|account)|(?:on|in|for) each"
    r"|(?<!installed )globally|worldwide|from everywhere)\b"
)
# a second state, which the first one does not show
_AND_STATE = re.compile(
    r"(?i)\w+ (?:and|&) (?:is |are )?(?P<state>healthy|accessible|reachable|responding|responsive|tested|verified"
    r"|secured?|encrypted|monitored|logging|working|functional|serving(?: traffic)?)(?= *(?:$|[,.;:(]))"
)
_SHOWS_HEALTH = re.compile(
    r"curl|cluster-info|get_caller_identity|target_health|'Ready'|ping|pg_isready|\bnc\b|ps -q|-command\}|encrypt"
    r"|Encrypt|IsLogging"
)
_ANSWERS = re.compile(
    r"(?i)\b(?:returns?|responds? with|shows?|contains?|displays?) (?:back )?"
    r"(?!(?:an? |the )?(?:(?!status\b)\w+ )?(?:HTTP(?:/\S+)? )?(?:(?:status(?: code)?:? )?(?:[1-5]\d\d|[2-5]xx)"
    r"|OK|success\w*)\b"
    r"|(?:an? |the )?(?:\w+ )?(?:response|answer)\b|[\"'\x60x]|without\b|(?:no|zero|0|as|up) )"
    r"(?:\w[\w/.-]*)(?: [\w/.-]+)*"
)
_ASKS_ONE = frozenset({"host", "domain", "health-url", "base-url", "endpoint-url"})
# what a description says of what stands in a file, and that it is there does not show
_CONTENT = re.compile(
    r"(?i)\b(?:updated?|changed|fixed|implement\w*|configur(?:ed|es|ing)|with|supports?|protects?|protection|protected"
    r"|enabled?|disabled?|optimi[sz]\w*|adds?|added|includ(?:es?|ed|ing)|contains?|uses?|using|removed?|migrated|complete[d]?|correct"
    r"|valid|real|all|both|secure[ds]?|validat\w+|works?|tested|ready|for production|framework)\b|[:=<>\u2265\u2264]"
)
_DESCRIPTION = re.compile(r"`(?: [^`\u2013\u2014(-]*)?(?: [-\u2013\u2014] (?P<said>.+)| \((?P<remark>.+)\))\W*$")


def doubt(found: Proposal, document: Checklist) -> str:
    """Why this check answers less than its item says, or asks about something else; "" where it answers it."""
    why = (
        _other_platform(found, document)
        or _content_of_a_file(found, document)
        or elsewhere_in_git(found, document)
        or _other_service(found)
        or _of_other_kind(found)
        or _of_code(found, document)
        or one_of_several(found, document)
        or narrower(found, document)
        or _of_more(found, document)
    )
    return f'{POSSIBLE}: "{found.kind}" {why}' if why else ""


def _content_of_a_file(found: Proposal, document: Checklist) -> str:
    """That the item describes what stands in a file, and the check looks only whether it is there."""
    file = found.entry.get("file")
    if not isinstance(file, dict) or file.keys() != {"path"}:
        return ""
    described = _DESCRIPTION.search(plain_text(found.item.text))
    said = (described["said"] or described["remark"]) if described else ""
    if _CONTENT.search(without_code(said)):
        return f"does not look at what stands in it ({said})"
    return "does not look at what is listed below it" if lists_more(found.item, document) else ""


def _services_in(text: str) -> frozenset[str]:
    return frozenset(each for pattern, services in _SERVICES if pattern.search(text) for each in services)


def _other_service(found: Proposal) -> str:
    """That the nearest place names another service of AWS than the check asks, and the item names none."""
    service = found.entry.get("service")
    if service is None and any(name.endswith(("health-url", "health-urls")) for name in found.asks):
        named = _services_in(" ".join(_REMARK.findall(plain_text(found.item.text))))
        return "asks URLs, and services of AWS are meant" if named else ""
    known = frozenset(each for _pattern, services in _SERVICES for each in services)
    if service not in known or service in _services_in(plain_text(found.item.text)):
        return ""
    for place in (*reversed(found.item.parents), *reversed(found.item.headings[1:])):
        if named := _services_in(plain_text(place.text)):
            return "" if service in named else f'asks {service}, and stands below "{place.text}"'
    return ""


def _other_platform(found: Proposal, document: Checklist) -> str:
    """That the item, or the nearest place that says whose it is, is somebody else's than AWS's or a cluster's."""
    of_cluster = run_of(found.entry).startswith(("kubectl", "helm"))
    if "service" not in found.entry and not of_cluster:
        return ""
    item = found.item
    for place in (item.words, *item.above):
        text = plain_text(place.text)
        if _OF_AWS.search(text) or (of_cluster and _CLUSTERS_OF.search(text)):
            return ""
        if other := _OTHERS.search(text):
            whose = "a cluster" if of_cluster else "AWS"
            return f"asks {whose}, and it is about {other[0]}" if other[0] not in json.dumps(found.entry) else ""
    return "" if of_cluster else _mostly_elsewhere(document)


@lru_cache(64)
def _mostly_elsewhere(document: Checklist) -> str:
    """That the document names somebody else's platform more often than AWS."""
    others = [found[0] for found in _OTHERS.finditer(document.text)]
    if len(others) <= len(_OF_AWS.findall(document.text)):
        return ""
    return f"asks AWS, and the document is about {max(others, key=others.count)}"


_CORS = re.compile(r"\bCORS\b")
_NO_GET = re.compile(r"(?i)/(?:[\w-]+/)*webhooks?\b")  # it takes POST alone
_TO_BE_DEPLOYED = re.compile(r"(?i)to-?do|deploy|apply|verif|monitor|before|after|post|initial|step")
_OF_TERRAFORM = re.compile(r"(?<![\w.])\w+\.tf\b")
_AN_OUTPUT = re.compile(r"`?[a-z]\w*(?:[A-Z]\w*)+`?:")  # `siteUrl`: what a deployment prints


def _of_other_kind(found: Proposal) -> str:
    """That it stands below a heading about logs, and the check reads none."""
    item = found.item
    if "curl" in run_of(found.entry) and _AN_OUTPUT.match(item.text):
        return "asks an address, and it is a value that is to be seen"
    if not item.headings or item.own or item.code:
        return ""
    heading = plain_text(item.headings[-1].text)
    if _OF_LOGS.search(heading) and not _ABOUT_LOGS.search(json.dumps(found.entry)):
        return f'reads no log, and stands below "{heading}"'
    return ""


def _of_code(found: Proposal, document: Checklist) -> str:
    """That its part of the document lists files of Terraform: its boxes say what stands in them, not what is there."""
    headings = found.item.headings
    if "service" not in found.entry or (headings and _TO_BE_DEPLOYED.search(headings[-1].text)):
        return ""
    beside = [each for each in document.items if each.headings[:2] == found.item.headings[:2]]
    files = sum(_OF_TERRAFORM.search(each.text) is not None for each in beside)
    return "asks what is deployed, and its part of the document lists files of Terraform" if files > 2 else ""


def _of_more(found: Proposal, document: Checklist) -> str:
    """That the item goes on where the check ends: in its remark, in a second sentence, in a list below it."""
    item = found.item
    text = plain_text(item.text)
    said = without_code(text)
    remark = " ".join(_REMARK.findall(said))
    has = json.dumps(found.entry, ensure_ascii=False)
    if "\u2192" in remark or "->" in remark:
        return f"does not look at {remark}"
    other = _AND_ALSO.search(without_code(without_remarks(text))) if "service" in found.entry else None
    if other and not re.search(_ALSO_LOOKED_AT.get(other["state"].lower(), "(?!)"), has):
        return f"does not look whether it is {other['state']}"
    if found.entry.get("operation") == "get_role" and (access := _MAY.search(remark)):
        return f"does not look at what it may do ({access[0]})"
    if "kubectl" in has and (keeper := _KEEPS_SECRETS.search(text)):
        return f"asks the cluster, and not {keeper[0]}"
    if "service" in found.entry and asks_another_endpoint(item, document):
        return "asks AWS, and the commands of its section ask another endpoint"
    if found.entry.get("service") == "s3" and (host := _S3_ELSEWHERE.search(document.text)):
        return f"asks AWS, and the buckets may be at another host ({host[0]})"
    by_hand = any("kubectl autoscale" in each for each in (*item.code, *(block.text for block in item.own)))
    if by_hand and "maxReplicas" not in has:
        return "does not look at the bounds that its command sets"
    if any(_NOT.search(each) for each in _REMARK.findall(text)) and "not" not in has:
        return f"does not look at what is not to be ({remark})"
    if (network := _NETWORK.search(said)) and network[0] not in has:
        return f"does not look at {network[0]}"
    if (major := _MAJOR.search(said)) and major[1] not in _ALONE.findall(has):
        return f"does not look at the version ({major[0]})"
    both = _BOTH.search(said)
    severity = both is not None and both["other"].lower() == "critical" and "severity" in has
    if both and not severity and not _ONE_THING.fullmatch(both["other"]) and both["other"].lower() not in has.lower():
        return f"does not look at {both['other']}"
    if (leads := _LEADS_TO.search(said)) and not _KNOWS_WHERE.search(has) and leads["where"].strip() not in has:
        return f"does not look where it leads ({leads['where'].strip()})"
    if (more := _WITH_STATE.search(said)) and more["what"].lower() not in has.lower():
        return f"does not look whether {more['more']}"
    if another := _ANOTHER_WAY.search(said):
        return f"is one way of several ({another[0]})"
    if _OR.search(remark):
        return f"is one way of several ({remark})"
    if (size := _SIZE.search(remark)) and size[1] not in has:
        return f"does not look at the size ({size[0]})"
    if (public := _PUBLIC.search(text)) and "Public" not in has:
        return f"does not look at {public[0]}"
    if "docker compose" in has and "health=" not in has and (health := re.search(r"(?i)\bhealthy\b", text)):
        return f"does not look whether they are {health[0]}"
    if claim := _in_remark(remark, has):
        return f"does not look at {claim} ({remark})"
    if (amount := _MONEY.search(text)) and amount[0].strip("$\u20ac") not in has:
        return f"does not look at the amount ({amount[0]})"
    if (place := _ELSEWHERE.search(said)) and not re.search(r"Cidr|UserIdGroupPairs|cluster-info", has):
        return f"does not look {place[0]}"
    if _CORS.search(text) and "dig +short" in has:
        return "does not look at CORS"
    if "curl" in has and (poster := _NO_GET.search(has)):
        return f"gets the address, and a {poster[0].strip('/ ')} may answer otherwise"
    if "curl -f" in has and re.search(r"\bJenkins\b", text):
        return "asks as somebody who is not logged in, whom Jenkins refuses"
    if "/dev/null" in has and (body := _RETURNS.search(item.text)) and body[1] not in has and body[1] != "200":
        return f"does not look at what it answers ({body[1]})"
    if (second := _SENTENCE.search(text)) and _CLAIMS.search(second["more"]) and not second["more"].startswith("`"):
        return f"does not look at what is said next: {second['more']}"
    if (
        "IpPermissions" in has
        and "Cidr" not in has
        and "UserIdGroupPairs" not in has
        and (place := re.search(r"(?i)\bfrom .+", text))
    ):
        return f"does not look {place[0]}"
    if (each := _ONE_PER.search(said)) and "$each" not in has and "contains-each" not in has:
        return f"does not look at each ({each[0]})"
    if (state := _AND_STATE.search(text)) and not _SHOWS_HEALTH.search(has):
        return f"does not look whether it is {state['state']}"
    if "/dev/null" in has and (answer := _ANSWERS.search(said)):
        return f"does not look at what it answers ({answer[0]})"
    if found.kind == "command" and (others := further_commands(item, has)):
        return f"does not run {others}"
    if (expected := expected_below(item, has)) is not None:
        return f"does not look at what is to be seen: {expected}"
    if is_forwarded(item, has, document):
        return "asks a port of this machine, which is another section's, too"
    if item.below and _ASKS_ONE.intersection(found.asks):
        return "asks about one, and several stand below it"
    if (everywhere := _EVERYWHERE.search(said)) and "egion" not in has:
        return f"does not look {everywhere[0]}"
    if found.entry.get("operation") == "describe_alarms" and "-count}" not in has and (each := _FOR_EACH.search(text)):
        return f"does not look whether there is one {each[0]}"
    if found.kind.startswith("some ") and (named := _AND.search(remark)):
        return f"does not look at each of {named[0]}"
    if "curl" in has and (errors := _WITHOUT_ERRORS.search(text)):
        return f"does not look for errors that a browser shows ({errors[0]})"
    if lists_more(item, document):
        return "does not look at what is listed below it"
    return ""


def _in_remark(remark: str, has: str) -> str:
    """What a remark claims and a check does not have; "" for nothing."""
    bare = without_code(remark)
    if "coverage-command" in has and re.fullmatch(r"\D*\d+ ?%\+?", bare):
        return ""  # the command is asked for with it in mind
    for pattern in (_CLASS, _COMPARED, _STATED):
        found = pattern.search(bare)
        if found and f'at-least": "{found[0].rpartition(" ")[2]}' in has:
            continue
        if found and found[0] not in has and found[0].lstrip("<>= \u2265\u2264") not in has:
            return str(found[0])
    if _TIMES.search(bare):
        return ""
    known = (*(_OK if "curl" in has else ()), *_ALONE.findall(has))
    return next((each[1] for each in _NUMBERS.finditer(bare) if each[1] not in known), "")
