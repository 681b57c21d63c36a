"""An offer that is made once, however many requests a delivery takes."""

from sync.transports.port import Offer


class Once:
    def __init__(self, offer: Offer) -> None:
        self._offer = offer
        self.made = False

    def __call__(self) -> None:
        if not self.made:
            self._offer()
            self.made = True
