"""What every road of files between laptops does alike: a folder here, and one on a real WebDAV server."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from agent.replica.disk import Disk
from agent.replica.errors import NoExchangeError, PassphraseError, UnreadError
from agent.replica.exchange import Exchange
from agent.replica.folder import ROOT, STATE, Folder
from agent.replica.report import Report
from agent.replica.road import Road
from agent.replica.sealing import Seal
from agent.replica.segment import At
from agent.replica.server import UPLOAD, Line, Server
from sync.transports.dav import DavAccount
from sync.transports.port import Limits
from tests.sim.between import EFFECTS, Between, Fault
from tests.sim.file_server import FileServer
from tests.sim.laptops import Laptop, visible
from tests.unit.agent.replica.conftest import Make

LIMITS = Limits(connect_s=2, read_s=2, total_s=4)
ALL = EFFECTS | {"MOVE", "GET", "HEAD", "PROPFIND"}
ONE, TWO = "a" * 32, "b" * 32
AT = At("0" * 16, 1)
SEAL = Seal("correct horse")  # one, since its keys take a moment to make


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FileServer]:
    with FileServer(tmp_path_factory.mktemp("webdav") / "served") as server:
        yield server


@dataclass
class Place:
    """`path`: where its files lie in truth; `road()`: another way to it, as of another laptop."""

    path: Path
    road: Callable[[], Road]


def server(url: str, line: Line | None = None, secret: str = "pw", limits: Limits = LIMITS) -> Server:
    return Server(DavAccount("sync", url, "me", secret), line, limits=limits)


@pytest.fixture
def there(running: FileServer, request: pytest.FixtureRequest) -> Place:
    """A folder of its own on the server."""
    name = f"place {abs(hash(request.node.name))}"
    (running.folder / name).mkdir()
    return Place(running.folder / name, lambda: server(f"{running.url}/{name.replace(' ', '%20')}"))


@pytest.fixture(params=["disk", "server"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "server":
        made = request.getfixturevalue("there")
        assert isinstance(made, Place)
        return made
    (tmp_path / "stick").mkdir()
    return Place(tmp_path / "stick", lambda: Disk(tmp_path / "stick"))


def folder(place: Place) -> Folder:
    return Folder(place.road(), SEAL)


def test_what_one_laptop_wrote_another_reads(place: Place) -> None:
    mine, theirs = folder(place), folder(place)
    assert (mine.laptops(), mine.chain(ONE), mine.state(ONE)) == ((), (), None)
    mine.write(ONE, AT, b"a file")
    mine.write(ONE, At(AT.generation, 2), b"another")
    mine.write_state(ONE, b"a state")
    mine.write_blob(ONE, "c" * 64, b"a content" * 100_000)
    assert theirs.laptops() == (ONE,)
    assert theirs.chain(ONE) == (AT, At(AT.generation, 2))
    assert (theirs.read(ONE, AT), theirs.state(ONE)) == (b"a file", b"a state")
    assert theirs.blob(ONE, "c" * 64) == b"a content" * 100_000


def test_a_file_of_a_chain_is_never_written_over(place: Place) -> None:
    one, other = folder(place), folder(place)
    one.write(ONE, AT, b"first")
    with pytest.raises(NoExchangeError, match="Somebody else"):
        other.write(ONE, AT, b"second")
    assert one.read(ONE, AT) == b"first"


def test_a_state_is_replaced_by_whoever_read_it(place: Place) -> None:
    one = folder(place)
    one.write_state(ONE, b"1")
    two = folder(place)
    two.state(ONE)
    two.write_state(ONE, b"2")
    assert folder(place).state(ONE) == b"2"


def test_what_is_not_there_is_late_and_not_broken(place: Place) -> None:
    with pytest.raises(UnreadError, match="not there yet"):
        folder(place).read(ONE, AT)
    with pytest.raises(UnreadError, match="not there yet"):
        folder(place).blob(ONE, "c" * 64)


def test_a_file_that_is_too_large_is_not_taken(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    folder(place).write(ONE, AT, b"x" * 2_000)
    monkeypatch.setattr("agent.replica.folder.FILE_BYTES_MAX", 1_000)
    with pytest.raises(UnreadError, match="larger"):
        folder(place).read(ONE, AT)


def test_what_is_dropped_is_gone_and_the_rest_stays(place: Place) -> None:
    it = folder(place)
    for n in (1, 2):
        it.write(ONE, At("0" * 16, n), b"old")
    it.write(ONE, At("1" * 16, 1), b"new")
    it.write(TWO, AT, b"theirs")
    for sha256 in ("c" * 64, "d" * 64):
        it.write_blob(ONE, sha256, b"content")
    it.drop(ONE, but="1" * 16)
    it.drop_blobs(ONE, {"d" * 64})
    assert it.chain(ONE) == (At("1" * 16, 1),)
    assert it.blob(ONE, "d" * 64) == b"content"
    with pytest.raises(UnreadError):
        it.blob(ONE, "c" * 64)
    it.drop(ONE)
    it.drop(ONE)
    assert it.laptops() == (TWO,)


def test_a_place_that_is_not_there_is_told(place: Place) -> None:
    place.path.rmdir()
    with pytest.raises(NoExchangeError, match=r"not there|no such folder"):
        folder(place)


def test_what_is_none_of_ours_is_left_alone(place: Place) -> None:
    folder(place).write(ONE, AT, b"mine")
    odd = place.path / ROOT / ONE / "0000000000000000-000001 (conflicted copy).carryon"
    odd.write_bytes(b"x")
    (place.path / ROOT / "read me.txt").write_text("x")
    it = folder(place)
    assert (it.laptops(), it.chain(ONE)) == ((ONE,), (AT,))
    it.drop(ONE)
    assert odd.read_bytes() == b"x"


def exchange(laptop: Laptop, road: Road, **how: bool) -> Report:
    return Exchange(laptop.store, laptop.database, laptop.clock, laptop.name).run(road, SEAL, **how)


def test_two_laptops_become_one_library(place: Place, make: Make) -> None:
    anna, bert = make("anna"), make("bert")
    note = anna.library.create("note", "n", "one\n\n\ntwo\n")
    photo = anna.library.create("file", "photo", content=b"\xff" * 200_000)
    for laptop in (anna, bert):
        exchange(laptop, place.road())
    anna.library.save(note.id, "one, anna\n\n\ntwo\n")
    bert.library.save(note.id, "one\n\n\ntwo, bert\n")
    for laptop in (anna, bert, anna, bert):
        exchange(laptop, place.road())
    assert visible(anna) == visible(bert)
    assert anna.library.text(note.id) == "one, anna\n\n\ntwo, bert\n"
    assert bert.library.content(photo.id) == b"\xff" * 200_000
    assert exchange(anna, place.road()).is_quiet
    exchange(bert, place.road(), whole=True)
    exchange(anna, place.road())
    assert visible(anna) == visible(bert)
    Exchange(anna.store, anna.database, anna.clock, "anna").forget(place.road(), SEAL, "bert")
    assert folder(place).laptops() == (anna.id,)


# A server's own


def test_two_that_take_themselves_for_the_same_laptop_do_not_overwrite_each_other(there: Place) -> None:
    folder(there).write_state(ONE, b"0")
    one, other = folder(there), folder(there)
    one.state(ONE)
    other.state(ONE)
    one.write_state(ONE, b"first")
    with pytest.raises(NoExchangeError, match="Somebody else"):
        other.write_state(ONE, b"second")
    assert folder(there).state(ONE) == b"first"
    none = folder(there)
    with pytest.raises(NoExchangeError, match="Somebody else"):
        none.write_state(ONE, b"never read")
    assert [path.name for path in (there.path / ROOT / ONE).iterdir()] == [STATE]


def test_a_server_whose_tags_hold_for_nothing_is_asked_before(there: Place) -> None:
    it = folder(there)
    it.write_state(ONE, b"1")
    it.state(ONE)
    assert isinstance(it.road, Server)
    it.road._tags = dict.fromkeys(it.road._tags, 'W/"weak"')  # as one gives that was changed a moment ago
    with pytest.raises(NoExchangeError, match="Somebody else"):
        it.write_state(ONE, b"2")
    assert folder(there).state(ONE) == b"1"


def test_who_comes_between_the_question_and_the_move_is_not_written_over(running: FileServer, there: Place) -> None:
    """The first HEAD asks whether there is a state, the second one whether it is still the same."""
    folder(there).write_state(ONE, b"0")

    class Race(Between):
        def next_fault(self, method: str, path: str) -> Fault:
            if method == "MOVE":
                other = folder(there)
                other.state(ONE)
                other.write_state(ONE, b"theirs")
            return Fault()

    with Race(running.port) as between:
        it = Folder(server(f"{between.url}/{there.path.name.replace(' ', '%20')}"), SEAL)
        it.state(ONE)
        with pytest.raises(NoExchangeError, match="Somebody else"):
            it.write_state(ONE, b"mine")
    assert folder(there).state(ONE) == b"theirs"


def work_on(laptop: Laptop, road: Road) -> None:
    for _ in range(3):
        laptop.library.create("note", "more", "y\n")
        exchange(laptop, road)


@pytest.mark.parametrize(
    ("cut", "at"), [*((cut, at) for cut in ("request", "answer") for at in range(8)), ("stall", 3), ("stall", 6)]
)
def test_a_connection_that_is_cut_anywhere_loses_nothing_and_it_goes_on(
    running: FileServer, there: Place, make: Make, cut: str, at: int
) -> None:
    """At each request with an effect in turn: what was cut never looks whole, and the next exchange makes it good."""
    anna, bert = make("anna"), make("bert")
    anna.library.create("note", "n", "x\n")
    anna.library.create("file", "photo", content=b"\xff" * 100_000)
    with Between(running.port, ALL - {"GET", "HEAD", "PROPFIND"}) as between:
        between.script = [*([Fault()] * at), Fault(cut=cut)]
        road = server(f"{between.url}/{there.path.name.replace(' ', '%20')}", limits=Limits(1, 0.4, 2))
        with pytest.raises(NoExchangeError, match=r"broke|reached"):
            work_on(anna, road)
    assert not [it for it in exchange(bert, there.road()).laptops if "whole" in it.why]
    for laptop in (anna, bert, anna):
        exchange(laptop, there.road())
    assert visible(anna) == visible(bert)
    assert not list(there.path.rglob(f"{UPLOAD}*"))


@pytest.mark.parametrize(("cut", "at"), [*(("request", at) for at in range(6)), ("stall", 0), ("stall", 4)])
def test_a_question_without_an_answer_ends_the_exchange_soon_and_does_no_harm(
    running: FileServer, there: Place, make: Make, cut: str, at: int
) -> None:
    anna, bert = make("anna"), make("bert")
    anna.library.create("note", "n", "x\n")
    exchange(anna, there.road())
    with Between(running.port, EFFECTS | {"MOVE"}) as between:
        between.asking = [*([Fault()] * at), Fault(cut=cut)]
        began = time.monotonic()
        with pytest.raises(NoExchangeError):
            exchange(bert, server(f"{between.url}/{there.path.name.replace(' ', '%20')}", limits=Limits(1, 0.4, 2)))
        assert time.monotonic() - began < 3
    exchange(bert, there.road())
    assert visible(anna) == visible(bert)


def test_what_was_read_before_a_connection_broke_off_is_not_read_again(
    running: FileServer, there: Place, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.replica.taking.KEPT_EVERY", 3)
    anna, bert = make("anna"), make("bert")
    for number in range(8):
        anna.library.create("note", f"n{number}", "x\n")
        exchange(anna, there.road())
    with Between(running.port, frozenset({"GET"})) as between:
        between.script = [*([Fault()] * 7), Fault(cut="request")]
        road = f"{between.url}/{there.path.name.replace(' ', '%20')}"
        with pytest.raises(NoExchangeError):
            exchange(bert, server(road))
        assert len(bert.library.list()) == 7
        asked = len(between.requests)
        exchange(bert, server(road))
        files = [path for method, path, _ in between.requests[asked:] if method == "GET" and anna.id in path]
        assert len(files) == 3, "the one after the last note of how far it is, the one that is left, and a state"
    exchange(anna, there.road())
    assert visible(anna) == visible(bert)


class Short(BaseHTTPRequestHandler):
    """Says that more comes than it has."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"x" * 100)

    def log_message(self, *_: object) -> None:
        """Quiet."""


def test_an_answer_that_breaks_off_is_no_broken_file() -> None:
    """Else its writer would be asked to write everything anew."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Short) as short:
        threading.Thread(target=short.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        with pytest.raises(NoExchangeError, match="middle of a file"):
            server(f"http://127.0.0.1:{short.server_address[1]}").read(ROOT, ONE, STATE, most=100_000)
        short.shutdown()


def begin(road: Road) -> None:
    with contextlib.suppress(NoExchangeError):
        road.begin()


def test_closing_ends_what_goes_on_at_once(running: FileServer, there: Place) -> None:
    line = Line()
    with Between(running.port, ALL) as between:
        between.script = [Fault(cut="stall")]
        road = server(f"{between.url}/x", line, limits=Limits(5, 20, 45))
        stalls = threading.Thread(target=begin, args=(road,))
        stalls.start()
        while not between.requests:
            time.sleep(0.01)
        began = time.monotonic()
        line.cut()
        stalls.join(10)
        assert time.monotonic() - began < 2
        with pytest.raises(NoExchangeError, match="ended"):
            road.begin()
        assert len(between.requests) == 1


@pytest.mark.parametrize(("status", "words"), [(401, "401"), (507, "507"), (503, "503"), (302, "moved")])
def test_what_the_server_does_not_want_is_told(running: FileServer, there: Place, status: int, words: str) -> None:
    with Between(running.port, ALL) as between:
        between.script = [Fault(status, {"Location": "/elsewhere"})]
        with pytest.raises(NoExchangeError, match=words):
            server(between.url).begin()


def test_a_password_does_not_travel_in_the_open() -> None:
    with pytest.raises(NoExchangeError, match="in the open"):
        server("http://cloud.example.org/files")


@pytest.mark.parametrize("fault", [
    Fault(200, body=b"<html>hello</html>"), Fault(207, body=b"<html>hello</html>"), Fault(207, body=b"nothing"),
    Fault(207, body=b'<multistatus xmlns="DAV:"/>'),
])  # fmt: skip
def test_what_is_no_such_server_is_told_and_not_taken_for_an_empty_folder(running: FileServer, fault: Fault) -> None:
    with Between(running.port, ALL) as between:
        between.script = [fault]
        with pytest.raises(NoExchangeError, match="did not answer"):
            server(between.url).names(ROOT)


@pytest.mark.parametrize("written", ["Büro&Söhne", "B%C3%BCro%26S%C3%B6hne"])
def test_a_folder_may_be_called_as_people_call_theirs(
    running: FileServer, tmp_path: Path, make: Make, written: str
) -> None:
    """As it is read in the browser or as it is sent."""
    place = running.folder / tmp_path.name / "Büro&Söhne"
    place.mkdir(parents=True)
    anna, bert = make("anna"), make("bert")
    anna.library.create("note", "n", "x\n")
    for laptop in (anna, bert, anna):
        exchange(laptop, server(f"{running.url}/{tmp_path.name}/{written}"))
    assert (place / ROOT / anna.id / STATE).is_file()
    assert visible(anna) == visible(bert)


def test_it_is_never_used_without_a_passphrase(there: Place, make: Make) -> None:
    anna = make("anna")
    with pytest.raises(PassphraseError, match="somebody else's"):
        Exchange(anna.store, anna.database, anna.clock, "anna").run(there.road(), Seal())
    assert not (there.path / ROOT).exists()
