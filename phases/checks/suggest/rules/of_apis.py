"""Rules for AWS: API Gateway's APIs, their stages and routes, and Cognito's pools.

REST APIs and HTTP APIs are asked of two services: a rule for the one wants the item, its place or the document to say
so.
"""

from __future__ import annotations

from phases.checks.suggest.proposal import Name, Rule
from phases.checks.suggest.rules.entries import HOLDS, IS_SET, MADE, aws, some_and_none
from state.json_values import Json

_ON = r"(?: (?:is|are))? (?:enabled|on|active|configured|set ?up)"
_REST = {"rest-api-id": Name("What is the id of the REST API?", option="--rest-api-id", pattern=r"[a-z0-9]{10}")}
_STAGE = {**_REST, "stage": Name("What is the API's stage called?", option="--stage-name", group="stage", code=True)}
_HTTP = {"api-id": Name("What is the id of the API?", option="--api-id", code=True, pattern=r"[a-z0-9]{10}")}
_GATEWAY = r"(?:(?:Amazon |AWS )?API Gateway (?:REST API )?(?:stage )?)"
# what only REST APIs have, or are called
_A_REST_API = (
    r"(?is)\A(?!.*(?:\bHTTP API|HttpApi|apigatewayv2|WebSocket)).*(?:\bREST APIs?\b|\busage plans?\b"
    r"|aws apigateway |RestApi|X-Ray)"
)
_AN_HTTP_API = r"(?is)\A(?!.*(?:\bREST APIs?\b|RestApi|usage plan)).*(?:\bHTTP APIs?\b|HttpApi|apigatewayv2)"
_METHOD = r"(?P<method>(?-i:GET|POST|PUT|DELETE|PATCH|OPTIONS))"
_POOL = {
    "user-pool-id": Name(
        "What is the id of the user pool?", option="--user-pool-id", code=True, pattern=r"[\w-]+_[0-9A-Za-z]+"
    )
}
_CLIENT = {
    **_POOL,
    "app-client-id": Name(
        "What is the id of the app client?", option="--client-id", code=True, pattern=r"[a-z0-9]{20,}"
    ),
}
_OF_POOL = r"(?:(?:Amazon |AWS )?Cognito (?:user pool )?|user pool )"


def _of_stage(name: str, head: str, expression: str, expect: Json, unproved: str, words: tuple[str, ...]) -> Rule:
    """A rule for what one stage of a REST API is set to; `words`: two examples, then counter-examples."""
    check = aws("apigateway", "get_stage", expression, expect, restApiId="{rest-api-id}", stageName="{stage}")
    return Rule(name, head, check, unproved, words[:2], words[2:], names=_STAGE)


def _of_pool(name: str, head: str, expression: str, expect: Json, unproved: str, words: tuple[str, ...]) -> Rule:
    """A rule for what one user pool is set to; `words`: two examples, then counter-examples."""
    check = aws("cognito-idp", "describe_user_pool", f"UserPool.{expression}", expect, UserPoolId="{user-pool-id}")
    return Rule(name, head, check, unproved, words[:2], words[2:], names=_POOL)


RULES = (
    Rule(
        "REST API",
        rf"(?:(?:Amazon |AWS )?API Gateway )?REST API{MADE}",
        aws("apigateway", "get_rest_apis", "items[].name", {"contains": "{api}"}),
        "there, not: deployed to a stage",
        ("API Gateway REST API created", "REST API created"),
        ("REST API documented", "REST API of the shop designed"),
        names={"api": Name("What is the API called?", code=True)},
        around=r"API Gateway",
    ),
    _of_stage(
        "tracing of a stage",
        rf"{_GATEWAY}(?:X-Ray )(?:tracing)?{_ON}|X-Ray tracing{_ON} (?:for|on) (?:the )?API Gateway",
        "tracingEnabled",
        {"equals": True},
        "on for one stage of a REST API (an HTTP API has none), not: that somebody reads the traces",
        (
            "API Gateway X-Ray tracing enabled",
            "X-Ray tracing enabled for API Gateway",
            "X-Ray tracing enabled",
            "API Gateway X-Ray traces read",
        ),
    ),
    Rule(
        "logging of a stage",
        rf"{_GATEWAY}(?:CloudWatch |execution |access )?log(?:s|ging){_ON}",
        aws(
            "apigateway",
            "get_stage",
            "[methodSettings.*.loggingLevel, [accessLogSettings.destinationArn]][] | [?@ && @!='OFF']",
            "present",
            restApiId="{rest-api-id}",
            stageName="{stage}",
        ),
        "one stage of a REST API logs its executions or accesses, not: that somebody reads them",
        ("API Gateway CloudWatch logging enabled", "API Gateway access logs enabled"),
        ("API Gateway logs read", "CloudWatch logging enabled"),
        names=_STAGE,
        document=r"(?is)\A(?!.*(?:\bHTTP API|HttpApi|apigatewayv2|WebSocket))",
    ),
    Rule(
        "logging of a stage that its place names",
        rf"CloudWatch logging{_ON}",
        aws(
            "apigateway",
            "get_stage",
            "[methodSettings.*.loggingLevel, [accessLogSettings.destinationArn]][] | [?@ && @!='OFF']",
            "present",
            restApiId="{rest-api-id}",
            stageName="{stage}",
        ),
        "one stage of a REST API logs its executions or accesses, not: that somebody reads them",
        ("CloudWatch logging enabled (API Gateway)", "CloudWatch logging configured (API Gateway)"),
        ("CloudWatch logging discussed (API Gateway)", "Logging enabled (API Gateway)"),
        names=_STAGE,
        around=r"API Gateway",
        document=r"(?is)\A(?!.*(?:\bHTTP API|HttpApi|apigatewayv2|WebSocket))",
        remark=r"^(?:API Gateway)?$",
    ),
    Rule(
        "metrics of a stage",
        rf"{_GATEWAY}detailed (?:CloudWatch )?metrics{_ON}",
        aws(
            "apigateway",
            "get_stage",
            'methodSettings."*/*".metricsEnabled',
            {"equals": True},
            restApiId="{rest-api-id}",
            stageName="{stage}",
        ),
        "on for each method of one stage, not: that somebody looks",
        ("API Gateway detailed metrics enabled", "API Gateway detailed CloudWatch metrics enabled"),
        ("Detailed metrics enabled", "API Gateway metrics read"),
        names=_STAGE,
        document=r"(?is)\A(?!.*(?:\bHTTP API|HttpApi|apigatewayv2|WebSocket))",
    ),
    Rule(
        "deployed to a stage",
        r"(?:(?:API Gateway|REST API|API) )?(?:API )?(?:is )?deployed to (?:the )?(?P<stage>[a-z]\w*)(?: stage)"
        r"|deploy (?:the )?(?:REST )?API to (?:the )?(?P<stage2>[a-z]\w*) stage",
        aws(
            "apigateway",
            "get_stages",
            "item[?deploymentId].stageName",
            {"contains": "$stage_all"},
            restApiId="{rest-api-id}",
        ),
        "something is deployed to it, not: the newest resources and methods",
        ("REST API deployed to `prod` stage", "Deploy REST API to `prod` stage"),
        ("App deployed to stage", "API deployed to production", "Play deployed to the main stage"),
        names=_REST,
        document=r"(?is)\A(?!.*(?:\bHTTP API|HttpApi|apigatewayv2|WebSocket)).*\bREST API",
    ),
    Rule(
        "method of a resource",
        rf"(?:REST API )?(?:{_METHOD} )(?P<path>/[\w/{{}}.+-]*)(?: (?:endpoint|route|resource|method))?"
        rf"{IS_SET}",
        aws(
            "apigateway",
            "get_resources",
            "items[?path=='$path' && contains(keys(resourceMethods || `{}`), '$method')].path",
            {"contains": "$path"},
            restApiId="{rest-api-id}",
        ),
        "it has this method, not: what it is integrated with, and not that it is deployed",
        ("REST API GET /orders endpoint configured", "REST API POST /orders/refunds method created"),
        ("GET /orders returns 200", "Orders endpoint configured", "GET /orders configured (public)"),
        names=_REST,
        around=r"(?i)^(?!.*\b(?:test|curl|try|call)\w*\b).*API Gateway",
        document=_A_REST_API,
        remark=r"^$",
    ),
    Rule(
        "method in brackets of a resource",
        r"(?:REST API )?(?P<path>/[\w/{}.+-]+)",
        aws(
            "apigateway",
            "get_resources",
            "items[?path=='$path' && contains(keys(resourceMethods || `{}`), '$method')].path",
            {"contains": "$path"},
            restApiId="{rest-api-id}",
        ),
        "it has this method, not: what it is integrated with, and not that it is deployed",
        ("REST API `/orders` (GET)", "REST API `/orders/refunds` (POST)"),
        ("`/orders` (public)", "`/orders`", "`/orders` answers (GET)"),
        names=_REST,
        around=r"(?i)^(?!.*\b(?:test|curl|try|call)\w*\b).*API Gateway",
        document=_A_REST_API,
        remark=rf"^{_METHOD}$",
    ),
    Rule(
        "usage plan",
        rf"(?:API Gateway )?usage plans?{IS_SET}",
        aws("apigateway", "get_usage_plans", "items[].name", {"contains": "{usage-plan}"}),
        "there, not: its limits, and not which keys it has",
        ("Usage plan configured", "API Gateway usage plan created"),
        ("Usage plan agreed", "Usage of the plan explained"),
        names={"usage-plan": Name("What is the usage plan called?", code=True)},
    ),
    Rule(
        "cross-origin rules of an HTTP API",
        rf"API Gateway (?:HTTP API )?CORS(?: configuration)?{IS_SET}",
        aws("apigatewayv2", "get_api", "CorsConfiguration.AllowOrigins", "present", ApiId="{api-id}"),
        "some origin is allowed, not: the right ones",
        ("API Gateway HTTP API CORS configured", "API Gateway HTTP API CORS configuration set"),
        ("CORS enabled", "API Gateway CORS errors fixed"),
        names=_HTTP,
        document=_AN_HTTP_API,
    ),
    Rule(
        "route of an HTTP API",
        rf"(?:API Gateway |HTTP API )?route:? (?P<route>(?-i:GET|POST|PUT|DELETE|PATCH|ANY) /[\w/{{}}.+-]*){IS_SET}",
        aws("apigatewayv2", "get_routes", "Items[].RouteKey", {"contains": "$route"}, ApiId="{api-id}"),
        "there, not: what it is integrated with",
        ("HTTP API route `POST /orders` configured", "HTTP API route GET /orders created"),
        ("Route `POST /orders` documented", "HTTP API route POST /orders tested", "Route 53 configured"),
        names=_HTTP,
        around=r"API Gateway",
        document=_AN_HTTP_API,
    ),
    Rule(
        "stage of an HTTP API",
        r"(?:API Gateway |HTTP API )?stage:? (?P<stage>\$default|[a-z]\w*)(?: (?:is|has been))?"
        r" (?:deployed|created|exists)",
        aws("apigatewayv2", "get_stages", "Items[].StageName", {"contains": "$stage"}, ApiId="{api-id}"),
        "there, not: with the newest routes",
        ("HTTP API stage `$default` deployed", "HTTP API stage `prod` created"),
        ("Stage `prod` deployed", "HTTP API stage reviewed"),
        names=_HTTP,
        around=r"API Gateway",
        document=_AN_HTTP_API,
    ),
    Rule(
        "preflight of all resources",
        rf"(?:API Gateway )?CORS(?: configuration)?{IS_SET} (?:for|on) all (?:endpoints|resources|routes|methods)",
        aws(
            "apigateway",
            "get_resources",
            some_and_none(
                "items[?resourceMethods]", "items[?resourceMethods && !contains(keys(resourceMethods), 'OPTIONS')]"
            ),
            HOLDS,
            restApiId="{rest-api-id}",
        ),
        "each resource with a method answers OPTIONS, not: which origins it allows, and not that it is deployed",
        ("API Gateway CORS configured for all endpoints", "CORS enabled on all resources"),
        ("CORS configured", "CORS errors fixed on all endpoints"),
        names=_REST,
        around=r"API Gateway",
        document=r"(?is)\A(?!.*(?:\bHTTP API|HttpApi|apigatewayv2|WebSocket))",
    ),
    Rule(
        "client of a user pool",
        rf"(?:Amazon |AWS )?(?:Cognito )?user pool client{MADE}",
        aws(
            "cognito-idp",
            "describe_user_pool_client",
            "UserPoolClient.ClientId",
            "present",
            UserPoolId="{user-pool-id}",
            ClientId="{app-client-id}",
        ),
        "there, not: with which flows and redirects",
        ("Cognito User Pool Client created", "User pool client exists"),
        ("Pool client met", "User pool client tested"),
        names=_CLIENT,
    ),
    Rule(
        "callback URL of a client",
        r"(?:(?:Amazon |AWS )?Cognito )?(?:app client |user pool client |OAuth )?(?:callback|redirect) URLs?"
        r"(?: (?:is|are))? (?:updated|configured|set|added)(?: (?:in|for) (?:the )?Cognito)?",
        aws(
            "cognito-idp",
            "describe_user_pool_client",
            "UserPoolClient.CallbackURLs",
            {"contains-each": "{callback-urls}"},
            UserPoolId="{user-pool-id}",
            ClientId="{app-client-id}",
        ),
        "each of these is allowed, not: that another one is not",
        ("Cognito callback URLs configured", "OAuth callback URLs updated in Cognito"),
        ("Callback URLs documented", "Cognito callbacks explained"),
        names={**_CLIENT, "callback-urls": Name("Which callback URLs, with spaces between them?")},
        around=r"Cognito|user pool",
    ),
    Rule(
        "identity pool",
        rf"(?:Amazon |AWS )?(?:Cognito )?(?:user pool )?identity pool{MADE}",
        aws(
            "cognito-identity",
            "list_identity_pools",
            "IdentityPools[].IdentityPoolName",
            {"contains": "{identity-pool}"},
            MaxResults=60,
        ),
        "there, not: which providers and roles it has",
        ("Cognito identity pool created", "Identity Pool created"),
        ("Identity pool drained", "Pool created"),
        names={"identity-pool": Name("What is the identity pool called?", code=True)},
    ),
    Rule(
        "roles of an identity pool",
        r"(?:Amazon |AWS )?(?:Cognito )(?:user pool |identity pool )?(?:IAM )?roles (?:are )?(?:attached|set"
        r"|configured)",
        aws(
            "cognito-identity",
            "get_identity_pool_roles",
            "Roles.authenticated",
            "present",
            IdentityPoolId="{identity-pool-id}",
        ),
        "those who are signed in have one, not: what it may do",
        ("Cognito IAM roles attached", "Cognito identity pool roles configured"),
        ("Roles attached", "Cognito roles explained"),
        names={
            "identity-pool-id": Name(
                "What is the id of the identity pool?", option="--identity-pool-id", code=True, pattern=r"[\w-]+:[\w-]+"
            )
        },
    ),
    _of_pool(
        "mail that a user pool verifies",
        rf"{_OF_POOL}(?:auto[- ]?verif\w+ (?:of )?email|email (?:auto-)?verification){_ON}",
        "AutoVerifiedAttributes",
        {"contains": "email"},
        "on, not: that the mail arrives",
        (
            "Cognito email verification configured",
            "User pool email verification enabled",
            "Email verification configured",
            "Cognito email sent",
        ),
    ),
    Rule(
        "second factor of Cognito",
        rf"{_OF_POOL}(?:MFA|multi-factor authentication){_ON}|(?:MFA|multi-factor authentication){_ON} (?:for|on|in) "
        r"(?:the )?(?:Cognito )?(?:user pool|Cognito)",
        aws(
            "cognito-idp",
            "get_user_pool_mfa_config",
            "MfaConfiguration",
            {"one-of": ["ON", "OPTIONAL"]},
            UserPoolId="{user-pool-id}",
        ),
        "users may have a second factor, not: that each has to",
        ("Enable MFA for the user pool", "Cognito MFA enabled"),
        ("MFA enabled", "Cognito MFA explained", "MFA required for the user pool"),
        names=_POOL,
    ),
    Rule(
        "password length of a user pool",
        rf"{_OF_POOL}password policy(?:{IS_SET})?",
        aws(
            "cognito-idp",
            "describe_user_pool",
            "UserPool.Policies.PasswordPolicy.MinimumLength",
            {"at-least": "#length"},
            UserPoolId="{user-pool-id}",
        ),
        "so long at least, not: of which characters",
        ("Cognito password policy configured (min 12 characters)", "Cognito password policy set (at least 10 chars)"),
        ("Cognito password policy configured", "Password policy (min 12 characters)"),
        names=_POOL,
        remark=r"^(?:min(?:imum)?|at least) (?P<length>\d{1,2}) (?:characters|chars)$",
    ),
    Rule(
        "other identities of a user pool",
        rf"{_OF_POOL}(?P<provider>Google|Facebook|SAML|OIDC|Apple|Amazon) (?:identity |sign-in |OAuth )?"
        rf"(?:identity provider|IdP|provider|login|sign-in|OAuth){IS_SET}"
        rf"|(?P<provider2>Google|Facebook|SAML|OIDC|Apple) (?:identity provider|IdP|provider){IS_SET}"
        r" in (?:the )?(?:Cognito(?: user pool)?|user pool)",
        aws(
            "cognito-idp",
            "list_identity_providers",
            "join(' ', Providers[].ProviderType)",
            {"matches": "(?i).*$provider_all.*"},
            UserPoolId="{user-pool-id}",
        ),
        "there, not: that a sign-in works",
        ("Cognito Google identity provider configured", "Google identity provider configured in Cognito"),
        ("Google login works", "Google provider configured", "Cognito Google account shared"),
        names=_POOL,
    ),
    _of_pool(
        "domain of a user pool",
        rf"{_OF_POOL}(?:hosted UI )?domain{IS_SET}|{_OF_POOL}hosted UI{IS_SET}",
        "[Domain, CustomDomain] | [?@]",
        "present",
        "it has one, not: which, and not what stands there",
        (
            "Cognito domain configured",
            "Cognito hosted UI domain configured",
            "Domain configured",
            "Cognito domain bought",
        ),
    ),
)
