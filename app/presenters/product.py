"""The starter as a product, as the Models room shows it: two columns, figures measured here, a verdict, a plot."""

import time
from dataclasses import dataclass

from agent.protocol import commands, events
from agent.protocol.records import AbilityView, FloorView, ProductView
from app.presenters.presenter import AreaPresenter, Clock, Handlers, Submit

VERDICTS = {
    "pass": ("Keeps its promises", "good"),
    "regress": ("Falls short", "bad"),
    "insufficient": ("Not all shown yet", "wait"),
}
POINTS_MIN = 2  # of a plot
NAMED_MAX = 5
BETWEEN = "\N{NO-BREAK SPACE}· "  # titles; some hold commas


@dataclass(frozen=True, slots=True)
class Line:
    """`about` stands below or behind; `tone` is how it stands: good, bad, wait or muted."""

    title: str
    about: str
    tone: str = "muted"


class ProductPresenter(AreaPresenter):
    """Parts that change: "product", "measuring" (the progress), "report" (it is to be read)."""

    area = "models"

    def __init__(self, submit: Submit, clock: Clock = time.time) -> None:
        super().__init__(submit, clock)
        self.product: ProductView | None = None
        self.progress: tuple[int, int] | None = None  # done, of how many; None while nothing is measured
        self._measuring = ""  # id of the command

    def handlers(self) -> Handlers:
        return {
            events.ProductShown: self._shown,
            events.ProductMeasuring: self._going_on,
            events.Failed: self._failed,
        }

    def refresh(self) -> None:
        self._submit(commands.ShowProduct())

    def measure(self) -> None:
        if self.progress is None:
            asked = commands.MeasureProduct()
            self._measuring, self.progress = asked.id, (0, 0)
            self._changed("measuring")
            self._submit(asked)

    def stop(self) -> None:
        if self.can_stop:
            self._submit(commands.CancelTurn())

    @property
    def can_stop(self) -> bool:
        """Not while the measuring still waits for its turn: the stop would reach whatever runs before it."""
        return self.progress is not None and self.progress[1] > 0

    def read_report(self) -> None:
        if self.product and self.product.report:
            self._changed("report")

    # What is shown

    @property
    def verdict(self) -> tuple[str, str]:
        """Words and tone of the chip."""
        if self.product is None:
            return "Looking…", "muted"
        return ("Cannot be read", "bad") if self.product.trouble else VERDICTS[self.product.verdict]

    @property
    def does(self) -> tuple[Line, ...]:
        """A heading and what stands under it, in one sentence."""
        heads = dict.fromkeys(one.group for one in self._abilities if one.does)
        return tuple(
            Line(head, BETWEEN.join(one.title for one in self._abilities if one.does and one.group == head))
            for head in heads
        )

    @property
    def does_not(self) -> tuple[Line, ...]:
        """What goes to the same place stands together."""
        places = dict.fromkeys(one.where for one in self._abilities if not one.does)
        return tuple(
            Line(
                BETWEEN.join(one.title for one in self._abilities if not one.does and one.where == place), f"→ {place}"
            )
            for place in places
        )

    @property
    def open_points(self) -> tuple[Line, ...]:
        """What falls short, and what was not shown yet; the long list is in the report."""
        found = []
        for verdict, words, tone in (("regress", "Falls short", "bad"), ("insufficient", "Not shown yet", "wait")):
            titles = [one.title for one in self._abilities if one.verdict == verdict]
            more = f" and {len(titles) - NAMED_MAX} more" if len(titles) > NAMED_MAX else ""
            if titles:
                found.append(Line(words, BETWEEN.join(titles[:NAMED_MAX]) + more, tone))
        return tuple(found)

    @property
    def floors(self) -> tuple[Line, ...]:
        return tuple(_floor(one) for one in (self.product.floors if self.product else ()))

    @property
    def measured(self) -> str:
        if self.progress is not None:
            done, total = self.progress
            return f"Measuring… {done} of {total} requests" if total else "Measuring…"
        if self.product is None or not self.product.measured:
            return "Not measured on this machine yet."
        return f"Measured here on {self.product.measured}."

    @property
    def reliability(self) -> tuple[tuple[float, float, int], ...]:
        """(how sure, how often right, how many), from unsure to sure; empty when there is nothing to draw."""
        steps = self.product.reliability if self.product else ()
        return steps if len(steps) >= POINTS_MIN else ()

    @property
    def reliability_words(self) -> str:
        """The plot, for people who hear the screen."""
        return "; ".join(
            f"where it says {said:.0%} it is right in {right:.0%} of {n}" for said, right, n in self.reliability
        )

    @property
    def _abilities(self) -> tuple[AbilityView, ...]:
        return self.product.abilities if self.product else ()

    # What happened

    def _shown(self, event: events.ProductShown) -> None:
        self.product = event.product
        if event.cause == self._measuring:
            self._over()
        self._changed("product")

    def _going_on(self, event: events.ProductMeasuring) -> None:
        if event.cause == self._measuring:
            self.progress = (event.done, event.total)
            self._changed("measuring")

    def _failed(self, event: events.Failed) -> None:
        if event.cause and event.cause == self._measuring:
            self._over()

    def _over(self) -> None:
        self._measuring, self.progress = "", None
        self._changed("measuring")


def _floor(one: FloorView) -> Line:
    tone = {True: "good", False: "bad", None: "muted"}[one.met]
    return Line(one.title, f"{one.measured}, {one.bound}", tone)
