"""The models room over a real session and a server that stalls: fetch, pause, close, go on, use, damage, find."""

import queue
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.paths import Paths
from agent.protocol import commands, events, model_commands
from agent.protocol.commands import Command
from agent.protocol.events import Event
from agent.protocol.network_commands import SetOffline
from agent.protocol.records import ModelJob
from agent.session.thread import start_session
from models.host.devices import DeviceReport
from tests.shapes.search import write_search_gguf
from tests.tiny_gguf import write_tiny_gguf
from tests.unit.models.devices.made_up import REPORTS
from tests.unit.models.downloads.shop import Shop, opened

NAME, FILE = "qwen3-0.6b", "Qwen3-0.6B-Q8_0.gguf"
JOB = f"fetch:{FILE}"
CUT = 100_000
WAIT_S = 90.0


class Room:
    """A session, and what it told."""

    def __init__(self) -> None:
        self._told: queue.Queue[Event] = queue.Queue()
        self.session = start_session(self._told.put)

    def ask(self, command: Command) -> Command:
        self.session.submit(command)
        return command

    def until(self, kind: type[Event], fits: Callable[[Event], bool] = lambda _event: True) -> Event:
        ends = time.monotonic() + WAIT_S
        heard: list[Event] = []
        while True:
            try:
                event = self._told.get(timeout=max(0.0, ends - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no such {kind.__name__}; heard {heard[-8:]}") from None
            heard.append(event)
            if isinstance(event, kind) and fits(event):
                return event

    def job(self, job_id: str, state: str, fits: Callable[[ModelJob], bool] = lambda _job: True) -> ModelJob:
        def is_it(event: Event) -> bool:
            assert isinstance(event, events.ModelJobChanged)
            return event.job.id == job_id and event.job.state == state and fits(event.job)

        event = self.until(events.ModelJobChanged, is_it)
        assert isinstance(event, events.ModelJobChanged)
        return event.job

    def answer(self, command: Command, kind: type[Event]) -> Event:
        self.ask(command)
        return self.until(kind, lambda event: event.cause == command.id)

    def offer(self) -> events.OffersListed:
        event = self.answer(model_commands.ListOffers(), events.OffersListed)
        assert isinstance(event, events.OffersListed)
        return event

    def models(self) -> dict[str, bool]:
        """Names, and whether it is the current one."""
        event = self.answer(commands.ListModels(), events.ModelsListed)
        assert isinstance(event, events.ModelsListed)
        return {model.name: model.current for model in event.models}

    def digest(self, name: str) -> str:
        event = self.answer(commands.ListModels(), events.ModelsListed)
        assert isinstance(event, events.ModelsListed)
        return next(model.sha256 for model in event.models if model.name == name)


@pytest.fixture
def open_room(paths: Paths) -> Iterator[Callable[[], Room]]:
    rooms: list[Room] = []

    def opened_one() -> Room:
        rooms.append(Room())
        return rooms[-1]

    yield opened_one
    for room in rooms:
        room.session.close()


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    with opened(write_tiny_gguf(tmp_path / "offered.gguf").read_bytes()) as shop:
        shop.linked = True
        monkeypatch.setenv("HF_ENDPOINT", shop.base)
        yield shop


def begun(room: Room, shop: Shop) -> None:
    """A download that stalls after so many bytes."""
    shop.holds = [CUT]
    room.ask(model_commands.FetchModel(name=NAME))
    room.job(JOB, "going", lambda job: job.done == CUT and job.total == len(shop.body))


def test_fetched_paused_closed_gone_on_with_and_used(open_room: Callable[[], Room], shop: Shop) -> None:
    room = open_room()
    begun(room, shop)
    room.ask(model_commands.StopModelJob(job=JOB))
    assert room.job(JOB, "paused").done == CUT
    room.session.close()

    room = open_room()
    (kept,) = room.offer().unfinished
    assert (kept.name, kept.done, kept.total) == (FILE, CUT, len(shop.body))
    room.ask(model_commands.FetchModel(name=NAME))
    assert room.job(JOB, "done").done == len(shop.body)
    assert shop.asked[-1].startswith(f"bytes={CUT}-")
    room.until(events.StoreChanged, lambda event: "models" in event.areas)  # type: ignore[attr-defined]
    assert {one.offer.file: one.here_as for one in room.offer().offers}[FILE] == NAME
    room.ask(commands.UseModel(name=NAME))
    assert room.until(events.ModelStateChanged, lambda event: event.name == NAME and event.state != "starting")  # type: ignore[attr-defined]
    assert room.models()[NAME]


def test_closing_pauses(open_room: Callable[[], Room], shop: Shop) -> None:
    room = open_room()
    begun(room, shop)
    room.session.close()
    assert open_room().offer().unfinished[0].done == CUT


def test_the_networks_switch_holds_a_download_and_lets_it_go_on(open_room: Callable[[], Room], shop: Shop) -> None:
    room = open_room()
    begun(room, shop)
    room.ask(SetOffline(offline=True))
    assert room.job(JOB, "held").done == CUT
    asked = len(shop.asked)
    room.ask(model_commands.FetchModel(name=NAME))
    assert room.offer().unfinished[0].done == CUT
    assert len(shop.asked) == asked
    room.ask(SetOffline(offline=False))
    assert room.job(JOB, "done").done == len(shop.body)


def test_what_is_not_whole_is_taken_away_while_it_comes(
    open_room: Callable[[], Room], shop: Shop, paths: Paths
) -> None:
    room = open_room()
    begun(room, shop)
    room.ask(model_commands.DropDownload(file=FILE))
    room.job(JOB, "stopped")
    assert room.offer().unfinished == ()
    assert list((paths.data / "models").iterdir()) == []


def test_one_after_the_other_and_one_in_line_can_be_taken_out(open_room: Callable[[], Room], shop: Shop) -> None:
    room = open_room()
    begun(room, shop)
    room.ask(model_commands.FetchModel(name="qwen3-1.7b"))
    second = "fetch:Qwen3-1.7B-Q4_K_M.gguf"
    room.job(second, "waiting")
    room.ask(model_commands.StopModelJob(job=second))
    room.job(second, "paused")
    assert all("1.7B" not in path for path in shop.paths)


def test_a_damaged_file_is_named_and_fetched_again(open_room: Callable[[], Room], shop: Shop, paths: Paths) -> None:
    room = open_room()
    room.ask(model_commands.FetchModel(name=NAME))
    room.job(JOB, "done")
    room.ask(model_commands.CheckModel(name=NAME))
    assert "as it was" in room.job(f"check:{NAME}", "done").note
    file = paths.data / "models" / FILE
    file.write_bytes(shop.body[:-1] + b"?")
    room.ask(model_commands.CheckModel(name=NAME))
    failed = room.job(f"check:{NAME}", "failed")
    assert FILE in failed.why
    assert (failed.where, failed.again) == (str(file), True)
    room.ask(model_commands.FetchModel(name=NAME))
    room.job(JOB, "done")
    assert file.read_bytes() == shop.body


def exchanged(shop: Shop) -> None:
    """Its publisher puts another file of the same name there: one byte of the weights is another one."""
    shop.body, shop.tag = shop.body[:-1] + bytes([shop.body[-1] ^ 1]), '"two"'


def answered_by(room: Room) -> str:
    """The digest of the weights that answer a message."""
    ended = room.answer(commands.SendMessage(text="How is the sea?"), events.TurnEnded)
    assert isinstance(ended, events.TurnEnded)
    return ended.label.model_sha256


def test_a_new_version_of_the_publishers_is_told_and_taken_when_asked(
    open_room: Callable[[], Room], shop: Shop, paths: Paths
) -> None:
    room = open_room()
    room.ask(model_commands.FetchModel(name=NAME))
    room.job(JOB, "done")
    room.ask(commands.UseModel(name=NAME))
    room.ask(commands.SetOption(key="model.decides", value="chosen"))
    old = room.digest(NAME)
    assert answered_by(room) == old
    room.ask(model_commands.CheckModel(name=NAME))
    same = room.job(f"check:{NAME}", "done")
    assert (same.newer, "still offers this version" in same.note) == (False, True)

    exchanged(shop)
    room.ask(model_commands.CheckModel(name=NAME))
    told = room.job(f"check:{NAME}", "done")
    assert told.newer
    assert shop.sha256[:12] in told.note
    assert (paths.data / "models" / FILE).read_bytes() != shop.body
    room.ask(model_commands.FetchModel(name=NAME, accept_new=True))
    assert not room.job(JOB, "done").newer
    assert (paths.data / "models" / FILE).read_bytes() == shop.body
    assert room.digest(NAME) == shop.sha256
    assert answered_by(room) == shop.sha256, "the worker that had the old file open is gone"


def test_a_damaged_file_is_not_replaced_by_another_version_unasked(
    open_room: Callable[[], Room], shop: Shop, paths: Paths
) -> None:
    room = open_room()
    room.ask(model_commands.FetchModel(name=NAME))
    room.job(JOB, "done")
    (paths.data / "models" / FILE).unlink()
    exchanged(shop)
    room.ask(model_commands.FetchModel(name=NAME))
    refused = room.job(JOB, "failed")
    assert "now offers another" in refused.why
    assert (refused.newer, refused.todo) == (True, "")
    assert not (paths.data / "models" / FILE).exists()


def test_a_check_says_when_nobody_could_be_asked(open_room: Callable[[], Room], shop: Shop) -> None:
    room = open_room()
    room.ask(model_commands.FetchModel(name=NAME))
    room.job(JOB, "done")
    shop.refusals = [(503, {})]
    room.ask(model_commands.CheckModel(name=NAME))
    assert "it is not known whether there is a newer version" in room.job(f"check:{NAME}", "done").note
    asked = len(shop.asked)
    room.ask(SetOffline(offline=True))
    room.ask(model_commands.CheckModel(name=NAME))
    assert "the network is switched off" in room.job(f"check:{NAME}", "done").note
    assert len(shop.asked) == asked


def test_a_server_that_does_not_have_it_is_told_in_words(open_room: Callable[[], Room], shop: Shop) -> None:
    shop.refusals = [(404, {})]
    room = open_room()
    room.ask(model_commands.FetchModel(name=NAME))
    failed = room.job(JOB, "failed")
    assert failed.why
    assert failed.where.startswith(shop.base)
    assert NAME not in room.models()


def test_verdicts_follow_the_graphics_card_that_is_reported(
    open_room: Callable[[], Room], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report is a recorded one: this machine need not have a card."""
    report = DeviceReport(REPORTS["two-cards"])
    monkeypatch.setattr("models.host.devices.ask_devices", lambda: report)
    room = open_room()
    room.ask(model_commands.ListOffers())
    told = room.until(events.OffersListed, lambda event: event.machine.cards.room_bytes > 0)  # type: ignore[attr-defined]
    assert isinstance(told, events.OffersListed)
    assert "RTX 3090" in told.machine.cards.label
    assert any(one.fit.on_card for one in told.offers)


def test_a_found_model_is_used_where_it_lies(open_room: Callable[[], Room], ollama: Path) -> None:
    room = open_room()
    room.ask(model_commands.FindModels())
    found = room.until(events.ModelsFound)
    assert isinstance(found, events.ModelsFound)
    assert [str(one.path) for one in found.finds.models] == [str(ollama)]
    room.ask(model_commands.AddFound(path=str(ollama)))
    room.job(f"add:{ollama}", "done")
    assert "llama3.2-3b" in room.models()
    assert list(ollama.parent.iterdir()) == [ollama]


def test_a_found_file_that_is_damaged_is_not_taken(open_room: Callable[[], Room], ollama: Path) -> None:
    data = bytearray(ollama.read_bytes())
    data[-1] ^= 1
    ollama.write_bytes(data)
    room = open_room()
    room.ask(model_commands.FindModels())
    room.until(events.ModelsFound)
    room.ask(model_commands.AddFound(path=str(ollama)))
    assert "Ollama's file is damaged" in room.job(f"add:{ollama}", "failed").why
    assert list(room.models()) == ["starter"]


def test_a_file_of_ones_own_is_added_and_no_model_is_refused(open_room: Callable[[], Room], tmp_path: Path) -> None:
    file = write_tiny_gguf(tmp_path / "parrot.gguf")
    room = open_room()
    room.ask(commands.AddModel(path=str(file)))
    room.job(f"add:{file}", "done")
    assert "parrot" in room.models()
    broken = tmp_path / "page.gguf"
    broken.write_text("<html>")
    refused = commands.AddModel(path=str(broken))
    told = room.answer(refused, events.Failed)
    assert isinstance(told, events.Failed)
    assert told.where == str(broken)


def test_a_model_for_search_is_added_but_cannot_be_chosen_to_chat(
    open_room: Callable[[], Room], tmp_path: Path
) -> None:
    file = write_search_gguf(tmp_path / "bge.gguf")
    room = open_room()
    room.ask(commands.AddModel(path=str(file)))
    room.job(f"add:{file}", "done")
    refused = room.answer(commands.UseModel(name="bge"), events.Failed)
    assert isinstance(refused, events.Failed)
    assert "cannot chat" in refused.what
    assert room.models() == {"starter": True, "bge": False}


def test_the_session_answers_while_a_download_goes_on(open_room: Callable[[], Room], shop: Shop) -> None:
    room = open_room()
    begun(room, shop)
    saved = commands.SaveArtifact(artifact_id=None, title="Key", text="under the third pot")
    assert room.answer(saved, events.ArtifactSaved)
