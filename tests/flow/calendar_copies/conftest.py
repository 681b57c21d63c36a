"""A profile whose appointments are copied into a real calendar."""

from collections.abc import Iterator

import pytest

from agent.compose import build
from agent.paths import Paths
from agent.runtime import Runtime
from tests.flow.calendar_copies.desk import DENTIST, Desk
from tests.flow.talking import Growing, Talk
from tests.sim.calendar_server import CalendarServer

SETTINGS = """schema = 1
timezone = "Europe/Berlin"
[tools]
"calendar.*" = "{rule}"
[accounts.home]
kind = "caldav"
url = "{url}"
user = "me"
secret = "env:CALENDAR_PASSWORD"
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CalendarServer]:
    with CalendarServer(tmp_path_factory.mktemp("radicale"), password="pw") as server:
        yield server


@pytest.fixture
def server(running: CalendarServer, monkeypatch: pytest.MonkeyPatch) -> CalendarServer:
    monkeypatch.setenv("CALENDAR_PASSWORD", "pw")
    running.empty()
    return running


@pytest.fixture
def rule() -> str:
    return "allow"


@pytest.fixture
def runtime(paths: Paths, model: Growing, server: CalendarServer, rule: str) -> Iterator[Runtime]:
    paths.agentrc.write_text(SETTINGS.format(url=server.url, rule=rule))
    with build(paths, environ={}, starter=model) as opened:
        yield opened


@pytest.fixture
def desk(runtime: Runtime) -> Desk:
    return Desk(runtime)


@pytest.fixture
def dentist(talk: Talk) -> str:
    return str(talk.say("dentist on 6 May 2032 at 10", DENTIST, approve=True).call.artifact_id)


@pytest.fixture
def sent(dentist: str, runtime: Runtime) -> str:
    runtime.flush()
    return dentist
