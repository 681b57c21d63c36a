"""Pictures and sounds that a server's tool answers with: in the library as what they are, known as the server's."""

import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from agent.compose import build
from agent.loop.ahead import Ahead
from agent.loop.errand import Errand
from agent.loop.ports import Acted, Request
from agent.loop.tool_names import reference
from agent.paths import Paths
from agent.protocol.commands import LoadFile
from agent.protocol.events import FileLoaded
from agent.protocol.records import CallStatus
from agent.session.library import load_file
from agent.store.errors import DatabaseBusyError
from agent.tools.results import Result
from models.contracts import Decision, PointedCall
from models.scripted import Scripted
from tests.flow.chatting import SETTINGS, Chat, Chatty, Turn, chat_with, do

HOSTILE = Path(__file__).parents[1] / "mcp_servers" / "hostile.py"
RULE = '[tools]\n"hostile.*" = "allow"\n'
HELD = {"act: begun": "BEGIN IMMEDIATE", "act: answered": "ROLLBACK"}  # by another copy of Carryon
DECLARED = f'[servers.hostile]\ncommand = ["{sys.executable}", "{HOSTILE}", "good"]\n'


@pytest.fixture
def chat(paths: Paths) -> Iterator[Chat]:
    with chat_with(paths, Chatty(), SETTINGS + RULE + DECLARED) as made:
        yield made


def classed(chat: Chat, connectivity: str, touches: str = "nothing") -> None:
    front = chat.runtime.servers.front
    shown = front.refresh("hostile")
    words = {"class": connectivity, "touches": touches, "fresh": "1h" if connectivity == "online" else "0s"}
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


def test_what_was_done_stays_done_where_the_disk_takes_no_file(chat: Chat, paths: Paths) -> None:
    classed(chat, "local", touches="files")
    runtime = chat.runtime
    runtime.connection.execute("PRAGMA busy_timeout = 20")
    with closing(sqlite3.connect(paths.database, isolation_level=None)) as other:

        def boundary(moment: str) -> None:
            if moment in HELD:
                other.execute(HELD[moment])

        runtime.hands.ahead = Ahead(
            runtime.connection, runtime.conversations, runtime.hands.settling, time.time, boundary
        )
        (call,) = chat.say("draw", [do("hostile_draw")], ["Drawn."]).calls
    assert (call.status, call.facts["text"]) == (CallStatus.DONE, "drawn")
    assert (call.facts.get("files"), call.facts["files_left_out"]) == (None, 4)
    assert runtime.library.list(kind="file") == ()


class BrokenAfter(Ahead):
    """The tool did it, and then our own disk fails."""

    def run(self, errand: Errand, tool: Callable[[Errand], Result]) -> Acted:
        def broken(given: Errand) -> Result:
            tool(given)
            raise DatabaseBusyError(todo="Try again.")

        return super().run(errand, broken)


def test_what_our_own_disk_broke_after_it_was_begun_is_a_doubt(chat: Chat) -> None:
    classed(chat, "local", touches="files")
    runtime = chat.runtime
    runtime.hands.ahead = BrokenAfter(runtime.connection, runtime.conversations, runtime.hands.settling, time.time)
    (call,) = chat.say("draw", [do("hostile_draw")], ["Drawn."]).calls
    assert call.status is CallStatus.UNKNOWN
    assert call.result.startswith("This may have been done: ")
    assert "nothing was changed" not in call.result
    assert "Try again" not in call.result


def _turn(chat: Chat, text: str) -> Turn:
    return Turn(list(chat.runtime.turn(Request(text, cause="k"))))
