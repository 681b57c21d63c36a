"""One file over a network that cuts, and a server that lies: it arrives whole and checked, or not at all."""

from collections.abc import Callable
from pathlib import Path

import pytest

from models.downloads import Fetched, Step, read_origin
from models.errors import AddressBadError, CancelledError, DownloadError, ModelFileBadError
from tests.unit.models.downloads.shop import Shop

Get = Callable[..., Fetched]


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_a_file_arrives_whole_and_is_put_in_place(shop: Shop, get: Get, tmp_path: Path) -> None:
    seen: list[Step] = []
    fetched = get(sha256=shop.sha256, watch=lambda step: seen.append(step) or True)
    assert fetched.path == tmp_path / "tiny.gguf"
    assert fetched.path.read_bytes() == shop.body
    assert (fetched.sha256, fetched.size_bytes, fetched.said_by) == (shop.sha256, len(shop.body), "you")
    assert names(tmp_path) == ["tiny.gguf", "tiny.gguf.origin.json"]
    assert (seen[-1].phase, seen[-1].done, seen[-1].total) == ("checking", len(shop.body), len(shop.body))
    assert {step.phase for step in seen} >= {"fetching", "checking"}


def test_a_cut_download_goes_on_at_the_byte(shop: Shop, get: Get) -> None:
    shop.cuts = [1000, 0, 50_000]
    assert get(sha256=shop.sha256).path.read_bytes() == shop.body
    assert [asked.partition("-")[0] for asked in shop.asked] == ["bytes=0", "bytes=1000", "bytes=1000", "bytes=51000"]


def test_a_later_run_goes_on_where_the_first_gave_up(shop: Shop, get: Get, tmp_path: Path) -> None:
    shop.cuts = [40_000] + [0] * 6
    with pytest.raises(DownloadError, match="cut, 6 times in a row") as caught:
        get()
    assert "pull again" in caught.value.todo
    assert not (tmp_path / "tiny.gguf").exists()
    shop.cuts, shop.asked = [], []
    fetched = get(sha256=shop.sha256)
    assert fetched.resumed_at == 40_000
    assert shop.asked == ["bytes=40000-1048575"] or shop.asked == [f"bytes=40000-{len(shop.body) - 1}"]
    assert fetched.path.read_bytes() == shop.body


def test_a_paused_download_keeps_what_arrived_and_goes_on(shop: Shop, get: Get, tmp_path: Path) -> None:
    with pytest.raises(CancelledError):
        get(watch=lambda step: step.done < 50_000)
    assert not (tmp_path / "tiny.gguf").exists()
    fetched = get(sha256=shop.sha256)
    assert 50_000 <= fetched.resumed_at < len(shop.body)
    assert fetched.path.read_bytes() == shop.body


def test_a_pause_while_it_is_checked_loses_nothing(shop: Shop, get: Get) -> None:
    with pytest.raises(CancelledError):
        get(watch=lambda step: step.phase != "checking")
    asked = len(shop.asked)
    assert get().resumed_at == len(shop.body)
    assert len(shop.asked) == asked


def test_another_version_on_the_server_is_fetched_from_its_start(shop: Shop, get: Get) -> None:
    shop.cuts = [40_000] + [0] * 6
    with pytest.raises(DownloadError):
        get()
    shop.cuts, shop.tag = [], '"two"'
    shop.flip()
    assert get(sha256=shop.sha256).path.read_bytes() == shop.body


@pytest.mark.parametrize("fault", ["ignores ranges", "no tag", "weak tag"])
def test_a_server_that_cannot_go_on_is_asked_for_everything(shop: Shop, get: Get, fault: str) -> None:
    shop.ignores_ranges = fault == "ignores ranges"
    shop.tag = {"no tag": "", "weak tag": 'W/"one"'}.get(fault, shop.tag)
    shop.cuts = [1000, 2000, 3000]
    notes: set[str] = set()
    assert get(sha256=shop.sha256, watch=lambda step: notes.add(step.note) or True).path.read_bytes() == shop.body
    assert shop.asked[-1] == ""
    assert any("does not send parts" in note for note in notes)


def test_a_server_that_never_sends_everything_in_one_go_is_given_up(shop: Shop, get: Get) -> None:
    shop.ignores_ranges, shop.cuts = True, [1000, 2000, 3000, 500, 4000, 100, 5000, 200, 6000, 300]
    with pytest.raises(DownloadError, match="in a row"):
        get()
    assert len(shop.asked) <= 8


def test_a_last_modified_date_serves_where_there_is_no_tag(shop: Shop, get: Get) -> None:
    shop.tag, shop.last_modified, shop.cuts = "", "Wed, 01 Jul 2026 10:00:00 GMT", [1000]
    assert get(sha256=shop.sha256).path.read_bytes() == shop.body
    assert shop.asked[1].startswith("bytes=1000-")


def test_a_flipped_bit_is_noticed_named_and_nothing_is_kept(shop: Shop, get: Get, tmp_path: Path) -> None:
    expected = shop.sha256
    shop.flip()
    with pytest.raises(DownloadError, match=r"tiny\.gguf did not arrive as it was published") as caught:
        get(sha256=expected)
    assert "Fetch it again" in caught.value.todo
    assert names(tmp_path) == []


def test_a_server_that_announces_more_than_it_has_never_makes_a_file(shop: Shop, get: Get, tmp_path: Path) -> None:
    shop.ignores_ranges, shop.announces = True, 10
    with pytest.raises(DownloadError):
        get()
    assert not (tmp_path / "tiny.gguf").exists()


def test_a_server_that_announces_less_than_it_has_never_makes_a_file(shop: Shop, get: Get, tmp_path: Path) -> None:
    shop.ignores_ranges, shop.announces = True, -5000
    with pytest.raises(ModelFileBadError, match="cut short"):
        get()
    assert names(tmp_path) == []


def test_a_part_that_begins_elsewhere_is_not_taken(shop: Shop, get: Get, tmp_path: Path) -> None:
    shop.shifts_ranges = True
    with pytest.raises(DownloadError, match="another part than was asked for"):
        get()
    assert not (tmp_path / "tiny.gguf").exists()


def test_a_server_that_sends_beyond_what_was_asked_is_cut_off(shop: Shop, get: Get) -> None:
    shop.ignores_ends = True
    assert get(sha256=shop.sha256).path.read_bytes() == shop.body


def test_a_web_page_is_not_kept_as_a_model(shop: Shop, get: Get, tmp_path: Path) -> None:
    shop.body = b"<html>Please log in</html>"
    with pytest.raises(ModelFileBadError, match="web page"):
        get()
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("status", "words"), [(404, "refused: 404"), (403, "refused: 403"), (503, "did not begin, 5 times in a row")]
)
def test_a_refusal_is_said(shop: Shop, get: Get, status: int, words: str) -> None:
    shop.refusals = [(status, {})] * 9
    with pytest.raises(DownloadError, match=words):
        get()


def test_packed_bytes_are_refused(shop: Shop, get: Get) -> None:
    shop.packed = True
    with pytest.raises(DownloadError, match="packed"):
        get()


def test_an_unknown_length_is_refused(shop: Shop, get: Get) -> None:
    shop.ignores_ranges = shop.unmeasured = True
    with pytest.raises(DownloadError, match="how long the file is"):
        get()


def test_a_checksum_that_is_none_is_refused_before_anything_is_asked(shop: Shop, get: Get) -> None:
    for typed in ("deadbeef", "g" * 64, "a" * 63, " " + "a" * 64):
        with pytest.raises(AddressBadError):
            get(sha256=typed)
    assert shop.asked == []


def test_a_server_that_sends_on_to_a_file_is_asked_once(shop: Shop, get: Get, tmp_path: Path) -> None:
    shop.sends_on_to = "file:///etc/hostname"
    with pytest.raises(AddressBadError):
        get()
    assert len(shop.asked) == 1
    assert names(tmp_path) == []


def test_a_server_that_sends_in_circles_is_told(shop: Shop, get: Get) -> None:
    shop.sends_on_to = shop.url
    with pytest.raises(DownloadError, match="circles"):
        get()


def test_what_is_here_already_is_not_fetched_again(shop: Shop, get: Get) -> None:
    get(sha256=shop.sha256)
    asked = len(shop.asked)
    again = get(sha256=shop.sha256)
    assert again.already
    assert len(shop.asked) == asked


def test_a_damaged_file_is_fetched_again_and_replaced(shop: Shop, get: Get, tmp_path: Path) -> None:
    get()
    (tmp_path / "tiny.gguf").write_bytes(shop.body[:-1] + b"?")
    fetched = get()
    assert not fetched.already
    assert fetched.path.read_bytes() == shop.body


def test_the_origin_is_kept_beside_the_model_without_secrets(shop: Shop, get: Get) -> None:
    fetched = get(url=shop.url.replace("//", "//ann:hush@") + "?token=hush#x")
    origin = read_origin(fetched.path)
    assert origin is not None
    assert (origin.address, origin.sha256, origin.said_by) == (shop.url, shop.sha256, "first use")
    assert not [file for file in fetched.path.parent.iterdir() if b"hush" in file.read_bytes()]
