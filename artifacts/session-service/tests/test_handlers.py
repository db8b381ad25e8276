"""What do the handlers refuse before they ask AWS anything, and what do they answer?"""

import base64
import contextlib
import io
import json
import os
import sys
import time
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).parent.parent / "service"))
os.environ.update(
    STAGE="test", USER_POOL_ID="eu-west-1_pool", USER_POOL_CLIENT_ID="client", AWS_DEFAULT_REGION="eu-west-1"
)

import authorizer
import connection_handler
import refresh_handler
import tables
import tokens

CLAIMS = {
    "token_use": "access",
    "client_id": "client",
    "iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_pool",
    "exp": int(time.time()) + 60,
}


def token(**changes):
    payload = base64.urlsafe_b64encode(json.dumps({**CLAIMS, **changes}).encode()).rstrip(b"=").decode()
    return f"header.{payload}.signature"


def event(query=None, body=None):
    context = {"connectionId": "abc", "authorizer": {"userId": "ann"}}
    return {"requestContext": context, "queryStringParameters": query, "body": body, "methodArn": "arn:x"}


class Tokens(unittest.TestCase):
    def test_a_token_of_this_pool_is_shown_to_cognito(self):
        with mock.patch.object(tokens, "cognito") as cognito:
            cognito().get_user.return_value = {"Username": "ann"}
            self.assertEqual(tokens.user_of(token()), "ann")

    def test_any_other_is_refused_unasked(self):
        others = [
            *("", "a.b.c", "nothing", None, "a." + "W10" + ".c"),
            token(token_use="id"),
            token(client_id="other"),
            token(iss="https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_other"),
            token(exp=int(time.time()) - 1),
            token(exp="later"),
        ]
        with mock.patch.object(tokens, "cognito") as cognito:
            self.assertEqual([tokens.user_of(other) for other in others], [None] * len(others))
            cognito.assert_not_called()


class Handlers(unittest.TestCase):
    def test_the_authorizer_says_yes_to_a_user_and_no_to_nobody(self):
        for user, effect in (("ann", "Allow"), (None, "Deny")):
            with mock.patch.object(tokens, "user_of", return_value=user):
                answer = authorizer.handle(event({"token": "t"}), None)
            self.assertEqual(answer["policyDocument"]["Statement"][0]["Effect"], effect)
            self.assertEqual(answer["context"], {"userId": "ann"} if user else {})

    def test_a_connection_is_refused_for_what_it_asks(self):
        asked = [
            {"action": "dance"},
            {"action": "createSession"},
            {"action": "createSession", "sourceLanguage": "english"},
            {"action": "joinSession", "targetLanguage": "de"},
            {"action": "joinSession", "sessionId": "s", "targetLanguage": "deu"},
        ]
        with mock.patch.object(connection_handler, "_too_many", return_value=False):
            self.assertEqual([self._status(connection_handler, event(query)) for query in asked], [400] * len(asked))

    def test_too_many_connections_are_refused(self):
        with mock.patch.object(connection_handler, "_too_many", return_value=True):
            self.assertEqual(self._status(connection_handler, event({})), 429)

    def test_a_refresh_needs_a_token_and_the_older_connection(self):
        with mock.patch.object(refresh_handler, "say"):
            with mock.patch.object(tokens, "user_of", return_value=None):
                for body in (None, "", "[]", "no json", json.dumps({"previous": "abc"})):
                    self.assertEqual(self._status(refresh_handler, event(body=body)), 401)
            with mock.patch.object(tokens, "user_of", return_value="ann"):
                self.assertEqual(self._status(refresh_handler, event(body='{"token": "t", "previous": 1}')), 400)

    def _status(self, module, asked):
        with contextlib.redirect_stdout(io.StringIO()) as log:
            answer = module.handle(asked, None)
        self.assertIn("ConnectionErrors", log.getvalue())
        return answer["statusCode"]


class Items(unittest.TestCase):
    def test_plain_values_go_to_the_table_and_back(self):
        values = {"name": "ann", "count": 3, "open": True}
        self.assertEqual(tables.plain(tables.item(**values, absent=None)), values)


if __name__ == "__main__":
    unittest.main()
