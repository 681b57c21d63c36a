"""web.fetch: against a real server on loopback; no private network is ever reached."""

from pathlib import Path
from typing import Any

import pytest

from agent.tools.addresses import judged, normal_url
from agent.tools.errors import ToolRefusedError
from agent.tools.page_cache import PAGES_MAX, Page, PageCache
from agent.tools.pages import PageTransport
from agent.tools.readable import readable
from sync.intent import check
from sync.item import Item
from sync.states import State
from sync.transports.outcomes import RejectedError, UnreachableError
from sync.transports.ways import WAYS
from tests.unit.agent.tools.conftest import Site

HTML = b"""<html><head><title>Tide &amp; tables</title><style>p{}</style></head>
<body><script>alert(1)</script><h1>Whitby</h1><p>High water <b>04:10</b>. <a href="/next">next</a></p>
<img src=x></body></html>"""


PAGE = (200, {"Content-Type": "text/html; charset=utf-8", "ETag": '"one"'}, HTML)


def test_a_page_is_readable_text(workshop: Any, site: Site) -> None:
    site.answers["/whitby"] = PAGE
    facts = workshop.done("web.fetch", {"url": f"{site.url}/whitby"}).facts
    assert facts["url"] == f"http://{site.url}/whitby"
    assert facts["title"] == "Tide & tables"
    assert "High water 04:10." in facts["text"]
    assert "alert" not in facts["text"]
    assert (facts["cached"], facts["age_s"], facts["stale"], facts["cut"]) == (False, 0, False, False)
    assert facts["fetched"] == "2026-03-04T10:00:00+01:00"


def test_the_server_is_asked_under_its_own_name(workshop: Any, site: Site) -> None:
    site.answers["/whitby"] = PAGE
    url = f"http://{site.url.replace('127.0.0.1', 'localhost')}/whitby"
    workshop.done("web.fetch", {"url": url})
    assert site.asked[0][1]["Host"] == url.removeprefix("http://").removesuffix("/whitby")


def test_offline_gives_the_kept_copy_with_its_age(workshop: Any, site: Site) -> None:
    site.answers["/whitby"] = PAGE
    workshop.done("web.fetch", {"url": f"{site.url}/whitby"})
    workshop.now[0] += 3 * 3600
    facts = workshop.done("web.fetch", {"url": f"{site.url}/whitby"}, offline=True).facts
    assert (facts["cached"], facts["age_s"], facts["stale"]) == (True, 10_800, False)
    assert "High water" in facts["text"]
    assert len(site.asked) == 1
    workshop.now[0] += 86_400
    assert workshop.done("web.fetch", {"url": f"{site.url}/whitby"}, offline=True).facts["stale"] is True


def test_an_unchanged_page_is_not_fetched_again_and_is_fresh(workshop: Any, site: Site) -> None:
    site.answers["/whitby"] = PAGE
    workshop.done("web.fetch", {"url": f"{site.url}/whitby"})
    workshop.now[0] += 3 * 3600
    facts = workshop.done("web.fetch", {"url": f"{site.url}/whitby"}).facts
    assert site.asked[1][1]["If-None-Match"] == '"one"'
    assert (facts["age_s"], facts["cached"]) == (0, False)
    assert "High water" in facts["text"]


def test_offline_without_a_copy_the_fetch_waits(workshop: Any) -> None:
    made = workshop.deferred("web.fetch", {"url": "www.slowfood.example/recipes"}, offline=True)
    assert made.intent.destination == "web:pages"
    assert made.intent.payload == {"url": "https://www.slowfood.example/recipes"}
    assert made.facts["url"] == "https://www.slowfood.example/recipes"
    check(made.intent)


def test_a_server_that_is_away_gives_the_copy_or_waits(workshop: Any, site: Site) -> None:
    site.answers["/x"] = PAGE
    workshop.done("web.fetch", {"url": f"{site.url}/x"})
    site.answers["/x"] = (503, {}, b"")
    assert workshop.done("web.fetch", {"url": f"{site.url}/x"}).facts["cached"] is True
    site.answers["/y"] = (503, {}, b"")
    workshop.deferred("web.fetch", {"url": f"{site.url}/y"})
    workshop.deferred("web.fetch", {"url": "http://127.0.0.1:1/nobody"})


def test_a_page_that_dribbles_is_given_up(workshop: Any, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.answers["/slow"] = PAGE
    monkeypatch.setattr("agent.tools.web.SECONDS_MAX", -1.0)
    workshop.deferred("web.fetch", {"url": f"{site.url}/slow"})


def test_copies_are_private_files(workshop: Any, site: Site) -> None:
    site.answers["/whitby"] = PAGE
    workshop.done("web.fetch", {"url": f"{site.url}/whitby"})
    (kept,) = workshop.context.cache.iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("answer", "match"),
    [
        ((404, {}, b""), "no such page"),
        ((403, {}, b""), "status 403"),
        ((200, {"Content-Type": "image/png"}, b"\x89PNG"), "image/png"),
        ((200, {"Content-Type": "text/plain"}, b"a\0b"), "not a page of text"),
        ((302, {"Location": "/loop"}, b""), "without end"),
    ],
)
def test_what_is_no_page_says_why(workshop: Any, site: Site, answer: Any, match: str) -> None:
    site.answers["/loop"] = answer
    with pytest.raises(ToolRefusedError, match=match):
        workshop.call("web.fetch", {"url": f"{site.url}/loop"})


def test_what_is_packed_wrongly_says_so(workshop: Any, site: Site) -> None:
    site.answers["/a"] = (200, {"Content-Type": "text/html", "Content-Encoding": "gzip"}, b"not gzip")
    with pytest.raises(ToolRefusedError, match="packed the page"):
        workshop.call("web.fetch", {"url": f"http://{site.url}/a"})


def test_what_is_packed_wrongly_in_answer_to_the_question_is_an_answer(
    workshop: Any, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.transports.ways.is_loopback", lambda _host: False)
    monkeypatch.setattr("sync.transports.ways.PATH", "/asked?")
    monkeypatch.setattr("sync.transports.ways.secrets.token_hex", lambda _n: "x")
    site.answers["/asked?x"] = (404, {"Content-Encoding": "gzip"}, b"not gzip")
    site.answers["/a"] = (200, {"Content-Type": "text/html"}, b"<title>Tides</title>")
    WAYS.forget()
    assert workshop.done("web.fetch", {"url": f"http://{site.url}/a"}).facts["title"] == "Tides"
    assert site.asked[0][0] == "/asked?x"
    WAYS.forget()


def test_a_redirect_is_followed(workshop: Any, site: Site) -> None:
    site.answers["/old"] = (301, {"Location": "/whitby"}, b"")
    site.answers["/whitby"] = PAGE
    facts = workshop.done("web.fetch", {"url": f"{site.url}/old"}).facts
    assert facts["title"] == "Tide & tables"


@pytest.mark.parametrize(
    "target", ["http://10.0.0.1/", "http://169.254.169.254/latest/meta-data", "http://192.168.1.1/", "file:///etc/passwd",
               "ftp://example.org/", "http://[fd00::1]/", "http://0.0.0.0/"],
)  # fmt: skip
def test_a_redirect_into_a_private_network_is_refused(workshop: Any, site: Site, target: str) -> None:
    site.answers["/trap"] = (302, {"Location": target}, b"")
    with pytest.raises(ToolRefusedError):
        workshop.call("web.fetch", {"url": f"{site.url}/trap"})


def test_a_large_page_is_cut_and_says_so(workshop: Any, site: Site) -> None:
    site.answers["/big"] = (200, {"Content-Type": "text/plain"}, b"word " * 1_000_000)
    facts = workshop.done("web.fetch", {"url": f"{site.url}/big"}).facts
    assert facts["cut"] is True
    assert len(facts["text"]) == 20_000


def test_json_and_plain_text_stay_as_they_are(workshop: Any, site: Site) -> None:
    site.answers["/days.json"] = (200, {"Content-Type": "application/json"}, b'{"a": 1}')
    assert workshop.done("web.fetch", {"url": f"{site.url}/days.json"}).facts["text"] == '{"a": 1}'


# Addresses


@pytest.mark.parametrize(
    ("said", "url"),
    [
        ("tide-tables.example.co.uk/whitby", "https://tide-tables.example.co.uk/whitby"),
        ("https://www.gov.uk/bank-holidays.json", "https://www.gov.uk/bank-holidays.json"),
        ("HTTP://Example.org", "http://Example.org/"),
        ("example.org/a?b=c#d", "https://example.org/a?b=c"),
        ("<https://example.org>", "https://example.org/"),
        ("example.org.", "https://example.org/"),
        ("localhost:8080/x", "http://localhost:8080/x"),
    ],
)
def test_addresses_in_full(said: str, url: str) -> None:
    assert normal_url(said) == url


@pytest.mark.parametrize(
    "said",
    ["file:///etc/passwd", "javascript:alert(1)", "data:text/html,x", "ftp://example.org", "mailto:a@example.org", "http://",
     "https://user:pw@example.org", "http://user@example.org", "exa mple.org", "http://example.org\\@evil.example",
     "http://example.org\r\nHost: x", "https://[::1", "http://example.org:99999/", "gopher://example.org", "//"],
)  # fmt: skip
def test_addresses_that_are_refused(said: str) -> None:
    with pytest.raises(ToolRefusedError) as caught:
        normal_url(said)
    assert caught.value.todo


PRIVATE = [
    "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.1",
    "fd00::1", "fe80::1%eth0", "::", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "ff02::1", "2002:7f00:1::", "127.0.0.1",
    "::1", "192.0.2.1", "198.18.0.1",
]  # fmt: skip


@pytest.mark.parametrize("ip", PRIVATE)
def test_a_name_that_leads_into_a_private_network_is_refused(ip: str) -> None:
    with pytest.raises(ToolRefusedError, match="private network"):
        judged("https://innocent.example/", loopback=True, resolve=lambda _host, _port: ["93.184.216.34", ip])


def test_a_public_name_is_pinned_to_the_address_that_was_judged() -> None:
    target = judged("https://example.org:8443/a?b=c", loopback=False, resolve=lambda _host, _port: ["93.184.216.34"])
    assert target.pinned_url == "https://93.184.216.34:8443/a?b=c"
    assert (target.host, target.host_header) == ("example.org", "example.org:8443")
    six = judged("http://example.org/", loopback=False, resolve=lambda _host, _port: ["2606:2800:220:1::1"])
    assert six.pinned_url == "http://[2606:2800:220:1::1]:80/"


def test_loopback_only_when_the_user_wrote_it() -> None:
    here = lambda _host, _port: ["127.0.0.1"]  # noqa: E731
    assert judged("http://localhost/", loopback=True, resolve=here).ip == "127.0.0.1"
    with pytest.raises(ToolRefusedError):
        judged("http://localhost/", loopback=False, resolve=here)
    with pytest.raises(ToolRefusedError):
        judged("http://rebound.example/", loopback=True, resolve=here)


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "017700000001", "127.1"])
def test_odd_spellings_of_loopback_are_judged_by_where_they_lead(host: str) -> None:
    with pytest.raises((ToolRefusedError, OSError)):
        judged(normal_url(f"http://{host}/"), loopback=True)


# Copies


def test_a_damaged_copy_is_none(tmp_path: Path) -> None:
    cache = PageCache(tmp_path)
    cache.put(Page("https://example.org/", "t", "x", 1.0))
    (file,) = tmp_path.iterdir()
    file.write_text('{"url": "https', "utf-8")
    assert cache.get("https://example.org/") is None
    assert list(tmp_path.iterdir()) == []


def test_a_page_that_the_disk_does_not_take_is_shown_all_the_same(workshop: Any, site: Site) -> None:
    site.answers["/x"] = (200, {"Content-Type": "text/plain"}, b"cod is in season")
    workshop.context.cache.write_text("no folder")
    facts = workshop.done("web.fetch", {"url": f"{site.url}/x"}).facts
    assert "cod" in facts["text"]
    assert "No copy of it could be kept" in facts["not_kept"]


def test_copies_are_bounded(tmp_path: Path) -> None:
    cache = PageCache(tmp_path)
    for number in range(PAGES_MAX + 5):
        cache.put(Page(f"https://example.org/{number}", "t", "x", 1.0))
    assert len(list(tmp_path.iterdir())) == PAGES_MAX


def test_readable_survives_broken_html() -> None:
    assert readable("<title>x<p>a<b>c") == ("", "xac") or readable("<title>x<p>a<b>c")[1]


# The fetch that waited


def waiting(url: str) -> Item:
    return Item(
        id="item-1", seq=1, tool="web.fetch", args={"url": url}, destination="web:pages", payload={"url": url},
        sentence="Fetch", fingerprint="f", state=State.SENDING, needs_approval=False, approved_at=None, created_at=0,
        updated_at=0, expires_at=0, attempts=0, offers=0, next_attempt_at=0, held_until=0, uncertain_since=None,
        mode="key", delivered_at=None, last_error=None, receipt=None, conversation_id=None, turn_id=None, call_id=None,
        replaces=None,
    )  # fmt: skip


def test_the_outbox_fetches_it_later(workshop: Any, site: Site) -> None:
    site.answers["/whitby"] = PAGE
    url = f"http://{site.url}/whitby"
    offered: list[str] = []
    transport = PageTransport(workshop.context.cache, workshop.context.clock)
    receipt = transport.deliver(waiting(url), lambda: offered.append("now"))
    assert (receipt.text, receipt.url, offered) == ("Fetched: Tide & tables", url, ["now"])
    assert workshop.done("web.fetch", {"url": url}, offline=True).facts["title"] == "Tide & tables"
    assert transport.find(waiting(url)) == receipt


def test_the_outbox_tries_again_or_gives_up(workshop: Any, site: Site) -> None:
    transport = PageTransport(workshop.context.cache, workshop.context.clock)
    with pytest.raises(UnreachableError):
        transport.deliver(waiting("http://127.0.0.1:1/x"), lambda: None)
    with pytest.raises(RejectedError):
        transport.deliver(waiting(f"http://{site.url}/gone"), lambda: None)
