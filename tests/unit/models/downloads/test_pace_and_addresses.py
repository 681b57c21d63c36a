"""Speed and time left on recorded times; addresses; what Retry-After asks for."""

from datetime import UTC, datetime
from itertools import accumulate

import pytest

from models.downloads import addresses, file_name, shown
from models.downloads.address import check_address
from models.downloads.pace import GAP_S, Pace
from models.downloads.patience import asked_wait_s
from models.errors import AddressBadError

MB = 1_000_000


def fed(steps: list[tuple[float, int]], start: float = 100.0) -> Pace:
    pace = Pace()
    pace.add(start, 0)
    for at, done in accumulate(steps, lambda one, two: (one[0] + two[0], one[1] + two[1])):
        pace.add(start + at, done)
    return pace


def test_a_steady_stream_has_its_speed_and_its_time_left() -> None:
    pace = fed([(0.1, MB)] * 50)
    assert pace.bytes_per_second == pytest.approx(10 * MB)
    assert pace.seconds_left(100 * MB) == pytest.approx(5.0)


def test_nothing_is_told_before_it_is_known() -> None:
    pace = fed([(0.1, MB)] * 5)
    assert pace.bytes_per_second is None
    assert pace.seconds_left(100 * MB) is None


def test_steps_of_any_length_give_the_same_speed() -> None:
    fine, coarse = fed([(0.01, MB // 100)] * 1_000), fed([(0.5, MB // 2)] * 20)
    assert fine.bytes_per_second == pytest.approx(coarse.bytes_per_second, rel=0.02)


def test_a_change_of_speed_is_followed_within_seconds_without_jumps() -> None:
    pace = fed([(0.1, MB)] * 100)
    speeds = []
    for number in range(1, 101):
        pace.add(110 + number * 0.1, 100 * MB + number * MB // 10)
        speeds.append(pace.bytes_per_second or 0)
    assert speeds == sorted(speeds, reverse=True)
    assert speeds[9] > 5 * MB  # a second later it has not jumped
    assert speeds[-1] < 3 * MB  # ten seconds later it is nearly there


def test_a_stall_makes_the_time_left_grow() -> None:
    pace = fed([(0.1, MB)] * 50)
    before = pace.seconds_left(100 * MB)
    pace.add(109.0, 50 * MB)
    assert (pace.seconds_left(100 * MB) or 0) > (before or 0)


def test_a_machine_that_slept_begins_its_reckoning_anew() -> None:
    pace = fed([(0.1, MB)] * 50)
    pace.add(105 + GAP_S + 3_600, 50 * MB)
    assert pace.bytes_per_second is None
    for number in range(1, 21):
        pace.add(105 + GAP_S + 3_600 + number * 0.1, 50 * MB + number * MB)
    assert pace.bytes_per_second == pytest.approx(10 * MB)


def test_a_download_begun_anew_is_reckoned_anew() -> None:
    pace = fed([(0.1, MB)] * 50)
    pace.add(105.1, 0)
    assert pace.bytes_per_second is None


@pytest.mark.parametrize(
    "url",
    ["ftp://127.0.0.1/a.gguf", "file:///a.gguf", "http://", "https:///a.gguf", "http://h:99999/a.gguf", "//x/a.gguf",
     "http://[::1/a.gguf", "a.gguf"],
)  # fmt: skip
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(AddressBadError):
        check_address(url)


@pytest.mark.parametrize("last", ["a.zip", ".gguf", "", "x" * 300 + ".gguf", "a%00.gguf", "a:b.gguf", "CON|.gguf"])
def test_what_is_no_name_of_a_model_is_refused(last: str) -> None:
    with pytest.raises(AddressBadError):
        file_name(f"http://127.0.0.1/{last}")


def test_a_name_cannot_leave_the_folder() -> None:
    assert file_name("http://127.0.0.1/x/%2e%2e%2fevil.gguf") == "evil.gguf"
    with pytest.raises(AddressBadError):
        file_name("http://127.0.0.1/x/..%5cevil.gguf")


def test_an_address_is_shown_without_its_secrets() -> None:
    assert shown("https://ann:hush@host:8/a.gguf?token=hush#hush") == "https://host:8/a.gguf"


def test_a_model_in_several_files_has_several_addresses() -> None:
    many = addresses("https://h/x/big-00002-of-00003.gguf?download=true")
    assert [url.rpartition("/")[2] for url in many] == [
        f"big-0000{number}-of-00003.gguf?download=true" for number in (1, 2, 3)
    ]
    assert addresses("https://h/x/small.gguf") == ("https://h/x/small.gguf",)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("5", 5), ("", None), ("soon", None), ("-3", None), ("Wed, 25 Nov 2026 12:00:30 GMT", 30),
     ("Wed, 25 Nov 2026 11:00:00 GMT", 0)],
)  # fmt: skip
def test_what_a_server_asks_to_wait(text: str, seconds: float | None) -> None:
    assert asked_wait_s({"retry-after": text}, datetime(2026, 11, 25, 12, tzinfo=UTC)) == seconds
