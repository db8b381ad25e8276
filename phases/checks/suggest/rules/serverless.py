"""Rules for AWS: tables, functions, APIs, user pools."""

from __future__ import annotations

from phases.checks.suggest.proposal import Name, Rule
from phases.checks.suggest.rules.entries import FUNCTION, HOLDS, MADE, THERE, aws, some_and_none

_TABLE = {"table": Name("Which DynamoDB table is {}?", option="--table-name", group="table", code=True)}
_API = {"api-id": Name("What is the id of the API?", option="--api-id", code=True, pattern=r"[a-z0-9]{10}")}
_API_NAME = {"api": Name("What is the API called?", code=True)}
_OF_TABLE = (
    r"(?!(?:\w+ )?route tables?)"
    r"(?:(?:DynamoDB (?:\w+ ){0,2})?(?P<table>(?!(?:\d+|tables?|the|this|new|a) )"
    r"(?:[A-Z][\w-]*|\w+[-_][\w-]+|\w+)) tables?"
    r"|DynamoDB tables?)"
)
_NOT_SQL = r"(?i)dynamo"

RULES = (
    Rule(
        "table",
        rf"{_OF_TABLE}{MADE}",
        aws("dynamodb", "describe_table", "Table.TableStatus", {"equals": "ACTIVE"}, TableName="{table}"),
        "in service, not: its keys and settings",
        ("Sessions table deployed", "DynamoDB table created", "`orders` table is active"),
        (
            "Sessions table designed",
            "Tables deployed to Postgres",
            "Users table has data",
            "Private route tables created",
        ),
        names=_TABLE,
        around=_NOT_SQL,
    ),
    Rule(
        "time to live",
        rf"{_OF_TABLE} (?:has )?(?:TTL|time[- ]to[- ]live)(?: is)? (?:enabled|configured|set|on)"
        r" (?:on|for|with)(?: attribute| field)? (?P<attribute>[\w.-]+)",
        aws(
            "dynamodb",
            "describe_time_to_live",
            "TimeToLiveDescription.{s: TimeToLiveStatus, a: AttributeName}",
            {"equals": {"s": "ENABLED", "a": "$attribute"}},
            TableName="{table}",
        ),
        "on for this attribute, not: that items carry a time in it",
        ("Sessions table has TTL enabled on `expiresAt`", "Sessions table TTL enabled on `ttl`"),
        ("DNS TTL enabled on `www`", "Cache table TTL considered", "Sessions table has TTL enabled"),
        names=_TABLE,
        around=_NOT_SQL,
    ),
    Rule(
        "time to live, whatever the attribute",
        rf"(?:{_OF_TABLE} (?:has )?|DynamoDB )(?:TTL|time[- ]to[- ]live)(?: is)? (?:enabled|configured|set|on)",
        aws(
            "dynamodb",
            "describe_time_to_live",
            "TimeToLiveDescription.TimeToLiveStatus",
            {"equals": "ENABLED"},
            TableName="{table}",
        ),
        "on, not: for which attribute",
        ("Sessions table has TTL enabled", "DynamoDB TTL enabled"),
        ("DNS TTL set", "TTL lowered"),
        names=_TABLE,
        around=_NOT_SQL,
    ),
    Rule(
        "on demand",
        rf"(?:{_OF_TABLE} |DynamoDB )(?:uses |has |is |set to |configured (?:with|for) )?(?:on[- ]demand"
        rf"|PAY_PER_REQUEST)"
        r"(?: (?:billing|capacity)(?: mode)?)?(?: enabled)?",
        aws(
            "dynamodb",
            "describe_table",
            "Table.BillingModeSummary.BillingMode",
            {"equals": "PAY_PER_REQUEST"},
            TableName="{table}",
        ),
        "the billing mode, not: caps of throughput",
        ("Sessions table uses on-demand billing", "DynamoDB on-demand capacity"),
        ("On-demand backups taken", "Sessions table uses provisioned billing"),
        names=_TABLE,
        around=_NOT_SQL,
    ),
    Rule(
        "index",
        rf"{_OF_TABLE} (?:has )?(?:a )?(?:GSI|global secondary index)(?: named)? (?P<index>(?!created|exists"
        rf"|active|status|count|list|keys?|names?|configuration|projection|schema|settings|details|is\b)[\w.-]{{3,}})"
        rf"(?: {'(?:created|exists|active)'})?",
        aws(
            "dynamodb",
            "describe_table",
            "Table.GlobalSecondaryIndexes[?IndexStatus=='ACTIVE'].IndexName",
            {"contains": "$index"},
            TableName="{table}",
        ),
        "in service, not: its keys and projection",
        ("Connections table has GSI `sessionId-targetLanguage-index`", "Orders table has GSI `by-customer`"),
        ("Connections table has an index", "GSI designed"),
        names=_TABLE,
        around=_NOT_SQL,
    ),
    Rule(
        "point-in-time recovery",
        rf"(?:(?:{_OF_TABLE}|DynamoDB)(?: has)? )?(?:PITR|point[- ]in[- ]time recovery)(?: is)? (?:enabled"
        rf"|configured|on)(?: (?:for|on)(?: (?:the )?(?:DynamoDB )?tables?)?)?",
        aws(
            "dynamodb",
            "describe_continuous_backups",
            "ContinuousBackupsDescription.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus",
            {"equals": "ENABLED"},
            TableName="{table}",
        ),
        "on for one table, not: that a restore works",
        ("DynamoDB Point-in-Time Recovery enabled", "PITR enabled", "Orders table has PITR enabled"),
        ("Point-in-time recovery tested", "Recovery point agreed"),
        names=_TABLE,
        several=True,
    ),
    Rule(
        "function with memory and timeout",
        rf"(?P<function>[A-Z][\w-]*(?: [A-Z][\w-]*)?)(?: function| lambda)?{MADE}",
        aws(
            "lambda",
            "get_function_configuration",
            "{memory: MemorySize, timeout: Timeout, state: State}",
            {"equals": {"memory": "#memory", "timeout": "#timeout", "state": "Active"}},
            FunctionName="{function}",
        ),
        "deployed and sized so, not: with the newest code",
        ("Authorizer function deployed (128MB, 10s timeout)", "Refresh Handler deployed (256 MB, 30 s timeout)"),
        ("Authorizer deployed", "Authorizer function deployed (fast)"),
        names=FUNCTION,
        remark=r"(?P<memory>\d{3,5}) ?MB,? (?P<timeout>\d{1,3}) ?s(?:ec(?:onds?)?)?(?: timeout)?",
    ),
    Rule(
        "function",
        rf"(?:(?P<function>(?!(?:restore|set|update|check|verify|configure|add|ensure|all|test)\b)[A-Z][\w-]*"
        rf"|\w+[-_][\w-]+) )?Lambda(?: functions?)?(?:{MADE}| status is \"?active\"?)",
        aws("lambda", "get_function_configuration", "State", {"equals": "Active"}, FunctionName="{function}"),
        "one function is active, not: with the newest code",
        ("Lambda function deployed", "Checkout Lambda deployed"),
        ("Lambda functions verified", "Lambda function code written"),
        names=FUNCTION,
    ),
    Rule(
        "environment variables of a function",
        r"(?:(?P<function>[A-Z][\w-]*|\w+[-_][\w-]+) )?(?:All )?(?:Lambda )?(?:functions?|lambdas?)(?: have"
        r"| has)?(?: correct| required| all)?"
        r" environment variables?(?: (?:set|configured))?",
        aws(
            "lambda",
            "get_function_configuration",
            "keys(Environment.Variables)",
            {"contains-each": "{variables}"},
            FunctionName="{function}",
        ),
        "set in one function, not: to the right values",
        ("All functions have correct environment variables", "Lambda environment variables configured")[:1],
        ("Environment variables documented", "All functions have tests"),
        names={
            **FUNCTION,
            "variables": Name("Which variables does the function need, with spaces between?"),
        },
        several=True,
    ),
    Rule(
        "role of a function",
        r"(?:All )?(?:Lambda )?functions? ha(?:ve|s) (?:an? )?IAM (?:execution )?roles? with (?:the )?(?:required"
        r"|necessary) permissions",
        aws(
            "iam",
            "list_attached_role_policies",
            "AttachedPolicies[].PolicyName",
            {"contains": "{policy}"},
            RoleName="{function-role}",
        ),
        "a policy is attached to one role, not: that it allows what is needed and no more",
        ("All functions have IAM roles with required permissions",),
        ("All functions have owners", "IAM roles follow least privilege"),
        names={
            "function-role": Name("Which role do the functions have?", option="--role-name"),
            "policy": Name("Which policy is attached to that role?"),
        },
        several=True,
    ),
    Rule(
        "permission to invoke",
        r"API ?Gateway has permissions? to invoke (?:the )?(?:Lambda )?functions?",
        aws(
            "lambda",
            "get_policy",
            "parse_json(Policy).Statement[?Effect=='Allow'].Principal.Service",
            {"contains": "apigateway.amazonaws.com"},
            FunctionName="{function}",
        ),
        "one function may be invoked, not: by which API",
        ("API Gateway has permissions to invoke Lambda functions",),
        ("API Gateway permissions reviewed", "API Gateway invokes nothing"),
        names=FUNCTION,
        several=True,
    ),
    Rule(
        "permission to use the management API",
        r"(?:Lambda )?functions? ha(?:ve|s) permissions? (?:for|to use) (?:the )?API Gateway Management API",
        aws(
            "iam",
            "get_role_policy",
            "to_array(PolicyDocument.Statement)[?Effect=='Allow'].to_array(Action)[]",
            {"contains": "execute-api:ManageConnections"},
            RoleName="{function-role}",
            PolicyName="{inline-policy}",
        ),
        "an inline policy allows it, not: on which API",
        ("Lambda functions have permissions for API Gateway Management API",),
        ("Lambda functions have permissions", "API Gateway Management API documented"),
        names={
            "function-role": Name("Which role do the functions have?", option="--role-name"),
            "inline-policy": Name("Which inline policy of that role allows it?", option="--policy-name"),
        },
    ),
    Rule(
        "WebSocket API",
        rf"WebSocket API{MADE}|(?:WebSocket )?API has protocol type WEBSOCKET",
        aws("apigatewayv2", "get_apis", "Items[?Name=='{api}'].ProtocolType", {"contains": "WEBSOCKET"}),
        "there, not: deployed to a stage",
        ("WebSocket API created", "API has protocol type WEBSOCKET"),
        ("WebSocket API documented", "WebSocket works"),
        names=_API_NAME,
    ),
    Rule(
        "route",
        r"(?P<route>\$(?:connect|disconnect|default)|[a-z][A-Za-z]*|(?:GET|POST|PUT|DELETE|PATCH"
        r"|ANY) /[\w/{}.+-]*) route(?: is)?"
        r" (?:configured|created|exists|defined|deployed)",
        aws("apigatewayv2", "get_routes", "Items[].RouteKey", {"contains": "$route"}, ApiId="{api-id}"),
        "there, not: what it is integrated with",
        ("$connect route configured", "heartbeat route configured", "`GET /orders` route created"),
        ("Default route to the internet configured", "Escape route planned"),
        names=_API,
        around=r"(?i)api ?gateway|websocket",
    ),
    Rule(
        "authorizer",
        r"(?:Lambda )?Authorizer (?:configured|created|deployed|exists)(?: (?:for|on) (?:the )?API)?",
        aws("apigatewayv2", "get_authorizers", "Items[].AuthorizerType", {"contains": "REQUEST"}, ApiId="{api-id}"),
        "there, not: attached to a route",
        ("Lambda Authorizer configured",),
        ("Authorizer reviewed", "Lambda authorizer logic implemented"),
        names=_API,
        around=r"(?i)api ?gateway|websocket",
    ),
    Rule(
        "authorizer of a route",
        r"Authorizer attached to (?:the )?(?P<route>\$connect|(?:GET|POST|PUT|DELETE|PATCH|ANY) /[\w/{}.+-]*)"
        r"(?: route)?",
        aws(
            "apigatewayv2",
            "get_routes",
            "Items[?RouteKey=='$route'].AuthorizationType",
            {"contains": "CUSTOM"},
            ApiId="{api-id}",
        ),
        "attached, not: that it lets in whom it should",
        ("Authorizer attached to $connect route",),
        (
            "Authorizer attached to refreshConnection route",
            "Authorizer attached",
        ),  # WebSocket APIs judge at $connect only
        names=_API,
    ),
    Rule(
        "stage",
        r"(?:(?P<stage>\w+) )?(?:API )?stage(?: is)? deployed",
        aws("apigatewayv2", "get_stages", "Items[?DeploymentId].StageName", {"contains": "{stage}"}, ApiId="{api-id}"),
        "deployed, not: with the newest routes",
        ("Production stage deployed",),
        ("Staging environment deployed", "Stage fright overcome"),
        names={
            **_API,
            "stage": Name("What is the API's stage called?", option="--stage-name", group="stage", code=True),
        },
        around=r"(?i)api ?gateway|websocket",
    ),
    Rule(
        "throttling",
        r"(?:API |API Gateway )?(?:stage )?(?:has )?throttling(?: is)?(?: limits?)? (?:configured|enabled|set)"
        r"(?: on (?:the )?(?:stage|API))?",
        aws(
            "apigatewayv2",
            "get_stages",
            some_and_none("Items", "Items[?!(DefaultRouteSettings.ThrottlingRateLimit > `0`)]"),
            HOLDS,
            ApiId="{api-id}",
        ),
        "a limit is set, not: a sensible one",
        ("Stage has throttling configured", "API throttling enabled"),
        ("Throttling limits agreed", "CPU throttling observed"),
        names=_API,
        around=r"(?i)api ?gateway|websocket",
    ),
    Rule(
        "user pool",
        rf"(?:Amazon |AWS )?(?:Cognito )?user pool{MADE}",
        aws("cognito-idp", "describe_user_pool", "UserPool.Id", "present", UserPoolId="{user-pool-id}"),
        THERE,
        ("Cognito User Pool created", "User pool exists"),
        ("Cognito User Pool details shared", "User pool of testers recruited"),
        names={
            "user-pool-id": Name(
                "What is the id of the user pool?", option="--user-pool-id", code=True, pattern=r"[\w-]+_[0-9A-Za-z]+"
            )
        },
    ),
    Rule(
        "app client",
        rf"(?:Amazon |AWS )?(?:Cognito )?(?:user pool )?app client{MADE}",
        aws(
            "cognito-idp",
            "describe_user_pool_client",
            "UserPoolClient.ClientId",
            "present",
            UserPoolId="{user-pool-id}",
            ClientId="{app-client-id}",
        ),
        "there, not: with which flows and redirects",
        ("Cognito App Client created",),
        ("App client tested", "Client app created"),
        names={
            "user-pool-id": Name(
                "What is the id of the user pool?", option="--user-pool-id", code=True, pattern=r"[\w-]+_[0-9A-Za-z]+"
            ),
            "app-client-id": Name(
                "What is the id of the app client?", option="--client-id", code=True, pattern=r"[a-z0-9]{20,}"
            ),
        },
    ),
    Rule(
        "test user",
        r"test user(?: is)? (?:created|exists)(?: in (?:the )?(?:Cognito(?: user pool)?|user pool))",
        aws(
            "cognito-idp",
            "list_users",
            "Users[].UserStatus",
            {"contains": "CONFIRMED"},
            UserPoolId="{user-pool-id}",
            Filter='username = "{test-user}"',
        ),
        "confirmed, not: that its password is known",
        ("Test user created in Cognito",),
        ("Test user created", "Test user interviewed"),
        names={
            "user-pool-id": Name(
                "What is the id of the user pool?", option="--user-pool-id", code=True, pattern=r"[\w-]+_[0-9A-Za-z]+"
            ),
            "test-user": Name("What is the test user called?", option="--username", code=True),
        },
    ),
    Rule(
        "time to live by its attribute",
        r"(?:DynamoDB )?(?:TTL|time[- ]to[- ]live) (?:attribute|field) (?P<attribute>[\w.-]+)(?: is)? "
        r"(?:enabled|set|configured|on) (?:on|for)(?: (?:the )?(?:DynamoDB )?table)?",
        aws(
            "dynamodb",
            "describe_time_to_live",
            "TimeToLiveDescription.{s: TimeToLiveStatus, a: AttributeName}",
            {"equals": {"s": "ENABLED", "a": "$attribute"}},
            TableName="{table}",
        ),
        "on for this attribute, not: that items carry a time in it",
        ("TTL attribute `expires` enabled on `sessions`", "TTL field `ttl` is enabled on table `orders`"),
        ("TTL of the record enabled by the registrar", "TTL lowered on `www`"),
        names=_TABLE,
        named=True,
    ),
    Rule(
        "function by its name",
        r"Lambda (?:function )?(?P<function>(?-i:[A-Z][a-z0-9]+[A-Z])\w*|\w+-[\w-]+)(?: (?:is|has been))? (?:exists?"
        r"|deployed|created|active)",
        aws("lambda", "get_function_configuration", "State", {"equals": "Active"}, FunctionName="{function}"),
        "active, not: that it does its work",
        ("Lambda OrderWriter deployed", "Lambda function order-writer is active"),
        ("Lambda Layers deployed", "Lambda OrderWriter written"),
        names=FUNCTION,
    ),
    Rule(
        "time to live of a table",
        r"(?:TTL|time[- ]to[- ]live)(?: is)? (?:enabled|configured|on|active) (?:on|for) (?:the )?(?P<table>(?!all"
        r"|each|every)[\w-]+) table(?: exists| running)?",
        aws(
            "dynamodb",
            "describe_time_to_live",
            "TimeToLiveDescription.TimeToLiveStatus",
            {"equals": "ENABLED"},
            TableName="{table}",
        ),
        "on, not: for which attribute",
        ("TTL enabled on sessions table", "Time to live configured for the orders table"),
        ("TTL enabled on all tables", "TTL discussed for the orders table"),
        names=_TABLE,
        around=_NOT_SQL,
    ),
    Rule(
        "index by its name",
        r"(?:GSI|global secondary index) (?P<index>[\w.-]{3,})(?: (?:is|has been))? (?:active|created|exists)",
        aws(
            "dynamodb",
            "describe_table",
            "Table.GlobalSecondaryIndexes[?IndexStatus=='ACTIVE'].IndexName",
            {"contains": "$index"},
            TableName="{table}",
        ),
        "in service, not: its keys and projection",
        ("GSI `by-source` active", "Global secondary index `by-customer` exists"),
        ("GSI designed", "Index `x` active", "GSI keys agreed"),
        names=_TABLE,
        named=True,
    ),
    Rule(
        "second factor of a user pool",
        r"(?:Amazon |AWS )?(?:Cognito )?user pool(?: (?:has|with))?(?: an?)? MFA(?: is)?(?: (?:on|required|enforced))",
        aws(
            "cognito-idp",
            "describe_user_pool",
            "UserPool.MfaConfiguration",
            {"equals": "ON"},
            UserPoolId="{user-pool-id}",
        ),
        "asked of every user, not: which second factor",
        ("Cognito user pool `shop` with MFA on", "User pool has MFA required"),
        ("User pool MFA discussed", "Pool with MFA on the roof"),
        names={
            "user-pool-id": Name(
                "What is the id of the user pool?", option="--user-pool-id", code=True, pattern=r"[\w-]+_[0-9A-Za-z]+"
            )
        },
    ),
)
