"""Files into a real folder elsewhere: what is there against expectation, folders on the way, what is asked later."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sync.item import Item
from sync.transports.attached import Edition
from sync.transports.dav import DavAccount
from sync.transports.outcomes import (
    ChangedError,
    DeliveryError,
    NotConfiguredError,
    RejectedError,
    RetryableError,
    UncertainError,
)
from sync.transports.port import Limits
from sync.transports.webdav import WebDav
from tests.sim.between import FAULTS, Between, Fault
from tests.sim.file_server import FileServer
from tests.unit.sync.items import an_item

LIMITS = Limits(connect_s=2, read_s=2, total_s=4)


class Shelf:
    def __init__(self, *texts: str) -> None:
        self.texts = list(texts)

    def newest(self, artifact: str) -> Edition:
        return self.edition(artifact, len(self.texts))

    def edition(self, artifact: str, n: int) -> Edition:
        return Edition(n, 1_772_700_000_000, len(self.texts[n - 1]))

    def content(self, artifact: str, n: int) -> bytes:
        return self.texts[n - 1].encode()

    def difference(self, artifact: str, older: int, newer: int) -> str:
        return ""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FileServer]:
    with FileServer(tmp_path_factory.mktemp("webdav") / "served") as server:
        yield server


def share(url: str, shelf: Shelf | None = None, secret: str = "pw") -> WebDav:
    return WebDav(DavAccount("share", url, "me", secret), shelf=shelf or Shelf("one"), limits=LIMITS)


def work(path: str, version: int = 1, etag: str = "", **more: Any) -> Item:
    entry = {"artifact": "a", "version": version, "name": "a.md", "media_type": "text/markdown", "follow": "pinned"}
    return an_item({"etag": etag}, path=path, attached=[{**entry, **more}])


def nothing() -> None:
    pass


def test_it_lies_there_in_a_folder_that_was_made(running: FileServer) -> None:
    receipt = share(running.url).deliver(work("reports/2026/Größe & mehr #1.md"), nothing)
    assert (running.folder / "reports" / "2026" / "Größe & mehr #1.md").read_text() == "one"
    assert receipt.reference.startswith('"')


def test_a_newer_version_replaces_what_was_last_sent(running: FileServer) -> None:
    shelf = Shelf("one", "two")
    etag = share(running.url, shelf).deliver(work("next.md"), nothing).reference
    share(running.url, shelf).deliver(work("next.md", 2, etag), nothing)
    assert (running.folder / "next.md").read_text() == "two"


@pytest.mark.parametrize(("etag", "then"), [("", "not there yet"), ('"long ago"', "as you last sent it")])
def test_a_file_of_others_is_never_written_over_unasked(running: FileServer, etag: str, then: str) -> None:
    (running.folder / "theirs.md").write_text("theirs")
    item, offered = work("theirs.md", etag=etag), []
    with pytest.raises(ChangedError) as caught:
        share(running.url).deliver(item, lambda: offered.append(1))
    assert offered == []
    assert (running.folder / "theirs.md").read_text() == "theirs"
    assert caught.value.then == then
    assert caught.value.now.startswith("a file of another content, 6 bytes, changed ")
    share(running.url).deliver(replace(item, basis=caught.value.basis), nothing)
    assert (running.folder / "theirs.md").read_text() == "one"


def test_one_that_is_gone_is_a_conflict(running: FileServer) -> None:
    item = work("gone.md", etag='"long ago"')
    with pytest.raises(ChangedError) as caught:
        share(running.url).deliver(item, nothing)
    assert caught.value.now == "no longer there"
    assert share(running.url).deliver(replace(item, basis=caught.value.basis), nothing)


def test_the_same_bytes_are_no_conflict(running: FileServer) -> None:
    (running.folder / "same.md").write_text("one")
    assert "already" in share(running.url).deliver(work("same.md"), nothing).text


def test_somebody_who_comes_between_the_question_and_the_file_is_noticed(running: FileServer) -> None:
    with Between(running.port) as between:
        between.script = [Fault(412)]
        with pytest.raises(ChangedError):
            share(between.url).deliver(work("race.md"), nothing)
    assert not (running.folder / "race.md").exists()


@pytest.mark.parametrize(
    ("fault", "error", "arrived"),
    [
        (Fault(429, {"Retry-After": "7"}), RetryableError, False), (Fault(503), RetryableError, False),
        (Fault(507), RejectedError, False), (Fault(307, {"Location": "/x"}), RejectedError, False),
        (FAULTS["stall"], UncertainError, False), (FAULTS["lose_answer"], UncertainError, True),
    ],
)  # fmt: skip
def test_what_may_have_happened_is_asked(
    running: FileServer, fault: Fault, error: type[DeliveryError], arrived: bool
) -> None:
    item = work(f"asked-{fault.status}-{fault.cut}.md")
    with Between(running.port) as between:
        between.script = [fault]
        with pytest.raises(error):
            share(between.url).deliver(item, nothing)
        assert bool(share(between.url).find(item)) == arrived


def test_another_file_in_its_place_leaves_it_open(running: FileServer) -> None:
    (running.folder / "other.md").write_text("theirs")
    with pytest.raises(UncertainError, match="another file"):
        share(running.url).find(work("other.md"))


def test_what_was_there_before_is_no_sign_of_it(running: FileServer) -> None:
    etag = share(running.url).deliver(work("before.md"), nothing).reference
    assert share(running.url, Shelf("one", "two")).find(work("before.md", 2, etag)) is None


def test_a_newer_version_is_no_news_when_an_earlier_try_is_asked_about(running: FileServer) -> None:
    shelf = Shelf("one")
    item = work("later.md", follow="ask")
    share(running.url, shelf).deliver(item, nothing)
    shelf.texts.append("two")
    assert share(running.url, shelf).find(item)


@pytest.mark.parametrize("path", ["", "../x.md", "a//b", "a/./b", "/".join("a" * 30), " /x"])
def test_a_path_stays_in_its_folder(running: FileServer, path: str) -> None:
    with pytest.raises(RejectedError, match="no place"):
        share(running.url).deliver(work(path), nothing)


def test_a_wrong_password_is_said(running: FileServer) -> None:
    with pytest.raises(RejectedError, match="401") as caught:
        share(running.url, secret="wr0ng").deliver(work("x.md"), nothing)
    assert "wr0ng" not in str(caught.value)
    with pytest.raises(NotConfiguredError, match="in the open"):
        share("http://files.example.org/")


@pytest.mark.parametrize("url", ["http://[x/dav", "https://host:port/dav", "dav.example.org"])
def test_an_address_that_is_none_is_said_in_words(url: str) -> None:
    with pytest.raises(NotConfiguredError, match="is not one"):
        share(url)


def test_a_large_file_arrives_whole(running: FileServer, tmp_path: Path) -> None:
    text = "0123456789abcdef" * 300_000
    share(running.url, Shelf(text)).deliver(work("large.md"), nothing)
    assert (running.folder / "large.md").read_text() == text
    assert share(running.url, Shelf(text)).find(work("large.md"))


def test_a_tag_that_is_not_told_with_the_answer_is_asked_for(running: FileServer) -> None:
    """Else each later version would meet a file that is "not as you last sent it"."""
    shelf = Shelf("one", "two")
    with Between(running.port) as between:
        between.hides = frozenset({"PUT"})
        etag = share(between.url, shelf).deliver(work("untold.md"), nothing).reference
        assert etag.startswith('"')
        share(between.url, shelf).deliver(work("untold.md", 2, etag), nothing)
    assert (running.folder / "untold.md").read_text() == "two"


def test_that_question_takes_nothing_back(running: FileServer) -> None:
    with Between(running.port) as between:
        between.hides = frozenset({"PUT"})
        between.asking = [Fault(404), Fault(503)]
        assert share(between.url).deliver(work("taken.md"), nothing).reference == "there"
    assert (running.folder / "taken.md").read_text() == "one"


def test_a_file_of_others_that_came_right_after_is_not_taken_for_ours(running: FileServer) -> None:
    """Its tag in our receipt would let our next version go over it unasked."""
    there, shelf = running.folder / "raced.md", Shelf("one", "two")

    def another_comes(method: str, headers: dict[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
        if method == "PUT":
            there.write_text("theirs")
        return headers, body

    with Between(running.port) as between:
        between.hides, between.rewrites = frozenset({"PUT"}), another_comes
        known = share(between.url, shelf).deliver(work("raced.md"), nothing).reference
        with pytest.raises(ChangedError):
            share(between.url, shelf).deliver(work("raced.md", 2, known), nothing)
    assert there.read_text() == "theirs"


def test_without_tags_the_time_of_the_last_change_is_the_condition(running: FileServer) -> None:
    shelf = Shelf("one", "two")
    with Between(running.port) as between:
        between.hides = frozenset({"PUT", "HEAD", "GET"})
        known = share(between.url, shelf).deliver(work("dated.md"), nothing).reference
        assert known.startswith("modified ")
        share(between.url, shelf).deliver(work("dated.md", 2, known), nothing)
        (*_, (_, _, headers)) = [request for request in between.requests if request[0] == "PUT"]
    assert headers["If-Unmodified-Since"] == known.removeprefix("modified ")
    assert (running.folder / "dated.md").read_text() == "two"
