"""Which tokens are known as secrets by their form alone, whatever stands around them?

Rules:
- Each form has a fixed beginning (or a fixed part) that its issuer gives to nothing else. A digest, an id, an ARN, a
  UUID, base64 without such a beginning are none: nothing here guesses from randomness.
- What touches a token hides none: a word (`batteryghp_...`), a name (`key_AKIA...`), an escape (`%3D`, `\\t`, `=3D`),
  another token. A beginning that words, paths or base64 have as well (`task-`, `EURASIA`) is looked for behind a
  boundary or an escape; behind anything else, too, where what follows has digits, small and capital letters.
- Hexadecimal digits that are as many as a digest has are one.
- Every repetition is bounded, or begins where no repetition of the same kind can have begun: time grows with the
  length of the line and no faster.

Source of each form: the issuer's documentation, as gathered by gitleaks (config/gitleaks.toml, v8) and GitHub's
"Supported secret scanning patterns".
"""

from __future__ import annotations

from collections.abc import Mapping

from state.late_pattern import late
from workflow.doors.secret_forms import Form

# behind an escape: percent-encoding and quoted-printable, of a program's text, of JSON and of shells
_ESCAPED = (
    r"(?<=[%=][0-9A-Fa-f]{2})|(?<=\\[abefnrtv0])|(?<=\\x[0-9A-Fa-f]{2})|(?<=\\u[0-9A-Fa-f]{4})|(?<=\\0[0-3][0-7])"
)
_W = rf"(?:(?<![A-Za-z0-9_-])|{_ESCAPED})"  # nothing of a word, or of a hyphenated one, in front
_NOT_CAPITALS = rf"(?:(?<![A-Z])|{_ESCAPED})"
_MIXED = r"(?=[A-Za-z_-]{0,60}[0-9])(?=[A-Z0-9_-]{0,60}[a-z])(?=[a-z0-9_-]{0,60}[A-Z])"
# behind 32 or 40 hexadecimal digits: no rest of a digest, but another token may begin
_NO_DIGEST = r"(?!(?:[0-9a-f]{8}|[0-9a-f]{24}|[0-9a-f]{32}|[0-9a-f]{88}|[0-9a-f]{96})(?![0-9a-f]|-us[0-9]|:AA))"


def _weak(beginning: str, body: str, glued: str = "") -> str:
    """A beginning that other things have: behind a boundary; behind anything where the body (or `glued`) is mixed."""
    return rf"{_W}(?:{beginning}){body}|(?:{beginning}){_MIXED}{glued or body}"


AWS_KEY_ID = (
    rf"(?:AKIA|ASIA|ABIA|ACCA)(?=[A-Z]{{0,16}}[0-9])[A-Z2-7]{{16}}|{_NOT_CAPITALS}(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{{16}}"
    r"(?![A-Z0-9])"
)
JSON_WEB_TOKEN = (
    r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]*+"
    rf"|eyJ{_MIXED}[A-Za-z0-9_-]{{14,600}}+\.{_MIXED}[A-Za-z0-9_-]{{8,}}+\.[A-Za-z0-9_-]*+"
)

# name -> pattern, anchors; documented in docs/masking.md under the same name
TOKENS: Mapping[str, Form] = {
    name: Form(name, pattern, (anchors,), one_word=True)
    for name, (pattern, anchors) in {
        "OpenAI, Anthropic, OpenRouter key": (
            _weak(
                "sk-",
                r"(?=[A-Za-z_-]{0,200}[0-9])[A-Za-z0-9_-]{20,300}",
                r"(?:(?:proj|ant|or|svcacct|admin)-[A-Za-z0-9_-]{20,300}|[A-Za-z0-9]{32,300})",
            ),
            ("sk-",),
        ),
        "Groq key": (r"gsk_[A-Za-z0-9]{40,100}", ("gsk_",)),
        "Hugging Face token": (_weak("hf_", r"[A-Za-z0-9]{30,100}"), ("hf_",)),
        "Replicate token": (_weak("r8_", r"[A-Za-z0-9]{37}"), ("r8_",)),
        "SendGrid key": (
            _weak(r"SG\.", r"[\w-]{16,64}\.[\w-]{16,128}", rf"[\w-]{{22}}\.{_MIXED}[\w-]{{43}}"),
            ("SG.",),
        ),
        "Google API key": (r"AIza[A-Za-z0-9_-]{35}", ("AIza",)),
        "Google access token": (_weak(r"ya29\.", r"[A-Za-z0-9_.-]{10,2000}"), ("ya29.",)),
        "Google client secret": (r"GOCSPX-[A-Za-z0-9_-]{20,60}", ("GOCSPX-",)),
        "Google refresh token": (_weak("1//0", r"[A-Za-z0-9_-]{30,300}"), ("1//0",)),
        "GitLab runner registration": (r"GR1348941[A-Za-z0-9_-]{20,60}", ("GR1348941",)),
        "Grafana token": (
            r"glsa_[A-Za-z0-9]{32}_[0-9a-f]{8}|" + _weak("glc_", r"[A-Za-z0-9+/=]{32,400}"),
            ("glsa_", "glc_"),
        ),
        "Stripe webhook secret": (r"whsec_[A-Za-z0-9+/=]{16,200}", ("whsec_",)),
        "HashiCorp Vault token": (_weak(r"hv[sbr]\.", r"[A-Za-z0-9_-]{20,300}"), ("hvs.", "hvb.", "hvr.")),
        "Terraform Cloud token": (r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{20,100}", (".atlasv1.",)),
        "Twilio key": (rf"SK[0-9a-f]{{32}}{_NO_DIGEST}", ("SK",)),
        "Mailgun key": (rf"(?:(?<![A-Za-z-])|{_ESCAPED})key-[0-9a-f]{{32}}{_NO_DIGEST}", ("key-",)),
        "Mailchimp key": (r"(?<![0-9a-f]{8})[0-9a-f]{32}-us[0-9]{1,2}", ("-us",)),
        "Databricks token": (rf"dapi[0-9a-f]{{32}}{_NO_DIGEST}(?:-[0-9])?", ("dapi",)),
        "DigitalOcean token": (r"do[opr]_v1_[0-9a-f]{64}", ("_v1_",)),
        "Azure client secret": (r"[\w~.-]{3}[0-9]Q~[\w~.-]{31,34}", ("Q~",)),
        "age private key": (r"AGE-SECRET-KEY-1[A-Z0-9]{40,100}", ("AGE-SECRET-KEY-1",)),
        "RubyGems key": (r"rubygems_[0-9a-f]{48}", ("rubygems_",)),
        "crates.io token": (
            rf"(?:{_W}cio|cio{_MIXED}(?=[A-Za-z0-9]{{32}}(?![A-Za-z0-9+/])))[A-Za-z0-9]{{32}}",
            ("cio",),
        ),
        "NuGet key": (r"oy2[a-z0-9]{43}", ("oy2",)),
        "Docker Hub token": (r"dckr_[po]at_[A-Za-z0-9_-]{20,60}", ("dckr_",)),
        "Heroku token": (r"HRKU-[A-Za-z0-9_-]{30,100}", ("HRKU-",)),
        "Linear key": (r"lin_api_[A-Za-z0-9]{32,60}", ("lin_api_",)),
        "Notion token": (
            rf"ntn_[A-Za-z0-9]{{40,60}}|secret_{_MIXED}[A-Za-z0-9]{{43}}|{_W}secret_[A-Za-z0-9]{{43}}(?![A-Za-z0-9])",
            ("ntn_", "secret_"),
        ),
        "Figma token": (_weak("fig[dou]_", r"[A-Za-z0-9_-]{30,80}"), ("figd_", "figo_", "figu_")),
        "Postman key": (r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}", ("PMAK-",)),
        "New Relic key": (r"NR(?:AK|II|JS|RA)-[A-Za-z0-9_-]{19,60}", ("NRAK-", "NRII-", "NRJS-", "NRRA-")),
        "Shopify token": (r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}", ("shpat_", "shpca_", "shppa_", "shpss_")),
        "Square token": (r"sq0(?:atp|csp|idp)-[A-Za-z0-9_-]{22,60}", ("sq0",)),
        "Atlassian token": (r"AT(?:ATT|CTT)3[A-Za-z0-9_=.-]{30,300}", ("ATATT3", "ATCTT3")),
        "Discord bot token": (
            # the first part is the base64 of digits
            r"[MNO](?:(?<![A-Za-z0-9_-].)|(?=(?:[DTjz][AEIMQUYcgk][w-z0-5][MNO]){5}))"
            r"[A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,40}",
            (".",),
        ),
        "Telegram bot token": (r"[0-9]{8,10}:AA[A-Za-z0-9_-]{33}", (":AA",)),
        "Doppler token": (_weak(r"dp\.(?:pt|st|ct|sa|scim|audit)\.", r"[A-Za-z0-9_.-]{30,100}"), ("dp.",)),
        "Pulumi token": (rf"pul-[0-9a-f]{{40}}{_NO_DIGEST}", ("pul-",)),
        "PlanetScale token": (r"pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.-]{20,100}", ("pscale_",)),
        "Sentry token": (r"sntry[su]_[A-Za-z0-9_=+/-]{30,400}", ("sntrys_", "sntryu_")),
        "Fly.io token": (
            _weak("fm[0-9][a-z]?_", r"[A-Za-z0-9_=+/,-]{30,800}"),
            ("fm0", "fm1", "fm2", "fm3", "fm4", "fm5", "fm6", "fm7", "fm8", "fm9"),
        ),
        "Tailscale key": (_weak("tskey-[a-z]{2,12}-", r"[A-Za-z0-9-]{10,100}"), ("tskey-",)),
        "Supabase key": (r"sbp_[0-9a-f]{40}|" + _weak("sb_secret_", r"[A-Za-z0-9_-]{20,60}"), ("sbp_", "sb_secret_")),
        "CircleCI token": (r"CCIP(?:AT|RJ)_[A-Za-z0-9_]{20,100}", ("CCIP",)),
        "Buildkite token": (r"bk(?:ua|at|aj)_[0-9a-zA-Z]{40}", ("bkua_", "bkat_", "bkaj_")),
        "SonarQube token": (r"sq[aup]_[0-9a-f]{40}", ("sqa_", "squ_", "sqp_")),
        "JFrog token": (r"AKCp[A-Za-z0-9]{60,80}|cmVmdGtu[A-Za-z0-9]{50,60}", ("AKCp", "cmVmdGtu")),
        "1Password service account": (r"ops_eyJ[A-Za-z0-9_-]{60,2000}", ("ops_eyJ",)),
        "Cloudflare key": (r"v1\.0-[0-9a-f]{24}-[0-9a-f]{146}", ("v1.0-",)),
        "Alibaba Cloud access key id": (
            _weak("LTAI", r"[A-Za-z0-9]{12,24}(?![A-Za-z0-9])", r"[A-Za-z0-9]{12,24}"),
            ("LTAI",),
        ),
        "Tencent Cloud secret id": (_weak("AKID", r"[A-Za-z0-9]{32}(?![A-Za-z0-9])", r"[A-Za-z0-9]{32}"), ("AKID",)),
        # the base64 of a private key's first bytes. Source: RFC 5958 section 2, RFC 8017 A.1.2, RFC 5915 section 3,
        # openssh/PROTOCOL.key
        "private key without its frame": (
            r"(?:MII[A-Za-z0-9+/]{2}[AQgw]IBA(?:DAN|AKC|AKB)|MI[GH][A-Za-z0-9+/]AgEA|MHcCAQEE|"
            r"MC4CAQAwBQYDK2V|b3BlbnNzaC1rZXktdjE)[A-Za-z0-9+/]{24,}={0,2}",
            ("MII", "MIG", "MIH", "MHcCAQEE", "MC4CAQAwBQYDK2V", "b3BlbnNzaC1rZXktdjE"),
        ),
        "crypt hash": (r"\$(?:2[abxy]|apr1|[156y]|argon2(?:id?|d))\$[A-Za-z0-9./$=,+]{20,300}", ("$",)),
    }.items()
}

BASE64_LINE = late(r"[A-Za-z0-9+/]{16,76}={0,2}")  # what may follow a private key without its frame
