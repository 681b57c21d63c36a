"""Places of plain HTTP far away, each odd in its own way: what is honest is delivered, and what stands in its place
gets neither the text nor the secret."""

import select
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from sync.transports.git import Clone, GitPush
from sync.transports.outcomes import NotConfiguredError, RejectedError, SignInError
from sync.transports.port import Offer
from sync.transports.ways import PATH, PROVEN_S, WAYS
from sync.transports.webhook import Webhook
from tests.local_http import LocalHttp
from tests.sim.hotel import Hotel
from tests.sim.lanes import LIMITS
from tests.sim.repositories import bare, cloned, commit, git
from tests.sim.wrong_names import leading_here
from tests.unit.sync.items import an_item

FAR = "chat.example"
Said = tuple[int, dict[str, str], bytes]
OK: Said = (200, {"Content-Type": "application/json"}, b"{}")
NO: Said = (404, {}, b"")


@pytest.fixture(autouse=True)
def nothing_proven() -> Iterator[None]:
    WAYS.forget()
    with leading_here(FAR):
        yield
    WAYS.forget()


@dataclass
class Place:
    """`says`: what it answers to a method and a path."""

    says: Callable[[str, str], Said]
    asked: list[tuple[str, str, str]] = field(default_factory=list)  # method, path, login
    port: int = 0

    @property
    def posts(self) -> int:
        return sum(method == "POST" for method, _, _ in self.asked)


@pytest.fixture
def place() -> Iterator[Place]:
    made = Place(lambda method, _: OK if method == "POST" else NO)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            made.asked.append((self.command, self.path, self.headers.get("Authorization", "")))
            status, headers, body = made.says(self.command, self.path)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _answer  # noqa: N815  names of the base class

        def log_message(self, *args: object) -> None:
            """Quiet."""

    with LocalHttp(Handler) as server:
        made.port = server.port
        yield made


def hook(port: int, host: str = FAR) -> Webhook:
    return Webhook("ops", f"http://{host}:{port}/hooks/s3cret", limits=LIMITS)


def nothing() -> None:
    pass


def test_a_network_that_lets_a_few_through_sees_nothing_of_the_rest() -> None:
    with Hotel(1, "redirect") as hotel:
        WAYS.vouch()
        with pytest.raises(SignInError):
            hook(hotel.port).deliver(an_item(), pytest.fail)
        assert b"s3cret" not in hotel.seen


def test_a_place_that_sends_strangers_to_its_own_www_is_delivered(place: Place) -> None:
    def says(_: str, path: str) -> Said:
        return OK if path.startswith("/hooks/") else (301, {"Location": f"https://www.{FAR}{path}"}, b"")

    place.says = says
    hook(place.port).deliver(an_item(), nothing)
    assert place.posts == 1


def test_a_device_that_closes_after_each_answer_and_does_not_say_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port, seen = listener.getsockname()[1], []

        def serve() -> None:
            for answer in (b"404 Not Found", b"200 OK"):
                near, _ = listener.accept()
                with near:
                    seen.append(near.recv(65_536).partition(b" ")[0])
                    near.sendall(b"HTTP/1.1 " + answer + b"\r\nContent-Length: 0\r\n\r\n")
                    select.select([near, listener], [], [], 5)  # closes when the next thing comes, which it never reads

        serving = threading.Thread(target=serve, daemon=True)
        serving.start()
        hook(port).deliver(an_item(), nothing)
        serving.join(5)
        assert seen == [b"GET", b"POST"]


@pytest.mark.parametrize(
    "says",
    [(200, {}, b"<script>location='http://hotel/'</script>"), (200, {"Content-Type": "text/plain"}, b"<meta refresh>"),
     (302, {"Location": f"http://{FAR}:8080/login"}, b"")],
)  # fmt: skip
def test_pages_that_are_known_by_little(place: Place, says: Said) -> None:
    place.says = lambda *_: says
    with pytest.raises(SignInError):
        hook(place.port).deliver(an_item(), pytest.fail)
    assert not any("s3cret" in path for _, path, _ in place.asked)


def test_a_good_answer_counts_as_much_as_the_question(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1_000.0]
    monkeypatch.setattr(WAYS, "_elapsed", lambda: now[0])
    for _ in range(4):
        hook(place.port).deliver(an_item(), nothing)
        now[0] += PROVEN_S - 1
    assert sum(path.startswith(PATH) for _, path, _ in place.asked) == 1


def test_what_a_place_on_this_machine_answers_says_nothing_of_the_network(place: Place) -> None:
    WAYS.vouch()
    WAYS.prove("http://other.example/")
    for says in ((511, {}, b""), (200, {"Content-Type": "text/html"}, b"<html>ok")):
        place.says = lambda *_, says=says: says
        with pytest.raises(Exception, match=r"127\.0\.0\.1"):
            hook(place.port, "127.0.0.1").deliver(an_item(), nothing)
    assert WAYS.vouched
    assert not WAYS.needs_proof("http://other.example/")


# Git


@pytest.fixture
def clone(tmp_path: Path, place: Place, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Its credential helper would give a login to whoever asks."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "none"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    place.says = lambda *_: (401, {"WWW-Authenticate": 'Basic realm="hotel"'}, b"")
    made = cloned(f"http://{FAR}:{place.port}/site.git", tmp_path / "clone")
    git(made, "config", "http.curloptResolve", f"{FAR}:{place.port}:127.0.0.1")
    git(made, "config", "credential.helper", "!f() { echo username=me; echo password=s3cret; }; f")
    git(
        made, "config", f"credential.http://{FAR}:{place.port}.helper", "!f() { echo username=me; echo password=x; }; f"
    )
    return made


def push(clone: Path, offer: Offer = pytest.fail) -> None:
    first = commit(clone, "a.txt", "1", "First")
    item = an_item({"there": ""}, remote="origin", branch="main", commit=first)
    GitPush(Clone("site", clone), limits=LIMITS).deliver(item, offer)


@pytest.mark.skipif(sys.platform == "win32", reason="a program of the shell")
def test_nor_where_it_is_pushed_to_several_places(clone: Path, place: Place, tmp_path: Path) -> None:
    here = bare(tmp_path / "here.git")
    for url in (here.as_uri(), f"http://{FAR}:{place.port}/site.git"):
        git(clone, "remote", "set-url", "--add", "--push", "origin", url)
    with pytest.raises(RejectedError, match="wants a login"):
        push(clone, nothing)
    assert {login for _, _, login in place.asked} == {""}


@pytest.mark.skipif(sys.platform == "win32", reason="a program of the shell")
def test_no_login_of_git_is_given_over_plain_http(clone: Path, place: Place) -> None:
    with pytest.raises(RejectedError, match="wants a login") as caught:
        push(clone)
    assert "https" in caught.value.todo
    assert place.asked
    assert {login for _, _, login in place.asked} == {""}


def test_a_password_in_an_address_of_plain_http_stays_here(clone: Path, place: Place) -> None:
    git(clone, "remote", "set-url", "origin", f"http://me:s3cret@{FAR}:{place.port}/site.git")
    with pytest.raises(NotConfiguredError, match="travel in the open"):
        push(clone)
    assert place.asked == []
