"""What the terminal says before a sign-in."""

import webbrowser

import pytest

from agent.mcp.signing.records import Doorstep
from app.cli.server_signing import _tell

URL = "https://login.halden.example/authorize?state=1"


def told(capsys: pytest.CaptureFixture[str], doorstep: Doorstep, *, opens: bool = False) -> list[str]:
    _tell(doorstep, opens=opens)
    return capsys.readouterr().err.splitlines()


def test_the_host_comes_before_the_address(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = told(capsys, Doorstep("tracker", "login.halden.example", URL))
    assert "at login.halden.example. " in first
    assert second == URL


def test_who_takes_the_answer_is_named_where_it_is_another_one(capsys: pytest.CaptureFixture[str]) -> None:
    _, second, third = told(capsys, Doorstep("tracker", "login.halden.example", URL, "tokens.evil.example"))
    assert second.startswith("tokens.evil.example takes the answer")
    assert third == URL


def test_no_browser_is_said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda url: bool(opened.append(url)))
    lines = told(capsys, Doorstep("tracker", "login.halden.example", URL), opens=True)
    assert (opened, "opened no browser" in lines[-1]) == ([URL], True)
