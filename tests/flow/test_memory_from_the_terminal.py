"""The summary of what was folded, and what will be, from the terminal."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from agent.loop.ports import Request
from agent.paths import Paths
from agent.runtime import Runtime
from app.cli.ask import documented
from app.cli.summary import summary
from tests.flow.chatting import CHOSEN, Chat, Chatty, chat_with
from tests.flow.folding import LONG, NO_TOOLS, _is_full, summaries, summary_of, until_it_folds


@pytest.fixture
def chat(paths: Paths) -> Iterator[Chat]:
    """Holds some seven such turns."""
    with chat_with(paths, Chatty(n_ctx=2_048), CHOSEN + NO_TOOLS) as made:
        yield made


def test_the_summary_is_read_changed_and_switched_from_the_terminal(
    chat: Chat, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    until_it_folds(chat, "They spoke of Lisbon.")
    place = chat.conversation
    assert place is not None
    run = _terminal(chat, monkeypatch)
    assert "They spoke of Lisbon." in run(place[:8])
    assert "in your own words" in run(place, "--say", "We went to Lisbon by train.")
    assert summary_of(chat).text == "We went to Lisbon by train."
    file = tmp_path / "said.txt"
    file.write_text("By train, in May: schön.", encoding="utf-8")
    assert "schön" in run(place, "--say-from", str(file))
    assert "piped" in run(place, "--say-from", "-", said="piped in")
    assert "Turned off" in run(place, "--off")
    assert not summary_of(chat).is_on
    told_as_json = json.loads(run(place, "--on", "--json"))
    assert (told_as_json["text"], told_as_json["is_on"]) == ("piped in", True)
    assert "cannot be empty" in run(place, "--say", " ", code=2)
    assert "not both" in run(place, "--say", "a", "--say-from", "-", code=2)


def test_a_thread_without_a_summary_says_so(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    chat.say("hello", ["Hello."])
    run = _terminal(chat, monkeypatch)
    assert "every message as it is" in run(chat.conversation or "")
    assert "has no summary" in run(chat.conversation or "", "--off", code=2)


def _terminal(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """`carryon chat summary` over the open profile: its output, its words about what is wrong too."""

    @contextmanager
    def open_already(**_options: object) -> Iterator[Runtime]:
        yield chat.runtime

    monkeypatch.setattr("app.cli.summary.profile", open_already)

    def run(*words: str, code: int = 0, said: str = "") -> str:
        done = CliRunner().invoke(summary, list(words), input=said)
        assert done.exit_code == code, done.output
        return done.output

    return run


def test_the_terminal_says_beside_the_answer_that_messages_were_summed_up(
    chat: Chat, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(1, 30):
        if chat.conversation and _is_full(chat):
            break
        chat.say(f"part {number}: {LONG}", [f"Heard part {number}."])
    chat.model.answers.clear()
    chat.model.answers += [["They spoke of Lisbon."], ["Heard the last part."]]
    found, _ = documented(chat.runtime.turn(Request(f"and then: {LONG}", chat.conversation)))
    assert found["reply"] == "Heard the last part."
    told_beside = capsys.readouterr().err
    before = told_beside.index("there is no more room, so the model sums them up first")
    after = told_beside.index("were summed up")
    assert before < after
    assert "(from “part 1: a long story" in told_beside[:before], "which they are is said before it happens"
    assert f"carryon chat summary {str(chat.conversation)[:8]}" in told_beside


def test_the_terminal_says_what_will_go_while_there_still_is_room(
    chat: Chat, capsys: pytest.CaptureFixture[str]
) -> None:
    found: list[str] = []
    for number in range(1, 30):
        chat.model.answers.clear()
        chat.model.answers.append([f"Heard part {number}."])
        _, ended = documented(chat.runtime.turn(Request(f"part {number}: {LONG}", chat.conversation)))
        chat.conversation = ended.message.conversation_id
        found.append(capsys.readouterr().err)
        if found[-1]:
            break
    assert len(found) > 3, "not a word while there is much room"
    assert "will be summed up to make room" in found[-1]
    assert "(from “part 1: a long story" in found[-1]
    assert not summaries(chat)
