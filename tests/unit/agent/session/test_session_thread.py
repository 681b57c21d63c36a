"""The session's thread: commands in order, a profile that cannot be opened, a backup put back, closing."""

import queue
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from agent.paths import Paths
from agent.protocol import commands, events
from agent.protocol.events import Event
from agent.protocol.network_commands import SetOffline
from agent.protocol.server_commands import AnswerServer
from agent.session.thread import SessionThread, start_session
from agent.store import open_store
from agent.store.backup import backup

WAIT_S = 20.0


class Waiting:
    """A session whose one command waits for the user's answer to a server."""

    def __init__(self) -> None:
        self._answers: queue.Queue[AnswerServer] = queue.Queue()

    def handle(self, command: commands.Command) -> Iterator[Event]:
        yield events.Exported(cause=command.id, path="asked")
        answer = self._answers.get(timeout=WAIT_S)
        yield events.Exported(cause=command.id, path=answer.question_id)

    def answer(self, command: AnswerServer) -> None:
        self._answers.put(command)

    def tick(self) -> float:
        return WAIT_S

    def cancel(self) -> None:
        return


class Heard:
    def __init__(self) -> None:
        self._events: queue.Queue[Event] = queue.Queue()

    def __call__(self, event: Event) -> None:
        self._events.put(event)

    def wait_for(self, kind: type[Event], cause: str | None = None) -> Event:
        while True:
            event = self._events.get(timeout=WAIT_S)
            if isinstance(event, kind) and cause in (None, event.cause):
                return event


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def session(paths: Paths, heard: Heard) -> Iterator[SessionThread]:
    started = start_session(heard)
    yield started
    started.close()


def test_commands_are_answered_and_name_their_cause(session: SessionThread, heard: Heard) -> None:
    save = commands.SaveArtifact(artifact_id=None, title="Key", text="under the third pot")
    session.submit(save)
    assert heard.wait_for(events.ArtifactSaved, save.id)
    find = commands.ListArtifacts(query="third pot")
    session.submit(find)
    listed = heard.wait_for(events.ArtifactsListed, find.id)
    assert isinstance(listed, events.ArtifactsListed)
    assert [artifact.title for artifact in listed.artifacts] == ["Key"]


def test_a_command_that_fails_leaves_the_next_one_working(session: SessionThread, heard: Heard) -> None:
    bad, good = commands.OpenArtifact(artifact_id="gone"), commands.ListItems()
    session.submit(bad)
    session.submit(good)
    assert heard.wait_for(events.Failed, bad.id)
    assert heard.wait_for(events.ItemsListed, good.id)


def test_the_answer_to_a_server_does_not_wait_behind_the_call_that_waits_for_it(heard: Heard) -> None:
    thread = SessionThread(lambda _emit: nullcontext(Waiting()), heard)  # type: ignore[arg-type, return-value]
    thread.start()
    asking = commands.ListItems()
    thread.submit(asking)
    heard.wait_for(events.Exported, asking.id)
    thread.submit(AnswerServer(question_id="q", values=None))
    answered = heard.wait_for(events.Exported, asking.id)
    assert isinstance(answered, events.Exported)
    assert answered.path == "q"
    thread.close()


def test_a_damaged_profile_is_told_and_its_backup_put_back(paths: Paths, heard: Heard) -> None:
    store = open_store(paths.database)
    backup(store, paths.backups / "daily-20200101-000000.db")
    store.close()
    broken = b"\0" * 4096
    paths.database.write_bytes(broken)
    session = start_session(heard)
    try:
        trouble = heard.wait_for(events.ProfileUnavailable)
        assert isinstance(trouble, events.ProfileUnavailable)
        assert trouble.restorable
        asked = commands.SendMessage(text="hello")
        session.submit(asked)
        assert heard.wait_for(events.ProfileUnavailable, asked.id), "no command is swallowed"
        session.submit(commands.RestoreProfile())
        restored = heard.wait_for(events.ProfileRestored)
        assert isinstance(restored, events.ProfileRestored)
        assert heard.wait_for(events.SettingsLoaded)
        kept = list(paths.data.glob("carryon.db.kept-*"))
        assert [str(path) for path in kept] == [restored.kept]
        assert [path.read_bytes() for path in kept] == [broken]
    finally:
        session.close()


def test_without_a_copy_none_is_offered(paths: Paths, heard: Heard) -> None:
    paths.database.write_bytes(b"\0" * 4096)
    session = start_session(heard)
    try:
        trouble = heard.wait_for(events.ProfileUnavailable)
        assert isinstance(trouble, events.ProfileUnavailable)
        assert not trouble.restorable
        hopeless = commands.RestoreProfile()
        session.submit(hopeless)
        assert heard.wait_for(events.Failed, hopeless.id)
    finally:
        session.close()


def test_the_dotfile_saved_in_an_editor_is_in_force(paths: Paths, session: SessionThread, heard: Heard) -> None:
    heard.wait_for(events.SettingsLoaded)
    paths.agentrc.write_text('tone = "terse"\n')
    changed = heard.wait_for(events.SettingsChanged)
    assert isinstance(changed, events.SettingsChanged)
    while not changed.changed:  # the system may show a new file before its first byte; that changes nothing
        changed = heard.wait_for(events.SettingsChanged)
        assert isinstance(changed, events.SettingsChanged)
    assert changed.changed == ("tone",)
    paths.agentrc.write_text('tonne = "terse"\n')
    wrong = heard.wait_for(events.SettingsChanged)
    assert isinstance(wrong, events.SettingsChanged)
    assert (wrong.problems[0].line, wrong.problems[0].column) == (1, 1)
    assert wrong.problems[0].text.startswith("there is no setting tonne."), "the place is not said twice"


def test_a_timer_rings_once(session: SessionThread, heard: Heard, paths: Paths) -> None:
    from agent.library import Library

    heard.wait_for(events.SettingsLoaded)
    store = open_store(paths.database)
    Library(store, lambda: 0.0).add_timer("tea", 1_000)
    store.close()
    session.submit(commands.ListItems())
    rang = heard.wait_for(events.TimerRang)
    assert isinstance(rang, events.TimerRang)
    assert rang.label == "tea"


def test_the_practice_switch_and_the_network_switch(session: SessionThread, heard: Heard, paths: Paths) -> None:
    heard.wait_for(events.SettingsLoaded)
    off = SetOffline(offline=True)
    session.submit(off)
    state = heard.wait_for(events.ConnectivityChanged, off.id)
    assert isinstance(state, events.ConnectivityChanged)
    assert (state.state, state.manual) == ("offline", True)
    for enabled in (True, False):
        switch = commands.SetPractice(enabled=enabled)
        session.submit(switch)
        listed = heard.wait_for(events.PracticeListed, switch.id)
        assert isinstance(listed, events.PracticeListed)
        assert listed.enabled is enabled
    assert not list(Path(paths.data).glob("practice*"))


def test_settings_that_are_shown_are_in_force(paths: Paths, session: SessionThread, heard: Heard) -> None:
    heard.wait_for(events.SettingsLoaded)
    paths.agentrc.write_text('tone = "terse"\n')
    ask = commands.LoadSettings()
    session.submit(ask)
    shown = heard.wait_for(events.SettingsLoaded, ask.id)
    assert isinstance(shown, events.SettingsLoaded)
    assert {option.key: option.value for option in shown.options}["tone"] == "terse"
