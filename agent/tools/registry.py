"""All tools by name. A tool's code is imported, and the server that brings it started, at its first call: a start pays
for none of them, and checks no declaration that it knows (manifest.py).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any, NoReturn

from agent.spans import span
from agent.tools.arguments import checked
from agent.tools.context import ToolContext
from agent.tools.errors import ToolRefusedError, ToolUndeclaredError, ToolUnknownError
from agent.tools.manifest import Manifest
from agent.tools.results import Result
from agent.tools.servers import MODULE, SERVERS_MAX, Connect, Servers, ServerSpec
from agent.tools.shipped import SHIPPED
from agent.tools.spec import ToolSpec

TOOLS_MAX = 500
ToolFunction = Callable[[Mapping[str, str], ToolContext], Result]


class Registry:
    """The tools that may be called. `Registry()` holds those that ship; more are added with `register`, those of
    another program with `declare`. `connect` starts such a program; without it none can be called. `more()`: tools by
    name that come and go with the settings (connected.py)."""

    def __init__(
        self, specs: Iterable[ToolSpec] = SHIPPED, manifest: Manifest | None = None, connect: Connect | None = None,
        more: Callable[[], Mapping[str, ToolSpec]] = dict,
    ) -> None:  # fmt: skip
        self._specs: dict[str, ToolSpec] = {}
        self._functions: dict[str, ToolFunction] = {}
        self._declared: dict[str, ServerSpec] = {}
        self._manifest = manifest
        self._more = more
        self._servers = Servers(connect or _no_way_to_it)
        for spec in specs:
            self.register(spec)

    def register(self, spec: ToolSpec) -> None:
        """Raises ToolUndeclaredError naming what the declaration lacks."""
        _refuse(spec, spec.undeclared(), "does not declare")
        if spec.schema is not None:
            self._check_schema(spec)
        if spec.name in self._specs:
            raise ToolUndeclaredError(
                f"There already is a tool named {spec.name}.", spec.module, "Give one of them another name."
            )
        if len(self._specs) >= TOOLS_MAX:
            raise ToolUndeclaredError(f"Carryon takes at most {TOOLS_MAX} tools.", spec.module, "Remove one first.")
        self._specs[spec.name] = spec

    def declare(self, server: ServerSpec) -> Mapping[str, str]:
        """Take in what a server said it has, without starting it. Its tools that could not be taken, by name, with
        why: one of them harms none of the others. Raises ToolUndeclaredError for the server itself."""
        if server.name in self._declared or len(self._declared) >= SERVERS_MAX:
            raise ToolUndeclaredError(
                f"The server {server.name} is there already, or there are {SERVERS_MAX} of them.", server.name,
                "Give it another name, or remove one.",
            )  # fmt: skip
        self._declared[server.name] = server
        left_out: dict[str, str] = {}
        for spec in server.tools:
            try:
                self.register(spec)
            except ToolUndeclaredError as error:
                left_out[spec.name] = error.what
        if self._manifest:
            self._manifest.save()
        return left_out

    def forget(self, name: str, *, hang_up: bool = True) -> None:
        """The server, its tools and, with `hang_up`, its process if it runs."""
        self._declared.pop(name, None)
        gone = [tool for tool, spec in self._specs.items() if spec.module == f"{MODULE}{name}"]
        for tool in gone:
            del self._specs[tool]
            self._functions.pop(tool, None)
        if hang_up:
            self._servers.hang_up(name)

    def declared(self) -> Mapping[str, ServerSpec]:
        """The servers, by name."""
        return dict(self._declared)

    def close(self) -> None:
        """Stop the servers that were started."""
        self._servers.close()

    def running(self) -> tuple[str, ...]:
        """Names of the servers that were started."""
        return self._servers.running()

    def specs(self) -> tuple[ToolSpec, ...]:
        more = (spec for name, spec in self._more().items() if name not in self._specs)
        return (*self._specs.values(), *more)

    def has(self, name: str) -> bool:
        return name in self._specs or name in self._more()

    def get(self, name: str) -> ToolSpec:
        """Raises ToolUnknownError."""
        if spec := self._specs.get(name) or self._more().get(name):
            return spec
        from difflib import get_close_matches

        near = get_close_matches(name, [spec.name for spec in self.specs()], n=1)
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

    def load(self, name: str) -> None:
        """Import a tool's code now, as its first call would."""
        self._function(self.get(name))

    def _check_schema(self, spec: ToolSpec) -> None:
        """Once for each wording of it."""
        if self._manifest and self._manifest.knows(spec):
            return
        from agent.tools.schema_check import faults

        _refuse(spec, faults(spec.schema or {}), "cannot be used")
        if self._manifest:
            self._manifest.found_good(spec)

    def _function(self, spec: ToolSpec) -> ToolFunction:
        if spec.name not in self._functions:
            with span(f"tool {spec.name}"):
                self._functions[spec.name] = self._found(spec)
        return self._functions[spec.name]

    def _found(self, spec: ToolSpec) -> ToolFunction:
        if spec.module.startswith(MODULE):
            server = self._declared[spec.module.removeprefix(MODULE)]
            return lambda args, context: self._servers.call(server, spec, args, context)
        module, _, name = spec.module.partition(":")
        name, _, one = name.partition("#")  # "tool#deploy" is tool("deploy"), one of many made alike
        found = getattr(import_module(module), name)
        function: ToolFunction = found(one) if one else found
        return function


def _refuse(spec: ToolSpec, wrong: Sequence[str], why: str) -> None:
    if wrong:
        raise ToolUndeclaredError(
            f"The tool {spec.name or 'without a name'} {why}: {', '.join(wrong)}.",
            spec.module,
            "Mend its declaration; until then it is left out.",
        )


def _no_way_to_it(server: ServerSpec) -> NoReturn:
    raise ToolRefusedError(
        f"The server {server.name} cannot be started here.", " ".join(server.command), "Use another tool."
    )
