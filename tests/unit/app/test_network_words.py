"""What the status line says of the network, and what the window reports about it."""

import psutil
import pytest

from agent.protocol import commands, events
from agent.protocol.network_commands import AwaitSignIn, ReportNetworkHint
from app.presenters.status import StatusPresenter
from app.views.network_hint import LOW_BATTERY_PERCENT, is_low


@pytest.fixture
def sent() -> list[commands.Command]:
    return []


@pytest.fixture
def status(sent: list[commands.Command]) -> StatusPresenter:
    return StatusPresenter(sent.append)


def hear(status: StatusPresenter, **told: object) -> tuple[str, str]:
    status.handlers()[events.ConnectivityChanged](events.ConnectivityChanged(**told))  # type: ignore[arg-type]
    part = status.parts[0]
    return part.text, part.hint


def test_a_sign_in_is_said_with_its_page(status: StatusPresenter) -> None:
    text, hint = hear(
        status, state="degraded", manual=False, why="The network may want you to sign in.", sign_in=True,
        sign_in_url="http://hotel.example/login",
    )  # fmt: skip
    assert text == "Sign-in wanted"
    assert hint.startswith("The network may want you to sign in. Its page: http://hotel.example/login.")
    assert status.sign_in_url == "http://hotel.example/login"
    text, hint = hear(status, state="online", manual=False, why="")
    assert (text, status.sign_in_url) == ("Online", "")


def test_its_page_can_be_opened_by_a_press_only(status: StatusPresenter, sent: list[commands.Command]) -> None:
    page = "http://hotel.example/login"
    hear(status, state="degraded", manual=False, why="Sign in.", sign_in=True, sign_in_url=page)
    (part,) = [part for part in status.parts if part.name == "sign-in"]
    assert part.text == "Open the sign-in page (hotel.example)"
    assert page in part.hint
    assert (status.sign_in_page, sent) == (page, [])
    status.sign_in_opened()
    assert isinstance(sent[-1], AwaitSignIn)
    hear(status, state="online", manual=False, why="")
    assert "sign-in" not in [part.name for part in status.parts]


@pytest.mark.parametrize("page", ["", "file:///etc/passwd", "javascript:alert(1)", "smb://hotel/x", "//hotel.example/"])
def test_no_other_address_is_offered(status: StatusPresenter, page: str) -> None:
    hear(status, state="degraded", manual=False, why="Sign in.", sign_in=True, sign_in_url=page)
    assert status.sign_in_page == ""
    assert "sign-in" not in [part.name for part in status.parts]


def test_what_stands_still_is_said_in_words(status: StatusPresenter) -> None:
    why = "No answer from mail.example for 1.5 s; still waiting until 14:03:00. It may have arrived already."
    text, hint = hear(status, state="degraded", manual=False, why=why)
    assert text == "Unsteady"
    assert hint.startswith(why)


def test_the_switch_comes_first(status: StatusPresenter) -> None:
    assert hear(status, state="offline", manual=True, why="", sign_in=True)[0] == "Offline by your switch"


def test_hints_are_handed_on_as_they_are(status: StatusPresenter, sent: list[commands.Command]) -> None:
    status.hint(True, True, None)
    (command,) = sent
    assert isinstance(command, ReportNetworkHint)
    assert (command.reachable, command.metered, command.low_battery, command.moved) == (True, True, None, False)
    status.hint(True, moved=True)
    assert isinstance(sent[-1], ReportNetworkHint)
    assert sent[-1].moved


@pytest.mark.parametrize(
    ("percent", "plugged", "low"),
    [(LOW_BATTERY_PERCENT, False, True), (LOW_BATTERY_PERCENT, True, False), (90, False, False)],
)
def test_a_battery_is_low_while_nothing_charges_it(
    monkeypatch: pytest.MonkeyPatch, percent: int, plugged: bool, low: bool
) -> None:
    class Battery:
        power_plugged = plugged

    Battery.percent = percent  # type: ignore[attr-defined]
    monkeypatch.setattr(psutil, "sensors_battery", Battery, raising=False)
    assert is_low() is low


def test_no_battery_is_no_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "sensors_battery", lambda: None, raising=False)
    assert is_low() is None
    monkeypatch.delattr(psutil, "sensors_battery")
    assert is_low() is None
