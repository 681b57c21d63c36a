"""It listens on loopback and nowhere else, and is patient with nobody for ever."""

import inspect
import json
import socket
from collections.abc import Iterator
from typing import Any

import psutil
import pytest

from agent.errors import BadRequestError
from app.cli.serve import serve as command
from app.serve import listening
from models.contracts import ChatRequest, Delta, Finished
from models.scripted import Scripted
from tests.unit.app.serve.serving import SECONDS, TOKEN, Serve

FLOOD = 30_000_000  # more than the system keeps for a connection
LOOPBACK = {"127.0.0.1", "::1"}


def close(sockets: list[socket.socket]) -> None:
    for one in sockets:
        one.close()


def test_it_listens_on_loopback_alone_under_one_port() -> None:
    sockets = listening.listen(0)
    names = [one.getsockname()[:2] for one in sockets]
    close(sockets)
    assert {address for address, _ in names} <= LOOPBACK
    assert len({port for _, port in names}) == 1


def test_there_is_no_way_to_say_another_address() -> None:
    assert list(inspect.signature(listening.listen).parameters) == ["port"]
    assert not {"host", "bind", "address", "listen"} & {option.name for option in command.params}


def test_no_other_socket_is_opened_to_answer(serve: Serve) -> None:
    def open_now() -> set[tuple[str, str, int]]:
        found = psutil.Process().net_connections("inet")
        return {(one.status, one.laddr.ip, one.laddr.port) for one in found}

    before = open_now()
    served = serve(Scripted(["The sea."]))
    served.client.chat.completions.create(model="", messages=[{"role": "user", "content": "hi"}])
    new = open_now() - before
    assert {address for _, address, _ in new} <= LOOPBACK
    assert {port for status, _, port in new if status == "LISTEN"} == {served.port}


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_a_port_that_another_has_is_told_and_never_shared(family: socket.AddressFamily) -> None:
    """Also where only one of the two is taken: whoever has ::1 would be given the tokens meant for `localhost`."""
    with socket.socket(family) as other:
        try:
            other.bind(("127.0.0.1" if family == socket.AF_INET else "::1", 0))
        except OSError:
            pytest.skip("this machine does not speak version 6")
        other.listen()
        with pytest.raises(BadRequestError) as caught:
            listening.listen(other.getsockname()[1])
    assert "--port" in caught.value.todo


def test_a_head_that_never_ends_is_cut_off(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "HEADERS_S", 0.2)
    served = serve(Scripted([]))
    with socket.create_connection(("127.0.0.1", served.port), SECONDS) as slow:
        slow.sendall(b"GET /health HTTP/1.1\r\nHost: ")
        assert ended(slow)


def test_a_connection_that_says_nothing_is_cut_off_too(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "HEADERS_S", 0.2)
    with socket.create_connection(("127.0.0.1", serve(Scripted([])).port), SECONDS) as silent:
        assert ended(silent)


def test_one_connection_too_many_is_cut_off_and_the_others_stay(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "CONNECTIONS_MAX", 2)
    port = serve(Scripted([])).port
    with socket.create_connection(("127.0.0.1", port), SECONDS) as first, \
         socket.create_connection(("127.0.0.1", port), SECONDS), \
         socket.create_connection(("127.0.0.1", port), SECONDS) as third:  # fmt: skip
        assert ended(third)
        first.sendall(f"GET /health HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n".encode())
        assert b"200 OK" in first.recv(4096)


def test_one_who_does_not_read_is_cut_off_and_the_model_is_free_again(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "READ_S", 0.2)
    served = serve(Floods(["next"]))
    body = b'{"messages": [{"role": "user", "content": "hi"}], "stream": true}'
    with socket.create_connection(("127.0.0.1", served.port), SECONDS) as deaf:
        head = (
            f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost:{served.port}\r\nAuthorization: Bearer {TOKEN}\r\n"
        )
        deaf.sendall(f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        assert deaf.recv(1) == b"H"
        answer = served.client.chat.completions.create(model="", messages=[{"role": "user", "content": "hi"}])
        assert answer.choices[0].message.content == "next"
        assert read_all(deaf) < FLOOD


@pytest.mark.parametrize(
    "data", [b"\x16\x03\x01 hello\r\n\r\n", b"GET /\r\n\r\n", b"GET / HTTP/1.1\r\nX: " + b"y" * 20_000]
)
def test_what_is_no_http_gets_an_error_in_the_usual_form(serve: Serve, data: bytes) -> None:
    with socket.create_connection(("127.0.0.1", serve(Scripted([])).port), SECONDS) as odd:
        odd.sendall(data)
        answer = b""
        while piece := odd.recv(4096):
            answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b" 400 " in head.splitlines()[0]
    assert json.loads(body)["error"]["code"] == "not_http"


class Floods(Scripted):
    """Says more at once than a connection holds, and then what the script says."""

    flooded = False

    def chat(self, request: ChatRequest) -> Iterator[Any]:
        if not self.flooded:
            self.flooded = True
            yield Delta(0, "x" * FLOOD)
            yield Delta(1, "y")
            yield Finished("stop", 2, 1, 0, 0.0, 0.0)
        else:
            yield from super().chat(request)


def read_all(connection: socket.socket) -> int:
    """How many bytes are left to read."""
    count = 0
    try:
        while piece := connection.recv(1_000_000):
            count += len(piece)
    except ConnectionResetError:
        pass
    return count


def ended(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True
