"""Which words say that what follows them is a secret? Names, options, headers, files of credentials.

Rules:
- What names a secret stays, the value becomes `***`.
- A value that says where the secret is (an ARN, `${NAME}`), that there is none (`null`, `not set`), or that is prose
  (`password: see 1Password`) is none.
- A pattern ends where the secret begins; where that ends, says secret_extent.py.
- Every repetition is bounded, or is consumed by what is masked: time grows with the length of the line and no faster.
"""

from __future__ import annotations

from workflow.doors.secret_extent import End, end_of_list, end_of_rest, end_of_word
from workflow.doors.secret_forms import Form

_QUOTE = r"""(?:\\{0,4}["'])?"""  # JSON within JSON has \" and \\\"
_GAP = r"\s{0,8}"
_WORD = (
    r"(?i:passw(?:or)?d|passphrase|passcode|secret|token|credential|client[_-]?key[_-]?data|"
    r"(?:api|access|private|account|shared|signing|encryption|master|license|routing|integration|subscription|auth"
    r"|deploy)"
    r"[_-]?key)"
)
# a name that ends like this says where the secret is, what it is called, or what its digest is
_ENDS = (
    "file",
    "path",
    "name",
    "arn",
    "sha1",
    "sha256",
    "sha512",
    "md5",
    "digest",
    "checksum",
    "fingerprint",
    "length",
)
# names of programs that look for secrets: what stands behind their colon is what they say
_SCANNERS = "".join(f"(?<!(?i:{name}-secrets))" for name in ("detect", "git"))
_NOT_THE_SECRET = "".join(f"(?<!(?i:{end}))" for end in _ENDS) + _SCANNERS
NAMES = rf"{_WORD}[\w.-]{{0,40}}{_NOT_THE_SECRET}"
# what stands in every text of _WORD, and of the patterns that have words of their own
_WORDS = ("passw", "passphrase", "passcode", "secret", "token", "credential", "key")
_OF_A_KEY = (
    *("client", "api", "access", "private", "account", "shared", "signing", "encryption", "master", "license"),
    *("routing", "integration", "subscription", "auth", "deploy"),
)
_NAMED = (*_WORDS[:-1], "_key", "-key", *sorted({f"{word[-1]}key" for word in _OF_A_KEY}))
_OPTIONS = tuple(f"-{word}" for word in (*_WORDS[:-1], *_OF_A_KEY))
_PASS_OR_KEY = ("passw", "passphrase", "pwd", "token", "secret", "key")
_CLIENTS = ("mysql", "mariadb", "pass", " login", "redis-cli", "sqlcmd", "ldap")
_CLIENT = (*_CLIENTS[:2], "sshpass", "pass:", *_CLIENTS[3:])

PROSE = (
    r"(?i:see|in|is|are|was|the|an?|as|at|of|on|stored|kept|from|use|using|ask|not|no|yes|must|should|will|needs?|"
    r"required|optional|set|unset|missing|changed|rotated|expires?|expired|ok|valid|invalid|string|redacted|hidden|masked|tbd|todo|n/a)"
    r"(?=[.,;:!?)]{0,4}(?:\s|$|[\"'](?:[\s,;)}\]]|$)))"
)
# a word that says "none" goes no further: `none-x` is a secret
_LAST = r"(?=[,;.)}\]]{0,8}(?:[\s\"'\\]|$)|[,;&][\w.-]{1,40}[=:])"
_NONE = (
    rf"(?i:true|false|null|none){_LAST}|\{{\{{|\{{(?:[a-z_]{{1,60}}|[A-Z_]{{1,60}})\}}(?!\}})"
    r"|[{\[](?:[\s\"'{\[}\]\\]|$|[\w.-]{1,60}\s{0,8}[:=]|[^\s,]{1,60},\s)"
    rf"|[|>][0-9+-]{{0,2}}\s{{0,8}}(?:\s\#|$)"
    r"|(?:\\{0,4}[\"'])?(?:arn:aws|\{\{resolve:|sha(?:1|256|384|512)(?::[0-9a-f]{7}|[:-][A-Za-z0-9+/]{27}))"
    r"|(?:\\{0,4}[\"'])?(?:phasegate|sandbox)(?=[\s\"',;\\]|$)"  # the sandbox's key, the same for everybody
    r"|(?:\\{0,4}[\"'])?\$\{?[A-Z_][A-Z0-9_]{2,}\}?(?=[\s\"',;\\]|$)"
)
_FLOW = r"[{\[](?![^\s,:}\]\"']{4,200}\s{0,8}$)"  # `{a: b}` and `[a, b]` of YAML and JSON
VALUE = rf"(?!{_NONE})(?=\S)"

NAME_AND_VALUE = Form(
    "name and value",
    rf"(?P<keep>{NAMES}{_QUOTE}\*{{0,3}}{_GAP}(?:[:+?]?={{1,3}}>?{_GAP}|:(?=\\{{0,4}}[\"'])|:\s{{1,8}}(?:(?:!!str|&[\w-]{{1,40}})\s{{1,8}})?(?!{PROSE}|{_FLOW})))"
    rf"{VALUE}",
    (_WORDS, _NAMED, ("=", ":")),
    end=end_of_word,
)
OPTION_AND_VALUE = Form(
    "option and value",
    rf"(?P<keep>(?:^|\s)--?(?:[\w-]{{0,40}}-)?{NAMES}\s{{1,8}})"
    rf"(?!--?[a-z][a-z-]{{0,40}}(?:[\s=]|$)|-[A-Z](?:\s|$)){VALUE}",
    (_WORDS, _NAMED, _OPTIONS),
    end=end_of_word,
)
AUTHORIZATION = Form(
    "authorization header",
    rf"(?P<keep>(?i:authorization){_QUOTE}{_GAP}[:=]{_GAP}{_QUOTE}(?!{PROSE}|{_NONE})"
    r"(?:[A-Za-z][\w-]{0,30}\s{1,8})?)"
    r"(?=\S)",
    (("auth",), ("authorization",)),
    end=end_of_list,
)

_ONE_WORD = ("shared access signature", "Oracle address", "address of a hook")
_OTHERS = rf"(?:{_QUOTE}\w{{1,30}}{_QUOTE}{_GAP}[:=]{_GAP}{_QUOTE}[^\"',\\]{{0,80}}{_QUOTE}{_GAP},{_GAP}){{0,2}}"
_ENDS_WITH_THE_MATCH = (
    *("XML element", "pgpass", "bearer or basic", "shared access signature", "Oracle address", "address of a hook"),
)


def _end(name: str) -> End | None:
    if name in _ENDS_WITH_THE_MATCH:
        return None
    return end_of_rest if name == "cookie header" else end_of_word


# name -> pattern, anchors; documented in docs/masking.md under the same name
WORDED = {
    name: Form(name, pattern, anchors, one_word=name in _ONE_WORD, end=_end(name))
    for name, (pattern, anchors) in {
        "password:X without a blank": (
            (
                r"(?<![:\w/.-])(?P<keep>[\w-]{0,40}(?i:passw(?:or)?d|passphrase|pwd):)(?![\s:/]|\*{1,2}(?:\W|$))"
                + VALUE
                + r"|"
                r"(?<![:\w/.-])(?P<keep2>[\w-]{0,40}(?i:token|secret|api[_-]?key|access[_-]?key|private[_-]?key):)"
                r"(?![\s:/]|\*{1,2}(?:\W|$)|v?[0-9]{1,9}(?:\.[0-9]{1,9}){0,8}(?=[\s\"',;)]|$)|v?[0-9]{1,9}\.[0-9][\w.+-]*(?=[\s\"',;)]|$)|latest\b|[A-Za-z]{1,12}(?=[^\w-]|$))"
                + VALUE
            ),
            (_PASS_OR_KEY, (":",)),
        ),
        "short name": (
            (
                r"(?P<keep>(?:[A-Za-z0-9]_|;\s{0,8}|[?&])(?i:pwd|pass)\s{0,8}[:+?]?=\s{0,8}|\b(?:SSHPASS|REDISCLI_AUTH)\s{0,8}[:+?]?=\s{0,8}|(?:^|[\s{,])[\"']?(?i:pass)[\"']?\s{0,8}"
                r"(?:=\s{0,8}|:\s{1,8}(?=[\"'])))" + VALUE
            ),
            (("pwd", "pass", "rediscli_auth"), ("=", ":")),
        ),
        "environment of a Dockerfile": (
            rf"(?P<keep>^\s{{0,40}}(?i:env|arg)\s{{1,8}}\w{{0,60}}{NAMES}\s{{1,8}})(?!{PROSE}|=){VALUE}",
            (_WORDS, _NAMED, ("env", "arg")),
        ),
        "name beside a value": (
            (
                rf"(?P<keep>(?i:\b(?:name|key|parameterkey|variable)){_QUOTE}{_GAP}[:=]{_GAP}{_QUOTE}[\w./-]{{0,60}}{NAMES}"
                rf"{_QUOTE}{_GAP},{_GAP}{_OTHERS}{_QUOTE}(?i:value|parametervalue|secretvalue){_QUOTE}{_GAP}[:=]{_GAP}){VALUE}"
                rf"|(?P<keep2>(?i:\bvalue)[\"']{_GAP}:{_GAP})(?:\"(?:[^\"\\]|\\.){{1,4096}}\"|'(?:[^'\\]|\\.){{1,4096}}'|\*\*\*)"
                rf"(?={_GAP},{_GAP}[\"'](?i:name|key)[\"']{_GAP}:{_GAP}[\"'][\w./-]{{0,60}}{NAMES}[\"'])"
            ),
            (_WORDS, _NAMED, ("value",), ("name", "key", "variable")),
        ),
        "XML element": (
            rf"(?P<keep><(?:\w{{1,30}}:)?[\w.-]{{0,40}}{NAMES}(?:\s[^<>]{{0,200}})?>)"
            r"(?:<!\[CDATA\[[^\]]{1,4096}\]\]>|[^<\s][^<]{0,4096})(?=<)",
            (_WORDS, _NAMED, ("<",), (">",)),
        ),
        "user and password option": (
            (
                r"(?P<keep>(?:^|\s)(?:-u\s{0,8}|--(?:proxy-)?user(?:=|\s{1,8}))[\"']?[^\s:\"'/]{1,128}[\"']?:)"
                r"(?![0-9]{1,6}(?:[\s\"']|$))(?=\S)"
            ),
            (("-u",), (":",)),
        ),
        "password option of a client": (
            (
                r"(?P<keep>\b(?:mysql|mysqldump|mysqladmin|mysqlimport|mariadb|mariadb-dump)\b[^|;\n]{0,300}?\s-p)"
                r"(?=[^\s|;])"
                r"|(?P<keep2>(?:\bsshpass\s{1,8}-p\s{0,8}"
                r"|\b(?:docker|podman|helm registry|oras) login\b[^|;\n]{0,300}?\s-p(?:\s{1,8}|=)?"
                r"|\bredis-cli\b[^|;\n]{0,300}?\s(?:-a\s{0,8}|--pass(?:\s{1,8}|=))|\bsqlcmd\b[^|;\n]{0,300}?\s-P\s{0,8}"
                r"|\bldap(?:search|modify|add|whoami)\b[^|;\n]{0,300}?\s-w\s{0,8}|\s-pass(?:in|out)?\s{1,8}[\"']?pass:))"
                + VALUE
            ),
            (_CLIENTS, _CLIENT),
        ),
        "password in SQL": (
            (
                r"(?P<keep>(?i:\b(?:identified(?:\s{1,8}with\s{1,8}[\w\"'`]{1,80})?\s{1,8}by|password))\s{1,8}[EeNn]?)"
                r"(?=['\"]|\$\$)"
            ),
            (("identified", "password"), ("'", '"', "$$")),
        ),
        "netrc": (
            (
                r"(?P<keep>(?:\blogin|^\s{0,40}user)\s{1,8}\S{1,256}\s{1,8}(?:account\s{1,8}\S{1,256}\s{1,8})?"
                r"(?:password|passwd)\s{1,8})(?=\S)"
                r"|(?P<keep2>^\s{0,40}password\s{1,8})(?!" + PROSE + r")(?=\S+\s{0,40}$)"
                r"|(?P<keep3>\bmachine\s{1,8}\S{1,256}\s{1,8}password\s{1,8})(?=\S+\s{1,8}(?:login|account)\s)"
            ),
            (("passw",),),
        ),
        "pgpass": (
            r"(?P<keep>^(?:[\w.*-]|\\.){1,253}:(?:[0-9]{2,5}|\*):(?:[\w.*-]|\\.){1,63}:(?:[\w.*-]|\\.){1,63}:)(?:[^\s:\\]|\\.)+$",
            ((":",), (":*:", *(f":{digit}" for digit in range(10)))),
        ),
        "docker auth": (
            (
                r"(?P<keep>[\"'](?:auth|identitytoken|registrytoken)[\"']\s{0,8}:\s{0,8})(?=[\"'][A-Za-z0-9+/=_.-]{8,4096}[\"'])"
                r"|(?P<keep2>\b_auth\s{0,8}=\s{0,8})(?=\S)"
            ),
            (("auth", "token"), ('auth"', "auth'", 'token"', "token'", "_auth")),
        ),
        "cookie header": (
            (
                r"(?P<keep>\b(?i:set-cookie2?|cookie)[\"']?\s{0,8}:\s{0,8}[\"']?)"
                r"(?=[^\s\"',;=]{1,200}=|\*\*\*)"
            ),
            (("cookie",), (":",)),
        ),
        "cookie option": (
            r"(?P<keep>(?:^|\s)(?:--cookie(?:=|\s{1,8})|-b\s{1,8})[\"']?)(?=[\w.-]{1,100}=)",
            (("-cookie", "-b"), ("=",)),
        ),
        "bearer or basic": (
            (
                r"(?P<keep>\b(?i:bearer)\s{1,8})[A-Za-z0-9._~+/=-]{16,8192}"
                r"|(?P<keep2>\b(?i:basic)\s{1,8})(?=[A-Za-z+/]{0,200}[0-9=])[A-Za-z0-9+/]{12,4096}={0,2}"
            ),
            (("bearer", "basic"),),
        ),
        "shared access signature": (
            (r"(?P<keep>[?&;](?i:sig)=)[A-Za-z0-9%+/=_-]{20,500}|(?P<keep2>\bSharedAccessSignature=)[^\s\"'<>]+"),
            (("sig=", "sharedaccesssignature="),),
        ),
        "Oracle address": (
            r"(?P<keep>\bjdbc:oracle:\w{1,10}:[^\s/@]{1,128}/)(?:\"[^\s\"]{1,256}\"|[^\s\"]{1,256})(?=@)",
            (("jdbc:oracle:",), ("@",)),
        ),
        "address of a hook": (
            (
                r"(?P<keep>https://(?:hooks\.zapier\.com/hooks/catch|outlook\.office(?:365)?\.com/webhook"
                r"|hooks\.teams\.\w{1,20}\.com|[\w.-]{1,100}/hooks/incoming)/)[^\s\"'<>]+"
            ),
            (("https://",), ("hook",)),
        ),
    }.items()
}

# --- over the end of a line: what a line says of the next one --------------------------------------------------------

_ANNOUNCED = (_WORDS, _NAMED, (":", "="))
KEY_ONLY = Form("key only", rf"(?:^[\s{{,-]*{_QUOTE}|[\"'])[\w.-]{{0,40}}{NAMES}{_QUOTE}{_GAP}:{_GAP}$", _ANNOUNCED)
BLOCK = Form(
    "block",
    rf"^(?P<indent>[\s-]*){_QUOTE}[\w.-]{{0,40}}{NAMES}{_QUOTE}{_GAP}:{_GAP}[|>][0-9+-]{{0,2}}{_GAP}(?:\s\#|$)",
    _ANNOUNCED,
)
NAME_ONLY = Form(
    "name only",
    rf"(?i:\b(?:name|key|parameterkey|variable)){_QUOTE}{_GAP}[:=]{_GAP}{_QUOTE}[\w./-]{{0,60}}{NAMES}"
    rf"{_QUOTE}{_GAP},?{_GAP}$",
    _ANNOUNCED,
)
# what was announced is looked for in the next line with text, whatever that holds: no anchors
VALUE_ONLY = Form(
    "value only",
    rf"(?P<keep>^[\s-]*{_QUOTE}(?i:value|parametervalue|secretvalue){_QUOTE}{_GAP}[:=]{_GAP}){VALUE}",
    (),
    end=end_of_word,
)
SCALAR = Form(
    "scalar",
    rf"(?P<keep>^\s*)(?:(?=\"(?:[^\"\\]|\\.)+(?:\"[\s,;)}}\]]*)?$|'(?:[^'\\]|''|\\.)+(?:'[\s,;)}}\]]*)?$)"
    rf"|(?!-\s|[#{{}}\[\]\"'])(?!{_NONE})(?=\S*[^\s:,]\s*(?:,\s*)?$))",
    (),
    end=end_of_word,
)
