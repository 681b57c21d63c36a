"""What the pictures show: each scene brings a window with the demo's events to the thing that is to be seen."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtWidgets import QScrollArea, QWidget

from agent.protocol import events
from agent.protocol.events import ProblemShown
from app import demo, demo_doubts, demo_files, demo_models, demo_outbox, demo_servers
from app.presenters.toasts import Toast
from app.theme.tokens import GAP_4
from app.views.window import Window

BROKEN = demo.AGENTRC.replace('tone = "terse"  ', 'tne = "terse"   ')


@dataclass(frozen=True, slots=True)
class Shot:
    """`stage` brings a fresh window to what is to be seen; `part`: what of it the picture is of, where that is a window
    of its own."""

    name: str
    stage: Callable[[Window], None]
    first_run: bool = False
    part: str = ""


def _chat(window: Window) -> None:
    window.desk.handle(demo.longer())


def _approval(window: Window) -> None:
    window.desk.outbox.open(demo.ITEMS[0].id)
    window.desk.handle(events.ItemShown(item=demo.ITEMS[0], timeline=demo.TIMELINE))
    window.chat.in_hand.show_item()


def _undecided(window: Window) -> None:
    window.desk.handle(demo.undecided())


def _reset(window: Window) -> None:
    window.desk.handle(events.ResetPreviewed(preview=demo.RESET))


def _after_reset(window: Window) -> None:
    from dataclasses import replace

    conversation = replace(demo.CONVERSATIONS[0], can_undo=True, messages=0)
    window.desk.handle(events.ConversationReset(conversation=conversation, preview=demo.RESET))
    window.desk.handle(events.ConversationOpened(conversation=conversation, messages=()))


def _library(window: Window) -> None:
    window.show_view("library")
    window.desk.handle(demo.note_opened())


def _versions(window: Window) -> None:
    _library(window)
    window.desk.handle(events.ArtifactDiffed(artifact_id="a2", older=2, newer=3, diff=demo.NOTE_DIFF))
    room = window.room("library")
    room.panel.show_versions()  # type: ignore[attr-defined]


def _outbox(window: Window) -> None:
    _item(window, "demo-sam")


def _item(window: Window, item_id: str) -> None:
    window.show_view("outbox")
    window.desk.outbox.open(item_id)
    window.desk.handle(demo_outbox.shown(demo.ITEMS, item_id))


def _conflict(window: Window) -> None:
    _item(window, "demo-offer")


def _plan(window: Window) -> None:
    _item(window, "demo-tell")


def _attempts(window: Window) -> None:
    _item(window, "demo-issue")


def _warned(window: Window) -> None:
    _item(window, "demo-rates")


def _narrowed(window: Window, **wanted: str) -> None:
    window.show_view("outbox")
    window.desk.outbox.filter(**wanted)
    for event in demo_outbox.listed(demo.ITEMS, window.desk.outbox.chosen):
        window.desk.handle(event)


def _by_place(window: Window) -> None:
    _narrowed(window, by="destination")
    for _ in range(2):  # closed, and opened again
        window.desk.outbox.choose("place:tracker:web")
    for event in demo_outbox.listed(demo.ITEMS, window.desk.outbox.chosen):
        window.desk.handle(event)


def _marked(window: Window) -> None:
    _item(window, "demo-dana")
    for item_id in ("demo-dana", "demo-bug", "demo-tell", "demo-rates"):
        window.desk.outbox.mark(item_id)


def _decided(window: Window) -> None:
    _marked(window)
    window.desk.handle(demo_outbox.decided())


def _nothing(window: Window) -> None:
    _item(window, "demo-dana")
    _narrowed(window, group="Delivered", query="passport")


def _practice(window: Window) -> None:
    window.show_view("outbox")
    window.room("outbox").tabs.setCurrentIndex(1)  # type: ignore[attr-defined]


def _models(window: Window) -> None:
    window.show_view("models")


def _models_found(window: Window) -> None:
    """Scrolled to what lies on the disk already."""
    _scrolled_to(window, "finds")


def _models_more(window: Window) -> None:
    """Scrolled to what could be fetched, a download among it."""
    for event in demo_models.goes_on():
        window.desk.handle(event)
    _scrolled_to(window, "offers")


def _model_damaged(window: Window) -> None:
    window.show_view("models")
    other = demo.MODELS[1]
    window.desk.handle(demo_models.damaged(other.name, other.path))
    window.toast.hide()
    _scrolled_to(window, f"model-{other.name}")


def _scrolled_to(window: Window, name: str) -> None:
    window.show_view("models")
    area = window.room("models").findChild(QScrollArea, "modelsArea")
    part = window.room("models").findChild(QWidget, name)
    assert area is not None
    assert part is not None
    inside, bar = area.widget(), area.verticalScrollBar()
    assert inside is not None
    QTimer.singleShot(0, lambda: bar.setValue(part.mapTo(inside, QPoint()).y() - GAP_4))


def _insights(window: Window) -> None:
    window.desk.handle(demo.longer())
    window.show_view("insights")


def _start(window: Window) -> None:
    """Scrolled to the last start."""
    _insights(window)
    area = window.room("insights").findChild(QScrollArea, "insightsArea")
    assert area is not None
    QTimer.singleShot(0, lambda: area.verticalScrollBar().setValue(area.verticalScrollBar().maximum()))


def _settings(window: Window) -> None:
    window.show_view("settings")


def _settings_wrong(window: Window) -> None:
    window.show_view("settings")
    window.room("settings").editor.setPlainText(BROKEN)  # type: ignore[attr-defined]
    problem = ProblemShown(2, 1, "There is no setting “tne”. Did you mean “tone”?")
    window.desk.handle(events.SettingsChecked(text=BROKEN, problems=(problem,)))


def _servers(window: Window) -> None:
    window.show_view("settings")
    window.desk.handle(demo_servers.listed())


def _server_tools(window: Window) -> None:
    _servers(window)
    window.desk.servers.look("tracker")


def _prompts(window: Window) -> None:
    window.desk.handle(demo_servers.listed())
    window.desk.prompts.open()


def _prompt_arguments(window: Window) -> None:
    _prompts(window)
    window.desk.prompts.choose("tracker/triage")


def _prompt_read(window: Window) -> None:
    """Fetched, in the box, not sent."""
    window.desk.composer.lend(demo_servers.TRIAGE, demo_servers.TRIAGE_SOURCE)


def _import_found(window: Window) -> None:
    _servers(window)
    window.desk.server_import.open()
    window.desk.handle(demo_servers.found(window.desk.server_import.asked))


def _import_read(window: Window) -> None:
    _import_found(window)
    window.desk.server_import.read()
    window.desk.handle(demo_servers.previewed(window.desk.server_import.asked))


def _import_taken(window: Window) -> None:
    _import_read(window)
    window.desk.server_import.take()
    window.desk.handle(demo_servers.taken(window.desk.server_import.asked))


def _picture(window: Window) -> None:
    window.desk.handle(demo_files.loaded())
    window.desk.handle(demo_files.drawn())


def _picture_in_library(window: Window) -> None:
    window.show_view("library")
    window.desk.handle(demo_files.loaded())
    window.desk.handle(demo_files.opened())


def _stalled(window: Window) -> None:
    for event in demo_doubts.stalled():
        window.desk.handle(event)


def _call_in_doubt(window: Window) -> None:
    window.desk.handle(demo_doubts.call_in_doubt())


def _sign_in(window: Window) -> None:
    for event in demo_doubts.sign_in():
        window.desk.handle(event)


def _server_question(window: Window) -> None:
    window.desk.handle(demo_servers.asked())


def _toast(window: Window) -> None:
    window.desk.toasts.show(Toast("Delivered: E-mail to lena@halden.example", tone="good"))


SHOTS: tuple[Shot, ...] = (
    Shot("welcome", lambda _window: None, first_run=True),
    Shot("chat", lambda _window: None),
    Shot("chat-code", _chat),
    Shot("chat-approval", _approval),
    Shot("chat-undecided", _undecided),
    Shot("chat-stalled", _stalled),
    Shot("chat-doubted", _call_in_doubt),
    Shot("reset", _reset),
    Shot("reset-undo", _after_reset),
    Shot("library", _library),
    Shot("library-versions", _versions),
    Shot("outbox", _outbox),
    Shot("outbox-conflict", _conflict),
    Shot("outbox-plan", _plan),
    Shot("outbox-attempts", _attempts),
    Shot("outbox-warned", _warned),
    Shot("outbox-places", _by_place),
    Shot("outbox-marked", _marked),
    Shot("outbox-decided", _decided),
    Shot("outbox-nothing", _nothing),
    Shot("outbox-practice", _practice),
    Shot("models", _models),
    Shot("models-found", _models_found),
    Shot("models-more", _models_more),
    Shot("models-damaged", _model_damaged),
    Shot("insights", _insights),
    Shot("insights-start", _start),
    Shot("settings", _settings),
    Shot("settings-wrong", _settings_wrong),
    Shot("servers", _servers),
    Shot("servers-tools", _server_tools, part="classesSheet"),
    Shot("servers-question", _server_question, part="serverQuestion"),
    Shot("servers-sign-in", _sign_in, part="signInSheet"),
    Shot("servers-found", _import_found, part="importSheet"),
    Shot("servers-change", _import_read, part="importSheet"),
    Shot("servers-taken", _import_taken),
    Shot("prompts", _prompts, part="promptSheet"),
    Shot("prompts-arguments", _prompt_arguments, part="promptSheet"),
    Shot("prompts-read", _prompt_read),
    Shot("chat-picture", _picture),
    Shot("library-picture", _picture_in_library),
    Shot("toast", _toast),
)
