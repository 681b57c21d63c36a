"""The official client against a real server: what the model says arrives, whole and in pieces; errors too."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import openai
import pytest

from app.serve import service
from app.serve.turns import Turns
from models.contracts import ChatRequest, Delta, Finished
from models.errors import ContextFullError, ModelError, UnknownModelError, WorkerDiedError
from models.scripted import Breaks, Scripted
from tests.unit.app.serve.serving import SECONDS, Serve

HI: list[Any] = [{"role": "user", "content": "hi"}]
TEXT = "The sea is wide."


class Patient(Scripted):
    """Says its first word and waits for `let`, or to be cancelled."""

    def __init__(self, script: list[str]) -> None:
        super().__init__(script)
        self.begun, self.let, self.cancelled = threading.Event(), threading.Event(), threading.Event()

    def chat(self, request: ChatRequest) -> Iterator[Any]:
        for piece in super().chat(request):
            yield piece
            self.begun.set()
            while not self.let.wait(0.02) and not self.cancelled.is_set():
                pass

    def cancel(self) -> None:
        self.cancelled.set()
        super().cancel()


def test_the_models_are_listed_and_found_by_name(serve: Serve) -> None:
    client = serve(Scripted([])).client
    assert [model.id for model in client.models.list()] == ["starter", "parrot"]
    found = client.models.retrieve("parrot")
    assert (found.id, found.owned_by, found.created > 0) == ("parrot", "carryon", True)
    with pytest.raises(openai.NotFoundError, match="No model is called 'other'"):
        client.models.retrieve("other")


def test_an_answer_arrives_whole(serve: Serve) -> None:
    model = Scripted([TEXT])
    answer = serve(model).client.chat.completions.create(
        model="parrot", messages=[{"role": "developer", "content": "be brief"}, *HI],
        temperature=0.5, seed=-1, stop=["x"], max_tokens=50,
    )  # fmt: skip
    (choice,) = answer.choices
    assert (choice.message.content, choice.message.role, choice.finish_reason) == (TEXT, "assistant", "stop")
    assert (answer.model, answer.created, answer.id[:9]) == ("parrot", 1_700_000_000, "chatcmpl-")
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.total_tokens) == (2, 4, 6)
    (asked,) = model.asked
    assert isinstance(asked, ChatRequest)
    assert [(message.role, message.text) for message in asked.messages] == [("system", "be brief"), ("user", "hi")]
    assert (asked.temperature, asked.seed, asked.stop, asked.max_tokens) == (0.5, 2**32 - 1, ("x",), 50)


@pytest.mark.parametrize("name", ["", "default", "parrot"])
def test_the_chosen_model_answers_where_none_is_named(serve: Serve, name: str) -> None:
    assert serve(Scripted([TEXT])).client.chat.completions.create(model=name, messages=HI).model == "parrot"


def test_an_answer_arrives_in_pieces_with_the_usage_at_the_end(serve: Serve) -> None:
    client = serve(Scripted([TEXT])).client
    *chunks, last = client.chat.completions.create(
        model="parrot", messages=HI, stream=True, stream_options={"include_usage": True}, max_completion_tokens=3
    )
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [chunk.choices[0].delta.content for chunk in chunks if chunk.choices[0].delta.content] == [
        "The",
        " sea",
        " is",
    ]
    assert [chunk.choices[0].finish_reason for chunk in chunks] == [None] * (len(chunks) - 1) + ["length"]
    assert len({chunk.id for chunk in [*chunks, last]}) == 1
    assert (last.choices, last.usage.total_tokens if last.usage else 0) == ([], 4)


def test_a_stream_without_usage_has_none(serve: Serve) -> None:
    client = serve(Scripted([TEXT])).client
    chunks = list(client.chat.completions.create(model="parrot", messages=HI, stream=True))
    assert [chunk.usage for chunk in chunks] == [None] * len(chunks)
    assert chunks[-1].choices[0].finish_reason == "stop"


def test_a_stream_ends_as_other_servers_end_it(serve: Serve) -> None:
    served = serve(Scripted([TEXT]))
    answer = served.http.post("/chat/completions", json={"messages": HI, "stream": True})
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.text.endswith("data: [DONE]\n\n")
    assert all(line == "" or line.startswith("data: ") for line in answer.text.splitlines())


def test_what_made_no_difference_is_named(serve: Serve) -> None:
    served = serve(Scripted([TEXT]))
    body = {"messages": HI, "logit_bias": {"5": 1}, "user": "me", "seed": None, "na\u00efve": 1}
    assert served.http.post("/chat/completions", json=body).headers["x-carryon-ignored"] == "logit_bias, user"


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (
            ContextFullError("Too long.", "this conversation", "Reset it."),
            openai.BadRequestError,
            "Too long. .* Reset it.",
        ),
        (UnknownModelError("No model is called 'x'."), openai.NotFoundError, "No model is called"),
        (WorkerDiedError("The model stopped.", restarted=True), openai.InternalServerError, "The model stopped."),
        (ModelError("It broke."), openai.InternalServerError, "It broke."),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_an_error_before_the_first_word_has_a_status(
    serve: Serve, error: ModelError, kind: type[openai.APIStatusError], words: str, stream: bool
) -> None:
    with pytest.raises(kind, match=words):
        serve(Scripted([error])).client.chat.completions.create(model="parrot", messages=HI, stream=stream)


def test_a_full_context_is_known_by_its_code(serve: Serve) -> None:
    served = serve(Scripted([ContextFullError("Too long.")]))
    with pytest.raises(openai.BadRequestError) as caught:
        served.client.chat.completions.create(model="parrot", messages=HI)
    assert (caught.value.code, caught.value.type) == ("context_length_exceeded", "invalid_request_error")


def test_an_error_in_mid_stream_is_told_after_what_had_arrived(serve: Serve) -> None:
    client = serve(Scripted([Breaks("The sea", WorkerDiedError("The model stopped."))])).client
    heard = []
    with pytest.raises(openai.APIError, match="The model stopped"):
        heard += [chunk.choices[0].delta.content for chunk in client.chat.completions.create(
            model="parrot", messages=HI, stream=True)]  # fmt: skip
    stream = serve(Scripted([Breaks("The sea", WorkerDiedError("It stopped."))])).http.post(
        "/chat/completions", json={"messages": HI, "stream": True}
    ).text  # fmt: skip
    assert '"content":" sea"' in stream
    assert "[DONE]" not in stream


def test_what_nobody_foresaw_is_told_in_words_and_kept_from_the_program(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    served = serve(Scripted([object()]))  # type: ignore[list-item]
    with pytest.raises(openai.InternalServerError, match=r"Something went wrong in Carryon \(\w+\)"):
        served.client.chat.completions.create(model="parrot", messages=HI)
    assert "a request failed" in caplog.text


def test_the_starter_says_what_to_do_instead(serve: Serve) -> None:
    with pytest.raises(openai.BadRequestError, match="carryon models add FILE"):
        serve(Scripted([])).client.chat.completions.create(model="starter", messages=HI)


def test_no_file_is_opened_by_its_path(serve: Serve, tmp_path: Any) -> None:
    with pytest.raises(openai.NotFoundError, match="No model is called"):
        serve(Scripted([])).client.chat.completions.create(model=str(tmp_path / "parrot.gguf"), messages=HI)


def test_a_client_that_hangs_up_stops_the_model_and_frees_it(serve: Serve) -> None:
    model = Patient(["one two three", TEXT])
    client = serve(model).client
    stream = client.chat.completions.create(model="parrot", messages=HI, stream=True)
    assert next(iter(stream)).choices[0].delta.role == "assistant"
    stream.close()
    assert model.cancelled.wait(SECONDS)
    model.let.set()
    assert client.chat.completions.create(model="parrot", messages=HI).choices[0].message.content == TEXT


def test_one_that_waits_for_the_whole_answer_may_hang_up_too(serve: Serve) -> None:
    model = Patient(["one two three", TEXT])
    client = serve(model).client
    with pytest.raises(openai.APITimeoutError):
        client.with_options(timeout=0.3).chat.completions.create(model="parrot", messages=HI)
    assert model.cancelled.wait(SECONDS)
    model.let.set()
    assert client.chat.completions.create(model="parrot", messages=HI).choices[0].message.content == TEXT


def test_one_answers_at_a_time_the_next_waits_and_one_more_is_sent_away(serve: Serve) -> None:
    model = Patient(["first answer", "second answer"])
    turns = Turns(waiting_max=1)
    client = serve(model, turns=turns).client
    said: list[str | None] = []

    def ask() -> None:
        said.append(client.chat.completions.create(model="parrot", messages=HI).choices[0].message.content)

    first, second = threading.Thread(target=ask), threading.Thread(target=ask)
    first.start()
    assert model.begun.wait(SECONDS)
    second.start()
    until(lambda: turns.waiting == 1)
    with pytest.raises(openai.RateLimitError) as busy:
        client.chat.completions.create(model="parrot", messages=HI)
    assert busy.value.code == "busy"
    assert int(busy.value.response.headers["retry-after"]) > 0
    assert len(model.asked) == 1
    model.let.set()
    first.join(SECONDS)
    second.join(SECONDS)
    assert sorted(text or "" for text in said) == ["first answer", "second answer"]


def until(is_so: Callable[[], bool]) -> None:
    """The other side has come so far."""
    end = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < end, "it never came so far"
        time.sleep(0.001)


def test_who_hangs_up_while_waiting_gives_the_place_to_the_next(serve: Serve) -> None:
    model = Patient(["first answer", "last answer"])
    turns = Turns(waiting_max=1)
    client = serve(model, turns=turns).client
    stream = client.chat.completions.create(model="parrot", messages=HI, stream=True)
    with pytest.raises(openai.APITimeoutError):
        client.with_options(timeout=0.3).chat.completions.create(model="parrot", messages=HI)
    until(lambda: turns.waiting == 0)
    assert not model.cancelled.is_set()  # the one before goes on
    model.let.set()
    assert "".join(chunk.choices[0].delta.content or "" for chunk in stream) == "first answer"
    assert client.chat.completions.create(model="parrot", messages=HI).choices[0].message.content == "last answer"
    assert len(model.asked) == 2


def test_whoever_waited_too_long_is_told(serve: Serve) -> None:
    model = Patient(["first answer"])
    client = serve(model, turns=Turns(wait_s=0.1)).client
    stream = client.chat.completions.create(model="parrot", messages=HI, stream=True)
    with pytest.raises(openai.RateLimitError, match="this one has waited"):
        client.chat.completions.create(model="parrot", messages=HI)
    model.let.set()
    assert len(list(stream)) == 4


def test_an_answer_that_takes_for_ever_is_given_up(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "ANSWER_S", 0.3)
    model = Patient(["one two three"])
    with pytest.raises(openai.InternalServerError, match="took longer") as caught:
        serve(model).client.chat.completions.create(model="parrot", messages=HI)
    assert caught.value.status_code == 504
    assert model.cancelled.is_set()


def test_pieces_of_another_kind_are_told_as_they_are(serve: Serve) -> None:
    class Thinks(Scripted):
        def chat(self, request: ChatRequest) -> Iterator[Any]:
            yield Delta(0, "hm", thinking=True)
            yield Delta(1, "yes")
            yield Finished("context", 2, 5, 3, 1.0, 2.0)

    client = serve(Thinks([])).client
    (choice,) = client.chat.completions.create(model="parrot", messages=HI).choices
    assert (choice.message.content, choice.finish_reason) == ("yes", "length")
    assert choice.message.model_extra is not None
    assert choice.message.model_extra["reasoning_content"] == "hm"
