"""What comes in is bounded in size, time and form, and refused in words."""

import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.serve import asgi
from app.serve.turns import Turns
from models.scripted import Scripted
from tests.unit.app.serve.serving import SECONDS, TOKEN, Serve, Served

HI = {"messages": [{"role": "user", "content": "hi"}]}
CHAT = "/chat/completions"


@pytest.fixture
def served(serve: Serve) -> Served:
    return serve(Scripted(["The sea."] * 3))


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_too_large_a_request_is_refused_by_its_length(served: Served) -> None:
    body = b" " * (asgi.BODY_BYTES_MAX + 1)
    answer = served.http.post(CHAT, content=body, headers={"content-type": "application/json"})
    assert code_of(answer) == (413, "request_too_large")
    assert served.http.post(CHAT, json=HI).status_code == 200


def test_too_large_a_request_of_unknown_length_too(served: Served) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(14):
            yield b" " * 1024 * 1024

    answer = served.http.post(CHAT, content=pieces(), headers={"content-type": "application/json"})
    assert code_of(answer) == (413, "request_too_large")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_what_a_page_may_send_unasked_is_no_request(served: Served, kind: str) -> None:
    answer = served.http.post(CHAT, content=b"{}", headers={"content-type": kind})
    assert code_of(answer) == (415, "not_json")


def test_a_compressed_request_is_not_unpacked(served: Served) -> None:
    answer = served.http.post(CHAT, json=HI, headers={"content-encoding": "gzip"})
    assert code_of(answer) == (415, "compressed")


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"seed": NaN}', b"[" * 200_000, b"1" * 5_000, '{"é'.encode()])
def test_what_is_not_json_is_said_so(served: Served, body: bytes) -> None:
    answer = served.http.post(CHAT, content=body, headers={"content-type": "application/json"})
    assert code_of(answer) == (400, "not_json")


def test_a_request_that_does_not_arrive_is_given_up(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asgi, "BODY_S", 0.2)
    served = serve(Scripted(["The sea."]), turns=Turns(waiting_max=0))
    with socket.create_connection(("127.0.0.1", served.port), SECONDS) as slow:
        slow.sendall(head(served, length=100) + b"{")
        assert b"408 " in slow.recv(4096)
    assert served.http.post(CHAT, json=HI).status_code == 200


def test_who_hangs_up_before_all_is_sent_leaves_no_trace(serve: Serve) -> None:
    served = serve(Scripted(["The sea."]), turns=Turns(waiting_max=1))
    for _ in range(3):
        with socket.create_connection(("127.0.0.1", served.port), SECONDS) as gone:
            gone.sendall(head(served, length=100) + b"{")
    assert served.client.chat.completions.create(model="", **_as_arguments()).choices[0].message.content == "The sea."


def _as_arguments() -> dict[str, Any]:
    return dict(HI)


def head(served: Served, *, length: int) -> bytes:
    return (
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\nAuthorization: Bearer {TOKEN}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


@pytest.mark.parametrize(("method", "path"), [("GET", CHAT), ("POST", "/models"), ("GET", "/embeddings")])
def test_a_wrong_method_is_said_so(served: Served, method: str, path: str) -> None:
    assert code_of(served.http.request(method, path)) == (405, "wrong_method")


def test_a_wrong_address_names_the_right_ones(served: Served) -> None:
    answer = served.http.get("/completions")
    assert code_of(answer) == (404, "not_found")
    assert "/v1/chat/completions" in answer.json()["error"]["message"]
