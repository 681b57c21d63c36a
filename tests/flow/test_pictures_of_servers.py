"""Pictures and sounds that a server's tool answers with: in the library as what they are, known as the server's."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.compose import build
from agent.loop.ports import Request
from agent.loop.tool_names import reference
from agent.paths import Paths
from agent.protocol.commands import LoadFile
from agent.protocol.events import FileLoaded
from agent.protocol.records import CallStatus
from agent.session.library import load_file
from models.contracts import Decision, PointedCall
from models.scripted import Scripted
from tests.flow.chatting import SETTINGS, Chat, Chatty, Turn, chat_with, do

HOSTILE = Path(__file__).parents[1] / "mcp_servers" / "hostile.py"
RULE = '[tools]\n"hostile.*" = "allow"\n'
DECLARED = f'[servers.hostile]\ncommand = ["{sys.executable}", "{HOSTILE}", "good"]\n'


@pytest.fixture
def chat(paths: Paths) -> Iterator[Chat]:
    with chat_with(paths, Chatty(), SETTINGS + RULE + DECLARED) as made:
        yield made


def classed(chat: Chat, connectivity: str) -> None:
    front = chat.runtime.servers.front
    shown = front.refresh("hostile")
    words = {"class": connectivity, "touches": "nothing", "fresh": "1h" if connectivity == "online" else "0s"}
    front.accept(front.classes("hostile", {"draw": front.classing(shown, "draw", words)}))


def test_they_are_files_of_the_library_by_their_own_bytes(chat: Chat) -> None:
    classed(chat, "local")
    (call,) = chat.say("draw", [do("hostile_draw")], ["Drawn."]).calls
    assert call.status is CallStatus.DONE
    picture, sound = call.facts["files"]
    assert (picture["media_type"], picture["name"]) == ("image/png", "picture-1.png"), "the server called it a page"
    assert (sound["media_type"], sound["seconds"]) == ("audio/wav", 1.0)
    assert call.facts["files_left_out"] == 2, "a page is no picture, whatever it is called"
    assert call.artifact_id == picture["id"]
    library = chat.runtime.library
    kept = library.get(picture["id"])
    assert (kept.kind, kept.title) == ("file", "Picture 1 from hostile.draw of hostile")
    assert library.sources([picture["id"], sound["id"]]) == ("the server hostile",)
    (loaded,) = load_file(chat.runtime, LoadFile(artifact_id=picture["id"]))
    assert isinstance(loaded, FileLoaded)
    assert loaded.content.startswith(b"\x89PNG")
    told = "".join(message.text for message in chat.model.requests[1].messages)
    assert "picture-1.png" in told
    assert "iVBOR" not in told, "a model is not told bytes"


def test_taking_the_call_back_takes_them_to_the_trash(chat: Chat) -> None:
    classed(chat, "local")
    (call,) = chat.say("draw", [do("hostile_draw")], ["Drawn."]).calls
    chat.say("undo that", [do("call_undo", call=reference(call))], ["Undone."])
    assert chat.runtime.library.get(call.facts["files"][0]["id"]).trashed_at is not None


def test_an_online_tool_keeps_them_once_and_its_kept_answer_is_words(paths: Paths) -> None:
    paths.agentrc.write_text(SETTINGS + RULE + DECLARED)
    decided = [Decision("called", 0.99, calls=(PointedCall("hostile.draw", {}),)) for _ in range(2)]
    with build(paths, environ={}, starter=Scripted(decided)) as runtime:
        chat = Chat(runtime, Chatty(), Scripted([]))
        classed(chat, "online")
        (call,) = _turn(chat, "draw").calls
        assert len(call.facts["files"]) == 2
        runtime.set_offline(True)
        (again,) = _turn(chat, "draw again").calls
        assert (again.facts["text"], again.facts["cached"], again.facts.get("files")) == ("drawn", True, None)
        assert len(runtime.library.list(kind="file")) == 2


def _turn(chat: Chat, text: str) -> Turn:
    return Turn(list(chat.runtime.turn(Request(text, cause="k"))))
