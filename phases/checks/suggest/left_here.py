"""What do commands leave on this machine? Folders, files, modes, packages, volumes. Rows for `left_by.py`.

Rules:
- What a command makes is looked at where it makes it; a path outside of the repository is none.
- Of what is installed, that it is there counts, as the program that installed it says.
"""

from __future__ import annotations

from phases.checks.suggest.left_in_git import LeftBy
from phases.checks.suggest.rules.entries import command

_PATH = r"(?P<name>(?![-/~])(?!\S*\.\.)[\w.@-]+(?:/[\w.@-]+)*)"
_PACKAGE = r"(?P<name>(?!-)[A-Za-z@][\w.@/+-]*)"
_SUDO = r"(?:sudo )?"
_THERE = "there on this machine, not: in which version"

HERE_ROWS = (
    LeftBy(
        rf"{_SUDO}mkdir (?:-p )?{_PATH}/?",
        command("test -d $name", changes=True),
        "there, not: what is in it",
        ("mkdir -p backups/daily", "mkdir logs"),
        ("mkdir -p /var/log/shop", "mkdir -p a b", "mkdir ../logs", "rmdir logs"),
    ),
    LeftBy(
        rf"chmod (?:[ugoa]*\+x|7[05]5|700) {_PATH}",
        command("test -x $name", changes=True),
        "it may be run here, not: by whom else",
        ("chmod +x scripts/deploy.sh", "chmod 755 run.sh"),
        ("chmod -x run.sh", "chmod +x /usr/local/bin/shop", "chmod +x *.sh"),
    ),
    LeftBy(
        rf"chmod 0?600 {_PATH}",
        command('test "$(stat -c %a $name)" = 600', changes=True),
        "nobody else may read it here, not: on another machine",
        ("chmod 600 .env.production", "chmod 0600 keys/shop.pem"),
        ("chmod 644 .env", "chmod 600 ~/.ssh/id_rsa", "chmod -R 600 keys"),
    ),
    LeftBy(
        rf"cp (?![-/~])[\w.@/-]+(?:example|sample|template|dist)[\w.@-]* {_PATH}",
        command("test -f $name", changes=True),
        "there, not: what stands in it",
        ("cp .env.example .env", "cp terraform.tfvars.example terraform.tfvars"),
        ("cp a.txt b.txt", "cp -r a.example b", "cp .env.example ../.env"),
    ),
    LeftBy(
        rf"python3? -m venv {_PATH}",
        command("test -x $name/bin/python", changes=True),
        "there, not: active, nor with which packages",
        ("python3 -m venv .venv", "python -m venv env"),
        ("python3 -m venv --clear /opt/env", "python3 -m pip install venv"),
    ),
    LeftBy(
        rf"{_SUDO}(?:apt-get|apt) (?:-y )?install (?:-y )?{_PACKAGE}(?: -y)?",
        command("dpkg -s $name", changes=True),
        _THERE,
        ("sudo apt-get install ufw", "apt install -y certbot"),
        ("sudo apt-get remove ufw", "apt install a b", "sudo apt-get update"),
    ),
    LeftBy(
        r"docker volume create (?P<name>[A-Za-z0-9][\w.-]*)",
        command("docker volume inspect $name", changes=True),
        "there, not: what is in it",
        ("docker volume create shop-data", "docker volume create orders"),
        ("docker volume rm shop-data", "docker volume ls"),
    ),
    LeftBy(
        r"gcloud config set project (?P<name>[a-z<$][\w<>{}$-]*)",
        {
            "command": {"run": "gcloud config get-value project", "changes": True},
            "expect": {"equals": "$name"},
        },
        "the one that gcloud takes here, not: that it may be used",
        ("gcloud config set project shop-prod", "gcloud config set project <project-id>"),
        ("gcloud config unset project", "gcloud config set region europe-west1"),
    ),
    LeftBy(
        r"gcloud services enable (?P<name>[a-z]+\.googleapis\.com)",
        {
            "command": {"run": "gcloud services list --enabled --format=json", "changes": True},
            "expression": "[].config.name",
            "expect": {"contains": "$name"},
        },
        "enabled in the project that gcloud takes here, not: in another",
        ("gcloud services enable run.googleapis.com", "gcloud services enable pubsub.googleapis.com"),
        ("gcloud services disable run.googleapis.com", "gcloud services list"),
    ),
    LeftBy(
        rf"{_SUDO}systemctl enable (?:--now )?(?P<name>[a-z][\w@.-]*)",
        {
            "command": {"run": "systemctl is-enabled $name", "changes": True},
            "expect": {"one-of": ["enabled", "static", "alias"]},
        },
        "it is started when this machine is, not: that it runs",
        ("sudo systemctl enable nginx", "systemctl enable --now shop.service"),
        ("sudo systemctl disable nginx", "systemctl start nginx"),
    ),
    LeftBy(
        rf"{_SUDO}systemctl start (?P<name>[a-z][\w@.-]*)",
        {"command": {"run": "systemctl is-active $name", "changes": True}, "expect": {"equals": "active"}},
        "active on this machine, not: that it does its work",
        ("sudo systemctl start nginx", "systemctl start shop.service"),
        ("sudo systemctl restart nginx", "systemctl status nginx"),
    ),
    LeftBy(
        r"createdb (?P<name>[a-z][\w-]*)",
        command("psql -X -d $name -c 'select 1'", changes=True),
        "there for whom psql is here, not: what is in it",
        ("createdb shop", "createdb shop_test"),
        ("dropdb shop", "createdb -h db.acme.org shop"),
    ),
    LeftBy(
        r"pulumi stack (?:init|select) (?P<name>[A-Za-z][\w./-]*)",
        {"command": {"run": "pulumi stack --show-name", "changes": True}, "expect": {"equals": "$name"}},
        "the one that is selected here, not: what it has",
        ("pulumi stack init dev", "pulumi stack select prod"),
        ("pulumi stack rm dev", "pulumi stack ls"),
    ),
)
