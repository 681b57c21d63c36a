"""All presenters of one window, joined. Events fan out to each; what changed in the store wakes the right ones."""

import time

from agent.protocol import commands, events
from agent.protocol.events import Event
from agent.protocol.outbox_events import ItemsDecided
from agent.protocol.server_events import SignInEnded
from app.presenters.chat import ChatPresenter
from app.presenters.composer import ComposerPresenter
from app.presenters.context import ContextPresenter
from app.presenters.conversations import ConversationsPresenter
from app.presenters.files import FilesPresenter
from app.presenters.gallery import GalleryPresenter
from app.presenters.insights import InsightsPresenter
from app.presenters.laptops import LaptopsPresenter
from app.presenters.library import LibraryPresenter
from app.presenters.models import ModelsPresenter
from app.presenters.outbox import OutboxPresenter
from app.presenters.outbox_marks import outcome_words
from app.presenters.presenter import AreaPresenter, Clock, Presenter, Submit
from app.presenters.product import ProductPresenter
from app.presenters.profile import ProfilePresenter
from app.presenters.prompts import PromptsPresenter
from app.presenters.reset import ResetPresenter
from app.presenters.rooms import VIEWS, View
from app.presenters.server_import import ServerImportPresenter
from app.presenters.servers import ServersPresenter
from app.presenters.settings import SettingsPresenter
from app.presenters.sign_in import SignInPresenter
from app.presenters.status import StatusPresenter
from app.presenters.toasts import Toast, ToastsPresenter
from app.presenters.tray import TrayPresenter
from app.presenters.welcome import WelcomePresenter

__all__ = ["VIEWS", "Desk", "View"]


class Desk:
    """Where the window finds everything. `handle` is given every event, on the main thread."""

    def __init__(self, submit: Submit, clock: Clock = time.time) -> None:
        self._submit = submit
        self._counting, self._count_again = "", False
        self.chat = ChatPresenter(submit, clock)
        self.composer = ComposerPresenter(submit, self.chat, clock)
        self.context = ContextPresenter(submit, self.chat, clock)
        self.conversations = ConversationsPresenter(submit, self.chat, self.composer, clock)
        self.reset = ResetPresenter(submit, self.chat, clock)
        self.library = LibraryPresenter(submit, clock)
        self.files = FilesPresenter(submit, clock)
        self.outbox = OutboxPresenter(submit, clock)
        self.models = ModelsPresenter(submit, clock)
        self.gallery = GalleryPresenter(submit, clock)
        self.product = ProductPresenter(submit, clock)
        self.insights = InsightsPresenter(submit, clock)
        self.settings = SettingsPresenter(submit, clock)
        self.servers = ServersPresenter(submit, clock)
        self.sign_in = SignInPresenter(submit, clock)
        self.server_import = ServerImportPresenter(submit, clock)
        self.prompts = PromptsPresenter(submit, self.composer, clock)
        self.laptops = LaptopsPresenter(submit, clock)
        self.status = StatusPresenter(submit, clock)
        self.tray = TrayPresenter(submit, self.status, clock)
        self.welcome = WelcomePresenter(submit, clock)
        self.toasts = ToastsPresenter(submit, clock)
        self.profile = ProfilePresenter(submit, clock)
        self._presenters: tuple[Presenter, ...] = (
            self.files, self.chat, self.composer, self.context, self.conversations, self.reset, self.library,
            self.outbox, self.models, self.gallery, self.product, self.insights, self.settings, self.status,
            self.welcome, self.toasts, self.profile, self.tray, self.servers, self.sign_in, self.prompts,
            self.server_import, self.laptops,
        )  # fmt: skip
        self.profile.listen(lambda _part, _key: self.start() if self.profile.trouble is None else None)

    def start(self) -> None:
        """The first questions to the core, before anything that the user may ask."""
        self._submit(commands.LoadSettings())
        self.conversations.show()
        self._submit(commands.ListItems())
        self._submit(commands.ListPractice())
        self._submit(commands.ListModels())

    def unstored(self) -> str:
        """What was written while the profile cannot be opened, so that nothing of it is on the disk."""
        if self.profile.trouble is None:
            return ""
        return "\n\n".join(text for text in (self.composer.everything(), *self.library.unsaved()) if text.strip())

    def show_view(self, name: str) -> None:
        """Bring the presenters of a view up to date and let the others rest."""
        for presenter in self._areas():
            if presenter.area == name:
                presenter.show()
            elif presenter is not self.conversations:
                presenter.hide()

    def handle(self, event: Event) -> None:
        if isinstance(event, events.StoreChanged):
            self._store_changed(event.areas)
            return
        if self._counting and event.cause == self._counting:
            self._counting = ""
            if self._count_again:
                self._count()
        for presenter in self._presenters:
            presenter.handle(event)
        if isinstance(event, ItemsDecided) and self.outbox.is_resting:  # its own room says it in the list
            self.toasts.show(Toast(outcome_words(event), tone="wait" if event.to_look_at or event.refused else "good"))
        if isinstance(event, SignInEnded) and event.signed_in:
            self.toasts.show(Toast(f"You are signed in at {event.server}.", tone="good"))
        if isinstance(event, events.ItemChanged) and not event.cause:
            self._count()  # delivered in the background: the counts are others now

    def _store_changed(self, areas: frozenset[str]) -> None:
        for presenter in self._areas():
            presenter.heard_areas(areas)
        if "outbox" in areas and self.outbox.is_resting:
            self._submit(commands.ListItems())  # the status line and the cards in the chat live on it

    def _count(self) -> None:
        """How many items wait where; a thousand deliveries in a row ask as often as there are answers."""
        self._count_again = bool(self._counting)
        if not self._counting:
            asked = commands.ListItems(limit=0)
            self._counting = asked.id
            self._submit(asked)

    def _areas(self) -> tuple[AreaPresenter, ...]:
        return tuple(presenter for presenter in self._presenters if isinstance(presenter, AreaPresenter))
