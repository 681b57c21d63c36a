"""Other programs on this machine: the official client against `carryon serve` in a process of its own, with a real
worker behind it. Nothing is reached but loopback.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import openai
import psutil
import pytest

from agent.paths import Paths
from models.catalog import Catalog
from tests.flow.person import Carryon
from tests.tiny_gguf import write_tiny_gguf

TOKEN = "a-token-of-their-own"
SECONDS = 150
ROOT = Path(__file__).parents[2]
HI: list[Any] = [{"role": "user", "content": "hi"}]
LOOPBACK = {"127.0.0.1", "::1"}


@dataclass(frozen=True)
class Server:
    process: subprocess.Popen[str]
    url: str
    client: openai.OpenAI

    @property
    def port(self) -> int:
        return httpx.URL(self.url).port or 0


@pytest.fixture
def size() -> dict[str, int]:
    """Of the model; what happens in the middle of an answer needs a slower one."""
    return {"dim": 32, "layers": 2}


SLOW = pytest.mark.parametrize("size", [{"dim": 128, "layers": 6}])


@pytest.fixture
def server(paths: Paths, size: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    Catalog(paths.data).add(write_tiny_gguf(paths.data / "parrot.gguf", context=4096, **size))
    paths.agentrc.write_text('schema = 1\n\n[model]\ndefault = "parrot"\n')
    monkeypatch.setenv("SERVE_TOKEN", TOKEN)
    with (
        serving("--token-from", "env:SERVE_TOKEN") as (process, said),
        openai.OpenAI(base_url=said["url"], api_key=TOKEN, max_retries=0, timeout=SECONDS) as client,
    ):
        yield Server(process, said["url"], client)


@contextmanager
def serving(*words: str) -> Iterator[tuple[subprocess.Popen[str], Any]]:
    """`carryon serve` on a free port, and what it said when it was ready."""
    command = [sys.executable, "-m", "app.cli", "serve", "--port", "0", "--json", *words]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


def test_a_container_without_a_keyring_can_serve(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    with serving() as (process, said):
        assert said["token"] == "this run"
        assert process.stderr is not None
        words, line = process.stderr.readline(), process.stderr.readline()
        assert "kept nowhere" in words
        token = line.removeprefix("Token: ").strip()
        asked = httpx.get(f"{said['url']}/models", headers={"Authorization": f"Bearer {token}"}, timeout=SECONDS)
        assert asked.status_code == 200
        assert httpx.get(f"{said['url']}/models", timeout=SECONDS).status_code == 401
        kept = [file for file in paths.data.parent.rglob("*") if file.is_file() and token.encode() in file.read_bytes()]
        assert kept == []


def test_models_are_listed(server: Server) -> None:
    assert [model.id for model in server.client.models.list()] == ["starter", "parrot"]


def test_it_chats_whole_and_in_pieces(server: Server) -> None:
    create = server.client.chat.completions.create
    whole = create(model="parrot", messages=HI, max_tokens=12, temperature=0)
    *chunks, last = create(
        model="default", messages=HI, max_tokens=12, temperature=0, stream=True, stream_options={"include_usage": True}
    )
    assert whole.choices[0].finish_reason == "length"
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == whole.choices[0].message.content
    assert whole.usage is not None
    assert last.usage is not None
    assert last.usage.completion_tokens == whole.usage.completion_tokens == 12
    assert last.usage.prompt_tokens == whole.usage.prompt_tokens > 2


def test_the_same_seed_says_the_same(server: Server) -> None:
    create = server.client.chat.completions.create
    said = [
        create(model="parrot", messages=HI, max_tokens=12, temperature=2, seed=seed).choices[0].message.content
        for seed in (1, 1, 2)
    ]
    assert said[0] == said[1] != said[2]


def test_a_stop_text_ends_the_answer_before_it(server: Server) -> None:
    create = server.client.chat.completions.create
    said = create(model="parrot", messages=HI, max_tokens=12, temperature=0).choices[0].message.content or ""
    cut = create(model="parrot", messages=HI, max_tokens=12, temperature=0, stop=said[4:6]).choices[0]
    assert (cut.message.content, cut.finish_reason) == (said[: said.index(said[4:6])], "stop")


WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather in a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"enum": ["Rome", "Oslo"]}},
            "required": ["city"],
            "additionalProperties": False,
        },
    },
}


def test_a_tool_is_called_and_its_answer_read(server: Server) -> None:
    """A model of random weights calls as often as it may: so many tokens that it gets to an end."""
    create = server.client.chat.completions.create
    asked = create(
        model="parrot", messages=HI, tools=[WEATHER], tool_choice={"type": "function", "function": {"name": "weather"}},
        parallel_tool_calls=False, temperature=0, max_tokens=3_000,
    )  # fmt: skip
    assert asked.choices[0].finish_reason == "tool_calls"
    message = asked.choices[0].message
    (call,) = message.tool_calls or []
    assert call.type == "function"
    assert call.function.name == "weather"
    assert json.loads(call.function.arguments)["city"] in ("Rome", "Oslo")
    result = {"role": "tool", "tool_call_id": call.id, "content": "sunny"}
    went_on = create(
        model="parrot", tools=[WEATHER], temperature=0, max_tokens=5,
        messages=[*HI, message.model_dump(exclude_none=True), result],
    )  # fmt: skip
    assert went_on.choices[0].message.content
    assert went_on.usage is not None
    assert asked.usage is not None
    assert went_on.usage.prompt_tokens > asked.usage.prompt_tokens


def test_calls_of_a_stream_come_whole_and_in_order(server: Server) -> None:
    chunks = list(server.client.chat.completions.create(
        model="parrot", messages=HI, tools=[WEATHER], tool_choice="required", temperature=0, max_tokens=300, stream=True
    ))  # fmt: skip
    calls = [call for chunk in chunks for call in chunk.choices[0].delta.tool_calls or []]
    assert [call.index for call in calls] == list(range(len(calls)))
    assert len({call.id for call in calls}) == len(calls) > 0
    for call in calls:
        assert call.function is not None
        assert json.loads(call.function.arguments or "")["city"] in ("Rome", "Oslo")


def test_an_answer_fits_its_schema(server: Server) -> None:
    schema = {
        "type": "object",
        "properties": {"signed": {"type": "boolean"}, "by": {"enum": ["Dana", "Ivo"]}},
        "required": ["signed", "by"],
        "additionalProperties": False,
    }
    form: Any = {"type": "json_schema", "json_schema": {"name": "contract", "strict": True, "schema": schema}}
    answer = server.client.chat.completions.create(
        model="parrot", messages=HI, response_format=form, temperature=0, max_tokens=200
    )
    said = json.loads(answer.choices[0].message.content or "")
    assert isinstance(said["signed"], bool)
    assert said["by"] in ("Dana", "Ivo")
    assert set(said) == {"signed", "by"}


def test_vectors_come_from_the_model_itself(server: Server) -> None:
    made = server.client.embeddings.create(model="parrot", input=["the sea", "the land", "the sea"])
    sea, land, again = (item.embedding for item in made.data)
    assert sea == again != land
    assert len(sea) == 32
    assert sum(value * value for value in sea) == pytest.approx(1, abs=1e-5)
    with pytest.raises(openai.BadRequestError, match=r"Text 1 has .* tokens"):
        server.client.embeddings.create(model="parrot", input="x" * 3_000)


def test_who_may_not_come_in(server: Server) -> None:
    with pytest.raises(openai.AuthenticationError):
        server.client.with_options(api_key="wrong").chat.completions.create(model="parrot", messages=HI)
    for headers in ({"host": "evil.example"}, {"origin": "https://evil.example"}):
        with pytest.raises(openai.PermissionDeniedError):
            server.client.chat.completions.create(model="parrot", messages=HI, extra_headers=headers)


def test_too_long_a_conversation_is_told_with_the_code_that_programs_know(server: Server) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        server.client.chat.completions.create(model="parrot", messages=[{"role": "user", "content": "x" * 9_000}])
    assert caught.value.code == "context_length_exceeded"
    with pytest.raises(openai.APIStatusError) as large:
        server.client.chat.completions.create(model="parrot", messages=[{"role": "user", "content": "x" * 13_000_000}])
    assert large.value.status_code == 413


def test_two_at_once_are_answered_one_after_the_other(server: Server) -> None:
    said: list[str | None] = []

    def ask() -> None:
        answer = server.client.chat.completions.create(model="parrot", messages=HI, max_tokens=200, temperature=0)
        said.append(answer.choices[0].message.content)

    both = [threading.Thread(target=ask) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join(SECONDS)
    assert len(said) == 2
    assert said[0] == said[1]


@SLOW
def test_one_who_hangs_up_leaves_the_model_to_the_next(server: Server) -> None:
    stream = server.client.chat.completions.create(model="parrot", messages=HI, temperature=0, stream=True)
    next(iter(stream))
    stream.close()
    (worker,) = psutil.Process(server.process.pid).children()
    answer = server.client.chat.completions.create(model="parrot", messages=HI, max_tokens=3, temperature=0)
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 3
    assert psutil.Process(server.process.pid).children() == [worker]  # stopped in words, not by ending it


@SLOW
def test_a_worker_that_is_killed_in_mid_stream_is_told_and_replaced(server: Server) -> None:
    stream = iter(server.client.chat.completions.create(model="parrot", messages=HI, temperature=0, stream=True))
    next(stream)
    (worker,) = psutil.Process(server.process.pid).children()
    worker.kill()
    with pytest.raises(openai.APIError, match="stopped"):
        list(stream)
    assert server.client.chat.completions.create(model="parrot", messages=HI, max_tokens=2).usage


def test_nothing_is_opened_but_loopback(server: Server) -> None:
    server.client.chat.completions.create(model="parrot", messages=HI, max_tokens=2)
    process = psutil.Process(server.process.pid)
    found = process.net_connections("inet")
    assert {one.laddr.ip for one in found} <= LOOPBACK
    assert {one.laddr.port for one in found} == {server.port}
    assert [worker.net_connections("inet") for worker in process.children(recursive=True)] == [[]]


@pytest.mark.skipif(os.name == "nt", reason="there are no such signals")
@SLOW
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_when_told_also_in_the_middle_of_an_answer(server: Server, number: signal.Signals) -> None:
    stream = iter(server.client.chat.completions.create(model="parrot", messages=HI, temperature=0, stream=True))
    next(stream)
    workers = psutil.Process(server.process.pid).children()
    server.process.send_signal(number)
    with pytest.raises(openai.APIError, match="stops serving"):
        list(stream)
    assert server.process.wait(SECONDS) == 0
    assert psutil.wait_procs(workers, SECONDS)[1] == []


def test_a_port_that_is_taken_is_told(server: Server, carryon: Carryon) -> None:
    said = carryon("serve", "--port", str(server.port), "--no-token", code=2)
    assert "Another program listens there" in said.err
    assert "--port" in said.err


def test_the_token_is_made_once_shown_when_asked_and_can_be_replaced(
    carryon: Carryon, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "tests.flow.filed_keyring.Filed")
    with serving() as (_, said):
        token = carryon("serve", "--show-token").out.strip()
        assert json.loads((home / "keyring.json").read_text()) == {"carryon/serve": token}
        assert said["token"] == "keyring:serve"
        for given, status in ((token, 200), ("wrong", 401)):
            answer = httpx.get(f"{said['url']}/models", headers={"authorization": f"Bearer {given}"})
            assert answer.status_code == status
    other = carryon("serve", "--new-token", "--json").document["token"]
    assert other != token
    assert carryon("serve", "--show-token").out.strip() == other


def test_without_a_keyring_it_says_what_else_can_be_done(carryon: Carryon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    for asked in ("--show-token", "--new-token"):
        said = carryon("serve", asked, "--json", code=2).document["error"]
        assert "--token-from env:" in said["todo"]


def test_a_model_that_is_not_there_is_told_before_it_serves(carryon: Carryon) -> None:
    said = carryon("serve", "--no-token", "--port", "0", "--model", "nobody", code=2)
    assert "No model is called 'nobody'" in said.err


def test_without_a_token_it_says_what_that_means(home: Path) -> None:
    with serving("--no-token") as (process, said):
        assert httpx.get(f"{said['url']}/models").status_code == 200
        process.terminate()
        assert process.stderr is not None
        assert "every program and every user of this machine" in process.stderr.read()
