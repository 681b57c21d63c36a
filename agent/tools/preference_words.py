"""Settings as people ask for them: "shorter answers", "talk to me in Portuguese", "Dana's email is …".

Each rule finds its place in the sentence; the earliest place wins. Nothing here changes anything.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent.tools.places import zone_of
from agent.tools.rule_words import rules


@dataclass(frozen=True, slots=True)
class Wish:
    """`key` as TOML writes it; `value` as text, read by the setting's kind; `at`: where it stands in the sentence."""

    key: str
    value: str
    at: int


_LANGUAGE_NAMES = {
    "en": "english englisch inglés anglais", "de": "german deutsch alemán allemand",
    "es": "spanish español espanol castellano spanisch espagnol", "fr": "french français francais französisch francés",
    "it": "italian italiano italienisch", "pt": "portuguese português portugues portugiesisch",
    "nl": "dutch nederlands holländisch", "pl": "polish polski polnisch", "sv": "swedish svenska schwedisch",
    "da": "danish dansk dänisch", "nb": "norwegian norsk bokmål", "fi": "finnish suomi", "cs": "czech čeština",
    "sk": "slovak", "sl": "slovenian slovene", "hr": "croatian hrvatski", "sr": "serbian srpski",
    "hu": "hungarian magyar", "ro": "romanian română", "bg": "bulgarian", "el": "greek", "tr": "turkish türkçe",
    "ru": "russian русский russisch", "uk": "ukrainian українська", "ar": "arabic", "he": "hebrew", "hi": "hindi",
    "ja": "japanese 日本語", "ko": "korean", "zh": "chinese mandarin 中文", "ca": "catalan", "eu": "basque",
    "cy": "welsh cymraeg", "ga": "irish gaelic", "id": "indonesian", "vi": "vietnamese", "th": "thai", "fa": "persian",
}  # fmt: skip
LANGUAGES = {name: code for code, names in _LANGUAGE_NAMES.items() for name in names.split()}


def wishes(message: str) -> list[Wish]:
    """What the sentence asks for, in its order, one for each setting."""
    said = message.replace("’", "'")
    text = said.casefold()
    found = sorted(
        (*_plain(text), *(Wish(f'tools."{glob}"', rule, at) for glob, rule, at in rules(text)), *_named(said)),
        key=lambda wish: wish.at,
    )
    first: dict[str, Wish] = {}
    for wish in found:
        first.setdefault(wish.key, wish)
    return list(first.values())


_NO = r"(?:no|not?|stop|quit|without|don'?t|do not|never|drop|skip|less|fewer|avoid|lose|enough|hate|remove|turn off)"
_EMOJI = r"(?:emojis?|smileys?|smilies|emoticons?)"
_SPEAK = (
    r"(?:talk|speak|answer|reply|write|respond|switch|chat|change|set|use|prefer|sprich|antworte|schreib|habla|responde|parle|"
    r"réponds|language|from now|everything|only|continue)"
)

_TABLE: tuple[tuple[str, str, str], ...] = (
    ("emoji", "false", rf"\b{_NO}\b[^.;]*\b{_EMOJI}\b|\bemojis? (?:off|away)\b"),
    ("emoji", "true", rf"\b{_EMOJI}\b"),
    (
        "length",
        "short",
        r"\b(?:short(?:er)?|brief(?:er|ly)?|concise(?:ly)?|compact|wordy|verbose|long-winded|tl;?dr)\b",
    ),
    ("length", "short", r"\bless (?:text|words|talk\w*|detail\w*)|\bfewer words|\btoo (?:long|much text|detailed)\b"),
    ("length", "short", r"\b(?:kürzer|kurz|más corto|plus court)\b"),
    ("length", "long", r"\b(?:longer|more (?:detail\w*|thorough|words|context)|elaborate|in depth|thorough(?:ly)?)\b"),
    ("length", "long", r"\b(?:in detail|detailed|too short|long (?:answers|replies)|ausführlicher)\b"),
    ("length", "normal", r"\b(?:normal|usual|medium|default) length\b"),
    ("tone", "warm", r"\b(?:less|not (?:so|that|as)|too|stop being so) (?:formal|stiff|cold|dry|terse)\b"),
    (
        "tone",
        "warm",
        r"\b(?:warm(?:er|ly)?|friendl(?:y|ier)|casual(?:ly)?|informal(?:ly)?|nicer|relaxed|chatt(?:y|ier))\b",
    ),
    ("tone", "formal", r"\b(?:formal(?:ly)?|professional(?:ly)?|polite(?:ly|r)?|businesslike|förmlich|siezen)\b"),
    ("tone", "terse", r"\b(?:terse(?:ly|r)?|curt|blunt(?:ly)?|to the point|no (?:fluff|chit-?chat|small ?talk))\b"),
    ("tone", "neutral", r"\b(?:neutral(?:ly)?|normal tone|matter[- ]of[- ]fact)\b"),
    (
        "format",
        "plain",
        rf"\bplain ?text\b|\b{_NO} (?:use |using )?(?:markdown|formatting|bold|headings|bullet\w*|lists)\b",
    ),
    ("format", "bullets", r"\b(?:bullets?|bullet ?points?|bulleted|(?:as |in )lists?)\b"),
    ("format", "markdown", r"\bmarkdown\b"),
    ("network.mode", "offline", r"\b(?:go|stay|work|remain|be|keep|run) (?:me |us |fully |completely )?offline\b"),
    ("network.mode", "offline", r"\b(?:flight|airplane|aeroplane|plane|offline) mode\b|\bno (?:network|internet)\b"),
    ("network.mode", "auto", r"\b(?:go|be|back|come) (?:back )?online\b|\buse the (?:network|internet)(?: again)?\b"),
    ("practice.enabled", "false", r"\b(?:stop|end|leave|turn off|disable|no)\b[^.;]*\bpractice\b"),
    ("practice.enabled", "true", r"\bpractice (?:mode|mailbox|destinations?|channel|tracker)\b"),
)
_IN_LANGUAGE = re.compile(
    r"\b(?:in|to|auf|en|em|speak|language|use|only)\s+(?:is\s+)?("
    + "|".join(map(re.escape, sorted(LANGUAGES, key=len, reverse=True)))
    + r")\b"
)
_MODEL = re.compile(
    r"\b(?:use|switch to|load|change) (?:the |to )?model (?:to |called |named )?(?P<after>[\w.:/-]+)|"
    r"\b(?:use|switch to|change to|load|run) (?:the )?(?P<before>[\w.:/-]+) (?:as )?(?:the )?model\b"
)
_ZONE = re.compile(
    r"\btime ?zone\b\s*(?:to|is|=|:|as|should be|of)?\s*(?P<zone>[\w/ ,+-]+)|"
    r"\b(?:i'?m|i am|we'?re|we are) (?:now |currently )?in (?P<place>[\w ,]+)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"\b(?P<name>[\w .-]{1,40}?)(?:'s?)? (?:e-?mail(?: address)?|address) is "
    r"(?P<address>[^\s@]+@[^\s@]+?)[.,;!]?(?:\s|$)",
    re.IGNORECASE,
)
_SAVE = re.compile(r"^(?:my|the|note that|remember that|save that)\s+", re.IGNORECASE)


def _plain(text: str) -> Iterator[Wish]:
    """Of one setting the rule that stands first in the table decides, as it is the more exact one."""
    done: set[str] = set()
    for key, value, pattern in _TABLE:
        match = re.search(pattern, text)
        if match and key not in done:
            done.add(key)
            yield Wish(key, value, match.start())


def _named(said: str) -> Iterator[Wish]:
    """Settings whose value is a name: of a language, a model, a place, a person."""
    text = said.casefold()
    language = _IN_LANGUAGE.search(text)
    if language and (language.start() == 0 or re.search(rf"\b{_SPEAK}\b", text)):
        yield Wish("language", LANGUAGES[language[1]], language.start())
    if model := _MODEL.search(text):
        yield Wish("model.default", model["after"] or model["before"], model.start())
    for place in _ZONE.finditer(said):
        if found := zone_of((place["zone"] or place["place"]).strip()):
            yield Wish("timezone", found[1], place.start())
    for person in _ADDRESS.finditer(said):
        name = _SAVE.sub("", person["name"].strip())
        yield Wish(f'contacts."{name}"', person["address"], person.start())
