"""Which commands, calls and settings have a secret in a place of its own? Beside `name = value`.

    aws configure set aws_secret_access_key X      os.environ["DB_PASSWORD"] = "X"      setPassword("X")

Rules:
- As in `worded_secrets.py`: what stands before the secret stays, every repetition is bounded, prose is none.
- Where the place tells alone (`zip -P`), the program's name must stand in front of it in the same command.
- A short name (`pass`, `pwd`) tells only behind another word (`dbPass`, `db.pwd`): `pass: 3 tests` and `pwd: /tmp` are
  no secrets.
"""

from __future__ import annotations

from workflow.doors.secret_extent import end_of_word
from workflow.doors.secret_forms import Form
from workflow.doors.worded_secrets import NAMES, PROSE, VALUE

_SHORT = r"(?<=[a-z0-9])P(?:ass|wd)|(?<=[A-Z0-9])PASS(?:WD)?|(?<=[_.-])(?i:pass|pwd)"
_NAME = rf"[\w.:/@-]{{0,60}}(?:{NAMES}|{_SHORT})"
_QUOTED = r"(?=\\{0,4}[\"'])"
_WORDS = ("pass", "pwd", "secret", "token", "credential", "key")
_REST = r"[^|;\n]{0,300}?"  # of the command
_NOT_OPTION = r"(?![-/<>|&])"

_FORMS: dict[str, tuple[str, tuple[tuple[str, ...], ...]]] = {
    "short name behind another word": (
        r"(?P<keep>(?<![A-Za-z])(?!(?i:(?:by|com|tres|sur|under|over|en)pass))[\w.-]{0,40}"
        rf"(?:{_SHORT})[\"']?\s{{0,8}}(?:[:+?]?=>?|:(?=\s))\s{{0,8}})(?!=){{VALUE}}",
        (("pass", "pwd"), ("=", ":")),
    ),
    "key of a mapping": (
        rf"(?P<keep>\[\s{{0,4}}[\"']{_NAME}[\"']\s{{0,4}}\]\s{{0,8}}=\s{{0,8}})(?!=){{VALUE}}",
        (_WORDS, ("]",), ("=",)),
    ),
    "argument behind its name": (
        r"(?P<keep>\b(?i:putenv|setenv|getenv|setdefault|define|setenvironmentvariable|setproperty|set|put|get)"
        rf"\(\s{{0,8}}[\"']{_NAME}[\"']\s{{0,8}},\s{{0,8}}){_QUOTED}",
        (_WORDS, ("(",), (",",)),
    ),
    "argument of a setter": (
        rf"(?P<keep>\b(?i:set|with|change|update)_?\w{{0,40}}{NAMES}\(\s{{0,8}}){_QUOTED}"
        r"|(?P<keep2>\.(?!(?i:get|read|fetch|find|list|delete|remove|load|from|has|is|create|describe|rotate))"
        rf"\w{{0,40}}{NAMES}\(\s{{0,8}}){_QUOTED}",
        (_WORDS, ("(",)),
    ),
    "typed declaration": (
        rf"(?P<keep>\b\w{{0,40}}{NAMES}\??\s{{0,8}}:\s{{0,8}}[\w\[\]|. *]{{1,40}}?\s{{0,8}}=\s{{0,8}}){_QUOTED}",
        (_WORDS, (":",), ("=",)),
    ),
    "command that sets a variable": (
        rf"(?P<keep>(?:^|[\s;&|(])(?:setx|setenv|set\s{{1,4}}-\w{{1,4}})\s{{1,8}}{_NAME}\s{{1,8}})(?!{PROSE}){_NOT_OPTION}{VALUE}",
        (("set",), _WORDS),
    ),
    "command that sets a configuration": (
        r"(?P<keep>\bconfig(?:ure)?\s{1,8}(?:set\s{1,8}|add\s{1,8}|--?[\w-]{1,30}\s{1,8}){0,4}"
        rf"(?!credential\.|user\.signingkey)(?:[\w.:/@-]{{0,60}}(?:{NAMES}|{_SHORT})|_auth)\s{{1,8}})(?!{PROSE}){_NOT_OPTION}{VALUE}",
        (("config",), (*_WORDS, "_auth")),
    ),
    "value of a secret that is set": (
        r"(?P<keep>\bsecrets?\s{1,4}(?:set|create|versions\s{1,4}add)\b[^|;\n]{0,300}?\s(?:--body|-b|--value|--secret-string)(?:\s{1,8}|=))"
        rf"{_NOT_OPTION}{VALUE}"
        rf"|(?P<keep2>\bput-parameter\b{_REST}(?:SecureString|{NAMES}){_REST}\s--value(?:\s{{1,8}}|=)){VALUE}"
        rf"|(?P<keep3>\bput-parameter\b{_REST}\s--value(?:\s{{1,8}}|=))(?=[^|;\n]{{1,300}}SecureString){VALUE}",
        (("secret", "put-parameter"), ("-b", "--value", "--secret-string")),
    ),
    "unquoted password of SQL": (
        r"(?P<keep>\bIDENTIFIED\s{1,8}(?:WITH\s{1,8}\S{1,80}\s{1,8})?BY\s{1,8}(?:VALUES\s{1,8})?|\b(?i:(?:create|alter)\s{1,8}(?:user|role)\s[^;\n]{0,200}?"
        r"\sidentified\s{1,8}by\s{1,8}))(?!(?i:values|password)\b)"
        rf"{VALUE}|(?P<keep2>\b(?i:set\s{{1,8}}password)\b[^=;\n]{{0,120}}=\s{{0,8}}(?i:password\(\s{{0,8}})?){_QUOTED}",
        (("identified", "password"), ("by", "set")),
    ),
    "option of Windows": (
        rf"(?P<keep>(?:^|\s)/(?i:password|passwd|pass|pwd|token|secret):){VALUE}",
        (("/pass", "/pwd", "/token", "/secret"), (":",)),
    ),
    "options of curl in one word": (
        rf"(?P<keep>\bcurl\b{_REST}\s-[a-tv-zA-Z]{{1,8}}u\s{{0,8}}[\"']?[^\s:\"'/]{{1,128}}[\"']?:)(?=\S)",
        (("curl",), (":",)),
    ),
    "literal of kubectl": (
        rf"(?P<keep>--from-literal(?:=|\s{{1,8}})[\"']?[\w.-]{{1,80}}=){VALUE}",
        (("--from-literal",),),
    ),
    "attribute of XML": (
        rf"(?P<keep>\b(?i:key|name)=[\"'][\w.:/-]{{0,60}}{NAMES}[\"']\s{{1,8}}(?i:value)=)(?=[\"'])",
        (_WORDS, ("value=",)),
    ),
    "secure string of PowerShell": (
        rf"(?P<keep>\b(?i:convertto-securestring)\s{{1,8}}(?:(?i:-string)\s{{1,8}})?){_QUOTED}",
        (("convertto-securestring",),),
    ),
    "htpasswd": (
        r"(?P<keep>\bhtpasswd\s{1,8}-[a-zA-Z]{0,6}n[a-zA-Z]{0,6}\s{1,8}[^\s-]\S{0,128}\s{1,8}"
        r"|\bhtpasswd\s{1,8}(?=-[a-zA-Z]{0,6}b)-[a-mo-zA-Z]{1,6}\s{1,8}[^\s-]\S{0,256}\s{1,8}\S{1,128}\s{1,8})"
        rf"{VALUE}",
        (("htpasswd",),),
    ),
    "password option of a program": (
        rf"(?P<keep>\b(?:mongo(?:sh|dump|restore|export|import)?|az\s{{1,4}}login|twine\s{{1,4}}upload|useradd|usermod)\b{_REST}\s-p\s{{1,8}}"
        rf"|\b(?:zip|unzip|ipmitool|mosquitto_[ps]ub|bcp|isql)\b{_REST}\s-P\s{{0,8}}"
        rf"|\bssh-keygen\b{_REST}\s-[NP]\s{{1,8}}|\bopenssl\s{{1,4}}enc\b{_REST}\s-k\s{{1,8}}"
        rf"|\bsnmp[a-z]{{2,12}}\b{_REST}\s-[AX]\s{{1,8}}|\s-(?:store|key|src|dest|srcstore|deststore)pass\s{{1,8}}"
        rf"|\bsmbclient\b{_REST}\s-U\s{{0,8}}[\"']?[^\s%\"']{{1,100}}%|\blftp\b{_REST}\s-u\s{{0,8}}[^\s,]{{1,100}},"
        r"|\bsqlplus\s{1,8}(?:-\w{1,8}\s{1,8}){0,3}[^\s/@-][^\s/@]{0,60}/)"
        rf"{_NOT_OPTION}(?!{PROSE}){VALUE}"
        rf"|(?P<keep2>\b7z[ar]?\s{{1,8}}[a-z]{{1,2}}\s{_REST}-p)(?=[^\s|;])",
        (
            (
                *("mongo", "login", "twine", "usera", "usermod", "zip", "ipmitool", "mosquitto", "bcp", "isql", "ssh-"),
                *(
                    "openssl",
                    "snmp",
                    "storepass",
                    "keypass",
                    "-srcpass",
                    "-destpass",
                    "smbclient",
                    "lftp",
                    "sqlplus",
                    "7z",
                ),
            ),
        ),
    ),
    "user of Windows": (
        r"(?P<keep>\bnet\s{1,4}use\s{1,8}(?:\S{1,8}\s{1,8})?\\\\\S{1,200}\s{1,8}"
        r"|^\s{0,8}(?:[$>]\s{0,4})?net\s{1,4}user\s{1,8}[^\s/]{1,60}\s{1,8})"
        rf"{_NOT_OPTION}(?!{PROSE}){VALUE}",
        (("net",), ("use",)),
    ),
    "word of a program": (
        r"(?P<keep>\b(?:rabbitmqctl\s{1,8}(?:add_user|change_password)\s{1,8}\S{1,128}\s{1,8}|(?:requirepass|masterauth)\s{1,8}"
        r"|(?i:nuget)\s{1,8}(?i:setapikey)\s{1,8}|cargo\s{1,8}login\s{1,8}|vault\s{1,8}login\s{1,8}"
        r"|poetry\s{1,8}config\s{1,8}http-basic\.\S{1,60}\s{1,8}\S{1,128}\s{1,8})|sonar\.login=)"
        rf"{_NOT_OPTION}(?!{PROSE}){VALUE}",
        (("rabbitmqctl", "requirepass", "masterauth", "setapikey", "login", "http-basic", "sonar.login="),),
    ),
    "word that is piped": (
        r"(?P<keep>\b(?:echo|printf)\s{1,8}(?:-[a-zA-Z]{1,4}\s{1,8}){0,2})"
        r"(?=[^|\n]{1,200}\|\s{0,8}(?:sudo\s{1,4})?(?:[^|\n]{0,200}--password-stdin|passwd\s{1,4}--stdin|sudo\s{1,4}-S|kinit\b|chpasswd\b"
        rf"|docker\s{{1,4}}secret\s{{1,4}}create)){VALUE}",
        (("echo", "printf"), ("|",)),
    ),
}

# name -> the form; documented in docs/masking.md by its samples
COMMANDED = {
    name: Form(name, written.replace("{VALUE}", VALUE), anchors, end=end_of_word)
    for name, (written, anchors) in _FORMS.items()
}
