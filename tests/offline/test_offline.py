"""The same journeys without a network, in a black hole, and behind a captive portal; who was spoken to is written down
by each process (watched/) and, where there is another interface, counted at its other end (netns_end.py)."""

import ipaddress
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.offline.netns import KINDS, THERE, command, why_not

ROOT = Path(__file__).parents[2]
WATCHED = Path(__file__).parent / "watched" / "sitecustomize.py"
TEXT = "the rollback is done and nobody else may read this"
NAME = "hooks.example.org"

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not() or "namespaces")


@dataclass(frozen=True)
class Told:
    """`sockets`: what the processes did; `packets`: what came out at the other end; `said`: what the user read."""

    sockets: list[dict[str, Any]]
    packets: list[dict[str, Any]]
    portal: list[dict[str, Any]]
    received: list[dict[str, Any]]
    said: str

    @property
    def beyond(self) -> list[dict[str, Any]]:
        """Every address that is not on this machine, and every name that was asked for."""
        return [line for line in self.sockets if line["event"] != "began" and not _is_local(line)]


def went(kind: str, journey: str, folder: Path) -> Told:
    watched = folder / "watched"
    watched.mkdir()
    shutil.copy(WATCHED, watched)
    program = [sys.executable, "-m", "pytest", "tests/offline/journeys_inside.py", "-q", "-n0", "-k", journey]
    environ = {
        **os.environ, "PYTHONPATH": f"{watched}{os.pathsep}{ROOT}", "QT_QPA_PLATFORM": "offscreen",
        "CARRYON_OFFLINE_FOLDER": str(folder), "TMPDIR": str(folder), "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    done = subprocess.run(
        command(kind, folder, *program), cwd=ROOT, env=environ, capture_output=True, text=True, timeout=170, check=False
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-6_000:]
    said = folder / "said.txt"
    return Told(
        _lines(watched / "sockets.jsonl"), _lines(folder / "packets.jsonl"), _lines(folder / "portal.jsonl"),
        _lines(folder / "received.jsonl"), said.read_text() if said.exists() else "",
    )  # fmt: skip


SPEAKS = """
import socket
for host in ("192.0.2.1", "hooks.example.org"):
    try:
        socket.create_connection((host, 80), 1).close()
    except OSError:
        pass
"""


@pytest.mark.parametrize("kind", ["black hole", "portal"])
def test_somebody_who_does_speak_to_others_is_noticed(kind: str, tmp_path: Path) -> None:
    """The watch itself: by the process's own word, and at the other end of the cable."""
    watched = tmp_path / "watched"
    watched.mkdir()
    shutil.copy(WATCHED, watched)
    environ = {**os.environ, "PYTHONPATH": f"{watched}{os.pathsep}{ROOT}"}
    done = subprocess.run(
        command(kind, tmp_path, sys.executable, "-c", SPEAKS), cwd=ROOT, env=environ, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = Told(_lines(watched / "sockets.jsonl"), _lines(tmp_path / "packets.jsonl"), [], [], "")
    assert {str(line["where"][0]) for line in told.beyond if line["event"] == "socket.getaddrinfo"} == {
        "192.0.2.1", NAME,
    }  # fmt: skip
    assert any(line["event"] == "socket.connect" and "192.0.2.1" in str(line["where"]) for line in told.beyond)
    assert {("192.0.2.1", 80), (THERE, 53)} <= {(packet.get("to"), packet.get("port")) for packet in told.packets}


def _lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def _is_local(line: dict[str, Any]) -> bool:
    where = line["where"]
    host = where[0] if isinstance(where, list) and where else where
    if isinstance(host, list):
        host = host[0]
    if host is None or str(host) in ("localhost", "") or str(host).startswith(("/", "\\u0000", "b'")):
        return True  # this machine, or a socket that is a file
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return isinstance(where, str)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_that_is_not_meant_for_elsewhere_leaves(kind: str, tmp_path: Path) -> None:
    told = went(kind, "quiet", tmp_path)
    began = [line["where"] for line in told.sockets if line["event"] == "began"]
    assert any("models.worker" in words for words in began), "the worker was watched too"
    assert told.beyond == []
    assert told.packets == []


@pytest.mark.parametrize("kind", ["black hole", "portal"])
@pytest.mark.parametrize("scheme", ["http:", "https:"])
def test_what_is_queued_goes_nowhere_else(kind: str, scheme: str, tmp_path: Path) -> None:
    told = went(kind, "queued and https" if scheme == "https:" else "queued and not https", tmp_path)
    asked = {str(line["where"][0]) for line in told.beyond if line["event"] == "socket.getaddrinfo"}
    assert asked <= {NAME, THERE}  # an address is no question; where packets went is counted below
    assert {packet["to"] for packet in told.packets if "to" in packet} <= {THERE}
    ports = {packet["port"] for packet in told.packets if "to" in packet}
    assert ports <= {53, 80 if scheme == "http:" else 443}
    assert told.received == []
    assert not any(TEXT in packet.get("text", "") for packet in told.packets)
    if scheme == "https:" or kind == "black hole":
        assert told.portal == []
    if kind == "portal" and scheme == "http:":
        assert "sign in" in told.said


def test_behind_an_opened_portal_it_is_delivered_once(tmp_path: Path) -> None:
    told = went("portal", "opened", tmp_path)
    *questions, delivered = told.received
    assert TEXT in delivered["body"]
    assert delivered["host"] == NAME
    assert [(one["key"], one["body"]) for one in questions] == [(None, "")], "the way was asked for first, once"
    assert {line["key"] for line in told.portal} == {None}, "while it was closed it saw nothing of it"


def test_the_status_line_says_that_the_network_wants_a_sign_in(tmp_path: Path) -> None:
    told = went("portal", "queued and not https", tmp_path)
    assert "Online" not in told.said.splitlines()
