"""The models that are offered: those of `carryon models list` by name, never a file by its path.

A program that knows the token may use what the user has chosen to have here; which files this machine opens stays the
user's business.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from app.serve.errors import Refusal
from models.catalog import KnownModel
from models.contracts import Kind, ModelPort

DEFAULT = "default"  # for clients that must name a model


@dataclass(frozen=True, slots=True)
class Offer:
    """`opens`: the name or path under which it is opened; `chosen`: it answers where no model is named."""

    name: str
    opens: str
    chosen: bool
    sha256: str = ""
    kind: Kind = "chat"
    created: int = 0  # unix seconds

    def document(self) -> dict[str, Any]:
        return {"id": self.name, "object": "model", "created": self.created, "owned_by": "carryon"}

    @property
    def fingerprint(self) -> str | None:
        return f"fp_{self.sha256[:12]}" if self.sha256 else None


class Offers:
    """`known()` lists the models of this machine, `open_model` opens one, `chosen` is the setting model.default."""

    def __init__(
        self, known: Callable[[], Sequence[KnownModel]], open_model: Callable[[str], ModelPort], chosen: str
    ) -> None:
        self._known = known
        self._open_model = open_model
        self._chosen = chosen

    def list(self) -> tuple[Offer, ...]:
        """Those that can be used, and in any case the chosen one: asked for, it says what is wrong with it."""
        found = [self._offer(model) for model in self._known() if not model.note or self._is_chosen(model)]
        if not any(offer.chosen for offer in found):  # a file that was chosen without being added
            found.append(Offer(Path(self._chosen).stem, self._chosen, chosen=True))
        return tuple(found)

    def find(self, name: str) -> Offer:
        offers = self.list()
        named = [offer for offer in offers if offer.name == name]
        chosen = [offer for offer in offers if offer.chosen and name in ("", DEFAULT)]
        for offer in (*named, *chosen):
            return offer
        raise Refusal(
            404, f"No model is called {name[:80]!r}.", code="model_not_found", param="model",
            todo=f"`carryon models list` shows what is there; {DEFAULT!r} is the one that is chosen.",
        )  # fmt: skip

    def open(self, offer: Offer) -> ModelPort:
        return self._open_model(offer.opens)

    def _is_chosen(self, model: KnownModel) -> bool:
        return self._chosen in (model.name, str(model.path))

    def _offer(self, model: KnownModel) -> Offer:
        created = int(datetime.fromisoformat(model.added_at).timestamp()) if model.added_at else 0
        return Offer(model.name, model.name, self._is_chosen(model), model.sha256, model.kind, created)


def must_write(offer: Offer) -> None:
    if offer.kind == "search":
        raise Refusal(
            400, f"{offer.name} is for searching: it turns texts into vectors and does not chat.",
            code="model_cannot_do_that", param="model", todo="Ask it at /v1/embeddings, or name a chat model here.",
        )  # fmt: skip
    if offer.kind == "starter":
        raise Refusal(
            400, "The starter decides what to do; it does not chat.", code="model_cannot_do_that", param="model",
            todo="Add a chat model with `carryon models add FILE` and name it, or choose it with "
            "`carryon models use NAME`.",
        )  # fmt: skip
