"""Rules for what is not AWS and has a command line of its own: Azure, Google Cloud, the services of a Linux host."""

from __future__ import annotations

from phases.checks.suggest.proposal import DOMAIN, Entry, Name, Rule
from phases.checks.suggest.rules.entries import IS_SET, THERE, command
from state.json_values import Json

_ON = r"(?: (?:is|has been))? (?:enabled|on|active|configured)"


def _printed(run: str, expression: str, expect: Json) -> Entry:
    """What a program that phasegate does not know to only read prints as JSON."""
    return {"command": {"run": run, "changes": True}, "expression": expression, "expect": expect}


def _name(name: str, what: str, pattern: str = r"[A-Za-z0-9][\w.-]*") -> dict[str, Name]:
    return {name: Name(f"What is the {what} called?", code=True, pattern=pattern)}


RULES = (
    Rule(
        "Azure resource group",
        rf"(?:Azure )?resource group{IS_SET}",
        _printed("az group show --name {resource-group}", "properties.provisioningState", {"equals": "Succeeded"}),
        THERE,
        ("Azure resource group `shop-prod` exists", "Azure resource group `shop` created"),
        ("Resource group `shop` discussed", "Group of resources exists"),
        context="any",
        names=_name("resource-group", "resource group"),
        around=r"(?i)azure|\baz\b",
        named=True,
    ),
    Rule(
        "soft delete of a key vault",
        rf"(?:Azure )?key vault(?: has)? soft[- ]delete{_ON}",
        _printed("az keyvault show --name {key-vault}", "properties.enableSoftDelete", {"equals": True}),
        "on, not: for how long what is deleted is kept",
        ("Key Vault `shop-kv` has soft delete enabled", "Key vault `shop-kv` soft-delete is on"),
        ("Key vault of the bank locked", "Soft delete enabled"),
        context="any",
        names=_name("key-vault", "key vault"),
    ),
    Rule(
        "public blobs",
        r"(?:Azure )?storage account (?:disallows|denies|blocks|forbids) public (?:blob )?(?:access|blobs)",
        _printed("az storage account show --name {storage-account}", "allowBlobPublicAccess", {"equals": False}),
        "closed to everybody by its own setting, not: to those who have a key",
        ("Azure storage account `shop` disallows public blobs", "Azure storage account blocks public access"),
        ("Storage account `shop` reviewed", "Account blocks the public"),
        context="any",
        names=_name("storage-account", "storage account"),
        around=r"(?i)azure|\baz\b",
    ),
    Rule(
        "backups of Cloud SQL",
        rf"Cloud SQL (?:instance )?(?:has )?automat(?:ed|ic) backups?(?:{_ON})?",
        _printed(
            "gcloud sql instances describe {sql-instance} --format=json",
            "settings.backupConfiguration.enabled",
            {"equals": True},
        ),
        "on, not: that one can be restored",
        ("Cloud SQL instance `shop-pg` has automated backups", "Cloud SQL automated backups enabled"),
        ("Cloud SQL backups tested", "Automated backups discussed"),
        context="any",
        names=_name("sql-instance", "Cloud SQL instance"),
    ),
    Rule(
        "Pub/Sub topic",
        rf"(?:Google |GCP )?Pub/Sub topic{IS_SET}",
        _printed("gcloud pubsub topics describe {pubsub-topic} --format=json", "name", "present"),
        THERE,
        ("Pub/Sub topic `orders` exists", "Pub/Sub topic created"),
        ("Pub/Sub topic chosen", "Topic of the pub exists"),
        context="any",
        names=_name("pubsub-topic", "topic"),
    ),
    Rule(
        "service of a host",
        r"(?:systemd |linux )?(?:service|unit)(?: (?:is))? (?:(?:enabled|started|up) and )?(?:active|running)"
        r"(?: and enabled)?|(?:systemd )service (?:up|started)",
        {
            "command": {"run": "systemctl is-active {host-service}", "changes": True},
            "expect": {"equals": "active"},
        },
        "active on this machine, not: on another host, nor that it does its work",
        ("systemd service `gunicorn` enabled and active", "systemd unit `app.service` is running"),
        ("Service `shop` reviewed", "Service with a smile active"),
        context="operations",
        names=_name("host-service", "systemd service", r"[a-z][\w@.-]*"),
        around=r"(?i)systemd|systemctl|\bserver\b|\bhost\b|nginx|linux|ubuntu|debian|on-prem|\bvps\b|rsyslog",
        named=True,
    ),
    Rule(
        "open port",
        rf"(?:TCP )?port (?P<port>\d{{1,5}})(?: (?:is))? (?:open|reachable|listening|accessible)(?: on| at) "
        rf"(?P<host>{DOMAIN})",
        command("nc -z $host $port", changes=True),
        "something accepts connections there from here, not: what it is",
        ("Port 443 open on vip.shop.org", "TCP port 5432 is reachable at db.shop.org"),
        ("Port 443 open on all hosts", "Port wine open on vip.shop.org"),
        context="operations",
    ),
    Rule(
        "branch and clean tree",
        r"(?:you are )?on (?:the )?(?P<branch>[\w./-]+)(?: branch)? and (?:the |your )?work(?:ing)? ?(?:tree|directory"
        r"|copy) (?:is )?clean",
        command('test "$(git branch --show-current)" = $branch && test -z "$(git status --porcelain)"', changes=True),
        "this branch, and nothing of it is changed here, not: that it is what is on the server",
        ("You are on `main` and the working tree is clean", "On `release` branch and working directory clean"),
        ("You are on call and the desk is clean", "On `main` and all is well"),
        context="any",
        named=True,
    ),
)
