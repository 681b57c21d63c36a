"""The layers on top of each other: for every key the winner, where it was said, and whom it beat.

The outcome compiles to one canonical JSON text; its hash is the same for the same files on any machine.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from agent.agentrc.connections import incomplete, owner_file
from agent.agentrc.errors import Problem
from agent.agentrc.keys import Path, format_key, resolve
from agent.agentrc.layers import FILES, LAYERS, Entry, Layer
from agent.agentrc.options import CONNECTIONS, Option
from agent.agentrc.settings import Settings


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value was said. `beaten`: the layers below that said something too, nearest first."""

    layer: str
    file: str
    line: int
    beaten: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Said:
    """One layer's word on a key."""

    value: object
    origin: Origin


@dataclass(frozen=True, slots=True)
class Explanation:
    """A key's value in force (None: not set), its origin, what it beat, and what the key means.

    For `tools.NAME` the key is the rule that decides about that tool.
    """

    key: str
    value: object
    origin: Origin
    beaten: tuple[Said, ...]
    about: str

    def __str__(self) -> str:
        lines = [f"{self.key} = {json.dumps(self.value, ensure_ascii=False)}  ({self.origin})"]
        lines += [f"  over {json.dumps(said.value, ensure_ascii=False)}  ({said.origin})" for said in self.beaten]
        return "\n".join((*lines, f"  {self.about}"))


UNSET = Origin("", "not set", 0)


class Stack:
    """Layers, lowest first, in the order of LAYERS. Immutable once made."""

    def __init__(self, layers: Iterable[Layer]) -> None:
        self.layers = tuple(sorted(layers, key=lambda layer: LAYERS.index(layer.name)))
        self._locks = self._read_locks()
        self.problems: tuple[Problem, ...] = ()
        self._effective = self._unlocked()
        self._drop_incomplete()
        self._said: dict[Path, list[tuple[Layer, Entry]]] = {}
        for layer, entry in reversed(self._effective):
            self._said.setdefault(entry.path, []).append((layer, entry))

    def value(self, key: str) -> Any:
        """The value in force; None if nobody sets it. Raises UnknownKeyError with a hint."""
        return self.explain(key).value

    def origin(self, key: str) -> Origin:
        return self.explain(key).origin

    def explain(self, key: str) -> Explanation:
        """Value, place and what was beaten. Raises UnknownKeyError with a hint."""
        option, path = resolve(key)
        return self._explained(option, path, self._rules_for(path[1]) if path[0] == "tools" else self._at(path))

    def written(self, key: str) -> Explanation:
        """As `explain`, but for a rule what stands on its own line, also where another rule comes before it."""
        option, path = resolve(key)
        return self._explained(option, path, self._at(path))

    def _at(self, path: Path) -> list[tuple[Layer, Entry]]:
        return self._said.get(path, [])

    @staticmethod
    def _explained(option: Option, path: Path, said: list[tuple[Layer, Entry]]) -> Explanation:
        if not said:
            return Explanation(format_key(path), None, UNSET, (), option.about)
        (layer, entry), *rest = said
        origin = Origin(layer.name, entry.where, entry.line, tuple(below.name for below, _ in rest))
        beaten = tuple(Said(lost.value, Origin(below.name, lost.where, lost.line)) for below, lost in rest)
        return Explanation(format_key(entry.path), entry.value, origin, beaten, option.about)

    def named(self) -> tuple[str, ...]:
        """Every key that some layer sets, in the order of the layers that name them first."""
        return tuple(format_key(path) for path in dict.fromkeys(entry.path for _, entry in self._effective))

    @property
    def rules(self) -> tuple[tuple[str, str], ...]:
        """(glob, rule) for tools, in the order in which they are tried; the last one matches everything."""
        first: dict[str, str] = {}
        for _, entry in self._ordered_rules():
            first.setdefault(entry.path[1], str(entry.value))
        return tuple(first.items())

    def compiled(self) -> str:
        """Everything in force as canonical JSON: sorted, no places, no paths but those the user wrote."""
        tree: dict[str, Any] = {"tools": [list(pair) for pair in self.rules]}
        for path, said in self._said.items():
            if path[0] not in ("tools", "lock"):
                _graft(tree, path, said[0][1].value)
        return json.dumps(tree, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    @property
    def config_hash(self) -> str:
        return self.settings().config_hash

    def settings(self) -> Settings:
        said = self._said.get(("project", "context"))
        return Settings.of(self.compiled(), said[0][0].folder if said else None)

    def _read_locks(self) -> tuple[str, ...]:
        locks = [entry.value for layer in self.layers for entry in layer.entries if entry.path == ("lock",)]
        return tuple(str(glob) for lock in locks if isinstance(lock, list) for glob in lock)

    def _locked(self, path: Path) -> bool:
        return any(fnmatchcase(".".join(path), glob) for glob in self._locks)

    def _unlocked(self) -> list[tuple[Layer, Entry]]:
        """Entries that count: not those a lock forbids, nor parts of a connection that a higher file replaces."""
        kept = []
        for layer in self.layers:
            for entry in layer.entries:
                if LAYERS.index(layer.name) > LAYERS.index("system") and self._locked(entry.path):
                    self._note(entry, f"{format_key(entry.path)} is locked by the system's file; this line is ignored.")
                elif not self._replaced(layer, entry):
                    kept.append((layer, entry))
        return kept

    def _replaced(self, layer: Layer, entry: Entry) -> bool:
        if layer.name not in FILES or entry.path[0] not in CONNECTIONS:
            return False
        free = [other for other in self.layers if not self._locked(entry.path) or other.name == "system"]
        return owner_file(entry.path[:2], free) != layer.name

    def _drop_incomplete(self) -> None:
        lacking = incomplete(entry for _, entry in self._effective)
        self.problems += tuple(lacking.values())
        self._effective = [pair for pair in self._effective if pair[1].path[:2] not in lacking]

    def _note(self, entry: Entry, text: str) -> None:
        self.problems += (Problem(entry.where, entry.line, entry.column, text, "note"),)

    def _ordered_rules(self) -> list[tuple[Layer, Entry]]:
        """Highest layer first, in each as written; what the system locked comes before all."""
        rules = [pair for pair in self._effective if pair[1].path[0] == "tools"]
        return sorted(
            rules,
            key=lambda pair: (
                not (pair[0].name == "system" and self._locked(pair[1].path)),
                -LAYERS.index(pair[0].name),
            ),
        )

    def _rules_for(self, tool: str) -> list[tuple[Layer, Entry]]:
        return [pair for pair in self._ordered_rules() if fnmatchcase(tool, pair[1].path[1])]


def _graft(tree: dict[str, Any], path: Path, value: object) -> None:
    for name in path[:-1]:
        tree = tree.setdefault(name, {})
    tree[path[-1]] = value
