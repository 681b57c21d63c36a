"""A profile file, a clock that is turned by hand, and real destinations on loopback."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sync.connectivity import Connectivity
from sync.dispatcher import Dispatcher
from sync.events import Event
from sync.leases import Leases
from sync.outbox import Outbox
from sync.transports.outcomes import NotConfiguredError
from sync.transports.port import Transport
from tests.sim.profiles import HandClock, create, open_connection
from tests.sim.receiving import Receiver


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "profile.db"
    create(path).close()
    return path


@pytest.fixture
def connection(database: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_connection(database)) as opened:
        yield opened


@pytest.fixture
def outbox(connection: sqlite3.Connection, clock: HandClock) -> Outbox:
    return Outbox(connection, clock)


@pytest.fixture
def leases(connection: sqlite3.Connection, clock: HandClock) -> Leases:
    return Leases(connection, clock, random=lambda: 0.5)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


@pytest.fixture
def connectivity(clock: HandClock) -> Connectivity:
    return Connectivity(clock)


Make = Callable[[dict[str, Transport]], Dispatcher]


@pytest.fixture
def dispatcher(database: Path, clock: HandClock, connectivity: Connectivity) -> Make:
    """A dispatcher over the given transports; other destinations have no account."""

    def make(transports: dict[str, Transport], on_event: Callable[[Event], None] = lambda _: None) -> Dispatcher:
        def find(destination: str) -> Transport:
            if destination not in transports:
                raise NotConfiguredError("No account is set up.", destination, "Set one up in Settings.")
            return transports[destination]

        return Dispatcher(lambda: open_connection(database), find, connectivity, clock, on_event)

    return make
