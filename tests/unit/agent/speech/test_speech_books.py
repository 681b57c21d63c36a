"""The phrase books: whole in what they promise, alike in what they cover, and free of pictures."""

import re
from itertools import product

import pytest

from agent.speech.book import LANGUAGES, open_book, spoken
from agent.speech.cases import STATUSES
from agent.speech.emoji import without_emoji
from agent.speech.fill import places
from agent.tools.shipped import SHIPPED
from models.starter.vocabulary import TOOLS, TOPICS

TONED = ("say", "reply", "ask")
ASKS = {
    *("address", "address_bad", "channel", "project", "which_note", "which_task", "which_item", "which_file"),
    *("time", "duration", "place", "unit", "expression", "setting", "value"),
}


def strings(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in strings(inner)]
    return [text for inner in value for text in strings(inner)] if isinstance(value, list) else [str(value)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_is_there_in_every_tone_that_the_book_promises(language: str):
    book = open_book(language)
    lacking = [
        f"{section}.{key} in {tone}"
        for section, tone in product(TONED, book.tones)
        for key, said in book.data[section].items()
        if not said.get(tone)
    ]
    assert lacking == []
    assert "neutral" in book.tones


def test_english_has_all_four_tones():
    assert open_book("en").tones == ("neutral", "terse", "warm", "formal")


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_every_book_covers_what_the_english_one_covers(language: str):
    english, book = open_book("en").data, open_book(language).data
    assert book.keys() == english.keys()
    for section, phrases in english.items():
        if isinstance(phrases, dict):
            assert book[section].keys() == phrases.keys(), section


@pytest.mark.parametrize("language", LANGUAGES)
def test_alternatives_ask_for_the_same_facts_in_every_language(language: str):
    english, book = open_book("en").data, open_book(language).data
    for section, key in [(part, name) for part in TONED for name in english[part]]:
        for tone in open_book(language).tones:
            known = {
                name for phrases in english[section][key].values() for phrase in phrases for name in places(phrase)
            }
            used = {name for phrase in book[section][key][tone] for name in places(phrase)}
            assert used <= known, (section, key, tone)
    for name in english["item"]:
        assert [places(phrase) for phrase in book["item"][name]] == [places(phrase) for phrase in english["item"][name]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_tools_and_starter_may_ask_for_is_there(language: str):
    book = open_book(language).data
    names = {spec.name for spec in SHIPPED} | set(TOOLS)
    assert names <= book["what"].keys()
    assert names <= book["clarify"].keys()
    assert {f"any.{status}" for status in STATUSES} <= book["say"].keys()
    assert set(TOPICS) <= book["reply"].keys()
    assert book["ask"].keys() >= ASKS
    for spec in SHIPPED:
        for param in spec.params:
            for section in ("question", "argument"):
                assert param.name in book[section] or f"{spec.name}.{param.name}" in book[section], param


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_book_holds_a_picture_or_a_stray_sign(language: str):
    for text in strings(open_book(language).data):
        assert without_emoji(text) == text
        assert not re.search(r"\$(?![a-z])|  |\{|%s", text), text


@pytest.mark.parametrize(
    ("language", "tone", "expected", "told"),
    [
        ("en", "warm", ("en", "warm"), ""),
        ("de-AT", "terse", ("de", "terse"), ""),
        ("de", "warm", ("de", "neutral"), "warm"),
        ("pt-BR", "terse", ("en", "terse"), "pt-BR"),
        ("en", "like a friendly pirate", ("en", "neutral"), "stay neutral"),
    ],
)
def test_what_cannot_be_said_so_is_said_in_neutral_and_told(language: str, tone: str, expected: tuple, told: str):
    said = spoken(language, tone)
    assert (said.language, said.tone) == expected
    assert told in said.note
    assert bool(said.note) == bool(told)
