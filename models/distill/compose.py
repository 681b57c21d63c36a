"""Requests composed from the wordings: slots filled, chatter around them, several calls in one message, typos, what
came before, names the user has, cards of tools. The same seed gives the same requests."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import replace

from models.distill.corpus import BORDER, DATA, LANGUAGES, Invented, Wording, lines_of
from models.distill.noise import noisy
from models.distill.slots import kinds
from models.distill.wording import Marked, Segment, segments_of
from models.starter.situation import Situation
from models.starter.vocabulary import FITS, HANDOFF, KNOWN_KINDS, REPLY, TOOLS, UNDO, topic_token

# What is drawn, and how often.
SHARES = {"request": 0.63, "several": 0.09, "follow-up": 0.12, "card": 0.16}
LANGUAGE_SHARES = {"en": 0.64, "de": 0.12, "es": 0.12, "fr": 0.12}
CHATTER_SHARE = 0.3
AFTER_SHARE = 0.3  # of requests that come after a call they have nothing to do with
ASKED_SHARE = 0.05  # of requests that come instead of an answer to a question
LOST_SHARE = 0.08  # of follow-ups with nothing before them
NAMED_SHARE = 0.35  # of names in a request that the user already has
STRAY_SHARE = 0.12  # of requests where some other word is a name that the user has
FITTING_SHARE = 0.55  # of cards that fit
BESIDE = 3  # cards on either side of one in its file: much like it, and yet not it
UNKNOWN_SHARE = 0.15  # of requests for an invented tool that come without its card

# How often each outcome is drawn; one not named here has weight 4.
WEIGHTS = {"task.add": 8, "email.send": 8, "calendar.add": 7, "note.create": 8, "message.post": 6, "handoff": 10,
           "library.search": 7, "note.append": 6, "issue.create": 5, "rc.set": 5, "library.open": 5, "task.done": 5,
           "clarify": 8, "reply": 5, "clock.now": 3}  # fmt: skip
# What people ask for together with something else.
JOINED = ("email.send", "message.post", "issue.create", "task.add", "task.add", "note.create", "note.append",
          "calendar.add", "timer.set", "task.done", "library.search", "calendar.list", "web.fetch")  # fmt: skip
JOINERS = {
    "en": (" and ", " and ", ", and ", ", and ", ", then ", " then ", ". ", ". ", "; ", ", ", " and also ", ". also ",
           ", also ", ". and ", " plus ", "\n", ". then ", " & ", ", and then ", ". oh and "),
    "de": (" und ", ", und ", ". ", "; ", ", ", " und dann ", ", dann ", ". außerdem ", " und auch ", "\n"),
    "es": (" y ", ", y ", ". ", "; ", ", ", " y luego ", ", luego ", ". además ", " y también ", "\n"),
    "fr": (" et ", ", et ", ". ", "; ", ", ", " et puis ", ", puis ", ". aussi, ", " et aussi ", "\n"),
}  # fmt: skip
_NAMES_OF = {"to": "contact", "channel": "channel", "project": "project"}
_IMPERATIVE = re.compile(
    r"(e?-?mail|send|write|post|open|create|add|put|set|remind|note|make|start|schedule|book|block|tell|let|message|"
    r"announce|file|log|raise|report|append|jot|take|save|mark|tick|check|cross|find|search|look|show|list|give|get|"
    r"fetch|read|drop|shoot|nudge|poke|ping|pencil|reserve|plan|convert|calculate|compute|work|count|pull|bring|"
    r"throw|stick|inform|notify|share|slack|ask|buzz|don't let|load|grab|download)\b"
)


class Composer:
    """Draws requests from a set of wordings and invented tools."""

    def __init__(
        self, lines: Sequence[Wording], inventions: Sequence[Invented], seed: int, words: Sequence[str] = ()
    ) -> None:
        """`words`: any English words, put in a noun's place now and then."""
        self._rng = random.Random(seed)
        self._kinds = {language: kinds(language, words if language == "en" else ()) for language in LANGUAGES}
        self._pools: dict[str, dict[str, list[Wording]]] = {language: {} for language in LANGUAGES}
        for line in lines:
            pool = "follow-up" if line.tool and line.outcome != "clarify" else line.outcome
            self._pools[line.language].setdefault(pool, []).append(line)
        self._inventions = {
            language: [tool for tool in inventions if tool.language == language] for language in LANGUAGES
        }
        self._chatter = {
            language: {file.stem: lines_of(file) for file in sorted((DATA / "chatter" / language).glob("*.txt"))}
            for language in LANGUAGES
        }

    def draw(self) -> Marked:
        language = self._rng.choices(list(LANGUAGE_SHARES), list(LANGUAGE_SHARES.values()))[0]
        pools = self._pools[language]
        match self._rng.choices(list(SHARES), list(SHARES.values()))[0]:
            case "several" if pools:
                return self._several(language)
            case "follow-up" if pools.get("follow-up"):
                return self.render(self._rng.choice(pools["follow-up"]))
            case "card" if self._inventions[language]:
                return self._card(language)
        pools = pools if pools else self._pools["en"]
        outcomes = [outcome for outcome in pools if outcome not in ("several", "follow-up")]
        weights = [WEIGHTS.get(outcome, 4) for outcome in outcomes]
        return self.render(self._rng.choice(pools[self._rng.choices(outcomes, weights)[0]]))

    def render(self, line: Wording) -> Marked:
        """One request from `line`."""
        parts = line.text.split(BORDER) if line.outcome == "several" else [line.text]
        segments = [
            segment for call, part in enumerate(parts)
            for segment in segments_of(part, self._kinds[line.language], self._rng, call)
        ]  # fmt: skip
        marked = Marked(segments, list(line.heads))
        if line.tool and line.outcome != "clarify":
            return self._follow_up(line, self._finish(marked, line.language, chatty=0.1))
        chatty = 0.0 if line.outcome == "reply" else CHATTER_SHARE
        marked = self._finish(marked, line.language, chatty=chatty, imperative=bool(_IMPERATIVE.match(line.text)))
        return self._named(replace(marked, situation=self._elsewhere()), NAMED_SHARE if not line.named else 1.0)

    def _several(self, language: str) -> Marked:
        pools = self._pools[language]
        if pools.get("several") and self._rng.random() < 0.5:
            return self.render(self._rng.choice(pools["several"]))
        segments: list[Segment] = []
        heads: list[tuple[str, ...]] = []
        for call in range(self._rng.choice((2, 2, 2, 2, 3))):
            pool = pools.get(self._rng.choice(JOINED), [])
            if language == "en":
                pool = [line for line in pool if _IMPERATIVE.match(line.text)]
            if not pool:
                continue
            line = self._rng.choice(pool)
            part = segments_of(line.text, self._kinds[language], self._rng, len(heads))
            segments += [Segment(self._rng.choice(JOINERS[language])), *part] if call and segments else part
            heads += line.heads
        if not heads:
            return self.draw()
        return self._named(self._finish(Marked(segments, heads), language, chatty=CHATTER_SHARE))

    def _follow_up(self, line: Wording, marked: Marked) -> Marked:
        """`line` after the call it is about, perhaps beside another; or with nothing before it."""
        if line.outcome == "answer":
            given = [segment.role[1] for segment in marked.segments if segment.role]
            more = self._rng.sample(TOOLS[line.tool].arguments, self._rng.randint(0, 1))
            asked = tuple(dict.fromkeys((*given, *more)))
            return self._named(replace(marked, situation=Situation(asked=(line.tool, asked))))
        if line.outcome != "again" and self._rng.random() < LOST_SHARE:
            plain = [Segment("".join(segment.text for segment in marked.segments))]
            return replace(marked, segments=plain, heads=[(REPLY, topic_token("other"))])
        required = TOOLS[line.tool].required
        if line.outcome == "cancel" and required and self._rng.random() < 0.2:
            return replace(marked, heads=[(UNDO,)], situation=Situation(asked=(line.tool, required)))
        return self._named(replace(marked, situation=Situation(after=self._after(line, marked))))

    def _after(self, line: Wording, marked: Marked) -> tuple[str, ...]:
        """The call that is meant comes last, unless its arguments show that it cannot be the other one."""
        other = self._rng.choice(list(TOOLS))
        if self._rng.random() > 0.2 or other == line.tool:
            return (line.tool,)
        named = {segment.role[1] for segment in marked.segments if segment.role}
        clear = bool(named - set(TOOLS[other].arguments))
        return (line.tool, other) if clear and self._rng.random() < 0.5 else (other, line.tool)

    def _card(self, language: str) -> Marked:
        """A request held against the card of a tool: its own, or one that it does not fit."""
        tools = self._inventions[language]
        at = self._rng.randrange(len(tools))
        tool = tools[at]
        if self._rng.random() < UNKNOWN_SHARE:
            return self._unknown(tool)
        if self._rng.random() < FITTING_SHARE:
            marked = Marked(segments_of(self._rng.choice(tool.fitting), self._kinds[language], self._rng), [(FITS,)])
            return replace(self._finish(marked, language, chatty=0.15), card=tool.card)
        text = self._unfitting(tools, at)
        if text in tool.fitting:
            return self._card(language)
        segments = [Segment(s.text) for s in segments_of(text, self._kinds[language], self._rng)]
        marked = self._finish(Marked(segments, [(HANDOFF,)]), language, chatty=0.1)
        return replace(marked, card=tool.card)

    def _unfitting(self, tools: list[Invented], at: int) -> str:
        """A wording that nearly fits a card, or is meant for one beside it, for any other, or for none."""
        pick, near, language = self._rng.random(), tools[at].near, tools[at].language
        if near and pick < 0.35:
            return self._rng.choice(near)
        if pick < 0.65:
            beside = tools[max(0, at - BESIDE) : at] + tools[at + 1 : at + 1 + BESIDE]
            return self._rng.choice(self._rng.choice(beside or tools).fitting)
        if pick < 0.85:
            return self._rng.choice(self._rng.choice(tools).fitting)
        pools = self._pools[language]
        return self._rng.choice(pools[self._rng.choice(list(pools))]).text.replace(BORDER, "")

    def _unknown(self, tool: Invented) -> Marked:
        """A request for a tool without its card: nothing the model could do."""
        segments = segments_of(self._rng.choice(tool.fitting), self._kinds[tool.language], self._rng)
        return self._finish(Marked([Segment(s.text) for s in segments], [(HANDOFF,)]), tool.language, chatty=0.15)

    def _elsewhere(self) -> Situation:
        """What came before a request that has nothing to do with it."""
        pick = self._rng.random()
        if pick < AFTER_SHARE:
            return Situation(after=tuple(self._rng.sample(list(TOOLS), self._rng.choice((1, 1, 1, 2)))))
        if pick < AFTER_SHARE + ASKED_SHARE:
            tool = self._rng.choice([tool for tool in TOOLS.values() if tool.required])
            return Situation(asked=(tool.name, tool.required))
        return Situation()

    def _named(self, marked: Marked, share: float = NAMED_SHARE) -> Marked:
        """A share of the names in it are ones that the user has, and now and then another word is."""
        known = []
        for segment in marked.segments:
            kind = _NAMES_OF.get(segment.role[1]) if segment.role else None
            if segment.role and segment.role[1] == "title" and _is_found(marked, segment.role[0]):
                kind = "title"
            if kind and self._rng.random() < share:
                known.append((kind, segment.text.strip("#\"'“” ")))
        words = marked.text.split()
        if words and self._rng.random() < STRAY_SHARE:
            at = self._rng.randrange(len(words))
            name = " ".join(words[at : at + self._rng.choice((1, 1, 2))]).strip(".,;:!?#\"'")
            known.append((self._rng.choice(KNOWN_KINDS), name))
        return replace(marked, situation=replace(marked.situation, known=tuple(known))) if known else marked

    def _finish(self, marked: Marked, language: str, *, chatty: float, imperative: bool = False) -> Marked:
        segments = marked.segments
        if self._chatter[language] and self._rng.random() < chatty:
            segments = self._chat(segments, language, imperative)
        segments = [segment for segment in noisy(segments, self._rng) if segment.text]
        return replace(marked, segments=segments)

    def _chat(self, segments: list[Segment], language: str, imperative: bool) -> list[Segment]:
        pick, chatter = self._rng.random(), self._chatter[language]
        if pick < 0.5:
            before = self._text(self._rng.choice(chatter["before"]), language)
            if before[-1].isalpha() and not imperative:
                before += ","
            segments = [Segment(before + " "), *segments]
        if pick > 0.85 or 0.4 < pick < 0.5:
            count = self._rng.choice((1, 1, 1, 2, 3))
            sentences = " ".join(self._text(self._rng.choice(chatter["sentence"]), language) for _ in range(count))
            segments = [Segment(sentences + " "), *segments]
        if 0.45 < pick < 0.88:
            after = self._text(self._rng.choice(chatter["after"]), language)
            segments = [*segments, Segment(after if not after[0].isalnum() else " " + after)]
        return segments

    def _text(self, template: str, language: str) -> str:
        return "".join(segment.text for segment in segments_of(template, self._kinds[language], self._rng))


def _is_found(marked: Marked, call: int) -> bool:
    """Whether the title of that call is one of something that the user has already."""
    return any(name in head for head in marked.heads[call : call + 1] for name in
               ("<note.append>", "<library.open>", "<task.done>"))  # fmt: skip
