"""The publisher's own digest, and the one that was pinned at first use."""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import replace

import pytest

from models.downloads import Fetched, hub_address, published, read_origin
from models.errors import DownloadError
from tests.unit.models.downloads.conftest import HASTY
from tests.unit.models.downloads.shop import Shop

Get = Callable[..., Fetched]


def test_the_publishers_digest_is_read_compared_and_pinned(shop: Shop, get: Get) -> None:
    shop.linked = True
    fetched = get(patience=replace(HASTY, piece_bytes=20_000))
    origin = read_origin(fetched.path)
    assert (fetched.said_by, fetched.sha256) == ("publisher", shop.sha256)
    assert origin is not None
    assert (origin.sha256, origin.said_by) == (shop.sha256, "publisher")


def test_a_file_that_does_not_fit_the_publishers_digest_is_thrown_away(shop: Shop, get: Get) -> None:
    shop.linked, shop.linked_sha256 = True, shop.sha256
    shop.flip()
    with pytest.raises(DownloadError, match="did not arrive as it was published"):
        get()


def test_a_publisher_who_contradicts_you_is_told_before_a_byte_is_fetched(shop: Shop, get: Get) -> None:
    shop.linked = True
    with pytest.raises(DownloadError, match="another SHA-256"):
        get(sha256="0" * 64)


def test_two_lengths_for_one_file_are_refused(shop: Shop, get: Get) -> None:
    shop.linked, shop.linked_size = True, len(shop.body) + 1
    with pytest.raises(DownloadError, match="two lengths"):
        get()


def test_a_tag_that_is_no_sha256_is_not_taken_for_one(shop: Shop, get: Get) -> None:
    shop.linked, shop.linked_sha256 = True, "a" * 40  # what a small file has: the digest of a git object
    assert get().said_by == "first use"


def test_parts_are_joined_by_the_publishers_digest_where_there_is_no_tag(shop: Shop, get: Get) -> None:
    shop.linked, shop.tag, shop.cuts = True, "", [500, 700]
    fetched = get(patience=replace(HASTY, piece_bytes=20_000))
    assert fetched.path.read_bytes() == shop.body


def test_a_file_that_was_exchanged_by_its_publisher_is_not_taken_unseen(shop: Shop, get: Get) -> None:
    shop.linked = True
    first = get()
    first.path.unlink()
    shop.body, shop.tag = shop.body[:-4] + b"new!", '"two"'
    with pytest.raises(DownloadError, match="now offers another") as caught:
        get()
    assert "--accept-new" in caught.value.todo
    assert get(accept_new=True).sha256 == hashlib.sha256(shop.body).hexdigest()


def test_the_pin_holds_where_the_server_names_no_digest(shop: Shop, get: Get) -> None:
    first = get()
    first.path.unlink()
    shop.body, shop.tag = shop.body[:-4] + b"new!", '"two"'
    with pytest.raises(DownloadError, match="now offers another"):
        get()
    assert get(accept_new=True).sha256 == shop.sha256


def test_another_address_is_another_pin(shop: Shop, get: Get) -> None:
    get().path.unlink()
    shop.flip()
    assert get(url=shop.url.replace("some", "other")).sha256 == shop.sha256


def test_no_secret_reaches_a_log_or_a_message(shop: Shop, get: Get, caplog: pytest.LogCaptureFixture) -> None:
    shop.linked, shop.refusals = True, [(404, {})]
    with caplog.at_level(logging.DEBUG), pytest.raises(DownloadError) as caught:
        get(url=shop.url.replace("//", "//ann:hush@") + "?token=hush")
    assert "hush" not in str(caught.value)
    with caplog.at_level(logging.DEBUG):
        get(url=shop.url.replace("//", "//ann:hush@") + "?token=hush")
    assert "hush" not in caplog.text


def test_an_address_at_hugging_face_or_its_mirror() -> None:
    assert hub_address("a/b-GGUF", "c d.gguf", {}) == "https://huggingface.co/a/b-GGUF/resolve/main/c%20d.gguf"
    assert hub_address("a/b", "c.gguf", {"HF_ENDPOINT": "http://127.0.0.1:9/"}) == (
        "http://127.0.0.1:9/a/b/resolve/main/c.gguf"
    )


def test_what_the_publisher_offers_now_is_asked_in_one_small_request(shop: Shop, get: Get) -> None:
    shop.linked = True
    origin = read_origin(get().path)
    assert origin is not None
    asked = len(shop.asked)
    assert not published(shop.url, HASTY).differs(origin)
    shop.body, shop.tag = shop.body[:-4] + b"new!", '"two"'
    now = published(shop.url, HASTY)
    assert (now.sha256, now.size_bytes, now.differs(origin)) == (shop.sha256, len(shop.body), True)
    assert shop.asked[asked:] == ["bytes=0-0", "bytes=0-0"]


def test_without_a_digest_only_another_length_tells(shop: Shop, get: Get) -> None:
    origin = read_origin(get().path)
    assert origin is not None
    shop.flip()
    assert not published(shop.url, HASTY).differs(origin)
    shop.body += b"more"
    assert published(shop.url, HASTY).differs(origin)


@pytest.mark.parametrize("status", [404, 503])
def test_a_publisher_who_does_not_answer_is_said(shop: Shop, status: int) -> None:
    shop.refusals = [(status, {})]
    with pytest.raises(DownloadError, match=str(status)):
        published(shop.url, HASTY)
