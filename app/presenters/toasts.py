"""Short notes over the window: what just happened, with at most one thing to do about it."""

import time
from dataclasses import dataclass

from agent.protocol import commands, events
from app.presenters import tools
from app.presenters.footnote import model_name
from app.presenters.presenter import Clock, Handlers, Presenter, Submit
from app.presenters.reset import kept_words
from app.presenters.wording import count, one_line

UNDO_SECONDS = 10.0
NOTE_SECONDS = 5.0
TROUBLE_SECONDS = 15.0
NOT_IN_FORCE = "As the file stands it is not in force."


@dataclass(frozen=True, slots=True)
class Toast:
    text: str
    tone: str = "muted"
    action: str = ""  # label of the button
    command: commands.Command | None = None
    seconds: float = NOTE_SECONDS
    notify: str = ""  # title of a desktop notification, where one is due


class ToastsPresenter(Presenter):
    """Part that changes: "toast" (`latest` is to be shown)."""

    def __init__(self, submit: Submit, clock: Clock = time.time) -> None:
        super().__init__(submit, clock)
        self.latest: Toast | None = None
        self._states: dict[str, str] = {}

    def handlers(self) -> Handlers:
        return {
            events.ConversationReset: self._reset,
            events.ConversationTrashed: self._trashed,
            events.Failed: self._failed,
            events.Exported: lambda event: self.show(Toast(f"Saved as {event.path}")),
            events.TimerRang: self._rang,
            events.ItemsListed: self._items,
            events.ItemChanged: self._item,
            events.SettingsChanged: self._settings,
            events.ProfileRestored: self._restored,
            events.ModelStateChanged: self._model,
            events.MisreadMarked: self._misread,
            events.ModelJobChanged: self._model_job,
        }

    def show(self, toast: Toast) -> None:
        self.latest = toast
        self._changed("toast")

    def act(self, toast: Toast) -> None:
        if toast.command:
            self._submit(toast.command)

    def _reset(self, event: events.ConversationReset) -> None:
        text = f"Let go of {count(event.preview.messages, 'message')}. Kept {kept_words(event.preview)}."
        undo = commands.UndoConversation(conversation_id=event.conversation.id)
        self.show(Toast(text, action="Undo", command=undo, seconds=UNDO_SECONDS))

    def _trashed(self, event: events.ConversationTrashed) -> None:
        undo = commands.UndoConversation(conversation_id=event.conversation.id)
        text = f"“{one_line(event.conversation.title, 40) or 'New conversation'}” is in the trash."
        self.show(Toast(text, action="Undo", command=undo, seconds=UNDO_SECONDS))

    def _failed(self, event: events.Failed) -> None:
        where = f" ({event.where})" if event.where else ""
        self.show(Toast(f"{event.what}{where} {event.todo}".strip(), tone="bad", seconds=TROUBLE_SECONDS))

    def _rang(self, event: events.TimerRang) -> None:
        label = event.label or "Your timer is done"
        self.show(Toast(f"Time: {label}", tone="accent", seconds=TROUBLE_SECONDS, notify="Timer"))

    def _items(self, event: events.ItemsListed) -> None:
        self._states.update({item.id: str(item.state) for item in event.items})

    def _item(self, event: events.ItemChanged) -> None:
        item, before = event.item, self._states.get(event.item.id)
        self._states[item.id] = str(item.state)
        if item.state == "delivered" and before != "delivered":
            title = tools.title(item.tool, item.args)
            self.show(Toast(f"Delivered: {title}", tone="good", notify="Delivered"))

    def _restored(self, event: events.ProfileRestored) -> None:
        kept = f" The damaged file is kept as {event.kept}." if event.kept else ""
        self.show(Toast(f"The backup is in place ({event.backup}).{kept}", tone="good", seconds=TROUBLE_SECONDS))

    def _misread(self, event: events.MisreadMarked) -> None:
        kept = "Kept on this machine, as an example to learn from."
        self.show(Toast(kept if event.kept else event.why, tone="good" if event.kept else "muted"))

    def _model_job(self, event: events.ModelJobChanged) -> None:
        """How something ended that may have taken an hour; its room shows the rest."""
        job = event.job
        if job.state == "done" and job.kind == "fetch":
            use = commands.UseModel(name=job.name)
            text = f"{job.name} is here, and every byte of it checked."
            self.show(Toast(text, tone="good", action="Use it", command=use, seconds=UNDO_SECONDS, notify="Model here"))
        elif job.state == "failed":
            self.show(Toast(f"{job.why} {job.todo}".strip(), tone="bad", seconds=TROUBLE_SECONDS))

    def _model(self, event: events.ModelStateChanged) -> None:
        """Asking for a model that cannot be used is answered by a Failed; here is what nobody asked for."""
        if event.state == "refused" and not event.cause:
            text = f"{model_name(event.name)} cannot be used. {event.why}"
            self.show(Toast(text.strip(), tone="bad", seconds=TROUBLE_SECONDS))

    def _settings(self, event: events.SettingsChanged) -> None:
        wrong = [problem for problem in event.problems if not problem.note]
        if wrong:
            first = f"line {wrong[0].line}: {wrong[0].text}" if wrong[0].line else wrong[0].text
            self.show(Toast(f"Settings, {first} {NOT_IN_FORCE}", tone="bad", seconds=TROUBLE_SECONDS))
        elif event.changed:
            self.show(Toast(f"In force now: {', '.join(event.changed[:4])}"))
