"""Nothing leaves the sandbox: what would be sent is recorded, anything else that tries is refused."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests

from workflow.sandbox import control
from workflow.sandbox.callers import TOKEN
from workflow.sandbox.inprocess import Sandbox

ROOT = Path(__file__).parents[2]


class Listener(BaseHTTPRequestHandler):
    """Somebody whose address is named in a subscription."""

    heard: list[str]

    def do_POST(self) -> None:
        self.heard.append(self.path)
        self.send_response(204)
        self.end_headers()

    do_GET = do_PUT = do_POST

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def listener() -> Iterator[str]:
    Listener.heard = []
    with HTTPServer(("127.0.0.1", 0), Listener) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://user:secret@127.0.0.1:{server.server_port}/hook?key=secret"
        server.shutdown()


def publish(client: Any, listener: str) -> None:
    """A message for subscribers of every protocol that leaves AWS."""
    sns = client("sns")
    topic = sns.create_topic(Name="alarms")["TopicArn"]
    for protocol, endpoint in (("http", listener), ("email", "ops@example.com"), ("sms", "+15555550100")):
        sns.subscribe(TopicArn=topic, Protocol=protocol, Endpoint=endpoint)
    assert sns.publish(TopicArn=topic, Message="fire")["MessageId"]


def stream(client: Any, listener: str) -> None:
    """A record for a Firehose whose destination is an HTTP endpoint."""
    firehose = client("firehose")
    destination = {"Url": listener, "Name": "hook"}
    s3 = {"RoleARN": "arn:aws:iam::123456789012:role/r", "BucketARN": "arn:aws:s3:::b"}
    firehose.create_delivery_stream(
        DeliveryStreamName="out",
        HttpEndpointDestinationConfiguration={"EndpointConfiguration": destination, "S3Configuration": s3},
    )
    firehose.put_record(DeliveryStreamName="out", Record={"Data": b"x"})


def test_in_this_process_deliveries_are_recorded_and_the_tests_own_requests_go_out(listener: str) -> None:
    with Sandbox() as sandbox:
        publish(sandbox.client, listener)
        stream(sandbox.client, listener)
        assert Listener.heard == []
        address = listener.replace("user:secret@", "").removesuffix("/hook?key=secret")
        assert sandbox.unsent.total == 2
        assert set(sandbox.unsent.latest) == {("POST", address)}


def test_outside_of_a_sandbox_requests_is_as_it_was() -> None:
    before = requests.api.request, requests.request
    with Sandbox():
        assert requests.api.request is not before[0]
    assert (requests.api.request, requests.request) == before


ATTEMPTS = {
    "a connection": "socket.create_connection(('127.0.0.1', PORT))",
    "one without waiting": "socket.socket().connect_ex(('127.0.0.1', PORT))",
    "docker's socket": "socket.socket(socket.AF_UNIX).connect('/run/docker.sock')",
    "a datagram": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', PORT))",
    "a message": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendmsg([b'x'], [], 0, ('127.0.0.1', PORT))",
    "a name": "socket.getaddrinfo('page.example', 80)",
    "an old look-up": "socket.gethostbyname('page.example')",
    "urllib": "urllib.request.urlopen(f'http://127.0.0.1:{PORT}/')",
    "http.client": "http.client.HTTPConnection('127.0.0.1', PORT).request('GET', '/')",
    "requests": "requests.get(f'http://127.0.0.1:{PORT}/')",
    "a session": "requests.Session().get(f'http://127.0.0.1:{PORT}/')",
    "mail": "smtplib.SMTP('127.0.0.1', PORT)",
    "a program": "subprocess.run(['true'])",
    "a shell": "os.system('true')",
    "another one": "os.posix_spawn('/bin/true', ['true'], {})",
}


@pytest.mark.slow
def test_a_closed_process_gets_nothing_out_by_any_way() -> None:
    """All in one process: none of the attempts succeeds, and each of them is told of."""
    code = (
        "import http.client, json, os, requests, smtplib, socket, subprocess, sys, urllib.request\n"
        "from workflow.sandbox import no_network\n"
        "listening = socket.create_server(('127.0.0.1', 0)); PORT = listening.getsockname()[1]\n"
        "listening.setblocking(False)\n"
        "seen, told = {}, []\n"
        "no_network.close(told.append)\n"
        "for name, attempt in json.loads(sys.argv[1]).items():\n"
        "    before = len(told)\n"
        "    try: exec(attempt); seen[name] = 'went out'\n"
        "    except Exception as error: seen[name] = 'refused' if len(told) > before else repr(error)\n"
        "try: listening.accept(); seen['arrived'] = True\n"
        "except BlockingIOError: pass\n"
        "print(json.dumps(seen))"
    )
    command = [sys.executable, "-c", code, json.dumps(ATTEMPTS)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == dict.fromkeys(ATTEMPTS, "refused")


@pytest.mark.slow
def test_a_server_delivers_nothing_and_says_what_it_did_not_send(tmp_path: Path, listener: str) -> None:
    home = tmp_path / "sandbox"
    info = control.start(home)

    def client(service: str) -> Any:
        keys = {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox"}
        return boto3.client(service, region_name="us-east-1", endpoint_url=info.endpoint_url, **keys)

    try:
        publish(client, listener)
        stream(client, listener)
        assert Listener.heard == []
        request = urllib.request.Request(f"{info.endpoint_url}/_phasegate/health", headers={TOKEN: info.token})
        with urllib.request.urlopen(request) as answer:
            unsent = json.load(answer)["unsent"]
        assert unsent["total"] == 2
        assert "secret" not in json.dumps(unsent)
        with socket.create_connection(("127.0.0.1", info.port)) as raw:  # by its port, as any name that points here
            raw.sendall(b"POST /moto-api/reset HTTP/1.1\r\nHost: page.example\r\nContent-Length: 0\r\n\r\n")
            assert b"403" in raw.recv(100)
        assert client("sns").list_topics()["Topics"]
    finally:
        control.stop(home)
