"""Every form of docs/masking.md is masked; what only looks like one stays readable; time grows with the text."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.doors.masking import MASK, MaskedLines, mask

DOC = Path(__file__).parents[2] / "docs" / "masking.md"
WORD = "hunter2" + "horse"
HEX = "0123456789abcdef"
AZ = "aB3dE5gH7jK9mN1pQ2sT4vW6yZ8bC0dF" * 8
B64 = base64.b64encode(bytes(range(64))).decode()

# made-up secrets, put together here so that no scanner takes this file for a leak
TOKENS = {
    "AWS access key id": "AKIA" + "Q" * 16,
    "AWS temporary key id": "ASIA" + "Q" * 16,
    "GitHub token": "ghp" + "_" + AZ[:36],
    "GitHub OAuth token": "gho" + "_" + AZ[:36],
    "GitHub fine-grained token": "github" + "_pat_" + AZ[:82],
    "GitLab token": "glpat" + "-" + AZ[:20],
    "GitLab runner registration": "GR13" + "48941" + AZ[:20],
    "Slack token": "xoxb" + "-" + "1234567890-" + AZ[:24],
    "Slack app token": "xapp" + "-1-" + AZ[:30],
    "npm token": "npm" + "_" + AZ[:36],
    "PyPI token": "pypi" + "-" + AZ[:60],
    "Stripe key": "sk" + "_live_" + AZ[:24],
    "Stripe restricted key": "rk" + "_test_" + AZ[:24],
    "Stripe webhook secret": "whsec" + "_" + AZ[:32],
    "JSON web token": "eyJ" + "hbGciOiJIUzI1NiJ9" + ".eyJ" + "zdWIiOiIxIn0" + "." + AZ[:30],
    "OpenAI key": "sk" + "-" + AZ[:48],
    "OpenAI project key": "sk" + "-proj-" + AZ[:60],
    "Anthropic key": "sk" + "-ant-api03-" + AZ[:80],
    "Groq key": "gsk" + "_" + AZ[:52],
    "Hugging Face token": "hf" + "_" + AZ[:34],
    "Replicate token": "r8" + "_" + AZ[:37],
    "SendGrid key": "SG" + "." + AZ[:22] + "." + AZ[:43],
    "Google API key": "AIza" + AZ[:35],
    "Google access token": "ya29" + "." + AZ[:60],
    "Google client secret": "GOCSPX" + "-" + AZ[:28],
    "Google refresh token": "1/" + "/0" + AZ[:60],
    "Grafana service account": "glsa" + "_" + AZ[:32] + "_" + HEX[:8],
    "Grafana Cloud token": "glc" + "_" + AZ[:60],
    "HashiCorp Vault token": "hvs" + "." + AZ[:60],
    "HashiCorp Vault batch token": "hvb" + "." + AZ[:60],
    "Terraform Cloud token": AZ[:14] + "." + "atlasv1" + "." + AZ[:60],
    "Twilio key": "SK" + HEX * 2,
    "Mailgun key": "key" + "-" + HEX * 2,
    "Mailchimp key": HEX * 2 + "-us" + "12",
    "Databricks token": "dapi" + HEX * 2,
    "DigitalOcean token": "dop" + "_v1_" + HEX * 4,
    "Azure client secret": "abc" + "8Q~" + AZ[:34],
    "age private key": "AGE-SECRET" + "-KEY-1" + "Q" * 58,
    "RubyGems key": "rubygems" + "_" + HEX * 3,
    "crates.io token": "cio" + AZ[:32],
    "NuGet key": "oy2" + "a1b2c3" * 7 + "a",
    "Docker Hub token": "dckr" + "_pat_" + AZ[:27],
    "Heroku token": "HRKU" + "-" + AZ[:60],
    "Linear key": "lin" + "_api_" + AZ[:40],
    "Notion token": "ntn" + "_" + AZ[:46],
    "Figma token": "figd" + "_" + AZ[:40],
    "Postman key": "PMAK" + "-" + HEX + HEX[:8] + "-" + HEX * 2 + "ab",
    "New Relic key": "NRAK" + "-" + "Q1" * 13 + "Q",
    "Shopify token": "shpat" + "_" + HEX * 2,
    "Square token": "sq0atp" + "-" + AZ[:22],
    "Atlassian token": "ATATT" + "3" + AZ[:100],
    "Discord bot token": "M" + AZ[:23] + "." + AZ[:6] + "." + AZ[:38],
    "Telegram bot token": "123456789" + ":AA" + AZ[:33],
    "Doppler token": "dp" + ".pt." + AZ[:43],
    "Pulumi token": "pul" + "-" + HEX * 2 + HEX[:8],
    "PlanetScale token": "pscale" + "_tkn_" + AZ[:43],
    "Sentry token": "sntrys" + "_" + AZ[:60],
    "Fly.io token": "fm2" + "_" + AZ[:60],
    "Tailscale key": "tskey" + "-auth-" + AZ[:20],
    "Supabase key": "sbp" + "_" + HEX * 2 + HEX[:8],
    "CircleCI token": "CCIPAT" + "_" + AZ[:40],
    "Buildkite token": "bkua" + "_" + HEX * 2 + HEX[:8],
    "SonarQube token": "squ" + "_" + HEX * 2 + HEX[:8],
    "JFrog token": "AKCp" + AZ[:69],
    "1Password service account": "ops" + "_eyJ" + AZ[:120],
    "Cloudflare key": "v1" + ".0-" + HEX + HEX[:8] + "-" + HEX * 9 + "ab",
    "Alibaba Cloud access key id": "LTAI" + AZ[:20],
    "Tencent Cloud secret id": "AKID" + AZ[:32],
    "bcrypt hash": "$2b" + "$12$" + AZ[:53],
    "RSA key without its frame": "MIIE" + "vQIBADAN" + "Bgkqhkig9w0" + AZ[:45],
    "OpenSSH key without its frame": "b3BlbnNz" + "aC1rZXktdjE" + AZ[:50],
}
P = "passw" + "ord"
# what names the secret stays: text, where S stands for it
WORDED = {
    "environment": f"DB_{P.upper()}=S",
    "environment of PostgreSQL": "PGPASSWORD=S psql -h db",
    "dotenv": "SECRET_X=S",
    "dotenv, quoted": "export API_TOKEN='S'",
    "AWS secret key": "aws_secret_access_key = S",
    "AWS session token": "aws_session_token=S",
    "camel case": "clientSecret=S",
    "YAML": f"  {P}: S",
    "YAML, quoted": f'{P}: "S"',
    "no blank": f"{P}:S",
    "JSON": f'{{"{P}": "S", "port": 1}}',
    "JSON without blanks": f'{{"{P}":"S"}}',
    "JSON within JSON": f'{{"body": "{{\\"{P}\\": \\"S\\"}}"}}',
    "JSON twice within JSON": f'{{\\\\\\"{P}\\\\\\": \\\\\\"S\\\\\\"}}',
    "JSON over two lines": f'{{"{P}":\n   "S"}}',
    "YAML over two lines": f"{P}:\n  S",
    "YAML block": f"{P}: |\n  S\nport: 1",
    "name and value": f'{{"name": "DB_{P.upper()}", "value": "S"}}',
    "value and name": f'{{"value": "S", "name": "DB_{P.upper()}"}}',
    "name and value of AWS": f'{{"Key": "db{P}", "Value": "S"}}',
    "parameter of CloudFormation": f'{{"ParameterKey": "Db{P.title()}", "ParameterValue": "S"}}',
    "parameter of CloudFormation, short": f"ParameterKey=Db{P.title()},ParameterValue=S",
    "name and value over two lines": "- name: API_TOKEN\n  value: S",
    "name and value over two lines of JSON": '{"name": "API_TOKEN",\n "value": "S"}',
    "Terraform": f'{P} = "S"',
    "property list": "spring.datasource.password=S",
    "XML": f"<db{P.title()}>S</db{P.title()}>",
    "option": f"login --{P} S --user me",
    "option with an equals sign": f"login --{P}=S",
    "option of Java": f"java -Ddb.{P}=S",
    "mysql -p": "mysql -u root -pS shop",
    "mysqldump -p": "mysqldump -h db -pS shop",
    "sshpass": "sshpass -p S ssh me@host",
    "docker login": "docker login -u me -p S registry.example.com",
    "redis-cli": "redis-cli -h db -a S ping",
    "sqlcmd": "sqlcmd -U sa -P S",
    "ldapsearch": "ldapsearch -x -w S",
    "openssl": "openssl rsa -in k -passin pass:S",
    "curl -u": "curl -u ada:S https://example.com",
    "curl --user": "curl --user ada:S https://example.com",
    "curl -u, quoted": 'curl -u "ada:S" https://example.com',
    "SQL": "CREATE USER shop IDENTIFIED BY 'S'",
    "SQL of PostgreSQL": "ALTER ROLE shop WITH PASSWORD 'S'",
    "netrc": f"machine example.com login ada {P} S",
    "netrc over lines": f"machine example.com\n  login ada\n  {P} S",
    "pgpass": "db.example.com:5432:shop:ada:S",
    "docker configuration": '{"auths": {"example.com": {"auth": "S"}}}',
    "npmrc": "//registry.example.com/:_authToken=S",
    "npmrc, old": "_auth=S",
    "Authorization": "Authorization: S",
    "Authorization Bearer": "Authorization: Bearer S",
    "Authorization Basic": "authorization: Basic S",
    "Authorization in JSON": '{"Authorization": "Bearer S"}',
    "Authorization of curl": "curl -H 'Authorization: token S' https://example.com",
    "key header": "X-Api-Key: S",
    "token header": "X-Auth-Token: S",
    "cookie header": "Cookie: session=S; theme=dark",
    "cookie set": "Set-Cookie: session=S; HttpOnly",
    "cookie of curl": "curl --cookie session=S https://example.com",
    "address": "postgres://ada:S@db:5432/shop",
    "address without a name": "redis://:S@cache:6379",
    "address with a token only": "https://S@example.com/repo.git",
    "MongoDB": "mongodb+srv://ada:S@cluster.example.com/shop",
    "query": "https://example.com/?access_token=S&x=1",
    "ADO.NET": f"Server=db;User Id=sa;{P.title()}=S;Encrypt=true",
    "ADO.NET, short": "Server=db;Uid=sa;Pwd=S;",
    "Azure storage": "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=S;EndpointSuffix=core.windows.net",
    "Azure bus": "Endpoint=sb://a.example.com/;SharedAccessKeyName=all;SharedAccessKey=S",
    "Azure signature": "https://a.blob.core.windows.net/c/b?sv=2024&sig=S&se=2026",
    "AWS signature": f"https://b.s3.amazonaws.com/k?X-Amz-Signature={HEX * 4}".replace(HEX * 4, "S"),
    "Oracle": "jdbc:oracle:thin:ada/S@//db:1521/shop",
    "Slack hook": "https://hooks.slack.com/services/T0/B0/S",
    "Discord hook": "https://discord.com/api/webhooks/123/S",
    "Zapier hook": "https://hooks.zapier.com/hooks/catch/1/S",
    "kubeconfig token": "    token: S",
    "kubeconfig key": "    client-key-data: S",
    "Google service account": '{"private_key_id": "S"}',
    "Bearer alone": "used Bearer S",
    "Basic alone": "sent Basic S",
}
SECRETS = {
    "Azure signature": AZ[:43],
    "AWS signature": HEX * 4,
    "docker configuration": B64[:40],
    "Bearer alone": AZ[:40],
}
SECRETS |= {"Basic alone": B64[:40], "npmrc": AZ[:36], "Authorization Basic": B64[:24]}

PRIVATE = "PRIVATE" + " KEY-----"
FRAMES = {
    "RSA private key": ("-----BEGIN RSA " + PRIVATE, "-----END RSA " + PRIVATE),
    "PKCS#8 private key": ("-----BEGIN " + PRIVATE, "-----END " + PRIVATE),
    "EC private key": ("-----BEGIN EC " + PRIVATE, "-----END EC " + PRIVATE),
    "OpenSSH private key": ("-----BEGIN OPENSSH " + PRIVATE, "-----END OPENSSH " + PRIVATE),
    "encrypted private key": ("-----BEGIN ENCRYPTED " + PRIVATE, "-----END ENCRYPTED " + PRIVATE),
    "PGP private key": ("-----BEGIN PGP PRIVATE" + " KEY BLOCK-----", "-----END PGP PRIVATE" + " KEY BLOCK-----"),
}


def _put(text: str, secret: str) -> str:
    """The text with the secret in the place of the S that stands alone."""
    return re.sub(r"(?<![A-Za-z])S(?![A-Za-z])|(?<=-p)S(?= )", lambda _found: secret, text)


def _in_frame(name: str) -> str:
    begin, end = FRAMES[name]
    return f"{begin}\n{B64[:60]}\n{AZ[:60]}\n{end}\nafter"


FORMS: dict[str, tuple[str, str]] = {
    **{name: (f"seen {token} here", token) for name, token in TOKENS.items()},
    **{name: (_put(text, SECRETS.get(name, WORD)), SECRETS.get(name, WORD)) for name, text in WORDED.items()},
    **{name: (_in_frame(name), B64[:60]) for name in FRAMES},
}


def test_there_are_as_many_forms_as_there_were_tries() -> None:
    assert len(FORMS) >= 150
    assert len({text for text, _secret in FORMS.values()}) == len(FORMS)


@pytest.mark.parametrize("name", FORMS)
def test_each_form_is_masked_and_what_is_masked_stays_as_it_is(name: str) -> None:
    text, secret = FORMS[name]
    assert secret in text
    masked = mask(text)
    assert secret not in masked
    assert MASK in masked
    assert mask(masked) == masked


@pytest.mark.parametrize("name", FORMS)
def test_each_form_is_masked_within_a_sentence_and_as_a_stream(name: str) -> None:
    text, secret = FORMS[name]
    lines = MaskedLines()
    seen = [line for piece in text.encode() for line in lines.feed(bytes([piece]))] + list(lines.end())
    assert secret not in "\n".join(seen)
    assert "\n".join(seen) == mask(text)


def test_the_page_names_each_form() -> None:
    page = DOC.read_text()
    assert not [name for name in FORMS if f"| {name} |" not in page]
    assert not [name for name in re.findall(r"(?m)^\| ([^|`]+) \|", page) if name not in FORMS and name not in HEADS]


HEADS = ("form", "---")
SHA = hashlib.sha256(b"x").hexdigest()
HARMLESS = [
    SHA,
    f"sha256:{SHA}",
    f"sha256-{B64[:43]}=",
    f"digest {SHA[:12]}, approve it",
    f'{{"path": "a.md", "sha256": "{SHA}"}}',
    f"password_sha256: {SHA}",
    f"token_digest={SHA}",
    f"image@sha256:{SHA}",
    hashlib.sha1(b"x").hexdigest(),
    hashlib.sha512(b"x").hexdigest(),
    hashlib.md5(b"x").hexdigest(),
    f"commit {hashlib.sha1(b'y').hexdigest()} (HEAD -> main)",
    "a git id 4f2a91c and 9be01d2",
    "123e4567-e89b-12d3-a456-426614174000",
    "arn:aws:dynamodb:eu-west-1:123456789012:table/Orders",
    "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf",
    "SecretArn: arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf",
    "secret = arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf",
    "secretsmanager:GetSecretValue",
    "Allow secretsmanager:GetSecretValue, kms:Decrypt and sts:GetSessionToken",
    "password: see 1Password",
    "password: stored in the vault",
    "token: not set",
    "the password is in the vault",
    "Password: required",
    "password: ${DB_PASSWORD}",
    "DB_PASSWORD=$DB_PASSWORD",
    '"password": "{{resolve:secretsmanager:db:SecretString:password}}"',
    "password: null",
    "tokens were rotated",
    "a pull request against the token service",
    "my-token:1.2.3",
    "image my-secret:latest",
    "docker run -u 1000:1000 alpine",
    "docker run -p 8080:80 web",
    "ssh -p 2222 me@host",
    "mkdir -p build/out",
    "mysql -u root shop",
    "git clone git@github.com:example/repo.git",
    "https://example.com/a/b?page=2&sort=name",
    "see https://example.com/a@b",
    "mailto:ada@example.com",
    "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(range(200))).decode(),
    base64.b64encode(bytes(range(256))).decode(),
    "-----BEGIN CERTIFICATE-----",
    "-----BEGIN PUBLIC KEY-----",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIF" + "b" * 43 + " ada@example.com",
    "Basic authentication is on",
    "Bearer tokens are refused",
    "authorization: required",
    "Access Key Rotation",
    "the key of the table is pk",
    "KeySchema: pk HASH, sk RANGE",
    "secret_rotation: true",
    "AWS_SHARED_CREDENTIALS_FILE=/dev/null",
    "scikit-learn sk-learn",
    "sk-learn-pipelines-and-more-words-here",
    "task-1-of-2, risk-assessment-for-the-second-phase-of-q3",
    "release v1.0-rc.1",
    "run shed-20261128-084729",
    "digest 12:00:01:ab:cd",
    "2026-11-28T08:26:52.123Z",
    "src/auth/token.py:12: error",
    "cookie banner: accepted",
    "name: web\nvalue: 3",
    '{"name": "REGION", "value": "eu-west-1"}',
    '{"Key": "Environment", "Value": "production"}',
    "password:\n  type: string\n  minLength: 8",
    "secrets:\n  - source: db",
    "tokens: |\nnext",
]


@pytest.mark.parametrize("text", HARMLESS, ids=range(len(HARMLESS)))
def test_what_only_looks_like_a_secret_stays_readable(text: str) -> None:
    assert mask(text) == text


PIECES = st.lists(
    st.sampled_from(
        [
            *(text for text, _secret in FORMS.values()),
            *HARMLESS,
            "***",
            '"',
            "\\",
            "'",
            ":",
            "=",
            " ",
            "\n",
            "password",
            "name",
        ]
    ),
    max_size=5,
)


@given(PIECES, st.sampled_from(["", " ", "\n", ", "]))
def test_masking_twice_is_masking_once(pieces: list[str], between: str) -> None:
    once = mask(between.join(pieces))
    assert mask(once) == once


@given(PIECES, st.sampled_from([" ", "\n"]))
def test_no_digest_is_ever_masked(pieces: list[str], between: str) -> None:
    text = between.join([*(piece for piece in pieces if piece in HARMLESS[:1] or piece == "name"), f"sha256 {SHA}"])
    assert SHA in mask(text)


UNITS = [
    "a",
    "password",
    "password=",
    '"',
    "\\",
    "eyJ-",
    "name: token",
    "://a",
    "-----BEGIN ",
    "x.y-",
    "key=",
    " -u ",
    "1//0",
    "sk-",
    "value: '",
]


@pytest.mark.slow
@pytest.mark.parametrize("unit", UNITS)
def test_time_grows_with_the_length_of_a_line_and_no_faster(unit: str) -> None:
    """Ten times the text may take thirty times the time; a pattern that looks back for each place takes a hundred."""
    short, long = (_seconds(unit * (size // len(unit))) for size in (3_000, 30_000))
    assert long < 30 * short


def _seconds(text: str) -> float:
    began = time.process_time()
    mask(text)
    return max(time.process_time() - began, 0.001)
