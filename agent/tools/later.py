"""Questions that waited in the outbox. The answer is put among the kept ones, where the tool finds it when the
conversation goes on. To ask twice does no harm, so a repeat is as good as recognised (`mode` "key").
"""

import math
from collections.abc import Callable, Mapping
from pathlib import Path

from agent.tools.asking import KEEP, Fresh, keep
from agent.tools.errors import NotKeptError
from agent.tools.kept import ANSWER_BYTES_MAX, KeptAnswers
from sync.item import Item
from sync.transports.outcomes import RejectedError, RetryableError
from sync.transports.port import Mode, Offer, Receipt


class AskTransport:
    """`ask(item)`: the answer now; raises as a transport does. `folder`: that of kept pages."""

    mode: Mode = "key"
    key_kept_s = math.inf

    def __init__(
        self, name: str, ask: Callable[[Item], Fresh], folder: Path, clock: Callable[[], float], *, loopback: bool
    ) -> None:
        self.name = name
        self.loopback = loopback
        self._ask = ask
        self._answers = KeptAnswers(folder)
        self._clock = clock

    def deliver(self, item: Item, offer: Offer) -> Receipt:
        under = item.payload.get(KEEP)
        if not isinstance(under, Mapping):
            raise RejectedError("The item does not say what is asked.", self.name, "Cancel it and ask again.")
        fresh = self._ask(item)
        offer()  # nothing happens elsewhere; the effect is the answer kept here
        try:
            kept = keep(self._answers, under, fresh, self._clock())
        except NotKeptError as error:
            raise RetryableError(error.what, error.where, error.todo) from error
        if not kept:
            most = ANSWER_BYTES_MAX // 1_000_000
            raise RejectedError(
                f"It answered with more than {most} MB, which is not kept.", self.name, "Ask while there is a network."
            )
        return _receipt(under)

    def find(self, item: Item) -> Receipt | None:
        """Never asked in mode "key"."""
        under = item.payload.get(KEEP)
        return _receipt(under) if isinstance(under, Mapping) and self._answers.get(str(under["key"])) else None


def _receipt(under: Mapping[str, object]) -> Receipt:
    return Receipt(f"Fetched: what {under['source']} answered to {under['tool']}"[:300])
