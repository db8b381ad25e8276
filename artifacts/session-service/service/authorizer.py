"""May this client connect? With an access token in the query: `?token=...`."""

import tokens


def handle(event, _context):
    """API Gateway's question at $connect; the answer is a policy for that route, and who it is."""
    token = (event.get("queryStringParameters") or {}).get("token", "")
    user = tokens.user_of(token)
    statement = {
        "Effect": "Deny" if user is None else "Allow",
        "Action": "execute-api:Invoke",
        "Resource": event["methodArn"],
    }
    return {
        "principalId": user or "nobody",
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": {} if user is None else {"userId": user},
    }
