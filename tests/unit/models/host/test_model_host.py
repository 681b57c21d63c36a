"""A host and a real worker on an ordinary day, and on one with bad input."""

import threading
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from models.contracts import ChatRequest, DecideRequest, Delta, Finished, Message
from models.errors import ClosedError, ContextFullError, ModelFileBadError
from models.host import ModelHost, Settings
from tests.shapes import write_shape
from tests.tiny_gguf import write_tiny_gguf
from tests.unit.models.host.driving import ENDLESS, HELLO, SECONDS, pid_of, text_of


def test_the_same_request_gives_the_same_text(host_of: Callable[..., ModelHost], tiny_chat: Path) -> None:
    """Also after other conversations, with reuse of what was read before, and in another process."""
    long = "tell me of the sea " * 40
    request = ChatRequest((Message("user", long), Message("assistant", "no"), Message("user", "why")), 20, 0.9, 5)
    host = host_of(tiny_chat)
    first = list(host.chat(request))
    text_of(host, ChatRequest((Message("user", long + "and the land"),), 30, 0.8, 1))
    again = list(host.chat(request))
    assert isinstance(again[-1], Finished)
    assert again[-1].reused >= 512
    assert again[:-1] == first[:-1]
    assert list(host_of(tiny_chat).chat(request))[:-1] == first[:-1]


def test_another_seed_gives_another_text(host_of: Callable[..., ModelHost], tiny_chat: Path) -> None:
    host = host_of(tiny_chat)
    texts = {text_of(host, ChatRequest((Message("user", "hello"),), 20, 1.0, seed)) for seed in range(4)}
    assert len(texts) > 1


def test_the_same_request_gives_the_same_decision(host_of: Callable[..., ModelHost], tiny_starter: Path) -> None:
    host = host_of(tiny_starter)
    asked = ["email Dana that it is signed", "what time is it in Oslo", "", "note: buy milk", "x " * 300, "größe 😀"]
    first = [host.decide(DecideRequest(text)) for text in asked]
    second = [host.decide(DecideRequest(text)) for text in reversed(asked)][::-1]
    plain = [(one.outcome, one.confidence, one.calls, one.guess, one.topic, one.missing) for one in first]
    assert plain == [(one.outcome, one.confidence, one.calls, one.guess, one.topic, one.missing) for one in second]
    for text, one in zip(asked, first, strict=True):
        for call in one.calls + one.guess:
            assert all(0 <= start < end <= len(text) for start, end in call.spans.values())


def test_a_stop_text_ends_the_answer_and_is_not_shown(host_of: Callable[..., ModelHost], tiny_chat: Path) -> None:
    host = host_of(tiny_chat)
    whole = text_of(host, ChatRequest(HELLO.messages, 40, 0))
    stop = whole[10:12]
    pieces = list(host.chat(ChatRequest(HELLO.messages, 40, 0, stop=(stop,))))
    assert "".join(piece.text for piece in pieces if isinstance(piece, Delta)) == whole[: whole.index(stop)]
    assert isinstance(pieces[-1], Finished)
    assert pieces[-1].reason == "stop"


def test_info_says_what_is_loaded(host_of: Callable[..., ModelHost], tiny_chat: Path) -> None:
    host = host_of(tiny_chat, name="tiny", settings=Settings(threads=1, n_ctx=512))
    info = host.info()
    assert (info.name, info.kind, info.n_ctx, info.n_ctx_train, info.threads) == ("tiny", "chat", 512, 8192, 1)
    assert info.size_bytes == tiny_chat.stat().st_size
    assert len(info.sha256) == 64
    assert info.parameters > 10_000
    assert {"python", "import", "map", "context", "warm"} <= set(info.spans_ms)
    assert (host.memory_bytes() or 0) > 1_000_000


def test_a_file_that_is_no_model_is_refused_with_words(host_of: Callable[..., ModelHost], tmp_path: Path) -> None:
    bad = tmp_path / "page.gguf"
    bad.write_text("<!DOCTYPE html><p>Log in first</p>")
    host = host_of(bad)
    for _ in range(2):
        with pytest.raises(ModelFileBadError, match="web page") as caught:
            host.info()
        assert caught.value.where == str(bad)
        assert caught.value.todo
    assert host.state().phase == "refused"
    assert host.state().restarts == 0


def test_a_conversation_too_long_for_the_model_says_how_long(
    host_of: Callable[..., ModelHost], tiny_chat: Path
) -> None:
    host = host_of(tiny_chat, settings=Settings(n_ctx=256))
    with pytest.raises(ContextFullError) as caught:
        text_of(host, ChatRequest((Message("user", "word " * 200),)))
    assert caught.value.limit == 256
    assert caught.value.used > 1000
    assert len(text_of(host)) == 6
    filled = list(host.chat(ChatRequest((Message("user", "w" * 100),), 500, 0)))[-1]
    assert isinstance(filled, Finished)
    assert filled.reason == "context"


def test_a_megabyte_is_carried_and_answered_in_words(host_of: Callable[..., ModelHost], tiny_starter: Path) -> None:
    decision = host_of(tiny_starter).decide(DecideRequest("email Dana " + "x😀 " * 350_000))
    assert decision.outcome in ("called", "answered", "handoff", "clarify")


def test_requests_from_several_threads_take_turns(host_of: Callable[..., ModelHost], tiny_chat: Path) -> None:
    host = host_of(tiny_chat)
    expected = text_of(host)
    got: list[str] = []
    threads = [threading.Thread(target=lambda: got.append(text_of(host))) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    assert got == [expected] * 5


def test_close_ends_a_running_request(host_of: Callable[..., ModelHost], tiny_chat: Path) -> None:
    host = host_of(tiny_chat)
    stream = host.chat(ENDLESS)
    next(stream)
    pid = pid_of(host)
    host.close()
    with pytest.raises(ClosedError):
        list(stream)
    assert not psutil.pid_exists(pid)


def test_a_path_that_is_not_ascii_loads(host_of: Callable[..., ModelHost], tiny_chat: Path, tmp_path: Path) -> None:
    odd = tmp_path / "mödel 'x' 😀.gguf"
    odd.write_bytes(tiny_chat.read_bytes())
    assert len(text_of(host_of(odd))) == 6


def test_starting_returns_at_once_and_later_starts_do_nothing(
    host_of: Callable[..., ModelHost], tiny_chat: Path
) -> None:
    host = host_of(tiny_chat)
    host.start()
    assert host.state().phase == "starting"
    pid = pid_of(host)
    host.start()
    host.info()
    assert pid_of(host) == pid


def test_speed_is_that_of_the_answer_alone() -> None:
    assert Finished("stop", 11, 5, 0, 100.0, 1100.0).tokens_per_second == 10
    assert Finished("stop", 1, 5, 0, 100.0, 1100.0).tokens_per_second is None


def test_a_refused_file_can_be_tried_again_once_it_was_mended(
    host_of: Callable[..., ModelHost], tiny_chat: Path, tmp_path: Path
) -> None:
    file = tmp_path / "late.gguf"
    file.write_bytes(tiny_chat.read_bytes()[:5000])
    host = host_of(file)
    with pytest.raises(ModelFileBadError, match="ends in the middle"):
        host.info()
    file.write_bytes(tiny_chat.read_bytes())
    host.restart()
    assert len(text_of(host)) == 6


def test_how_many_tokens_it_holds_is_planned_and_said(
    host_of: Callable[..., ModelHost], tmp_path: Path, tiny_starter: Path
) -> None:
    """From the model's first chat on, and for one that is asked about cards and memory too."""
    long = write_tiny_gguf(tmp_path / "long.gguf", context=32_768)
    large = write_shape(tmp_path / "large.gguf", "llama-0.1b")
    auto = Settings(n_ctx=0)
    found = [host_of(path, settings=auto).info() for path in (long, large, tiny_starter)]
    assert [one.n_ctx for one in found] == [16_384, 8_192, 2_048]
    assert found[0].n_ctx_why == "as many as Carryon takes by itself, of the 32,768 it was trained on"
    assert found[1].n_ctx_why == "as many as it was trained on"
    assert found[2].n_ctx_why == "", "the starter reads one message at a time"
    asked = host_of(long, settings=Settings(n_ctx=65_536)).info()
    assert (asked.n_ctx, asked.n_ctx_why) == (32_768, "the settings ask for 65,536, but it was trained on so many")


def test_a_conversation_may_grow_past_what_there_was_room_for_at_first(
    host_of: Callable[..., ModelHost], tmp_path: Path
) -> None:
    host = host_of(write_tiny_gguf(tmp_path / "long.gguf", context=32_768), settings=Settings(n_ctx=0))
    said = "the sea is wide and the land is dry " * 150
    request = ChatRequest((Message("user", said),), 20, 0.0)
    *_, ended = host.chat(request)
    assert isinstance(ended, Finished)
    assert ended.prompt_tokens > 4_096
    assert ended.note == ""
    assert text_of(host, request) == text_of(host, request)
