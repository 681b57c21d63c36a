"""The front door: one call for each thing that Carryon may have to say. No model, no network, the same words for the
same facts and settings.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from agent.agentrc.settings import Settings
from agent.speech.book import Book, Spoken, open_book, spoken
from agent.speech.cases import AS_IS, LISTS, TEXTS, case
from agent.speech.emoji import MARKS, without_emoji
from agent.speech.fill import fill, first_whole
from agent.speech.form import ITEMS_MAX, TEXT_CHARACTERS_MAX, Answer, render, several
from agent.speech.plain import joined, plain

if TYPE_CHECKING:
    from agent.loop.ports import Acted

Facts = Mapping[str, Any]
SHORT_CHARACTERS = 60  # of an argument that is repeated in a question


class Speaker:
    """Words under the settings in force: give the settings, or a function that gives those of the moment."""

    def __init__(self, settings: Settings | Callable[[], Settings], clock: Callable[[], float] = time.time) -> None:
        self._settings = settings if callable(settings) else lambda: settings
        self._clock = clock

    @property
    def spoken(self) -> Spoken:
        """The language and tone in use, with a note where they are not the ones set."""
        return spoken(self._settings().language, self._settings().tone)

    def confirm(self, tool: str, facts: Facts, status: str = "done") -> str:
        """What came of a call. `facts`: its arguments and what the tool found; `why` for refused and failed."""
        settings, book = self._settings(), self._book
        which = case(tool, facts, status)
        said = self._plain({**facts, "tool": tool})
        said["what"] = self._what(tool, said)
        main = self._first(("say",), (f"{tool}.{which}", f"{tool}.{status}", f"any.{which}", f"any.{status}"), said)
        shows = status == "done" and which != "binary"
        text = str(facts.get(TEXTS.get(tool, "text" if "source" in facts else ""), "") or "") if shows else ""
        short = text[: TEXT_CHARACTERS_MAX[settings.length]]
        cut = bool(short) and (len(short) < len(text) or bool(facts.get("cut")))
        more = ((book.word("first_part"),) if cut else ()) + self._added(tool, which, status, said)
        items = self._items(tool, facts) if shows else ()
        main = " ".join(part for part in (book.word(str(facts.get("lead", ""))), main) if part)
        return render(Answer(self._marked(status, main), items, short, tool in AS_IS, more), settings.format)

    def ask(self, ask: str, facts: Facts, choices: Sequence[str] = ()) -> str:
        """A question because a call could not be completed as it stands."""
        said = self._plain(facts) | ({"choices": joined(choices, self._book, "or")} if choices else {})
        return self._first(("ask",), (ask, "unsure"), said)

    def clarify(self, tool: str | None = None, missing: Sequence[str] = (), given: Facts | None = None) -> str:
        """One short question that names what is missing; what was `given` may stand in it."""
        book = self._book
        nothing_given = given is not None and not given and tool in book.data["clarify"]  # then it asks for all
        if tool and len(missing) > 1 and not nothing_given:
            named = [self._about("argument", tool, name) or name for name in missing]
            return self._first(("ask",), ("missing",), {"missing": joined(named, book, "and")})
        one = missing[0] if tool and len(missing) == 1 else ""
        question = self._about("question", tool, one, self._in_short(given or {})) if one else ""
        if one and not question:
            return self._first(("ask",), ("missing",), {"missing": one})
        question = question or next(iter(book.alternatives("clarify", tool or "")), "")
        return question or self._first(("ask",), ("unsure",), {})

    def offer(self, tool: str, args: Facts) -> str:
        """What a call would do, in words that follow "Shall I" and stand on a button: "add the task “call Ivo”"."""
        said = self._in_short({**args, "tool": tool})
        phrases = (*self._book.alternatives("offer", tool), *self._book.alternatives("offer", "any"))
        return first_whole(phrases, said) or tool

    def readings(self, offers: Sequence[str]) -> str:
        """Which of one or two readings is meant."""
        return self._first(("ask",), ("readings",), dict(zip(("first", "second"), offers, strict=False)))

    def why(self, reason: str, facts: Facts | None = None) -> str:
        """Why something was not done, as a sentence."""
        return first_whole(self._book.alternatives("why", reason), self._plain(facts or {})) or ""

    def reply(self, topic: str, facts: Facts | None = None) -> str:
        """Small talk, and questions about Carryon itself."""
        main = self._first(("reply",), (topic, "other"), self._plain(facts or {}))
        return render(Answer(self._marked(topic, main)), self._settings().format)

    def handoff(self, facts: Facts | None = None) -> str:
        """Honest: this is beyond the starter; and what can be done instead."""
        said = self._plain(facts or {})
        more = self._first(("reply",), ("handoff_next",), said)
        return render(Answer(self._first(("reply",), ("handoff",), said), more=(more,)), self._settings().format)

    def acted(self, deeds: "Sequence[Acted]") -> str:
        """What came of the calls of one turn, in order."""
        parts = [
            deed.call.result
            or deed.asks
            or self.confirm(deed.call.tool, {**deed.call.args, **deed.call.facts}, str(deed.call.status))
            for deed in deeds
        ]
        return several(parts, self._settings().format)

    def stopped(self, why: str) -> str:
        return self._first(("reply",), ("stopped",), self._plain({"why": why}))

    def enforce(self, piece: str) -> str:
        """Streamed text of a chat model, held to the settings: no emoji means none."""
        return piece if self._settings().emoji else without_emoji(piece)

    @property
    def _book(self) -> Book:
        return open_book(self.spoken.language)

    def _plain(self, facts: Facts) -> dict[str, str]:
        return plain(facts, self._book, datetime.fromtimestamp(self._clock(), UTC).year)

    def _first(self, sections: Sequence[str], keys: Sequence[str], said: Mapping[str, str]) -> str:
        """The first phrase, in the order of the keys, for which all facts are there."""
        book, tone = self._book, self.spoken.tone
        phrases = (phrase for section in sections for key in keys for phrase in book.phrases(section, key, tone))
        found = first_whole(phrases, said)
        assert found is not None, f"the last of {keys} needs no facts"
        return found

    def _what(self, tool: str, said: Mapping[str, str]) -> str:
        phrases = (*self._book.alternatives("what", tool), *self._book.alternatives("what", "any"))
        return first_whole(phrases, said) or tool

    def _about(self, section: str, tool: str | None, argument: str, said: Mapping[str, str] | None = None) -> str:
        names = (f"{tool}.{argument}", argument)
        phrases = (phrase for name in names for phrase in self._book.alternatives(section, name))
        return first_whole(phrases, said or {}) or ""

    @staticmethod
    def _in_short(args: Facts) -> dict[str, str]:
        """Arguments as they stand within a question: on one line, and not whole texts."""
        lines = {name: " ".join(str(value)[: 4 * SHORT_CHARACTERS].split()) for name, value in args.items()}
        return {
            name: line if len(line) <= SHORT_CHARACTERS else line[: SHORT_CHARACTERS - 1].rstrip() + "…"
            for name, line in lines.items()
            if line
        }

    def _items(self, tool: str, facts: Facts) -> tuple[str, ...]:
        rows = facts.get(LISTS.get(tool, ""), ())
        shown = rows[: ITEMS_MAX[self._settings().length]]
        phrases = self._book.alternatives("item", tool)
        lines = tuple(line for row in shown if (line := first_whole(phrases, self._plain(row))))
        left = len(rows) - len(shown)
        return (*lines, fill(self._book.word("more"), {"count": str(left)})) if left else lines

    def _added(self, tool: str, which: str, status: str, said: Mapping[str, str]) -> tuple[str, ...]:
        """The next step, and at long length where things are kept."""
        length, book = self._settings().length, self._book
        if length == "short" or (self.spoken.tone == "terse" and length != "long"):
            return ()
        rule = status != "refused" or "denied" in said or "why" not in said  # other reasons have no rule behind them
        steps = [book.alternatives("next", key) for key in (f"{tool}.{which}", f"any.{status}" if rule else "")]
        step = next((found for phrases in steps if (found := first_whole(phrases, said))), None)
        kept = first_whole(book.alternatives("where", tool), said) if length == "long" else None
        kept = kept if status in ("done", "queued", "waiting_approval") else None  # a proposal is kept nowhere yet
        return tuple(sentence for sentence in (step, kept) if sentence)

    def _marked(self, mark: str, text: str) -> str:
        settings = self._settings()
        wanted = settings.emoji and self.spoken.tone != "formal" and mark in MARKS
        return f"{MARKS[mark]} {text}" if wanted else text
