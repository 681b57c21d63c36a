"""Asking back: one short question in plain words for every argument of every tool, offers, and reasons."""

from itertools import product

import pytest

from agent.loop.taking_back import TOO_LATE
from agent.speech.book import LANGUAGES, open_book
from agent.speech.fill import places
from agent.tools.shipped import SHIPPED

TONES = ("neutral", "terse", "warm", "formal")
SAID = "the very words of the user"
WHYS = {"no_tool", "denied", "nothing", "rang", "since", "no_other", "read_before", "unsure_here", *TOO_LATE.values()}
LEADS = ("changed", "anew", "doubted", "perhaps_arrived", "copy_stays", "copy_goes", "copy_follows")


@pytest.mark.parametrize(
    ("tool", "lacks", "given", "question"),
    [
        ("email.send", ("to",), {"body": "signed"}, "Who should it go to?"),
        ("email.send", ("body",), {"to": "Dana"}, "What should the e-mail to Dana say?"),
        ("email.send", ("to", "body"), {}, "Who should the e-mail go to, and what should it say?"),
        ("calendar.add", ("when",), {"title": "dentist"}, "When is “dentist”?"),
        ("note.append", ("text",), {"title": "Trip"}, "What should I add to “Trip”?"),
        ("message.post", ("text",), {"channel": "ops"}, "What should the message to ops say?"),
        ("task.add", ("title",), {}, "What should I remind you of?"),
        ("parcel.track", ("number",), {}, "What is still missing: number. Can you tell me?"),
    ],
)  # fmt: skip
def test_the_question_names_what_is_missing_and_what_is_known(speaker, tool, lacks, given, question) -> None:
    assert speaker().clarify(tool, lacks, given) == question


@pytest.mark.parametrize(("language", "spec"), list(product(LANGUAGES, SHIPPED)), ids=lambda value: str(value)[:30])
def test_every_argument_has_a_question_with_and_without_the_others(speaker, language: str, spec) -> None:
    one = speaker(language=language)
    for param in spec.params:
        others = {other.name: SAID for other in spec.params if other is not param}
        for given in ({}, others):
            question = one.clarify(spec.name, (param.name,), given)
            assert "?" in question
            assert "$" not in question
            assert "\n" not in question


@pytest.mark.parametrize("language", LANGUAGES)
def test_questions_and_offers_only_want_arguments_that_the_tool_has(language: str) -> None:
    book = open_book(language)
    names = {spec.name: {param.name for param in spec.params} for spec in SHIPPED}
    for key in book.data["question"]:
        tool, _, argument = key.rpartition(".")
        if tool:
            wanted = {place for phrase in book.alternatives("question", key) for place in places(phrase)}
            assert wanted <= names[tool] - {argument}, key
    assert book.data["offer"].keys() == names.keys() | {"any"}
    for tool, arguments in names.items():
        phrases = book.alternatives("offer", tool)
        assert {place for phrase in phrases for place in places(phrase)} <= arguments
        assert not places(phrases[-1]), "the last one always fits"


@pytest.mark.parametrize(("language", "tone"), list(product(LANGUAGES, TONES)))
def test_two_readings_are_one_question_in_every_tone(speaker, language: str, tone: str) -> None:
    one = speaker(language=language, tone=tone)
    offers = [one.offer("task.add", {"title": SAID}), one.offer("note.create", {"body": SAID})]
    both, single = one.readings(offers), one.readings(offers[:1])
    assert both.count("?") == single.count("?") == 1
    assert offers[0] in both
    assert offers[1] in both
    assert offers[1] not in single


def test_two_readings_in_words(speaker) -> None:
    one = speaker()
    task, note = one.offer("task.add", {"title": "call Ivo"}), one.offer("note.create", {})
    assert one.readings([task, note]) == "Shall I add the task “call Ivo”, or write a note?"


def test_a_long_text_is_cut_in_a_question(speaker) -> None:
    offer = speaker().offer("email.send", {"to": "Dana", "body": "line\n" * 5_000})
    assert len(offer) < 120
    assert "\n" not in offer
    assert "…" in offer


def test_a_tool_of_the_users_own_is_offered_by_its_name(speaker) -> None:
    assert speaker().offer("parcel.track", {"number": "1"}) == "use parcel.track"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_and_every_lead_has_words(speaker, language: str) -> None:
    one = speaker(language=language)
    assert open_book(language).data["why"].keys() == WHYS
    for why in WHYS:
        assert one.why(why, {"tool": "note.create", "source": "the file a.txt"}).endswith(".")
    for lead in LEADS:
        assert one.confirm("note.create", {"title": "x", "lead": lead}).startswith(open_book(language).word(lead))


@pytest.mark.parametrize(("language", "spec"), list(product(LANGUAGES, SHIPPED)), ids=lambda value: str(value)[:30])
def test_taking_back_has_words_for_every_tool(speaker, language: str, spec) -> None:
    facts = {param.name: SAID for param in spec.params}
    one = speaker(language=language)
    said = [
        one.confirm(spec.name, facts | more, status)
        for more, status in (
            ({}, "undone"), ({"trashed": True}, "undone"), ({"would": True}, "undone"),
            ({"stays": True, "why": "So."}, "refused"),
        )
    ]  # fmt: skip
    assert len(set(said)) == len(said)
    assert "So." in said[-1]
    assert all(open_book(language).alternatives("next", "any.refused")[0] not in words for words in said)
