"""What this machine can say about its own work, from facts at hand: answers that passed by since the window opened, and
how its starts went.
"""

import time
from collections import Counter
from dataclasses import dataclass

from agent.protocol import commands, events
from agent.protocol.records import Message
from app.presenters import starts
from app.presenters.footnote import LEVELS
from app.presenters.presenter import AreaPresenter, Clock, Handlers, Submit
from app.presenters.wording import duration

ANSWERS_KEPT_MAX = 500


@dataclass(frozen=True, slots=True)
class Tile:
    number: str
    about: str


@dataclass(frozen=True, slots=True)
class Answer:
    id: str
    level: str
    first_token_ms: float | None
    total_ms: float | None


class InsightsPresenter(AreaPresenter):
    """Parts that change: "facts", "start"."""

    area = "insights"

    def __init__(self, submit: Submit, clock: Clock = time.time) -> None:
        super().__init__(submit, clock)
        self._answers: dict[str, Answer] = {}
        self._delivered = 0
        self._waiting = 0
        self._starts: events.StartsShown | None = None

    def handlers(self) -> Handlers:
        return {
            events.ConversationOpened: self._opened,
            events.TurnEnded: self._ended,
            events.ItemsListed: self._items,
            events.StartsShown: self._started,
        }

    def refresh(self) -> None:
        self._submit(commands.ShowStarts())

    @property
    def start(self) -> tuple[str, str]:
        """The last start in words, and why it was of its kind; empty while none is known."""
        last = self._starts.last if self._starts else None
        return (starts.headline(last), starts.why(last)) if last else ("", "")

    @property
    def strips(self) -> tuple[starts.Strip, ...]:
        last = self._starts.last if self._starts else None
        return starts.strips(last) if last else ()

    @property
    def promises(self) -> tuple[starts.Promise, ...]:
        return starts.promises(self._starts.standings) if self._starts else ()

    @property
    def tiles(self) -> tuple[Tile, ...]:
        times = sorted(self.times_ms)
        middle = duration(times[len(times) // 2]) if times else "no answer yet"
        return (
            Tile(f"{len(self._answers)}", "answers looked at"),
            Tile(middle, "until an answer, in the middle case"),
            Tile(f"{self._delivered}", "deliveries confirmed"),
            Tile(f"{self._waiting}", "waiting in the outbox"),
        )

    @property
    def levels(self) -> tuple[tuple[str, int], ...]:
        """How many answers came from where, most first."""
        counted = Counter(LEVELS.get(answer.level, answer.level) for answer in self._answers.values())
        return tuple(counted.most_common())

    @property
    def times_ms(self) -> tuple[float, ...]:
        """Time to the first word, or to the whole answer where it came at once; oldest first."""
        times = (a.first_token_ms if a.first_token_ms is not None else a.total_ms for a in self._answers.values())
        return tuple(value for value in times if value is not None)

    def _opened(self, event: events.ConversationOpened) -> None:
        for message in event.messages:
            self._keep(message)
        self._changed("facts")

    def _ended(self, event: events.TurnEnded) -> None:
        self._keep(event.message)
        self._changed("facts")

    def _started(self, event: events.StartsShown) -> None:
        self._starts = event
        self._changed("start")

    def _keep(self, message: Message) -> None:
        if message.label and message.complete:
            label = message.label
            self._answers[message.id] = Answer(message.id, label.level, label.first_token_ms, label.total_ms)
            while len(self._answers) > ANSWERS_KEPT_MAX:
                del self._answers[next(iter(self._answers))]

    def _items(self, event: events.ItemsListed) -> None:
        self._delivered = event.counts.get("delivered", 0)
        self._waiting = sum(event.counts.get(state, 0) for state in ("queued", "waiting_approval", "failed"))
        self._changed("facts")
