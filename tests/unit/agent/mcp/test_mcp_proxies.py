"""The system's proxy, however it is written there."""

import pytest

from agent.mcp.running.wire.proxies import proxy_for


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "http_proxy", "no_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize(
    ("written", "read"),
    [("proxy:3128", "http://proxy:3128"), ("me:pw@proxy:3128", "http://me:pw@proxy:3128"),
     ("http://proxy:3128", "http://proxy:3128"), ("socks5://proxy:1080", "socks5://proxy:1080")],
)  # fmt: skip
def test_one_without_a_scheme_is_one_of_plain_http(monkeypatch: pytest.MonkeyPatch, written: str, read: str) -> None:
    monkeypatch.setenv("https_proxy", written)
    assert proxy_for("https://tools.example/mcp") == read


def test_this_machine_and_a_system_without_one_need_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert proxy_for("https://tools.example/mcp") is None
    monkeypatch.setenv("https_proxy", "proxy:3128")
    assert proxy_for("https://127.0.0.1:8000/mcp") is None
