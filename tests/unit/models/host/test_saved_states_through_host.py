"""Saved states through real processes: written before a process ends, taken up by the next, under the asker's terms."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.contracts import ChatRequest, Delta, Finished, Message
from models.host import ModelHost, Settings
from models.measuring_states import measure_states
from models.snapshots.terms import Terms
from tests.unit.models.host.driving import pid_of, posix
from tests.unit.models.snapshots.sample import files

SYSTEM = Message("system", "You are kind and brief. " * 30)
THREAD = (SYSTEM, Message("user", "Tell me of the sea and of ships. " * 20))
MORE = (*THREAD, Message("assistant", "It is wide."), Message("user", "And the wind?"))
KEY = bytes(range(32))

Start = Callable[..., ModelHost]


@pytest.fixture
def start(tmp_path: Path, tiny_chat: Path, host_of: Callable[..., ModelHost]) -> Start:
    def make(**options: Any) -> ModelHost:
        return host_of(tiny_chat, settings=Settings(n_ctx=8192, snapshots=tmp_path / "states"), **options)

    return make


def ask(host: ModelHost, messages: tuple[Message, ...], keep: str = "one") -> tuple[str, Finished]:
    *pieces, last = host.chat(ChatRequest(messages, max_tokens=8, temperature=0, keep=keep))
    assert isinstance(last, Finished)
    return "".join(piece.text for piece in pieces if isinstance(piece, Delta)), last


def test_the_next_process_reads_only_what_is_new(start: Start) -> None:
    first = start()
    ask(first, THREAD)
    _, warm = ask(first, MORE)
    assert "warm" in first.info().spans_ms
    first.close()  # at once: what was due has been written
    cold_text, cold = ask(start(), MORE, keep="")
    second = start()
    text, finished = ask(second, MORE)
    assert finished.restored >= warm.reused >= finished.prompt_tokens - 3 * 128
    assert cold.restored < finished.restored
    assert finished.note == ""
    assert text == cold_text
    assert second.info().spans_ms["snapshot"] > 0
    assert "warm" not in second.info().spans_ms
    assert 0 < finished.prefix_ms <= finished.first_token_ms


@posix
def test_a_process_that_was_killed_leaves_its_states_to_the_next(start: Start) -> None:
    host = start()
    ask(host, THREAD)
    ask(host, (Message("user", "hi"),), keep="")  # by the time this is answered, the other is written
    os.kill(pid_of(host), signal.SIGKILL)
    assert ask(host, MORE)[1].restored > 0


def test_the_key_goes_through_the_pipe_alone(start: Start, tmp_path: Path) -> None:
    terms = Terms("encrypted", KEY)
    host = start(terms=lambda: terms)
    ask(host, THREAD)
    process = Path("/proc") / str(pid_of(host))
    if process.exists():
        told = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        assert b"AAECAwQF" not in told  # how the key begins in base64
    host.close()
    assert {Path(name).suffix for name in files(tmp_path / "states")} == {".sealed"}
    assert ask(start(terms=lambda: terms), MORE)[1].restored > 0


def test_the_terms_are_asked_each_time(start: Start, tmp_path: Path) -> None:
    terms = [Terms()]
    host = start(terms=lambda: terms[0])
    ask(host, THREAD)
    ask(host, (Message("user", "hi"),), keep="")
    assert files(tmp_path / "states")
    terms[0] = Terms("none", why="You did not want it.")
    assert ask(host, MORE)[1].note == "You did not want it."
    assert files(tmp_path / "states") == set()


def test_without_a_folder_nothing_is_said_of_states(tiny_chat: Path, host_of: Callable[..., ModelHost]) -> None:
    host = host_of(tiny_chat)
    _, finished = ask(host, THREAD)
    assert (finished.restored, finished.note) == (0, "")
    assert "snapshot" not in host.info().spans_ms


def test_a_damaged_state_ends_no_process(start: Start, tmp_path: Path) -> None:
    first = start()
    ask(first, THREAD)
    first.close()
    for path in (tmp_path / "states").glob("*.kv"):
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    host = start()
    _, finished = ask(host, MORE)
    assert finished.restored == 0
    assert "damaged" in finished.note
    assert host.state().restarts == 0


def test_what_states_are_worth_can_be_measured(tiny_chat: Path, tmp_path: Path) -> None:
    measured = measure_states(tiny_chat, tmp_path / "states", prefix_tokens=1_500)
    assert measured.without.restored == 0
    assert 1_000 < measured.with_beginning.restored < measured.with_beginning.prompt_tokens
    assert measured.with_conversation.restored > measured.with_beginning.restored
    assert measured.bytes_on_disk > 0
    assert measured.with_beginning.total_ms > measured.with_beginning.first_token_ms > 0
