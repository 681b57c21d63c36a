"""What the user waits for at the network: real sockets, one fault at a time. Said within two seconds, with the reason;
taken back or put off at a word, whatever hangs."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import Queue
from typing import Any

import pytest

from agent.tools.actions import tool
from agent.tools.errors import AwayError, TakenBackError, ToolRefusedError
from agent.tools.foreground import GRACE_S, LEFT_BEHIND_MAX, NOTHING_STALLS, Foreground, Instead, Stall
from agent.tools.results import Deferred, Done
from sync.transports.attempt import Attempt, Stage, current
from sync.transports.ways import WAYS
from tests.lateness import Lateness
from tests.sim.hotel import Hotel
from tests.sim.lossy import Lossy, dead_resolver
from tests.unit.agent.tools.conftest import Site

DECISION_S = 2.0  # from the first stage that is told of
AT_ONCE_S = GRACE_S + 0.4  # from the user's word until nobody waits any more
PAGE = (200, {"Content-Type": "text/html; charset=utf-8"}, b"<title>Tides</title><p>High water 04:10")
ACTION = """
[actions.status]
about = "How the build is."
method = "GET"
url = "{url}/status"
class = "online"
fresh = "1h"
repeat = "key"
touches = ["network"]
"""


class Heard:
    """What was told, when, on a machine that is so late; and what the user then does, once."""

    def __init__(self, foreground: Foreground, machine: Lateness) -> None:
        self.stalls: list[Stall] = []
        self.does: Callable[[], None] = foreground.put_off
        self._machine = machine
        self._attempt: Attempt | None = None
        self._began = self._told = self._over = 0.0
        foreground.tell = self._hear

    def begins(self, attempt: Attempt) -> None:
        if attempt is not self._attempt:
            self._attempt, self._began = attempt, self._now()

    def _hear(self, stall: Stall) -> None:
        self.stalls.append(stall)
        if stall.words and not self._told:
            self._told = self._now()
            self.does()
        self._over = self._now()

    def _now(self) -> float:
        return time.monotonic() - self._machine.late_s

    @property
    def in_time(self) -> bool:
        return bool(self._told) and self._told - self._began <= DECISION_S

    @property
    def over_at_once(self) -> bool:
        """Nobody waits any more, which is told last."""
        return self.stalls[-1] == NOTHING_STALLS and self._over - self._told <= AT_ONCE_S


@pytest.fixture
def heard(workshop: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Heard]:
    with Lateness() as machine:
        heard, stage = Heard(workshop.context.foreground, machine), Attempt.stage

        def noted(attempt: Attempt, *args: Any) -> None:
            heard.begins(attempt)
            stage(attempt, *args)

        monkeypatch.setattr(Attempt, "stage", noted)
        yield heard


@pytest.fixture
def road(site: Site) -> Iterator[Lossy]:
    site.answers["/tides"] = PAGE
    site.answers["/status"] = (200, {"Content-Type": "application/json"}, b'{"state": "green"}')
    with Lossy("127.0.0.1", int(site.url.rpartition(":")[2])) as road:
        yield road


def page(road: Lossy) -> dict[str, str]:
    return {"url": f"http://127.0.0.1:{road.port}/tides"}


@pytest.mark.parametrize(
    ("fault", "words"),
    [("syn black hole", "cannot be reached"), ("stall before", "No answer from"), ("stall after", "No answer from"),
     ("half-open", "No answer from"), ("drip", "No answer from")],
)  # fmt: skip
def test_of_a_page_it_is_said_in_time_and_it_can_wait(
    workshop: Any, road: Lossy, heard: Heard, fault: str, words: str
) -> None:
    road.fault = fault
    result = workshop.call("web.fetch", page(road))
    assert heard.in_time
    assert heard.over_at_once
    first, *_, last = heard.stalls
    assert words in first.words
    assert f"127.0.0.1:{road.port}" in first.words
    assert "still trying until" in first.words
    assert first.instead is Instead.LATER
    assert last == NOTHING_STALLS
    assert isinstance(result, Deferred), "it is fetched once there is a better network"


def test_a_name_that_nobody_answers(workshop: Any, heard: Heard) -> None:
    with dead_resolver(("tides.example",)):
        result = workshop.call("web.fetch", {"url": "https://tides.example/today"})
        assert heard.over_at_once
    assert heard.in_time
    assert heard.stalls[0].words.startswith("The name of tides.example cannot be looked up")
    assert isinstance(result, Deferred)


def test_a_handshake_that_does_not_come(workshop: Any, road: Lossy, heard: Heard) -> None:
    road.fault = "stall before"
    workshop.call("web.fetch", {"url": f"https://127.0.0.1:{road.port}/tides"})
    assert heard.in_time
    assert "has not shown" in heard.stalls[0].words


def test_a_page_of_which_the_rest_does_not_come(workshop: Any, heard: Heard) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_half_a_page, args=(listener,), daemon=True).start()
        result = workshop.call("web.fetch", {"url": f"http://127.0.0.1:{listener.getsockname()[1]}/"})
    assert heard.in_time
    assert heard.stalls[0].words.startswith("The rest of the answer from")
    assert isinstance(result, Deferred)


def _half_a_page(listener: socket.socket) -> None:
    near, _ = listener.accept()
    with near:
        near.recv(65_536)
        near.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 900\r\n\r\n<p>High water")
        near.recv(65_536)  # until the other end is gone


def test_a_kept_copy_is_there_at_once(workshop: Any, road: Lossy, heard: Heard) -> None:
    workshop.done("web.fetch", page(road))
    road.fault = "stall after"
    result = workshop.call("web.fetch", page(road))
    assert heard.stalls[0].instead is Instead.COPY
    assert isinstance(result, Done)
    assert result.facts["cached"] is True


def test_it_is_taken_back_at_once(workshop: Any, road: Lossy, heard: Heard) -> None:
    heard.does = workshop.context.foreground.stop
    road.fault = "stall after"
    with pytest.raises(TakenBackError):
        workshop.call("web.fetch", page(road))
    assert heard.in_time
    assert heard.over_at_once


def test_what_comes_after_all_is_the_answer_and_the_words_go(workshop: Any, road: Lossy, heard: Heard) -> None:
    heard.does = lambda: None
    road.fault = "drip"
    assert workshop.done("web.fetch", page(road)).facts["title"] == "Tides"
    assert heard.stalls[0].words
    assert heard.stalls[-1].words == ""


def test_what_goes_well_says_nothing(workshop: Any, road: Lossy, heard: Heard) -> None:
    workshop.done("web.fetch", page(road))
    workshop.context.foreground.stop()  # between two of them it means nothing
    workshop.done("web.fetch", page(road))
    assert heard.stalls == []


@pytest.mark.parametrize("fault", ["stall before", "stall after"])
def test_of_an_action_of_ones_own_likewise(workshop: Any, road: Lossy, heard: Heard, fault: str) -> None:
    workshop.settings(ACTION.format(url=f"http://127.0.0.1:{road.port}"))
    road.fault = fault
    result = tool("status")({}, workshop.context)
    assert heard.in_time
    assert heard.stalls[0].instead is Instead.LATER
    assert isinstance(result, Deferred)


def test_a_networks_own_page_is_not_taken_for_the_page(
    workshop: Any, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Loopback stands for elsewhere here."""
    site.answers["/tides"] = PAGE
    monkeypatch.setattr("sync.transports.ways.is_loopback", lambda _host: False)
    WAYS.forget()
    with Hotel(int(site.url.rpartition(":")[2]), "page") as hotel:
        url = f"http://127.0.0.1:{hotel.port}/tides?for=my-secret-plan"
        workshop.deferred("web.fetch", {"url": url})
        assert b"tides" not in hotel.seen
        hotel.signed_in()
        site.answers["/tides?for=my-secret-plan"] = PAGE
        assert workshop.done("web.fetch", {"url": url}).facts["title"] == "Tides"
    WAYS.forget()


# The way out itself


def test_so_many_that_hang_are_left_behind() -> None:
    foreground, release = Foreground(), threading.Event()
    foreground.tell = lambda _stall: None
    for _ in range(LEFT_BEHIND_MAX):
        hangs = threading.Event()
        threading.Thread(target=lambda: (hangs.wait(5), foreground.put_off())).start()  # noqa: B023  waited for below

        def ask(hangs: threading.Event = hangs) -> None:
            hangs.set()
            release.wait(30)

        with pytest.raises(AwayError, match="put off"):
            foreground.ask(ask)
    with pytest.raises(AwayError, match="still hang"):
        foreground.ask(lambda: None)
    release.set()


def test_of_two_that_stand_still_each_is_told_until_it_is_over() -> None:
    foreground, told = Foreground(), Queue[str]()
    foreground.tell = lambda stall: told.put(stall.words)
    over = {"a": threading.Event(), "b": threading.Event()}

    def ask(host: str) -> None:
        current().stage(Stage.WAITING, host, 30, 0.01)
        over[host].wait(20)

    with ThreadPoolExecutor() as pool:
        for host in over:
            pool.submit(foreground.ask, lambda host=host: ask(host))
            assert told.get(timeout=10).startswith(f"No answer from {host}")
        over["b"].set()
        assert told.get(timeout=10).startswith("No answer from a"), "that one still stands"
        over["a"].set()
        assert told.get(timeout=10) == ""


def test_its_own_words_win_where_it_has_some() -> None:
    foreground = Foreground()

    def ask() -> None:
        foreground.stop()
        raise ToolRefusedError("The call was taken back; tracker was told so.")

    with pytest.raises(ToolRefusedError, match="told so"):
        foreground.ask(ask)


def test_what_it_raises_is_raised_and_what_it_answers_counts() -> None:
    foreground = Foreground()
    with pytest.raises(ZeroDivisionError):
        foreground.ask(lambda: 1 / 0)

    def ask() -> int:
        foreground.put_off()
        return 7

    assert foreground.ask(ask) == 7
