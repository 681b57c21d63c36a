"""What a chat model kept of a thread goes with the thread; on which terms it keeps anything is the settings' to say."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from agent.agentrc.agentrc import Agentrc
from agent.agentrc.errors import InvalidValueError, SecretError
from agent.agentrc.settings import Settings
from agent.compose import build
from agent.conversation import Conversations
from agent.errors import BrokenError
from agent.paths import Paths
from agent.protocol import commands, events
from agent.protocol.records import AnswerLabel, Outcome
from agent.saved_states import KEY_NAME, SavedStates
from agent.session.handling import Session
from agent.store import Store
from models.snapshots.folder import Snapshots
from models.snapshots.key import conversation_digest
from models.snapshots.terms import OFF, Terms
from tests.unit.models.snapshots.sample import files, saved

LABEL = AnswerLabel("local", "tiny", "", "", "", "", None, None, None)


@pytest.fixture
def settings(paths: Paths) -> list[Settings]:
    """The one in force; a test puts another in its place."""
    return [Agentrc(paths, environ={}).load()]


@pytest.fixture
def keyring() -> dict[str, str]:
    return {}


@pytest.fixture
def states(paths: Paths, settings: list[Settings], keyring: dict[str, str]) -> SavedStates:
    return SavedStates(paths.snapshots, lambda: settings[0], keyring.get, keyring.__setitem__)


@pytest.fixture
def conversations(store: Store, clock: Callable[[], float], states: SavedStates) -> Conversations:
    return Conversations(store, clock, (states.purge(),))


def talked(conversations: Conversations, folder: Snapshots, text: str) -> str:
    """A conversation whose state is on the disk; its id."""
    asked = conversations.begin_turn(None, text)
    conversations.end_turn(asked.turn_id, "yes", Outcome.ANSWERED, LABEL)
    saved(folder, asked.conversation_id)
    return asked.conversation_id


def reset(conversations: Conversations, place: str) -> None:
    conversations.reset(place)


def edit(conversations: Conversations, place: str) -> None:
    conversations.edit_message(conversations.messages(place)[0].id, "said otherwise")


def trash(conversations: Conversations, place: str) -> None:
    conversations.trash(place)


def purge(conversations: Conversations, place: str) -> None:
    conversations.purge(place)


@pytest.mark.parametrize("change", [reset, edit, trash, purge])
def test_whatever_changes_a_thread_lets_go_of_its_states(
    conversations: Conversations, states: SavedStates, change: Callable[[Conversations, str], None]
) -> None:
    folder = states.snapshots
    mine, other = talked(conversations, folder, "mine"), talked(conversations, folder, "other")
    change(conversations, mine)
    assert not folder.holds(conversation_digest(mine))
    assert folder.holds(conversation_digest(other))


@pytest.mark.parametrize("back", ["undo", "redo"])
def test_taking_back_lets_go_too(conversations: Conversations, states: SavedStates, back: str) -> None:
    folder = states.snapshots
    place = talked(conversations, folder, "mine")
    conversations.reset(place)
    if back == "redo":
        conversations.undo(place)
    saved(folder, place)
    getattr(conversations, back)(place)
    assert not folder.holds(conversation_digest(place))


def test_a_preview_names_them_where_there_are_any(conversations: Conversations, states: SavedStates) -> None:
    place = talked(conversations, states.snapshots, "mine")
    assert conversations.preview_reset(place).drops_derived == ("the model's saved state",)
    conversations.reset(place)
    assert conversations.preview_reset(place).drops_derived == ()


def test_a_worker_that_was_about_to_write_does_not_bring_it_back(
    conversations: Conversations, states: SavedStates
) -> None:
    folder = states.snapshots
    place = talked(conversations, folder, "mine")
    (entry,) = folder.entries()
    state = folder.load(entry.name)
    assert state is not None
    before = folder.marks(conversation_digest(place))
    conversations.reset(place)
    folder.save(entry.name, state.header, state.payload, before)
    assert files(folder.folder) == set()


def test_a_state_that_cannot_go_keeps_the_reset_from_being_done(
    conversations: Conversations, states: SavedStates, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = talked(conversations, states.snapshots, "mine")

    def stuck(_path: Path, missing_ok: bool = False) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", stuck)
        with pytest.raises(BrokenError, match="nothing was changed"):
            conversations.reset(place)
    assert [message.text for message in conversations.messages(place)] == ["mine", "yes"]


def test_the_settings_say_how(states: SavedStates, settings: list[Settings], keyring: dict[str, str]) -> None:
    assert states.terms() == Terms("kept", room=1_000_000_000)
    settings[0] = replace(settings[0], model_saved_states=50_000_000)
    assert states.terms().room == 50_000_000
    settings[0] = replace(settings[0], privacy_snapshots="none")
    assert states.terms() == OFF
    assert keyring == {}
    settings[0] = replace(settings[0], privacy_snapshots="encrypted")
    sealed = states.terms()
    assert (sealed.mode, len(sealed.key), sealed.room) == ("encrypted", 32, 50_000_000)
    assert list(keyring) == [KEY_NAME]


def test_the_key_is_made_once(paths: Paths, settings: list[Settings], keyring: dict[str, str]) -> None:
    settings[0] = replace(settings[0], privacy_snapshots="encrypted")
    made = [
        SavedStates(paths.snapshots, lambda: settings[0], keyring.get, keyring.__setitem__).terms() for _ in range(2)
    ]
    assert made[0].key == made[1].key
    keyring[KEY_NAME] = "spoiled"
    another = SavedStates(paths.snapshots, lambda: settings[0], keyring.get, keyring.__setitem__).terms()
    assert len(another.key) == 32
    assert another.key != made[0].key


def test_without_a_keyring_nothing_is_kept_and_that_is_said(paths: Paths, settings: list[Settings]) -> None:
    def locked(_name: str) -> str | None:
        raise SecretError("locked")

    settings[0] = replace(settings[0], privacy_snapshots="encrypted")
    terms = SavedStates(paths.snapshots, lambda: settings[0], locked, lambda _name, _secret: None).terms()
    assert (terms.mode, terms.key) == ("none", b"")
    assert "keyring" in terms.why


def test_what_the_settings_no_longer_allow_goes(states: SavedStates, settings: list[Settings]) -> None:
    states.hold_to_settings()
    assert not states.folder.exists()
    saved(states.snapshots, "one")
    states.hold_to_settings()
    assert len(files(states.folder)) == 1
    settings[0] = replace(settings[0], privacy_snapshots="encrypted")
    states.hold_to_settings()
    assert files(states.folder) == set()


def test_a_smaller_budget_lets_the_longest_unused_go_at_once(states: SavedStates, settings: list[Settings]) -> None:
    names = [saved(states.snapshots, keep, body=bytes(5_000)) for keep in ("old", "middle", "new")]
    for age, name in enumerate(names):
        os.utime(states.folder / name, (age, age))
    sizes = [entry.bytes for entry in states.snapshots.entries()]
    settings[0] = replace(settings[0], model_saved_states=sizes[-1] + sizes[-2])
    states.hold_to_settings()
    assert files(states.folder) == set(names[1:])


def test_off_is_off(states: SavedStates, settings: list[Settings], keyring: dict[str, str]) -> None:
    saved(states.snapshots, "one")
    settings[0] = replace(settings[0], model_saved_states=0, privacy_snapshots="encrypted")
    states.hold_to_settings()
    assert files(states.folder) == set()
    assert states.terms() == OFF
    assert keyring == {}


@pytest.mark.parametrize(
    ("line", "room"), [("", 1_000_000_000), ('saved_states = "2.5 GB"', 2_500_000_000), ('saved_states = "off"', 0)]
)
def test_the_budget_is_a_line_of_the_settings(paths: Paths, line: str, room: int) -> None:
    paths.agentrc.write_text(f"[model]\n{line}\n")
    assert Agentrc(paths, environ={}).load().model_saved_states == room


def test_settings_show_the_budget_and_refuse_what_is_none(paths: Paths) -> None:
    with build(paths, environ={}, offline=True) as runtime:
        session = Session(runtime)
        (loaded,) = [one for one in session.handle(commands.LoadSettings()) if isinstance(one, events.SettingsLoaded)]
        (shown,) = [option for option in loaded.options if option.key == "model.saved_states"]
        assert (shown.value, shown.origin) == ("1 GB", "built-in")
        list(session.handle(commands.SetOption(key="model.saved_states", value="200 MB")))
        assert runtime.saved_states.terms().room == 200_000_000
        for bad in ("2", "1 MB", "-1 GB", "2 TB", "", "much", 5):
            with pytest.raises(InvalidValueError, match="must be an amount"):
                runtime.change_settings({"model.saved_states": bad})
        assert runtime.settings.model_saved_states == 200_000_000


def test_clearing_takes_everything(states: SavedStates) -> None:
    saved(states.snapshots, "one")
    saved(states.snapshots)
    states.clear()
    assert files(states.folder) == set()
