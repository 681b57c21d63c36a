"""The user's other laptops: how the exchange with them stands, and what the last ones joined, to be taken back."""

import time
from dataclasses import dataclass

from agent.protocol import commands, events, laptop_commands
from agent.protocol.laptop_events import LaptopShown, LaptopsListed, MergeShown
from app.presenters.presenter import AreaPresenter, Clock, Handlers, Submit
from app.presenters.wording import count, one_line, when

MERGES_SHOWN_MAX = 5
NOTICE_CHARACTERS_MAX = 300
NO_FOLDER = (
    "Name a folder that your other laptops see, too (a stick, a shared folder), as sync.folder on the right, or one on "
    "a WebDAV server such as Nextcloud, as sync.url. Notes, files, tasks and events are then exchanged there."
)
OPEN = "Whoever can write there can change your library, so what comes from there counts as words of others."
NOT_YET = "A server is used only with a passphrase: sync.passphrase on the right."


@dataclass(frozen=True, slots=True)
class MergeRow:
    """One that can be taken back; `hint`: what that does."""

    key: str
    words: str
    hint: str


class LaptopsPresenter(AreaPresenter):
    """Parts that change: "laptops"."""

    area = "settings"

    def __init__(self, submit: Submit, clock: Clock = time.time) -> None:
        super().__init__(submit, clock)
        self.listed = LaptopsListed(folder="")
        self._taken_back: set[str] = set()

    def handlers(self) -> Handlers:
        return {
            LaptopsListed: self._listed,
            events.Failed: self._failed,
            events.SettingsChanged: lambda _event: self.heard_areas(frozenset({self.area})),
        }

    def refresh(self) -> None:
        self._submit(laptop_commands.ListLaptops())

    # What the user does

    def exchange(self) -> None:
        self._submit(laptop_commands.ExchangeLibrary())

    def take_back(self, key: str) -> None:
        """The version that was the newest here before both were joined, again; nothing is lost by it."""
        merge = next((one for one in self.listed.merges if _key(one) == key), None)
        if merge is not None:
            self._taken_back.add(key)
            self._submit(commands.RestoreArtifact(artifact_id=merge.artifact_id, version=merge.was))
            self._changed("laptops")

    # What is shown

    @property
    def can_exchange(self) -> bool:
        return bool(self.listed.folder) and (self.listed.there or self.listed.server) and not self.listed.busy

    @property
    def standing(self) -> str:
        """One or two sentences."""
        it = self.listed
        if not it.folder:
            return NO_FOLDER
        if it.busy:
            return "Exchanging…"
        if it.server and not it.sealed:
            return NOT_YET
        if not it.there:
            where = one_line(it.folder)
            gone = f"{where} is not there now. It goes on when it is back."
            return f"{where} does not answer now. It goes on when it does." if it.server else gone
        if not it.joined:
            begin = f"Nothing was exchanged with {one_line(it.folder)} yet. Press Sync now; then it goes on by itself."
            return begin if it.sealed else f"{begin} {OPEN}"
        return f"{self._last} {self._with} {self._how}"

    @property
    def trouble(self) -> str:
        """What did not come, and why; "" for nothing."""
        waits = [
            f"{one_line(it.name, 40)}: {count(it.waiting, 'file')} not read yet, {it.why}." for it in self._waiting
        ]
        return " ".join([*([self.listed.trouble] if self.listed.trouble else []), *waits])

    @property
    def notices(self) -> tuple[str, ...]:
        return tuple(one_line(words, NOTICE_CHARACTERS_MAX) for words in self.listed.notices)

    @property
    def merges(self) -> tuple[MergeRow, ...]:
        return tuple(
            MergeRow(_key(it), f"“{one_line(it.title, 60)}”, version {it.n}: {it.note}.",
                     f"Version {it.was} of “{one_line(it.title, 60)}” again; the joined one stays in its history")
            for it in self.listed.merges
            if _key(it) not in self._taken_back
        )[:MERGES_SHOWN_MAX]  # fmt: skip

    @property
    def _waiting(self) -> tuple[LaptopShown, ...]:
        return tuple(it for it in self.listed.laptops if it.waiting)

    @property
    def _last(self) -> str:
        it = self.listed
        if not it.at:
            return "Nothing was new so far."
        joined = f", {it.merged} joined" if it.merged else ""
        return f"Last news {when(it.at, self.now_ms())}: {it.came} came, {it.went} went{joined}."

    @property
    def _with(self) -> str:
        names = ", ".join(one_line(it.name, 40) for it in self.listed.laptops)
        return f"With {names}." if names else "No other laptop has written there yet."

    @property
    def _how(self) -> str:
        how = "By itself" if self.listed.automatic else "By hand only"
        return f"{how}; encrypted." if self.listed.sealed else f"{how}; not encrypted. {OPEN}"

    # What happened

    def _listed(self, event: LaptopsListed) -> None:
        self.listed = event
        self._changed("laptops")

    def _failed(self, event: events.Failed) -> None:
        if self.listed.busy and event.cause == self.listed.cause:
            self.refresh()


def _key(merge: MergeShown) -> str:
    return f"{merge.artifact_id}-{merge.n}"
