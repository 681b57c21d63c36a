"""All tools by name. A tool's code is imported at its first call, so a start pays for none of them."""

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any

from agent.tools.arguments import checked
from agent.tools.context import ToolContext
from agent.tools.errors import ToolUndeclaredError, ToolUnknownError
from agent.tools.results import Result
from agent.tools.shipped import SHIPPED
from agent.tools.spec import ToolSpec

TOOLS_MAX = 500
ToolFunction = Callable[[Mapping[str, str], ToolContext], Result]


class Registry:
    """The tools that may be called. `Registry()` holds those that ship; more are added with `register`."""

    def __init__(self, specs: Iterable[ToolSpec] = SHIPPED) -> None:
        self._specs: dict[str, ToolSpec] = {}
        self._functions: dict[str, ToolFunction] = {}
        for spec in specs:
            self.register(spec)

    def register(self, spec: ToolSpec) -> None:
        """Raises ToolUndeclaredError naming what the declaration lacks."""
        if missing := spec.undeclared():
            raise ToolUndeclaredError(
                f"The tool {spec.name or 'without a name'} does not declare: {', '.join(missing)}.",
                spec.module,
                "Add what is missing to its declaration; until then it is left out.",
            )
        if spec.name in self._specs:
            raise ToolUndeclaredError(
                f"There already is a tool named {spec.name}.", spec.module, "Give one of them another name."
            )
        if len(self._specs) >= TOOLS_MAX:
            raise ToolUndeclaredError(f"Carryon takes at most {TOOLS_MAX} tools.", spec.module, "Remove one first.")
        self._specs[spec.name] = spec

    def specs(self) -> tuple[ToolSpec, ...]:
        return tuple(self._specs.values())

    def has(self, name: str) -> bool:
        return name in self._specs

    def get(self, name: str) -> ToolSpec:
        """Raises ToolUnknownError."""
        if name in self._specs:
            return self._specs[name]
        from difflib import get_close_matches

        near = get_close_matches(name, self._specs, n=1)
        raise ToolUnknownError(
            f"There is no tool named {name!r}.",
            "tools",
            f"Did you mean {near[0]}?" if near else "`carryon tools` lists them all.",
        )

    def check(self, name: str, args: Mapping[str, Any]) -> dict[str, str]:
        """The arguments as the tool gets them; raises ToolArgumentBad. Runs nothing."""
        return checked(self.get(name), args)

    def call(self, name: str, args: Mapping[str, Any], context: ToolContext) -> Result:
        """Run a tool. Raises ToolUnknownError, ToolArgumentBad, ToolRefusedError, or what the library raises."""
        spec = self.get(name)
        return self._function(spec)(checked(spec, args), context)

    def _function(self, spec: ToolSpec) -> ToolFunction:
        if spec.name not in self._functions:
            module, _, function = spec.module.partition(":")
            self._functions[spec.name] = getattr(import_module(module), function)
        return self._functions[spec.name]
