"""Tools that the settings bring: those that need an account of their kind, and the actions of the user's own. Their
cards follow the settings; without such an account they are not there, so nobody is offered what cannot work.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from agent.agentrc.actions import Action
from agent.agentrc.settings import Settings
from agent.tools.spec import Connectivity, Idempotency, Kind, Param, Past, ToolSpec, Touches

ACTIONS_MAX = 100
DAY_S = 86_400

UPLOAD = ToolSpec(
    "file.upload",
    "Puts a piece of work of your library into a folder elsewhere; it leaves when you are online and have agreed.",
    "agent.tools.uploads:upload",
    (
        Param("title", Kind.TITLE, "Which piece of work, by its title."),
        Param("path", Kind.PATH, "Where in it, such as reports/may.md; its name when left out.", required=False),
        Param("account", Kind.TITLE, "Which folder, as named in your settings.", required=False),
    ),
    Connectivity.DEFERRABLE,
    7 * DAY_S,
    Idempotency.QUERY,
    frozenset({Touches.NETWORK}),
)
PUSH = ToolSpec(
    "repository.push",
    "Pushes the commits of one of your clones; they leave when you are online and have agreed.",
    "agent.tools.pushes:push",
    (Param("repository", Kind.TITLE, "Which clone, as named in your settings.", required=False),),
    Connectivity.DEFERRABLE,
    7 * DAY_S,
    Idempotency.QUERY,
    frozenset({Touches.NETWORK}),
)


class Connected:
    """`settings()` are those in force. Cards are made anew only when they change."""

    def __init__(self, settings: Callable[[], Settings]) -> None:
        self._settings = settings
        self._of: Settings | None = None
        self._specs: Mapping[str, ToolSpec] = MappingProxyType({})

    def __call__(self) -> Mapping[str, ToolSpec]:
        settings = self._settings()
        if settings is not self._of:
            self._specs = MappingProxyType({spec.name: spec for spec in _specs(settings)})
            self._of = settings
        return self._specs


def _specs(settings: Settings) -> tuple[ToolSpec, ...]:
    accounts = (*((UPLOAD,) if settings.shares else ()), *((PUSH,) if settings.clones else ()))
    return (*accounts, *map(_card, list(settings.actions.values())[:ACTIONS_MAX]))


def _card(action: Action) -> ToolSpec:
    params = tuple(Param(one.name, Kind(one.kind), one.about, one.required) for one in action.arguments)
    return ToolSpec(
        action.tool, action.about, f"agent.tools.actions:tool#{action.name}", params, Connectivity(action.reach),
        action.fresh_s, Idempotency(action.repeat), frozenset(map(Touches, action.touches)), past=Past(action.past),
    )  # fmt: skip
