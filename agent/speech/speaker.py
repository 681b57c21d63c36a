"""The front door: one call for each thing that Carryon may have to say."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from agent.agentrc.settings import Settings

if TYPE_CHECKING:
    from agent.loop.ports import Acted

Facts = Mapping[str, Any]


class Speaker:
    """Words under the settings in force. Facts are put in verbatim, as data."""

    def __init__(self, settings: Settings | Callable[[], Settings]) -> None:
        self._settings = settings

    def confirm(self, tool: str, facts: Facts, status: str = "done") -> str:
        raise NotImplementedError

    def ask(self, ask: str, facts: Facts, choices: Sequence[str] = ()) -> str:
        raise NotImplementedError

    def clarify(self, tool: str | None = None, missing: Sequence[str] = ()) -> str:
        raise NotImplementedError

    def reply(self, topic: str, facts: Facts | None = None) -> str:
        raise NotImplementedError

    def handoff(self, facts: Facts | None = None) -> str:
        raise NotImplementedError

    def acted(self, deeds: "Sequence[Acted]") -> str:
        raise NotImplementedError

    def stopped(self, why: str) -> str:
        raise NotImplementedError

    def enforce(self, piece: str) -> str:
        raise NotImplementedError
