"""Texts that servers of tools have ready: found by a few letters, filled in, fetched, put into the box for the user to
read. The list is what each server said when it was last asked, so looking through it starts none.
"""

import time
from dataclasses import dataclass
from enum import StrEnum

from agent.protocol import server_commands
from agent.protocol.server_events import PromptFailed, PromptFetched, ServersListed
from agent.protocol.server_records import PromptView
from app.presenters.composer import CALLS_FOR_TEXTS, ComposerPresenter
from app.presenters.presenter import Clock, Handlers, Presenter, Submit
from app.presenters.wording import one_line

SHOWN_MAX = 200
NAME_CHARACTERS_MAX, ABOUT_CHARACTERS_MAX = 80, 160
NONE = "None of your servers has a text ready. Servers are declared in Settings; a new one is asked there what it has."
NOT_FOUND = "No text has these words."


class Stage(StrEnum):
    CLOSED = "closed"
    CHOOSING = "choosing"
    FILLING = "filling"
    FETCHING = "fetching"


@dataclass(frozen=True, slots=True)
class Offer:
    """One line of the list. `key` tells it from all others."""

    key: str
    name: str
    server: str
    about: str


class PromptsPresenter(Presenter):
    """Parts that change: "stage", "offers", "trouble"."""

    def __init__(self, submit: Submit, composer: ComposerPresenter, clock: Clock = time.time) -> None:
        super().__init__(submit, clock)
        self._composer = composer
        self._known: tuple[PromptView, ...] = ()
        self._asked_for = ""  # by "/": opened only where there is something to choose
        self._fetch_id = ""
        self.stage = Stage.CLOSED
        self.chosen: PromptView | None = None
        self.query = ""
        self.trouble = ""
        self.given: dict[str, str] = {}

    def handlers(self) -> Handlers:
        return {ServersListed: self._listed, PromptFetched: self._fetched, PromptFailed: self._failed}

    # What the view shows

    @property
    def offers(self) -> tuple[Offer, ...]:
        """Those with all the words that were typed."""
        words = self.query.casefold().split()
        fitting = (one for one in self._known if all(word in _searched(one) for word in words))
        return tuple(map(_offer, list(fitting)[:SHOWN_MAX]))

    @property
    def nothing(self) -> str:
        """Why the list is empty."""
        return "" if self.offers else NOT_FOUND if self._known else NONE

    # What the user does

    def open(self) -> None:
        self.query, self.trouble, self.given = "", "", {}
        self._submit(server_commands.ListServers())
        self._go(Stage.CHOOSING)

    def typed(self, text: str) -> None:
        """In the box: "/" and nothing else asks for the list."""
        self._asked_for = text if text == CALLS_FOR_TEXTS and self.stage is Stage.CLOSED else ""
        if self._asked_for and self._known:
            self.open()
        elif self._asked_for:
            self._submit(server_commands.ListServers())

    def search(self, query: str) -> None:
        self.query = query
        self._changed("offers")

    def choose(self, key: str) -> None:
        """One that needs nothing is fetched at once."""
        self.chosen = next((one for one in self._known if _key(one) == key), None)
        self.given, self.trouble = {}, ""
        if self.chosen is None:
            return
        if self.chosen.arguments:
            self._go(Stage.FILLING)
        else:
            self.fetch({})

    def fetch(self, given: dict[str, str]) -> None:
        """What is left empty is not told to the server."""
        chosen = self.chosen
        if chosen is None:
            return
        self.given = {name: value.strip() for name, value in given.items() if value.strip()}
        lacks = next((one.name for one in chosen.arguments if one.required and one.name not in self.given), "")
        self.trouble = f"Fill in “{one_line(lacks, NAME_CHARACTERS_MAX)}” first." if lacks else ""
        if lacks:
            self._changed("trouble")
            return
        asked = server_commands.FetchPrompt(server=chosen.server, name=chosen.name, args=self.given)
        self._fetch_id = asked.id
        self._submit(asked)
        self._go(Stage.FETCHING)

    def back(self) -> None:
        """To the list; what is being fetched is let go."""
        self._leave_fetch()
        self.trouble = ""
        self._go(Stage.CHOOSING)

    def close(self) -> None:
        """What stands in the box stays as it is."""
        self._leave_fetch()
        self._asked_for = ""
        self._go(Stage.CLOSED)

    def _leave_fetch(self) -> None:
        if self._fetch_id:
            self._submit(server_commands.LeavePrompt(fetch_id=self._fetch_id))
            self._fetch_id = ""

    # What happened

    def _listed(self, event: ServersListed) -> None:
        self._known = tuple(one for server in event.servers for one in server.offers)
        asked_for, self._asked_for = self._asked_for, ""  # one answer; a later list opens nothing by itself
        if asked_for and self._known:
            self.open()
        elif self.stage is Stage.CHOOSING:
            self._changed("offers")

    def _fetched(self, event: PromptFetched) -> None:
        if event.cause != self._fetch_id:
            return
        self._fetch_id = ""
        self._composer.lend(event.text, event.source, event.note)
        self.close()

    def _failed(self, event: PromptFailed) -> None:
        if event.cause != self._fetch_id:
            return
        self._fetch_id = ""
        self.trouble = " ".join(part for part in (event.what, event.todo) if part)
        self._go(Stage.FILLING)

    def _go(self, stage: Stage) -> None:
        self.stage = stage
        self._changed("stage")


def _key(one: PromptView) -> str:
    return f"{one.server}/{one.name}"


def _offer(one: PromptView) -> Offer:
    return Offer(
        _key(one), one_line(one.name, NAME_CHARACTERS_MAX), one.server, one_line(one.about, ABOUT_CHARACTERS_MAX)
    )


def _searched(one: PromptView) -> str:
    return f"{one.server} {one.name} {one.about}".casefold()
