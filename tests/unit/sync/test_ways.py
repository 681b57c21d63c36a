"""What is made of the answer to a question that carries nothing, and how long that counts."""

import subprocess
import sys
from pathlib import Path

import pytest

from sync.transports.outcomes import SignInError
from sync.transports.ways import PATH, PROVEN_S, VOUCHED_S, WAYS_KEPT_MAX, Ways, origin_of, question, settle

HERE = "http://chat.example:8065/hooks/s3cret?channel=ops"
ROOT = Path(__file__).parents[3]
PAGE = b"<!doctype html><title>Welcome</title>"


class Passing:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def passing() -> Passing:
    return Passing()


@pytest.fixture
def ways(passing: Passing) -> Ways:
    return Ways(passing)


def test_the_question_says_nothing_of_what_is_asked_for() -> None:
    first, second = question(HERE), question(HERE)
    assert first.startswith(f"http://chat.example:8065{PATH}")
    assert first != second, "nobody can have that path"
    assert question("http://me:pw@Chat.example/a").startswith(f"http://chat.example{PATH}")
    assert origin_of(HERE) == "http://chat.example:8065"


@pytest.mark.parametrize(
    ("url", "needs"),
    [(HERE, True), ("https://chat.example/hook", False), ("http://127.0.0.1:8065/x", False),
     ("http://localhost/x", False), ("http://10.0.0.7/x", True)],
)  # fmt: skip
def test_only_what_travels_open_and_leaves_the_machine_is_asked(ways: Ways, url: str, needs: bool) -> None:
    assert ways.needs_proof(url) == needs


@pytest.mark.parametrize(
    ("status", "location", "kind", "body"),
    [
        (404, "", "text/html", PAGE),
        (405, "", "", b""),
        (401, "", "", b""),
        (200, "", "application/json", b"[]"),
        (204, "", "", b""),
        (502, "", "text/html", PAGE),
        (302, "/users/sign_in", "", b""),
        (301, "https://chat.example/x", "", b""),
        (302, "http://chat.example:8065/login", "", b""),
        (301, "https://www.chat.example/x", "", b""),
        (301, "https://example.chat.example:8443/x", "", b""),
        (200, "", "application/xml", b"<metadata>"),
        (200, "", "text/plain", b"<headers>"),
    ],
)
def test_what_a_destination_may_answer(ways: Ways, status: int, location: str, kind: str, body: bytes) -> None:
    settle(HERE, status, location, kind, body, ways)
    assert not ways.needs_proof(HERE)
    assert ways.needs_proof("http://other.example/")


@pytest.mark.parametrize(
    ("status", "location", "body", "url", "sure"),
    [
        (302, "http://hotel.example/login?mac=1", b"", "http://hotel.example/login", True),
        (302, "//hotel.example/login", b"", "http://hotel.example/login", True),
        (302, "http://[::1", b"", "", True),
        (302, "http://chat.example:99999/", b"", "", True),
        (302, "http://chat.example:8080/login", b"", "http://chat.example:8080/login", True),
        (302, "http://chat.example/login", b"", "http://chat.example/login", True),
        (302, "http://www.chat.example:8065/", b"", "http://www.chat.example:8065/", True),
        (302, "https://notchat.example/", b"", "https://notchat.example/", True),
        (302, "https://example/", b"", "https://example/", True),
        (511, "", PAGE, "http://chat.example:8065/", True),
        (200, "", PAGE, "http://chat.example:8065/", False),
    ],
)
def test_what_only_somebody_else_answers(
    ways: Ways, status: int, location: str, body: bytes, url: str, sure: bool
) -> None:
    ways.prove("http://other.example/")
    with pytest.raises(SignInError) as caught:
        settle(HERE, status, location, "text/html", body, ways)
    assert (caught.value.url, caught.value.sure) == (url, sure)
    assert ways.needs_proof(HERE)
    assert ways.needs_proof("http://other.example/"), "it may stand before every place"


@pytest.mark.parametrize(
    "body", [b"<script>location='http://hotel/'</script>", b" <META http-equiv=refresh>", b"<head><title>", b"<body>"]
)
@pytest.mark.parametrize("kind", ["", "text/plain"])
def test_a_page_is_known_by_how_it_begins(ways: Ways, kind: str, body: bytes) -> None:
    with pytest.raises(SignInError):
        settle(HERE, 200, "", kind, body, ways)


def test_a_place_above_may_send_to_its_parts_and_back(ways: Ways) -> None:
    settle("http://www.chat.example/hook", 301, "https://chat.example/hook", "", b"", ways)
    assert not ways.needs_proof("http://www.chat.example/")


def test_a_redirect_to_elsewhere_is_excused_by_nobody(ways: Ways) -> None:
    """Some networks let a few places through without a sign-in."""
    ways.vouch()
    with pytest.raises(SignInError):
        settle(HERE, 302, "http://hotel.example/login", "", b"", ways)


def test_a_page_for_everything_is_the_places_own_where_somebody_answered_over_tls(ways: Ways, passing: Passing) -> None:
    ways.vouch()
    settle(HERE, 200, "", "text/html", PAGE, ways)
    assert not ways.needs_proof(HERE)
    ways.forget(HERE)
    with pytest.raises(SignInError):
        settle(HERE, 511, "", "text/html", PAGE, ways)
    ways.vouch()
    passing.now += VOUCHED_S
    with pytest.raises(SignInError):
        settle(HERE, 200, "", "text/html", PAGE, ways)


def test_a_proof_grows_old_and_goes_with_the_network(ways: Ways, passing: Passing) -> None:
    ways.prove(HERE)
    passing.now += PROVEN_S - 1
    assert not ways.needs_proof(HERE)
    passing.now += 1
    assert ways.needs_proof(HERE)
    ways.prove(HERE)
    ways.vouch()
    ways.forget()
    assert ways.needs_proof(HERE)
    assert not ways.vouched


def test_knowing_the_network_loads_nothing_of_tls() -> None:
    """It is on the way of every start."""
    program = "import sys, sync.connectivity; print('ssl' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_so_many_are_kept(ways: Ways) -> None:
    for n in range(WAYS_KEPT_MAX + 1):
        ways.prove(f"http://h{n}.example/")
    assert ways.needs_proof("http://h0.example/")
    assert not ways.needs_proof("http://h1.example/")
