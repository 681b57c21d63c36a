"""Signing in to a server of tools, as one sheet: who wants it, where the user goes, how it went. The page is opened by
the user's press alone, with its host in sight."""

import time
from dataclasses import dataclass, field, replace
from typing import Literal

from agent.protocol import server_commands
from agent.protocol.server_events import SignInBegan, SignInEnded, SignInShown, SignInWanted
from app.presenters.presenter import Clock, Handlers, Presenter, Submit

Stage = Literal["wanted", "looking", "ready", "opened", "failed"]
UNDER_WAY = ("looking", "ready", "opened")
WORDS = {
    "wanted": "What you asked needs it. Carryon looks up where you sign in, and shows you the address first.",
    "looking": "Looking up where you sign in…",
    "ready": "You sign in on this page, in your browser. If you do not expect to sign in there, cancel.",
    "opened": "Sign in on the page that was opened. This closes by itself.",
}
TWO_PLACES = (
    "You sign in on this page, in your browser; {takes} takes the answer, and gets what you allow there. If you do not "
    "know both, cancel."
)
NOT_OPENED = (
    "This system opened no browser. Try again, or cancel this and type in a terminal: carryon servers sign-in {server}"
)
PRESS = {"wanted": "Sign in", "looking": "", "ready": "Open the page", "opened": "Open it again", "failed": "Try again"}


@dataclass(frozen=True, slots=True)
class SignInSheet:
    server: str
    stage: Stage
    host: str = ""
    url: str = field(default="", repr=False)
    failure: str = ""
    takes: str = ""

    @property
    def words(self) -> str:
        if self.takes and self.stage == "ready":
            return self.failure or TWO_PLACES.format(takes=self.takes)
        return self.failure or WORDS[self.stage]

    @property
    def press(self) -> str:
        """What stands on the button, "" where there is nothing to press."""
        return PRESS[self.stage]

    @property
    def is_default(self) -> bool:
        """Whether Return presses it: never where that opens a page, which may have come up under the user's hands."""
        return self.stage in ("wanted", "failed")

    @property
    def leave(self) -> str:
        return {"wanted": "Not now", "failed": "Close"}.get(self.stage, "Cancel")


class SignInPresenter(Presenter):
    """The part that changes: "sheet" (None: closed)."""

    def __init__(self, submit: Submit, clock: Clock = time.time) -> None:
        super().__init__(submit, clock)
        self.sheet: SignInSheet | None = None

    def handlers(self) -> Handlers:
        return {
            SignInWanted: self._wanted,
            SignInBegan: lambda event: self._show(SignInSheet(event.server, "looking")),
            SignInShown: self._shown,
            SignInEnded: self._ended,
        }

    def begin(self, server: str) -> None:
        """From where its name stands: a card of the chat."""
        self._submit(server_commands.SignInServer(name=server))

    def press(self) -> str:
        """The address to open now, "" for none."""
        sheet = self.sheet
        if sheet is None or not sheet.press:
            return ""
        if sheet.stage in UNDER_WAY:
            self._show(replace(sheet, stage="opened", failure=""))
            return sheet.url
        self._submit(server_commands.SignInServer(name=sheet.server))
        return ""

    def not_opened(self) -> None:
        """The address that `press` gave found no browser."""
        if self.sheet is not None and self.sheet.stage == "opened":
            self._show(replace(self.sheet, stage="ready", failure=NOT_OPENED.format(server=self.sheet.server)))

    def leave(self) -> None:
        """What goes on is cancelled."""
        if self.sheet is not None and self.sheet.stage in UNDER_WAY:
            self._submit(server_commands.CancelSignIn(name=self.sheet.server))
        self._show(None)

    def _wanted(self, event: SignInWanted) -> None:
        if event.waited_for and self.sheet is None:
            self._show(SignInSheet(event.server, "wanted"))

    def _shown(self, event: SignInShown) -> None:
        if self.sheet is not None and self.sheet.server == event.server:
            self._show(SignInSheet(event.server, "ready", event.host, event.url, takes=event.takes))

    def _ended(self, event: SignInEnded) -> None:
        if self.sheet is None or self.sheet.server != event.server:
            return
        self._show(None if event.signed_in else SignInSheet(event.server, "failed", failure=event.words))

    def _show(self, sheet: SignInSheet | None) -> None:
        if sheet != self.sheet:
            self.sheet = sheet
            self._changed("sheet")
