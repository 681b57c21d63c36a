"""Grammars in the notation of llama.cpp: rules that are made once for each text, and texts that cannot break out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

GRAMMAR_CHARACTERS_MAX = 400_000
_SPECIAL = re.compile(r"[^A-Za-z0-9 _.,:;/|<>{}()=+*?!@#$%&~'`-]")
_ANY = re.compile(".", re.DOTALL)
WS = "ws"
EMPTY = '""'


class TooLargeError(Exception):
    """The grammar has outgrown its bound."""


class Grammar:
    """Rules by name. `add` gives the name of a rule with that body, the same for the same body."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {r'| " " | "\n" [ \t]{0,20}': WS}
        self._rules: dict[str, str] = {WS: next(iter(self._names))}
        self._size = 0
        self.untils: dict[str, str] = {}  # the rule for all text up to a mark, by the mark

    def add(self, hint: str, body: str) -> str:
        if body not in self._names:
            name = f"{hint}-{len(self._rules)}"
            self._names[body] = name
            self._put(name, body)
        return self._names[body]

    def reserve(self, hint: str) -> str:
        """A name for a rule whose body refers to itself; `define` comes later."""
        name = f"{hint}-{len(self._rules)}"
        self._rules[name] = ""
        return name

    def define(self, name: str, body: str) -> None:
        self._put(name, body)

    def text(self, root: str) -> str:
        lines = [f"root ::= {root}", *(f"{name} ::= {body}" for name, body in self._rules.items())]
        return "\n".join(lines) + "\n"

    def _put(self, name: str, body: str) -> None:
        self._rules[name] = body
        self._size += len(name) + len(body)
        if self._size > GRAMMAR_CHARACTERS_MAX:
            raise TooLargeError


def literal(text: str) -> str:
    """Exactly this text, whatever it holds; nothing for none."""
    return f'"{_SPECIAL.sub(_escaped, text)}"' if text else ""


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02X}" if code < 0x80 else f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"


def one_of(signs: str, *, but: bool = False) -> str:
    """One character of these, or one of all others."""
    listed = _ANY.sub(_escaped, signs)
    return f"[{'^' if but else ''}{listed}]"


def either(choices: Sequence[str]) -> str:
    """One of them; an empty one is a choice that takes nothing."""
    unique = [choice or EMPTY for choice in dict.fromkeys(choices)]
    return unique[0] if len(unique) == 1 else f"( {' | '.join(unique)} )"


def row(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def until(grammar: Grammar, end: str) -> str:
    """Any text that does not hold `end`: a rule for each length of its beginning that was just read."""
    if end in grammar.untils:
        return grammar.untils[end]
    names = [grammar.reserve("until") for _ in end]
    grammar.untils[end] = names[0]
    for read in range(len(end)):
        targets: dict[int, str] = {}
        for sign in dict.fromkeys(end):
            reached = _reached(end, end[:read] + sign)
            if reached < len(end):
                targets[reached] = targets.get(reached, "") + sign
        known = "".join(dict.fromkeys(end))
        steps = [f"{one_of(signs)} {names[reached]}" for reached, signs in targets.items()]
        grammar.define(names[read], " | ".join([EMPTY, f"{one_of(known, but=True)} {names[0]}", *steps]))
    return names[0]


def _reached(end: str, read: str) -> int:
    """How much of the beginning of `end` stands at the end of what was read."""
    return next(size for size in range(len(read), -1, -1) if read.endswith(end[:size]))


def by_name(choices: Mapping[str, str]) -> str:
    """One of many texts, each with what follows it; what they begin with alike is written once."""
    if len(choices) == 1:
        ((name, rest),) = choices.items()
        return row(literal(name), rest)
    groups: dict[str, dict[str, str]] = {}
    for name, rest in choices.items():
        groups.setdefault(name[:1], {})[name[1:]] = rest
    return either([_group(first, group) for first, group in groups.items()])


def _group(first: str, group: dict[str, str]) -> str:
    shared = first
    while len(group) > 1 and all(group) and len({name[0] for name in group}) == 1:
        shared += next(iter(group))[0]
        group = {name[1:]: rest for name, rest in group.items()}
    if not first:
        return next(iter(group.values()))
    if len(group) == 1:
        ((name, rest),) = group.items()
        return row(literal(shared + name), rest)
    return row(literal(shared), by_name(group))
