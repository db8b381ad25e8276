"""Is this text a command? By its form alone: a prompt, a path, a known program, an option; nothing is looked up.

Rules:
- Inline code in a sentence is mostly a name, a value or a pair of words: its first word has to be a known program, a
  path, an assignment, or the words behind it have to hold an option (`frob --check`).
- A line of a fence is mostly a command: any word with something behind it that is no arrow or operator.
"""

from __future__ import annotations

import re

# Programs that runbooks name; another one is a command with an option, a path or a prompt beside it.
_PROGRAMS = """
    7z act age ag ansible ansible-playbook apk apt apt-get argocd asdf aws awk az base64 bash bazel black bq brew
    bun bundle bunx cargo cat cd cdk celery certbot cfn-lint chmod chown circleci cmake cmp code composer conda
    consul coverage cp cqlsh crontab cue curl cut cypress date dbt deno df diff dig direnv django-admin dnf docker
    docker-compose doctl dot dotnet du echo eb ecs-cli eksctl elixir env etcdctl eslint export expo fastlane ffmpeg
    file find firebase fish flake8 flask flux fly flyctl forge gatsby gcc gcloud gem gh git git-lfs gitleaks glab go
    gofmt golangci-lint gpg gradle grep gsutil gulp gunicorn gunzip gzip head helm helmfile heroku hg hostname http
    hugo hurl id influx iostat ip iptables jar java javac jest jq jupyter just k6 k9s kafka-topics kafka-topics.sh
    keytool kill killall kind knex kubectl kubectx kustomize lein lerna less ln locust logger ls lsof make mamba
    mariadb maven md5sum minikube mix mkdir mocha mongo mongodump mongorestore mongosh mount mv mvn mypy mysql
    mysqladmin mysqldump nc netlify netstat newman next ng nginx ninja node nohup nomad notify-send npm npx ns
    nslookup nvm nx oc okteto openssl packer pandoc parallel passwd perl pg_dump pg_dumpall pg_isready pg_restore
    pgbench php php-fpm phpunit ping pip pip3 pipenv pipx pkg playwright pm2 pnpm podman poetry pre-commit prettier
    prisma prometheus promtool protoc psql pulumi puppet pwd pwsh py pylint pyright pytest python python3
    rabbitmqctl rails rake rclone react-native redis-cli reflex restic rg rm rollup rspec rsync rubocop ruby ruff
    rustc rustup rvm s3cmd sam sbt scp screen sed semgrep serverless service sh sha256sum shasum shellcheck sleep
    sls snyk sops sort source spark-submit sqlcmd sqlite3 ssh ssh-add ssh-keygen ssm stat storybook strace stripe su
    sudo supabase supervisorctl svn swift systemctl tail tar task tauri tcpdump tee telnet terraform terragrunt
    tflint time timeout tmux top tofu touch tox tr traceroute trivy ts-node tsc tsx turbo ufw uname uniq unzip uv
    uvicorn uvx vagrant vault velero vercel vi vim vite vitest vue wait watch wc webpack wget which whoami winget
    wrangler xargs xcodebuild yamllint yarn yq zcat zip zsh
"""
# Words of English that are names of programs, too: something else than plain words has to stand behind them.
_WORDS = """
    act age black code cue cut date dot env expo file find fish forge head hostname id ip jar kill less locust
    logger mix mount next notify parallel passwd pkg puppet reflex screen sort stat storybook stripe swift time
    timeout top touch wait watch which
"""
_KNOWN = frozenset(_PROGRAMS.split())
_ALSO_ENGLISH = frozenset(_WORDS.split())
_PATH = (
    r"(?:\.{1,2}/|~/|/(?=\w))[\w./@+~-]+(?:\s|$)"
    r"|[\w.-]+(?:/[\w.-]+)*/[\w.-]+\.(?:sh|bash|py|rb|js|mjs|ts|pl|ps1)\b"
    r"|[\w-]+\.sh(?:\s|$)"
)
_ASSIGNMENT = r"[A-Za-z_]\w*=(?:\$\(|\S*\s+[a-z./~])"
_WORD = r"([A-Za-z_][\w.+-]*)(?=\s)"
_OPTION = r"\s-{1,2}[A-Za-z0-9][\w-]*"
_OPERATOR = r"(?:->|=>|<-|[-=]+>|[=:+*/|&<>]=?(?=\s)|[-–—](?=\s)|→|⇒|!=)"
_PLAIN_WORD = r"[a-z]+(?:\s+[a-z]+)*[.,:]?$"


def is_command(code: str) -> bool:
    """Whether inline code is a command: it has a first word and something behind it, or it is a path with a prompt."""
    if code.startswith("$ "):
        return bool(code[2:].strip())
    if code[:1] in "./~" and re.match(_PATH, code):
        return code.startswith("./") or " " in code
    if " " not in code:
        return "=$(" in code and re.match(r"[A-Za-z_]\w*=\$\(", code) is not None
    return _is_assignment(code) or _begins_with_path(code) or _begins_with_program(code)


def _is_assignment(code: str) -> bool:
    return "=" in code and re.match(_ASSIGNMENT, code) is not None


def _begins_with_path(code: str) -> bool:
    return ("/" in code or ".sh" in code) and re.match(_PATH, code) is not None


def _begins_with_program(code: str) -> bool:
    """Whether the first word is a known program, or an unknown one with an option."""
    match = re.match(_WORD, code)
    if match is None:
        return False
    rest = code[match.end() :].lstrip()
    if re.match(_OPERATOR, rest):
        return False
    if match[1] in _KNOWN:
        return match[1] not in _ALSO_ENGLISH or re.match(_PLAIN_WORD, rest) is None
    return match[1][0].islower() and re.search(_OPTION, code) is not None


def is_command_line(line: str) -> bool:
    """Whether a line of a fence without a language is a command."""
    if is_command(line):
        return True
    match = re.match(_WORD, line)
    if match is None or not match[1][0].islower():
        return line in _KNOWN or re.match(_PATH, line) is not None
    rest = line[match.end() :].lstrip()
    return re.match(_OPERATOR, rest) is None and re.match(r"[\w./$\"'<\[@~{-]", rest) is not None
