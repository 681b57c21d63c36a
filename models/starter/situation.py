"""What a request is read together with: what was just done or asked, and the names that the user has."""

from __future__ import annotations

from dataclasses import dataclass

from models.starter.vocabulary import AFTER, ASKED, CALLS_MAX, TOOLS, argument_token, tool_token


@dataclass(frozen=True, slots=True)
class Situation:
    """`after`: the tools of the calls just made, in order; `asked`: the tool and its arguments just asked for; `known`:
    (kind, name) of contacts, channels, projects and titles. Tools that the model does not know are left out."""

    after: tuple[str, ...] = ()
    asked: tuple[str, tuple[str, ...]] | None = None
    known: tuple[tuple[str, str], ...] = ()

    def tools_after(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(tool for tool in self.after[-CALLS_MAX:] if tool in TOOLS))

    def arguments_asked(self) -> tuple[str, ...]:
        if self.asked is None or self.asked[0] not in TOOLS:
            return ()
        return tuple(name for name in TOOLS[self.asked[0]].arguments if name in self.asked[1] and name != "key")

    def tokens(self) -> str:
        """How the prompt opens."""
        if names := self.arguments_asked():
            assert self.asked is not None
            return ASKED + tool_token(self.asked[0]) + "".join(map(argument_token, names))
        after = self.tools_after()
        return AFTER + "".join(map(tool_token, after)) if after else ""


ALONE = Situation()
