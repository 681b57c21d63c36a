"""Downloads from a real server on loopback that cuts, lies, ignores ranges and flips bits."""

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from models.download import download, file_name
from models.errors import AddressBadError, CancelledError, DownloadError, ModelFileBadError


@dataclass
class Shop:
    """What the server offers, and how it misbehaves."""

    body: bytes
    cuts: list[int] = field(default_factory=list)  # of each answer, send only so many bytes
    tag: str = '"one"'
    ignores_ranges: bool = False
    lies_longer: int = 0
    status: int = 200
    sends_on_to: str = ""
    asked: list[str] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def shop(tiny_chat: Path) -> Iterator[Shop]:
    shop = Shop(tiny_chat.read_bytes())

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            serve(self, shop)

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    shop.url = f"http://127.0.0.1:{server.server_port}/some/tiny.gguf?download=true"
    yield shop
    server.shutdown()
    thread.join()
    server.server_close()


def serve(handler: BaseHTTPRequestHandler, shop: Shop) -> None:
    wanted = handler.headers.get("Range", "")
    shop.asked.append(wanted)
    if shop.sends_on_to:
        handler.send_response(302)
        handler.send_header("Location", shop.sends_on_to)
        handler.end_headers()
        return
    if shop.status != 200:
        handler.send_error(shop.status)
        return
    start = 0
    if wanted and not shop.ignores_ranges and handler.headers.get("If-Range") == shop.tag:
        start = int(wanted.removeprefix("bytes=").removesuffix("-"))
    handler.send_response(206 if start else 200)
    handler.send_header("Content-Length", str(len(shop.body) - start + shop.lies_longer))
    if start:
        handler.send_header("Content-Range", f"bytes {start}-{len(shop.body) - 1}/{len(shop.body)}")
    if shop.tag:
        handler.send_header("ETag", shop.tag)
    handler.end_headers()
    data = shop.body[start:]
    handler.wfile.write(data[: shop.cuts.pop(0)] if shop.cuts else data)
    handler.close_connection = True


def fetch(shop: Shop, folder: Path, **options: Any) -> Any:
    return download(shop.url, folder, pause=lambda _seconds: None, **options)


def sha(shop: Shop) -> str:
    return hashlib.sha256(shop.body).hexdigest()


def test_a_file_arrives_whole_and_is_put_in_place(shop: Shop, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    fetched = fetch(shop, tmp_path, sha256=sha(shop), progress=lambda done, all_: seen.append((done, all_)) or True)
    assert fetched.path == tmp_path / "tiny.gguf"
    assert fetched.path.read_bytes() == shop.body
    assert fetched.sha256 == sha(shop)
    assert seen[-1] == (len(shop.body), len(shop.body))
    assert [entry.name for entry in tmp_path.iterdir()] == ["tiny.gguf"]


def test_a_cut_download_goes_on_at_the_byte(shop: Shop, tmp_path: Path) -> None:
    shop.cuts = [1000, 0, 50_000]
    assert fetch(shop, tmp_path, sha256=sha(shop)).path.read_bytes() == shop.body
    assert shop.asked == ["", "bytes=1000-", "bytes=1000-", "bytes=51000-"]


def test_a_later_run_goes_on_where_the_first_gave_up(shop: Shop, tmp_path: Path) -> None:
    shop.cuts = [40_000] + [0] * 6
    with pytest.raises(DownloadError, match="cut 6 times") as caught:
        fetch(shop, tmp_path)
    assert "pull again" in caught.value.todo
    assert not (tmp_path / "tiny.gguf").exists()
    fetched = fetch(shop, tmp_path, sha256=sha(shop))
    assert fetched.resumed_at == 40_000
    assert fetched.path.read_bytes() == shop.body


def test_a_stopped_download_keeps_what_arrived(shop: Shop, tmp_path: Path) -> None:
    shop.cuts = [60_000, 0]
    with pytest.raises(CancelledError):
        fetch(shop, tmp_path, progress=lambda done, _all: done < 50_000)
    assert 50_000 <= fetch(shop, tmp_path).resumed_at <= 60_000


def test_another_version_on_the_server_is_fetched_from_its_start(shop: Shop, tmp_path: Path) -> None:
    shop.cuts = [40_000] + [0] * 6
    with pytest.raises(DownloadError):
        fetch(shop, tmp_path)
    shop.tag = '"two"'
    assert fetch(shop, tmp_path, sha256=sha(shop)).path.read_bytes() == shop.body


@pytest.mark.parametrize("fault", ["ignores ranges", "no tag"])
def test_a_server_that_cannot_resume_is_asked_for_everything(shop: Shop, tmp_path: Path, fault: str) -> None:
    shop.ignores_ranges = fault == "ignores ranges"
    shop.tag = "" if fault == "no tag" else shop.tag
    shop.cuts = [1000, 2000]
    assert fetch(shop, tmp_path, sha256=sha(shop)).path.read_bytes() == shop.body


def test_a_flipped_bit_is_noticed_and_nothing_is_kept(shop: Shop, tmp_path: Path) -> None:
    expected = sha(shop)
    shop.body = shop.body[:-1] + bytes([shop.body[-1] ^ 1])
    with pytest.raises(DownloadError, match="did not arrive as it was published"):
        fetch(shop, tmp_path, sha256=expected)
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_lies_about_the_length_never_makes_a_file(shop: Shop, tmp_path: Path) -> None:
    shop.lies_longer = 10
    with pytest.raises(DownloadError):
        fetch(shop, tmp_path)
    assert not (tmp_path / "tiny.gguf").exists()


def test_a_web_page_is_not_kept_as_a_model(shop: Shop, tmp_path: Path) -> None:
    shop.body = b"<html>Please log in</html>"
    with pytest.raises(ModelFileBadError, match="web page"):
        fetch(shop, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("status", "words"), [(404, "refused: 404"), (403, "refused: 403"), (503, "cut 6 times")])
def test_a_refusal_is_said(shop: Shop, tmp_path: Path, status: int, words: str) -> None:
    shop.status = status
    with pytest.raises(DownloadError, match=words):
        fetch(shop, tmp_path)


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1/a.gguf", "file:///a.gguf", "http://127.0.0.1/a.zip", "http://127.0.0.1/.gguf"]
)
def test_other_addresses_are_refused_before_anything_is_asked(tmp_path: Path, url: str) -> None:
    with pytest.raises(DownloadError):
        download(url, tmp_path)


def test_a_name_cannot_leave_the_folder() -> None:
    assert file_name("http://127.0.0.1/x/%2e%2e%2fevil.gguf") == "evil.gguf"
    with pytest.raises(DownloadError):
        file_name("http://127.0.0.1/x/..%5cevil.gguf")


@pytest.mark.parametrize("typed", ["deadbeef", "g" * 64, "a" * 63, " " + "a" * 64])
def test_a_checksum_that_is_none_is_refused_before_anything_is_asked(shop: Shop, tmp_path: Path, typed: str) -> None:
    with pytest.raises(AddressBadError):
        download(shop.url, tmp_path, sha256=typed)
    assert shop.asked == []


def test_a_server_that_sends_on_to_a_file_is_asked_once(shop: Shop, tmp_path: Path) -> None:
    shop.sends_on_to = "file:///etc/hostname"
    with pytest.raises(AddressBadError):
        download(shop.url, tmp_path, pause=lambda _seconds: None)
    assert len(shop.asked) == 1
    assert list(tmp_path.iterdir()) == []
