"""Rules for containers of this machine by their names: services of Compose, images, volumes, ports that are free."""

from __future__ import annotations

from phases.checks.suggest.proposal import Rule
from phases.checks.suggest.rules.entries import THERE, command

_COMPOSE = r"(?i)docker[ -]compose|compose\.ya?ml"
_NAME = r"[a-z][a-z0-9_-]*"
_RUNS = r"(?: (?:is|are|has))? (?:running|up|started|up and running)"
_HEALTHY = r"(?: (?:is|are))?(?: (?:running|up) and)?(?: (?:report(?:s|ing)?|show(?:s|ing)?))? (?:as )?healthy"
_NONE_ILL = (
    'test -n "$(docker compose ps -q --status running)"'
    ' && test -z "$(docker compose ps -a -q --status exited --status restarting --status dead)"'
    " && for each in $(docker compose ps -q); do"
    ' test -z "$(docker ps -q --filter id=$each --filter health=unhealthy --filter health=starting)" || exit 1; done'
)
_SERVICE = r"(?:(?:the|docker|compose) )*"
_THING = r"(?: (?:docker )?(?:container|service))"
_HERE = r"(?is)\A(?!.*(?:\bssh\b|kubectl|\bECS\b)).*docker[ -]compose"

RULES = (
    Rule(
        "healthy services of Compose",
        rf"(?:(?:all|the|docker|compose|docker-compose) )*(?:containers|services)(?: all)?{_HEALTHY}",
        command(_NONE_ILL, changes=True),
        "some run, none has stopped, and none with a health check fails it, not: that those without one answer",
        ("All containers healthy", "Docker Compose services are running and healthy"),
        ("Services of the clinic healthy", "All containers shipped", "Containers designed to be healthy"),
        context="operations",
        document=_COMPOSE,
    ),
    Rule(
        "service of Compose that is healthy",
        rf"{_SERVICE}(?P<service>{_NAME}){_THING}{_HEALTHY}",
        command(
            'id=$(docker compose ps -q --status running $service) && test -n "$id"'
            ' && test -n "$(docker ps -q --filter id=$id --filter health=healthy)"',
            changes=True,
        ),
        "healthy by its own check, not: that it answers right",
        ("`postgres` container is healthy", "`api` service reports healthy"),
        ("`postgres` container chosen", "Room service healthy", "`api` service level healthy"),
        context="operations",
        document=_HERE,
        named=True,
    ),
    Rule(
        "service of Compose that runs",
        rf"{_SERVICE}(?P<service>{_NAME}){_THING}{_RUNS}",
        command('test -n "$(docker compose ps -q --status running $service)"', changes=True),
        "it runs, not: that it answers",
        ("`redis` container running", "The `worker` service is up"),
        ("`redis` container restarted", "Room service is running", "`redis` container running version 7"),
        context="operations",
        document=_HERE,
        named=True,
    ),
    Rule(
        "file of Compose that is valid",
        r"(?:docker[- ]?)?compose(?:\.ya?ml)?(?: (?:file|config|configuration))? (?:is )?(?:valid|validates"
        r"|well-formed)"
        r"|docker[- ]compose config (?:is valid|passes|succeeds|validates)",
        command("docker compose config --quiet", changes=True),
        "it can be read, not: that what it starts works",
        ("Docker Compose file is valid", "docker-compose config is valid"),
        ("Compose a valid letter", "Compose file reviewed"),
        context="operations",
    ),
    Rule(
        "image of this name here",
        r"(?:docker |container )?image (?P<image>[a-z0-9][\w./-]*:[\w.-]+)(?: (?:is|has been|was))?"
        r" (?:built(?: and (?:available|tagged|ready))?|tagged|available locally|present locally|pulled)"
        r"(?: (?:locally|successfully))?",
        command("docker image inspect $image", changes=True),
        "there on this machine under this tag, not: built from which commit",
        (
            "Docker image `shop-api:1.4.0` built",
            "Docker image `shop:1` is built and available",
            "Image `postgres:16` pulled",
        ),
        ("Docker image `shop-api:1.4.0` scanned", "Image `shop-api` built by Ada", "Image built"),
        context="operations",
        named=True,
    ),
    Rule(
        "volume of Docker",
        r"(?:docker |named |persistent |data )*volume (?P<volume>[A-Za-z0-9][\w.-]*)(?: (?:is|has been"
        r"|was))? (?:created|exists"
        r"|present|there)",
        command("docker volume inspect $volume", changes=True),
        THERE,
        ("Docker volume `pgdata` created", "Named volume `shop-data` exists"),
        ("Volume of sales created", "Docker volume `pgdata` removed", "Volume `pgdata` backed up"),
        context="operations",
        around=r"(?i)docker|compose|container",
        named=True,
    ),
    Rule(
        "port that is free",
        r"(?:TCP )?port (?P<port>\d{4,5})(?: (?:is))? (?:free|not in use|unused|available(?! at))(?: (?:locally"
        r"|on this machine))?",
        command("python3 -c 'import socket; socket.create_server((\"\", $port))'", changes=True),
        "nothing listens there on this machine now, not: later",
        ("Port 8080 is free", "Port 3000 not in use", "Port 5432 (Postgres) is available"),
        ("Port 443 is open", "Port 8080 reachable", "Port wine 2019 is available"),
        context="operations",
    ),
)
