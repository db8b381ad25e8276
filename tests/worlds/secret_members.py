"""Members of the forms of docs/masking.md with quotes and separators in their secrets, as each form spells them."""

from __future__ import annotations

import re

from tests.worlds.secret_samples import WORDED

TAIL = "Zq7xW9vB"  # the end of each secret, which is left over when a secret is taken to end too early

_ANYWHERE = [
    *("ab,T", "ab;T", "ab&T", "ab|T", "ab'T", "ab)T", "ab}T", "ab]T", "ab`T", "ab>T", "a,,T", "a'b'T"),
    *("(T", ")T", "'T", "%T", "!T", "~T", "^T", "$T", "a.T", "a=T", "ab:T", "-T"),
    *("none-T", "true.T", "null,T", "no.T", "yes,T", "ok.T", "sha1-T", "sandbox-T", "in/T"),
]
_IN_A_SHELL = [
    *("'ab T'", '"ab T"', "'it''T'", r"'it\'T'", r'"ab\"T"', "\"ab\"'T'", r"ab\ T", "$'ab T'", 'ab"T'),
    *("{T", "[T", "a,x=T", "a;x=T"),
]
_IN_YAML = ["'ab T'", '"ab T"', "'it''T'", r"'it\'T'", r'"ab\"T"', "a,x=T", "a;x=T", "*T", 'ab"T']
_IN_TEXT = ["'ab T'", '"ab T"', "'it''T'", r'"ab\"T"', "{T"]
_IN_DOUBLE_QUOTES = [
    *("a b T", "it'sT", "a,T", "a;T", "a}T", "{T", "[T", "none-T", "true T", "no T", "a, 'T'"),
    *(r"a\"T", r"a\\T", r"\"T", r"\\\"T", r"a\", \"b\": \"T"),
]
_IN_SINGLE_QUOTES = ["ab;T", "ab,T", 'a"T', r"it\'T", "it''T", "none-T", "{T", "a)T"]
_IN_NESTED_QUOTES = ["a b T", "a,T", "it'sT", "a;T", "{T", "none-T", "a}T"]
_IN_AN_ADDRESS = ["ab,T", "ab;T", "ab&T", "ab'T", "a@T", "none-T", "(T", "a)T", "a%T", "a!T", "a=T"]
_OF_BLOCKS = ["ab T", "ab: T", "'T", "ab # T", "- T"]

YAML = ("YAML", "kubeconfig token", "kubeconfig key", "name and value over two lines", "key header", "token header")
SHELL = (
    *("environment", "environment of PostgreSQL", "dotenv", "option", "option with an equals sign", "option of Java"),
    *("sshpass", "docker login", "redis-cli", "sqlcmd", "ldapsearch", "openssl", "curl -u", "curl --user"),
)
TEXT = ("property list", "camel case", "AWS session token", "npmrc", "npmrc, old", "netrc", "AWS secret key")
ADDRESS = (
    *("address", "address without a name", "address with a token only", "MongoDB", "Oracle"),
    *("query", "ADO.NET", "ADO.NET, short", "Azure storage", "Azure bus"),
)
# their issuers give them letters, digits and a few signs, none of which is a quote or a separator
WITHOUT = (
    *("Azure signature", "AWS signature", "docker configuration", "Bearer alone", "Basic alone", "Slack hook"),
    *("Discord hook", "Zapier hook", "Authorization Basic"),
)
NOT_IN_ADDRESSES = {"query": ("ab&T",), "address with a token only": ("ab:T",)}


def _spelled(name: str, before: str) -> list[str]:
    if re.search(r"\\+\"$", before):
        return _IN_NESTED_QUOTES
    if before.count('"') % 2:
        return _IN_DOUBLE_QUOTES
    if before.count("'") % 2:
        return _IN_SINGLE_QUOTES
    if name in SHELL:
        return [*_ANYWHERE, *_IN_A_SHELL]
    if name in YAML:
        return [*_ANYWHERE, *_IN_YAML]
    if name in TEXT:
        return [*_ANYWHERE, *_IN_TEXT]
    return _IN_AN_ADDRESS if name in ADDRESS else _OF_BLOCKS if name == "YAML block" else _SOME


_SOME = ["ab,T", "ab;T", "ab&T", "ab)T", "ab'T", "none-T", "a.T"]

# name, text: every form with a place for a secret
MEMBERS = [
    (name, text[: place.start()] + secret.replace("T", TAIL) + text[place.end() :])
    for name, text in WORDED.items()
    if name not in WITHOUT and (place := re.search(r"(?<![A-Za-z])S(?![A-Za-z])|(?<=-p)S(?= )", text))
    for secret in _spelled(name, text[: place.start()])
]
MEMBERS += [
    ("mysql -p", f"mysql -u root -p{word.replace('T', TAIL)} shop")
    for word in ("'ab T'", '"ab T"', r"'it\'T'", r"ab\ T", "$'ab T'", "{T", "a'b c'T")
]
MEMBERS += [
    (name, text)
    for name, texts in {
        "mysqldump -p": ("mysqldump -h db -p'ab T' shop", '/usr/bin/mysqldump -p"ab T"'),
        "docker login": ("docker login -u me -pT r", "docker login -p=T r", "docker login -u me -p 'a b T' r"),
        "redis-cli": ("redis-cli -aT ping", "redis-cli --pass 'a b T' ping"),
        "ldapsearch": ("ldapsearch -x -wT", "ldapsearch -x -w 'a b T'"),
        "openssl": ("openssl rsa -passin 'pass:a b T'", 'openssl rsa -passin "pass:T"'),
        "curl -u, quoted": ("curl -u 'ada:it is T' x", 'curl -u "ada":"T" x', "curl -u ada:'a T' x"),
        "curl --user": ("curl --user 'ada:a T' x", "curl --user='ada:a T' x"),
        "SQL": (
            "CREATE USER shop IDENTIFIED BY 'it''T'",
            r"CREATE USER shop IDENTIFIED BY 'it\'T'",
            'CREATE USER shop IDENTIFIED BY "a b T"',
            "CREATE USER shop IDENTIFIED WITH caching_sha2_password BY 'a b T'",
        ),
        "SQL of PostgreSQL": ("ALTER ROLE shop WITH PASSWORD E'it\\'T'", "ALTER ROLE shop PASSWORD $$a b T$$"),
        "netrc": ("machine h login ada account x password T", "machine h password T login ada"),
        "pgpass": (
            r"db.example.com:5432:shop:ada:a\:T",
            r"db.example.com:5432:shop:ada:a\\T",
            r"db:5432:sh\:op:ada:T",
            "*:*:*:ada:a,T",
        ),
        "cookie header": ('Cookie: session="T"; x=1', "Cookie: a=b; session='T'", "curl -H 'Cookie: a=b; s=T' x"),
        "cookie set": ('Set-Cookie: session="T"; HttpOnly', 'Set-Cookie: "s=T"'),
        "cookie of curl": (
            "curl -b 'a=b; session=T' x",
            'curl --cookie "a=b; session=T" x',
            "curl --cookie='a=b; s=T'",
        ),
        "Authorization": (
            'Authorization: Token token="T"',
            'Authorization: Digest username="a", response="T"',
            "Authorization: AWS4-HMAC-SHA256 Credential=a/2, SignedHeaders=host, Signature=T",
        ),
        "YAML block": (
            "password: >-\n  T",
            "password: >\n  T",
            "password: |2-\n  T",
            "password: | # folded\n  T",
            "  client-key-data: >\n    T",
            "- api_token: >+\n    a\n\n    T",
        ),
        "YAML, quoted": ("password: 'it''T'", "password: !!str 'a T'", "password: &it T"),
        "YAML over two lines": ("password:\n  a,x=T", "password:\n  'a b T'", 'password:\n  "a b T"'),
        "JSON over two lines": ('"password":\n  "a\\", T"',),
        "name and value": ('{"name": "DB_PASSWORD", "type": "String", "value": "a\\", T"}',),
        "XML": ('<dbPassword>it\'s "T"</dbPassword>', "<dbPassword><![CDATA[a<T]]></dbPassword>"),
        "address": ("postgres://ada:p@T@db:5432/shop", "postgres://ada:it's-T@db/shop", "https://ada:a/T@example.com/"),
        "ADO.NET": ("Server=db;Password='a;T';Encrypt=true", 'Server=db;Password="a;T";'),
        "ADO.NET, short": ("Server=db;Uid=sa;Pwd={a;T};", "Server=db;Pwd={a}};T};Encrypt=true"),
        "Oracle": ('jdbc:oracle:thin:ada/"T"@//db:1521/s',),
        "query": ("jdbc:mysql://db/shop?user=a&password=a,T",),
    }.items()
    for text in (re.sub(r"(?<![A-Z])T(?![A-Za-z])", TAIL, each) for each in texts)
]

# what goes on behind the secret stays
KEPT = {
    "Server=db;Password=a,b;User Id=sa": "Server=db;Password=***;User Id=sa",
    "https://example.com/?access_token=a,b&x=1": "https://example.com/?access_token=***&x=1",
    "call(token=abc), then": "call(token=***), then",
    "(set DB_PASSWORD=abc)": "(set DB_PASSWORD=***)",
    "token=abc, key=def": "token=***, key=def",
    "`DB_PASSWORD=abc` is set": "`DB_PASSWORD=***` is set",
    'echo "password=abc" done': 'echo "password=***" done',
    "login --password 'a b' --user me": "login --password '***' --user me",
    'curl -u "ada:a b" https://example.com': 'curl -u "ada:***" https://example.com',
    "mysql -u root -p'a b' shop": "mysql -u root -p'***' shop",
    "IDENTIFIED BY 'it''s' REQUIRE SSL": "IDENTIFIED BY '***' REQUIRE SSL",
    "password: 'it''s' # the old one": "password: '***' # the old one",
    "{'password': 'it\\'s', 'n': 1}": "{'password': '***', 'n': 1}",
    '{"password": 12345, "n": 1}': '{"password": "***", "n": 1}',
    '{"passwords": ["a"], "token": null}': '{"passwords": ["a"], "token": null}',
    "password: >-\n  a b\nport: 1": "password: >-\n  ***\nport: 1",
    '<add password="abc"/>': '<add password="***"/>',
    "<add password='abc'/><add/>": "<add password='***'/><add/>",
    '{"x": "<add password=\\"abc\\"/>"}': '{"x": "<add password=\\"***\\"/>"}',
    '<?db password="abc"?>': '<?db password="***"?>',
    '<%= password="abc"%>': '<%= password="***"%>',
    '<!-- password="abc"-->': '<!-- password="***"-->',
    "DB_PASSWORD='abc'/def x": "DB_PASSWORD='***' x",
}
