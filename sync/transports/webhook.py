"""Messages to a channel by incoming webhook: Slack, Teams, Discord, Mattermost, or any HTTP receiver.

Each of them wants its own JSON; the shape follows from the host, or is declared. Every request carries the
Idempotency-Key. None of the four promises to honour it, so the mode is "none" (at most once, then ask) unless the
account says that its receiver deduplicates.
"""

import time
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

from sync.item import Item
from sync.rows import Clock
from sync.transports.http import Answer, door
from sync.transports.outcomes import RejectedError
from sync.transports.port import Limits, Mode, Offer, Receipt

Shape = Literal["generic", "slack", "teams", "discord", "mattermost"]

TEXT_CHARACTERS_MAX: Mapping[Shape, int] = {
    "generic": 1_000_000,
    "slack": 40_000,
    "teams": 25_000,
    "discord": 2_000,
    "mattermost": 16_000,
}
KEY_KEPT_S = 86_400.0
_HOSTS: tuple[tuple[str, Shape], ...] = (
    ("hooks.slack.com", "slack"),
    ("hooks.slack-gov.com", "slack"),
    ("discord.com", "discord"),
    ("discordapp.com", "discord"),
    (".webhook.office.com", "teams"),
    (".logic.azure.com", "teams"),
    (".powerplatform.com", "teams"),
)


class Webhook:
    """`secret`: sent as a bearer token, where the receiver wants one; already resolved, never stored or shown."""

    loopback: bool

    def __init__(
        self, name: str, url: str, *, shape: Shape | None = None, secret: str | None = None, mode: Mode = "none",
        limits: Limits | None = None, clock: Clock = time.time,
    ) -> None:  # fmt: skip
        self.name = name
        self.mode = mode
        self.key_kept_s = KEY_KEPT_S
        self._door = door(
            name,
            url,
            {"Authorization": f"Bearer {secret}"} if secret else {},
            clock,
            limits,
            knows_keys=self.mode == "key",
        )
        self._shape = shape or shape_of(url)
        self.loopback = self._door.loopback

    def deliver(self, item: Item, offer: Offer) -> Receipt:
        text = str(item.payload.get("text", ""))
        longest = TEXT_CHARACTERS_MAX[self._shape]
        if not text.strip() or len(text) > longest:
            what = "The message is empty." if not text.strip() else f"The message is {len(text)} characters long."
            raise RejectedError(what, self.name, f"At most {longest} characters can be sent there.")
        answer = self._door.post(
            self._door.url, _body(self._shape, item, text), {"Idempotency-Key": item.idempotency_key}, offer
        )
        return _receipt(answer, self._door.host)

    def find(self, item: Item) -> Receipt | None:
        raise NotImplementedError("an incoming webhook cannot be asked")


def shape_of(url: str) -> Shape:
    host = urlsplit(url).hostname or ""
    for known, shape in _HOSTS:
        if host == known or (known.startswith(".") and host.endswith(known)):
            return shape
    return "generic"


def _body(shape: Shape, item: Item, text: str) -> dict[str, Any]:
    if shape == "discord":
        return {"content": text, "allowed_mentions": {"parse": []}}
    if shape == "teams":
        return {"type": "message", "attachments": [_card(text)]}
    if shape in ("slack", "mattermost"):
        return {"text": text}
    return {"text": text, "channel": str(item.payload.get("channel", "")), "id": item.idempotency_key}


def _card(text: str) -> dict[str, Any]:
    block = {"type": "TextBlock", "text": text, "wrap": True}
    content = {"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard",
               "version": "1.4", "body": [block]}  # fmt: skip
    return {"contentType": "application/vnd.microsoft.card.adaptive", "content": content}


def _receipt(answer: Answer, host: str) -> Receipt:
    facts = answer.json()
    reference = str(facts.get("id", "")) if isinstance(facts, dict) else ""
    return Receipt(f"{host} accepted it ({answer.status}).", reference)
