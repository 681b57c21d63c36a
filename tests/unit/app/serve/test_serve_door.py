"""Who may come in: this machine's own name, no page of the web, and only with the token."""

import httpx
import openai
import pytest

from models.scripted import Scripted
from tests.unit.app.serve.serving import Serve, Served


@pytest.fixture
def served(serve: Serve) -> Served:
    return serve(Scripted([]))


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_the_health_address_needs_no_token_and_tells_nothing(served: Served) -> None:
    answer = httpx.get(f"http://127.0.0.1:{served.port}/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("path", ["/v1/models", "/v1/chat/completions", "/v1/embeddings", "/", "/nothing"])
@pytest.mark.parametrize("given", [None, "", "Bearer", "Bearer wrong", "Basic a-token-for-the-tests", "Bearer é"])
def test_everything_else_needs_it(served: Served, path: str, given: str | None) -> None:
    headers = {} if given is None else {"authorization": given.encode("latin-1")}
    answer = httpx.request("POST", f"http://127.0.0.1:{served.port}{path}", headers=headers)
    assert code_of(answer) == (401, "invalid_api_key")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "carryon serve --show-token" in answer.json()["error"]["message"]


def test_the_official_client_hears_of_a_wrong_token(served: Served) -> None:
    with pytest.raises(openai.AuthenticationError, match="missing or wrong"):
        served.client.with_options(api_key="wrong").models.list()


@pytest.mark.parametrize("name", ["127.0.0.1:{}", "localhost:{}", "LocalHost:{}", "[::1]:{}"])
def test_this_machines_names_are_answered(served: Served, name: str) -> None:
    assert served.http.get("/models", headers={"host": name.format(served.port)}).status_code == 200


@pytest.mark.parametrize(
    "name",
    ["evil.example", "evil.example:{}", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:{}", "127.0.0.1:{}@x", ""],
)  # fmt: skip
def test_a_name_that_was_made_to_lead_here_is_refused(served: Served, name: str) -> None:
    """DNS rebinding: the page's own name, resolved to this machine."""
    answer = served.http.get("/models", headers={"host": name.format(served.port)})
    assert code_of(answer) == (403, "wrong_host")
    assert (
        httpx.get(f"http://127.0.0.1:{served.port}/health", headers={"host": name.format(served.port)}).status_code
        == 403
    )


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://localhost.evil.example", "file://", "http://127.0.0.1.nip.io:80", ""],
)
def test_a_page_of_the_web_is_refused(served: Served, origin: str) -> None:
    assert code_of(served.http.get("/models", headers={"origin": origin})) == (403, "foreign_origin")


def test_a_page_of_this_machine_is_answered_but_no_browser_is_told_to_let_it_read(served: Served) -> None:
    answer = served.http.get("/models", headers={"origin": "http://localhost:3000"})
    assert answer.status_code == 200
    assert not [name for name in answer.headers if name.startswith("access-control")]
    before = served.http.options("/models", headers={"origin": "http://localhost:3000"})
    assert (before.status_code, [name for name in before.headers if name.startswith("access-control")]) == (405, [])


def test_what_a_browser_sends_without_an_origin_is_seen_by_where_it_is_from(served: Served) -> None:
    assert code_of(served.http.get("/models", headers={"sec-fetch-site": "cross-site"})) == (403, "foreign_origin")
    assert served.http.get("/models", headers={"sec-fetch-site": "none"}).status_code == 200


def test_without_a_token_only_the_names_and_pages_are_checked(serve: Serve) -> None:
    served = serve(Scripted([]), token=None)
    assert httpx.get(f"{served.url}/models").status_code == 200
    assert code_of(httpx.get(f"{served.url}/models", headers={"host": "evil.example"})) == (403, "wrong_host")
    assert code_of(httpx.get(f"{served.url}/models", headers={"origin": "https://e.example"})) == (
        403,
        "foreign_origin",
    )


def test_it_can_be_reached_by_version_6_too(served: Served) -> None:
    try:
        answer = httpx.get(f"http://[::1]:{served.port}/health")
    except httpx.ConnectError:
        pytest.skip("this machine does not speak version 6")
    assert answer.status_code == 200
