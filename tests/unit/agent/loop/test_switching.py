"""No silent swap: where another model goes on, the conversation says so, once."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.compose import build
from agent.loop.ports import Request
from agent.loop.switching import Chosen, switch
from agent.paths import Paths
from agent.protocol.events import NoticeAdded, TurnEnded, TurnStarted
from agent.protocol.records import AnswerLabel, Role
from agent.runtime import Runtime
from models.contracts import Decision
from models.errors import ModelError
from models.scripted import INFO, Scripted

OLD, NEW = "a" * 64, "b" * 64
LABEL = AnswerLabel("local", "starter", OLD, "", "1", "then", 0.9, None, None)


@pytest.mark.parametrize(
    ("earlier", "now", "then", "words"),
    [
        ((), Chosen("qwen"), None, ""),
        ((LABEL,), Chosen("starter", (("starter", OLD),)), "starter", ""),
        ((LABEL,), Chosen("starter", (("starter", ""),)), None, ""),
        ((LABEL,), Chosen("qwen", (("qwen", NEW),)), "starter",
         "From here on: qwen (on this machine, bbbbbbbb) talks; the starter decides what is done. "
         "Until here: the starter (on this machine, aaaaaaaa)."),
        ((LABEL,), Chosen("qwen", (("qwen", NEW),), decides=True), "starter",
         "From here on: qwen (on this machine, bbbbbbbb) talks and decides. "
         "Until here: the starter (on this machine, aaaaaaaa)."),
        ((LABEL,), Chosen("starter", (("starter", OLD),)), "qwen",
         "From here on: the starter (on this machine, aaaaaaaa) alone. Until here: qwen (on this machine)."),
        ((LABEL,), Chosen("starter", (("starter", NEW),)), "starter",
         "From here on: the starter (on this machine, bbbbbbbb), other weights than before (aaaaaaaa)."),
        ((replace(LABEL, model=""), LABEL), Chosen("starter", (("starter", NEW),)), "starter",
         "From here on: the starter (on this machine, bbbbbbbb), other weights than before (aaaaaaaa)."),
        ((LABEL,), Chosen("qwen"), None, ""),
    ],
)  # fmt: skip
def test_the_notice_says_what_changed(
    earlier: tuple[AnswerLabel, ...], now: Chosen, then: str | None, words: str
) -> None:
    assert switch(earlier, now, lambda _hash: then) == words


Opened = Callable[[str, str], Runtime]


@pytest.fixture
def opened(paths: Paths) -> Iterator[Opened]:
    with ExitStack() as undo:

        def open_with(model: str, sha256: str) -> Runtime:
            paths.agentrc.write_text(f'[model]\ndefault = "{model}"\n')

            def open_model(name: str) -> Scripted:
                script: list[Any] = [Decision("handoff", 0.9)] * 4 if name == "starter" else ["It is blue."] * 4
                return Scripted(script, info=replace(INFO, name=name, sha256=sha256))

            return undo.enter_context(build(paths, open_model=open_model, offline=True))

        yield open_with


def ask(runtime: Runtime, place: str | None, **more: Any) -> list[Any]:
    return list(runtime.turn(Request("tell me of the sea", place, **more)))


def test_a_conversation_that_goes_on_with_another_model_says_so_once(opened: Opened, tmp_path: Path) -> None:
    first = opened("starter", OLD)
    place = ask(first, None)[0].message.conversation_id
    assert not [event for event in ask(first, place) if isinstance(event, NoticeAdded)]
    second = opened("/models/qwen.gguf", OLD)
    started, noticed, *_, ended = ask(second, place)
    assert isinstance(started, TurnStarted)
    assert isinstance(noticed, NoticeAdded)
    assert isinstance(ended, TurnEnded)
    assert noticed.message.text.startswith("From here on: /models/qwen.gguf")
    thread = second.conversations.messages(place)
    assert [said.role for said in thread[-3:]] == [Role.USER, Role.NOTICE, Role.AGENT]
    assert not [event for event in ask(second, place) if isinstance(event, NoticeAdded)]
    (last,) = (event for event in ask(opened("starter", OLD), place) if isinstance(event, NoticeAdded))
    assert last.message.text.endswith("Until here: /models/qwen.gguf (on this machine, aaaaaaaa).")


def test_other_weights_under_the_same_name_are_told(opened: Opened) -> None:
    place = ask(opened("starter", OLD), None)[0].message.conversation_id
    renewed = opened("starter", NEW)
    renewed.minds.model("starter")
    (notice,) = (event.message.text for event in ask(renewed, place) if isinstance(event, NoticeAdded))
    assert "bbbbbbbb" in notice
    assert "aaaaaaaa" in notice


def test_asking_again_puts_the_notice_behind_the_new_message(opened: Opened) -> None:
    heard = ask(opened("starter", OLD), None)
    place, asked = heard[0].message.conversation_id, heard[0].message.id
    ask(opened("starter", OLD), place)
    last = opened("/models/qwen.gguf", OLD)
    second = last.conversations.messages(place)[2]
    ask(last, None, replaces=second.id)
    assert [said.role for said in last.conversations.messages(place)] == [
        Role.USER, Role.AGENT, Role.USER, Role.NOTICE, Role.AGENT,
    ]  # fmt: skip
    assert asked


def test_a_dry_run_leaves_no_notice(opened: Opened) -> None:
    place = ask(opened("starter", OLD), None)[0].message.conversation_id
    other = opened("/models/qwen.gguf", OLD)
    ask(other, place, dry_run=True)
    assert len(other.conversations.messages(place)) == 2


def test_a_list_of_models_that_cannot_be_read_keeps_nobody_from_an_answer(opened: Opened, paths: Paths) -> None:
    here = opened("starter", OLD)
    place = ask(here, None)[0].message.conversation_id
    (paths.data / "models.json").write_text("{")
    with pytest.raises(ModelError):
        here.models()
    assert isinstance(ask(here, place)[-1], TurnEnded)
