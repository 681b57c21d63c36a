"""What is written down about the window must be there, and the window stays small."""

from pathlib import Path

from agent.protocol import (
    call_commands,
    commands,
    laptop_commands,
    model_commands,
    network_commands,
    outbox_commands,
    server_commands,
)
from app.presenters import desk
from app.views.shortcuts import KEYS

APP = Path(desk.__file__).parents[1]
README = (APP / "README.md").read_text("utf-8")
SOURCES = [path for path in APP.rglob("*.py") if "cli" not in path.relative_to(APP).parts[0]]
WINDOW_LINES_MAX, FILE_LINES_MAX = 250, 400
NOT_OFFERED = {
    "NewConversation": "a conversation begins with its first message here; an empty one is for other front ends",
    "ResumeFetched": "the session's thread sends it itself when something arrived that a conversation waited for",
}


def test_the_main_window_stays_small() -> None:
    assert len((APP / "views" / "window.py").read_text("utf-8").splitlines()) < WINDOW_LINES_MAX


def test_no_file_outgrows_the_fence() -> None:
    large = [path.name for path in SOURCES if len(path.read_text("utf-8").splitlines()) > FILE_LINES_MAX]
    assert large == []


def test_every_key_is_in_the_readme() -> None:
    assert [key.keys for key in KEYS if f"`{key.keys}`" not in README] == []


def test_every_command_of_the_core_can_be_asked_for_in_the_window() -> None:
    presenters = "\n".join(path.read_text("utf-8") for path in (APP / "presenters").glob("*.py"))
    rooms = (
        call_commands, commands, laptop_commands, model_commands, network_commands, outbox_commands, server_commands,
    )  # fmt: skip
    kinds = [
        name
        for room in rooms
        for name, kind in vars(room).items()
        if isinstance(kind, type) and issubclass(kind, commands.Command) and kind is not commands.Command
    ]
    assert {name for name in kinds if f"commands.{name}" not in presenters} == set(NOT_OFFERED)


def test_what_the_window_does_not_offer_is_sent_by_the_session() -> None:
    thread = (APP.parent / "agent" / "session" / "thread.py").read_text("utf-8")
    assert "self.submit(ResumeFetched(" in thread
