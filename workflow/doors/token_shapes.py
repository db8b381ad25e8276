"""Which tokens are known as secrets by their form alone, whatever stands around them?

Rules:
- Each form has a fixed beginning (or a fixed part) that its issuer gives to nothing else. A digest, an id, an ARN, a
  UUID, base64 without such a beginning are none: nothing here guesses from randomness.
- Every repetition is bounded, or begins where no repetition of the same kind can have begun: time grows with the
  length of the line and no faster.

Source of each form: the issuer's documentation, as gathered by gitleaks (config/gitleaks.toml, v8) and GitHub's
"Supported secret scanning patterns".
"""

from __future__ import annotations

from collections.abc import Mapping

from state.late_pattern import late
from workflow.doors.secret_forms import Form

_W = r"(?<![A-Za-z0-9_-])"  # nothing of a word, or of a hyphenated one, in front

# name -> pattern, anchors; documented in docs/masking.md under the same name
TOKENS: Mapping[str, Form] = {
    name: Form(name, pattern, (anchors,), one_word=True)
    for name, (pattern, anchors) in {
        "OpenAI, Anthropic, OpenRouter key": (rf"{_W}sk-(?=[A-Za-z_-]{{0,200}}[0-9])[A-Za-z0-9_-]{{20,300}}", ("sk-",)),
        "Groq key": (rf"{_W}gsk_[A-Za-z0-9]{{40,100}}", ("gsk_",)),
        "Hugging Face token": (rf"{_W}hf_[A-Za-z0-9]{{30,100}}", ("hf_",)),
        "Replicate token": (rf"{_W}r8_[A-Za-z0-9]{{37}}", ("r8_",)),
        "SendGrid key": (rf"{_W}SG\.[\w-]{{16,64}}\.[\w-]{{16,128}}", ("SG.",)),
        "Google API key": (r"AIza[A-Za-z0-9_-]{35}", ("AIza",)),
        "Google access token": (rf"{_W}ya29\.[A-Za-z0-9_.-]{{10,2000}}", ("ya29.",)),
        "Google client secret": (rf"{_W}GOCSPX-[A-Za-z0-9_-]{{20,60}}", ("GOCSPX-",)),
        "Google refresh token": (rf"{_W}1//0[A-Za-z0-9_-]{{30,300}}", ("1//0",)),
        "GitLab runner registration": (rf"{_W}GR1348941[A-Za-z0-9_-]{{20,60}}", ("GR1348941",)),
        "Grafana token": (
            rf"{_W}(?:glsa_[A-Za-z0-9]{{32}}_[0-9a-f]{{8}}|glc_[A-Za-z0-9+/=]{{32,400}})",
            ("glsa_", "glc_"),
        ),
        "Stripe webhook secret": (rf"{_W}whsec_[A-Za-z0-9+/=]{{16,200}}", ("whsec_",)),
        "HashiCorp Vault token": (rf"{_W}hv[sbr]\.[A-Za-z0-9_-]{{20,300}}", ("hvs.", "hvb.", "hvr.")),
        "Terraform Cloud token": (r"\b[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{20,100}", (".atlasv1.",)),
        "Twilio key": (r"\bSK[0-9a-f]{32}\b", ("SK",)),
        "Mailgun key": (rf"{_W}key-[0-9a-f]{{32}}\b", ("key-",)),
        "Mailchimp key": (r"\b[0-9a-f]{32}-us[0-9]{1,2}\b", ("-us",)),
        "Databricks token": (rf"{_W}dapi[0-9a-f]{{32}}(?:-[0-9])?\b", ("dapi",)),
        "DigitalOcean token": (rf"{_W}do[opr]_v1_[0-9a-f]{{64}}\b", ("_v1_",)),
        "Azure client secret": (r"(?<![\w~.-])[\w~.-]{3}[0-9]Q~[\w~.-]{31,34}", ("Q~",)),
        "age private key": (r"AGE-SECRET-KEY-1[A-Z0-9]{40,100}", ("AGE-SECRET-KEY-1",)),
        "RubyGems key": (rf"{_W}rubygems_[0-9a-f]{{48}}\b", ("rubygems_",)),
        "crates.io token": (rf"{_W}cio[A-Za-z0-9]{{32}}\b", ("cio",)),
        "NuGet key": (rf"{_W}oy2[a-z0-9]{{43}}\b", ("oy2",)),
        "Docker Hub token": (rf"{_W}dckr_[po]at_[A-Za-z0-9_-]{{20,60}}", ("dckr_",)),
        "Heroku token": (rf"{_W}HRKU-[A-Za-z0-9_-]{{30,100}}", ("HRKU-",)),
        "Linear key": (rf"{_W}lin_api_[A-Za-z0-9]{{32,60}}", ("lin_api_",)),
        "Notion token": (rf"{_W}(?:ntn_[A-Za-z0-9]{{40,60}}|secret_[A-Za-z0-9]{{43}}\b)", ("ntn_", "secret_")),
        "Figma token": (rf"{_W}fig[dou]_[A-Za-z0-9_-]{{30,80}}", ("figd_", "figo_", "figu_")),
        "Postman key": (rf"{_W}PMAK-[0-9a-f]{{24}}-[0-9a-f]{{34}}\b", ("PMAK-",)),
        "New Relic key": (rf"{_W}NR(?:AK|II|JS|RA)-[A-Za-z0-9_-]{{19,60}}", ("NRAK-", "NRII-", "NRJS-", "NRRA-")),
        "Shopify token": (rf"{_W}shp(?:at|ca|pa|ss)_[0-9a-fA-F]{{32}}\b", ("shpat_", "shpca_", "shppa_", "shpss_")),
        "Square token": (rf"{_W}sq0(?:atp|csp|idp)-[A-Za-z0-9_-]{{22,60}}", ("sq0",)),
        "Atlassian token": (rf"{_W}AT(?:ATT|CTT)3[A-Za-z0-9_=.-]{{30,300}}", ("ATATT3", "ATCTT3")),
        "Discord bot token": (
            r"[MNO](?<![A-Za-z0-9_-].)[A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,40}",
            (".",),
        ),
        "Telegram bot token": (r"(?<![0-9])[0-9]{8,10}:AA[A-Za-z0-9_-]{33}", (":AA",)),
        "Doppler token": (rf"{_W}dp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9_.-]{{30,100}}", ("dp.",)),
        "Pulumi token": (rf"{_W}pul-[0-9a-f]{{40}}\b", ("pul-",)),
        "PlanetScale token": (rf"{_W}pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.-]{{20,100}}", ("pscale_",)),
        "Sentry token": (rf"{_W}sntry[su]_[A-Za-z0-9_=+/-]{{30,400}}", ("sntrys_", "sntryu_")),
        "Fly.io token": (
            rf"{_W}fm[0-9][a-z]?_[A-Za-z0-9_=+/,-]{{30,800}}",
            ("fm0", "fm1", "fm2", "fm3", "fm4", "fm5", "fm6", "fm7", "fm8", "fm9"),
        ),
        "Tailscale key": (rf"{_W}tskey-[a-z]{{2,12}}-[A-Za-z0-9-]{{10,100}}", ("tskey-",)),
        "Supabase key": (rf"{_W}(?:sbp_[0-9a-f]{{40}}|sb_secret_[A-Za-z0-9_-]{{20,60}})", ("sbp_", "sb_secret_")),
        "CircleCI token": (rf"{_W}CCIP(?:AT|RJ)_[A-Za-z0-9_]{{20,100}}", ("CCIP",)),
        "Buildkite token": (rf"{_W}bk(?:ua|at|aj)_[0-9a-zA-Z]{{40}}\b", ("bkua_", "bkat_", "bkaj_")),
        "SonarQube token": (rf"{_W}sq[aup]_[0-9a-f]{{40}}\b", ("sqa_", "squ_", "sqp_")),
        "JFrog token": (rf"{_W}(?:AKCp[A-Za-z0-9]{{60,80}}|cmVmdGtu[A-Za-z0-9]{{50,60}})", ("AKCp", "cmVmdGtu")),
        "1Password service account": (rf"{_W}ops_eyJ[A-Za-z0-9_-]{{60,2000}}", ("ops_eyJ",)),
        "Cloudflare key": (rf"{_W}v1\.0-[0-9a-f]{{24}}-[0-9a-f]{{146}}", ("v1.0-",)),
        "Alibaba Cloud access key id": (rf"{_W}LTAI[A-Za-z0-9]{{12,24}}\b", ("LTAI",)),
        "Tencent Cloud secret id": (rf"{_W}AKID[A-Za-z0-9]{{32}}\b", ("AKID",)),
        # the base64 of a private key's first bytes. Source: RFC 5958 section 2, RFC 8017 A.1.2, RFC 5915 section 3,
        # openssh/PROTOCOL.key
        "private key without its frame": (
            r"(?<![A-Za-z0-9+/])(?:MII[A-Za-z0-9+/]{2}[AQgw]IBA(?:DAN|AKC|AKB)|MI[GH][A-Za-z0-9+/]AgEA|MHcCAQEE|"
            r"MC4CAQAwBQYDK2V|b3BlbnNzaC1rZXktdjE)[A-Za-z0-9+/]{24,}={0,2}",
            ("MII", "MIG", "MIH", "MHcCAQEE", "MC4CAQAwBQYDK2V", "b3BlbnNzaC1rZXktdjE"),
        ),
        "crypt hash": (r"\$(?:2[abxy]|apr1|[156y]|argon2(?:id?|d))\$[A-Za-z0-9./$=,+]{20,300}", ("$",)),
    }.items()
}

BASE64_LINE = late(r"[A-Za-z0-9+/]{16,76}={0,2}")  # what may follow a private key without its frame
