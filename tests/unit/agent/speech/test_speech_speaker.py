"""What the user reads: right for every tool, status, language, tone, length and form; facts stay data."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.agentrc.settings import Settings
from agent.agentrc.sources import builtin, session
from agent.agentrc.stack import Stack
from agent.loop.ports import Acted
from agent.protocol.records import Call, CallStatus
from agent.speech.book import LANGUAGES, open_book
from agent.speech.cases import STATUSES
from agent.speech.dates import duration
from agent.speech.emoji import MARKS, without_emoji
from agent.speech.fill import fill, first_whole
from agent.speech.form import fenced
from agent.speech.speaker import Speaker

TONES = ("neutral", "terse", "warm", "formal")


@pytest.mark.parametrize(("language", "tone"), list(product(LANGUAGES, TONES)))
def test_every_tool_and_status_has_whole_words(speaker, samples, language: str, tone: str):
    for length, form in product(("short", "normal", "long"), ("plain", "markdown", "bullets")):
        one = speaker(language=language, tone=tone, length=length, format=form)
        for (tool, facts), status in product(samples.items(), STATUSES):
            said = one.confirm(tool, {**facts, "why": "no room left"}, status)
            assert said.strip()
            assert "$" not in said
            assert "None" not in said
            assert without_emoji(said) == said


@pytest.mark.parametrize(("language", "tone"), list(product(LANGUAGES, TONES)))
def test_a_tool_that_gives_no_facts_still_has_words(speaker, samples, language: str, tone: str):
    one = speaker(language=language, tone=tone)
    for tool, status in product((*samples, "crm.send"), STATUSES):
        said = one.confirm(tool, {}, status)
        assert said.strip()
        assert "$" not in said


def test_terse_is_plain_to_see(speaker, samples):
    facts = samples["task.add"]
    said = {tone: speaker(tone=tone).confirm("task.add", facts) for tone in TONES}
    assert said["neutral"] == "I added the reminder “invoice her” for Friday 27 November, 09:00."
    assert said["terse"] == "Reminder: invoice her, Fri 27 Nov 09:00."
    assert len(set(said.values())) == 4


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("de", "Ich habe die Erinnerung „invoice her“ für Freitag, 27. November, 09:00 Uhr angelegt."),
        ("es", "He añadido el recordatorio «invoice her» para el viernes 27 de noviembre, 09:00."),
        ("fr", "J'ai ajouté le rappel « invoice her » pour le vendredi 27 novembre à 09 h 00."),
    ],
)
def test_dates_are_written_as_the_language_writes_them(speaker, samples, language: str, expected: str):
    assert speaker(language=language).confirm("task.add", samples["task.add"]) == expected


def test_another_year_is_named_and_a_day_has_no_time(speaker):
    facts = {"title": "renew", "due": "2027-01-04"}
    assert speaker().confirm("task.add", facts) == "I added the reminder “renew” for Monday 4 January 2027."
    assert speaker(tone="terse").confirm("task.add", facts) == "Reminder: renew, Mon 4 Jan 2027."


@pytest.mark.parametrize(
    ("tool", "facts", "status", "expected"),
    [
        ("task.add", {"title": "a", "due": None}, "done", "I added the task “a”."),
        (
            "task.add",
            {"title": "a", "said": "soonish", "understood": False},
            "done",
            "I could not tell when “soonish” is",
        ),
        ("task.done", {"title": "a", "already": True}, "done", "“a” was already ticked off."),
        ("task.list", {"count": 0, "tasks": []}, "done", "You have no open tasks."),
        ("task.list", {"count": 1, "tasks": [{"title": "a"}]}, "done", "You have one open task:\n\n- a"),
        (
            "calendar.add",
            {"title": "a", "starts": "2026-11-27", "clashes": ["b", "c"]},
            "done",
            "you also have: b and c.",
        ),
        (
            "units.convert",
            {"value": "1", "from": "mile", "to": "m", "result": "1609", "exact": False},
            "done",
            "≈ 1609 m",
        ),
        ("file.read", {"path": "a.bin", "text": "", "binary": True}, "done", "a.bin holds no text"),
        ("web.fetch", {"url": "http://x", "text": "t", "cached": True, "age_s": 7300}, "done", "as kept 2 hours ago"),
        ("web.fetch", {"url": "http://x", "text": "t", "cached": True, "age_s": None}, "done", "an unknown time ago"),
        (
            "web.fetch",
            {"url": "http://x", "text": "t", "cached": True, "stale": True, "age_s": 90},
            "done",
            "may have changed",
        ),
        ("email.send", {"to": "d@x.org", "lacks": "account"}, "waiting_approval", "No mail account is set up yet"),
        ("email.send", {"to": "d@x.org"}, "waiting_approval", "waits for your approval. Approve it in the Outbox."),
        ("email.send", {"to": "d@x.org"}, "refused", "Your settings do not allow it."),
        (
            "rc.set",
            {"key": "tone", "value": "terse", "old": "warm"},
            "proposed",
            "I would set tone to terse (now: warm).",
        ),
        ("crm.send", {"why": "The server is gone"}, "failed", "That did not work: crm.send. The server is gone."),
    ],
)
def test_each_case_has_its_own_words(speaker, tool: str, facts: dict, status: str, expected: str):
    assert expected in speaker().confirm(tool, facts, status)


def test_length_adds_the_next_step_and_where_things_are_kept(speaker, samples):
    said = {
        length: speaker(length=length).confirm("email.send", samples["email.send"], "waiting_approval")
        for length in ("short", "normal", "long")
    }
    assert said["short"] == "The e-mail to Dana is ready and waits for your approval."
    assert said["normal"] == said["short"] + " Approve it in the Outbox."
    assert said["long"].startswith(said["normal"] + " It is kept in the outbox")


def test_a_failure_does_not_claim_that_something_is_kept(speaker, samples):
    assert "kept" not in speaker(length="long").confirm("email.send", samples["email.send"], "failed")


def test_a_proposal_does_not_claim_to_be_in_the_library(speaker, samples):
    assert "library" not in speaker(length="long").confirm("task.add", samples["task.add"], "proposed")
    assert "library" in speaker(length="long").confirm("task.add", samples["task.add"], "done")


def test_the_three_forms(speaker):
    facts = {"count": 2, "tasks": [{"title": "a"}, {"title": "b"}]}
    assert speaker(format="markdown").confirm("task.list", facts) == "You have 2 open tasks:\n\n- a\n- b"
    assert speaker(format="plain").confirm("task.list", facts) == "You have 2 open tasks:\n\na\nb"
    assert speaker(format="bullets").confirm("task.list", facts) == "- You have 2 open tasks:\n  - a\n  - b"


def test_long_lists_and_texts_are_cut_and_say_so(speaker):
    facts = {"count": 30, "tasks": [{"title": f"t{number}"} for number in range(30)]}
    said = speaker(length="short").confirm("task.list", facts)
    assert said.count("\n- ") == 6
    assert "and 25 more" in said
    said = speaker(length="short").confirm("file.read", {"path": "a", "text": "x" * 1000})
    assert said.count("x") == 500
    assert "Only the first part is shown." in said


def test_a_text_cannot_break_out_of_its_fence():
    assert fenced("a\n```\nb") == "````\na\n```\nb\n````"


def test_emoji_only_where_wanted(speaker, samples):
    for tool, facts in samples.items():
        assert speaker(emoji="true").confirm(tool, facts).startswith((MARKS["done"], f"- {MARKS['done']}"))
        assert without_emoji(speaker(emoji="true", tone="formal").confirm(tool, facts)).strip()
        assert without_emoji(speaker(emoji="false").confirm(tool, facts)) == speaker(emoji="false").confirm(tool, facts)
    assert speaker(emoji="true", tone="warm").reply("greeting").startswith(MARKS["greeting"])


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Hi 👋, there", "Hi, there"),
        ("👩‍👩‍👧‍👦 family", " family"),
        ("ok 👍🏽!", "ok!"),
        ("flag 🇩🇪 and 🏴󠁧󠁢󠁳󠁣󠁴󠁿", "flag and"),
        ("1️⃣ first", "1 first"),
        ("love ❤️ sun ☀️ warn ⚠️ ©️", "love sun warn"),
        ("✅ done ✨", " done"),
        ("a ✓ b → c ★ © ½ ünï 日本 क्‍ष", "a ✓ b → c ★ © ½ ünï 日本 क्‍ष"),
    ],
)
def test_pictures_are_taken_out_of_a_chat_models_text(speaker, said: str, kept: str):
    assert speaker(emoji="false").enforce(said) == kept
    assert speaker(emoji="true").enforce(said) == said


@given(st.lists(st.sampled_from(list("ab 👋🏽👩‍❤️🇩🇪✅️⃣1")), max_size=30))
def test_no_picture_survives_however_the_stream_is_cut(pieces: list[str]):
    streamed = "".join(without_emoji(piece) for piece in pieces)
    assert not any(ord(sign) >= 0x1F000 or sign in "✅❤\ufe0f\u20e3" for sign in streamed)
    assert [sign for sign in streamed if sign in "ab1"] == [sign for piece in pieces for sign in piece if sign in "ab1"]


@settings(max_examples=100)
@given(st.text(min_size=1))
def test_facts_are_data_whatever_they_hold(text: str):
    assert fill("<$title>", {"title": text}) == f"<{text}>"
    assert first_whole(["$a $b", "$a"], {"a": text}) == text


def test_facts_that_look_like_phrases_stay_as_they_are(speaker):
    said = speaker().confirm("note.create", {"title": "$title {0} %s ${body} \\1", "body": "no"})
    assert said == "I wrote the note “$title {0} %s ${body} \\1”."


def test_one_short_question_names_what_is_missing(speaker):
    one = speaker()
    assert one.clarify("email.send", ("to",)) == "Who should it go to?"
    assert one.clarify("units.convert", ("to",)) == "To which unit?"
    assert (
        one.clarify("email.send", ("to", "body"))
        == "What is still missing: who it goes to and the text. Can you tell me?"
    )
    assert one.clarify("task.add") == "What should I remind you of?"
    assert one.clarify() == one.clarify("no.such") == "What would you like me to do?"


@pytest.mark.parametrize(("language", "tone"), list(product(LANGUAGES, TONES)))
def test_every_question_is_whole_with_and_without_facts(speaker, language: str, tone: str):
    one = speaker(language=language, tone=tone)
    names = ("name", "address", "channel", "project", "title", "said", "place", "unit", "expression", "path")
    facts = dict.fromkeys(names, "X")
    for ask in open_book(language).data["ask"]:
        for said in (one.ask(ask, facts, ("A", "B", "C")), one.ask(ask, facts), one.ask(ask, {})):
            assert "?" in said
            assert "$" not in said
    assert one.ask("no such question", {})


def test_choices_are_offered(speaker):
    assert speaker().ask("address", {"name": "Dan"}, ("Dana", "Daniel")) == (
        "I know no address for “Dan”. Did you mean Dana or Daniel?"
    )


@pytest.mark.parametrize(("language", "tone"), list(product(LANGUAGES, TONES)))
def test_every_topic_is_answered(speaker, language: str, tone: str):
    one = speaker(language=language, tone=tone)
    for topic in (*open_book(language).data["reply"], "never heard of"):
        assert "$" not in one.reply(topic, {"why": "x"})
    assert one.reply("never heard of") == one.reply("other")
    assert "$" not in one.stopped("It took too long")
    assert one.handoff()


def test_facts_about_carryon_itself_are_told(speaker):
    assert speaker().reply("model", {"model": "Starter"}) == "The model in use is Starter."
    assert speaker().reply("outbox", {"waiting": 3}) == "3 things are waiting in the outbox."


def test_a_handoff_is_honest_and_says_what_can_be_done(speaker):
    said = speaker().handoff()
    assert "beyond the small model" in said
    assert "Models" in said
    assert "note" in said


def call(tool: str, facts: dict, result: str = "") -> Call:
    return Call("c", "t", tool, {"title": "a"}, CallStatus.DONE, result, facts=facts)


def test_several_deeds_are_told_in_order(speaker):
    deeds = [
        Acted(call("note.create", {"title": "a"})),
        Acted(call("note.create", {}, "As it was worded then.")),
        Acted(call("email.send", {}, "What is the address of Dana?"), asks="address"),
    ]
    assert speaker(format="plain").acted(deeds).split("\n") == [
        "I wrote the note “a”.",
        "As it was worded then.",
        "What is the address of Dana?",
    ]
    assert speaker().acted(deeds).count("\n\n") == 2


def settings_with(assignment: str) -> Settings:
    return Stack([builtin(), session([assignment])]).settings()


def test_a_change_of_settings_is_heard_at_once():
    now = {"settings": settings_with("tone=terse")}
    live = Speaker(lambda: now["settings"], clock=lambda: 0)
    assert live.reply("greeting") == "Hello."
    now["settings"] = settings_with("tone=neutral")
    assert live.reply("greeting") == "Hello. What can I do for you?"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (90, "1 minute 30 seconds"),
        (5400, "1 hour 30 minutes"),
        (90_061, "1 day 1 hour"),
    ],
)
def test_durations_in_words(seconds: int, expected: str):
    assert duration(seconds, open_book("en")) == expected


def test_the_speaker_is_a_voice_for_the_turn_loop(speaker):
    from agent.loop.ports import Voice

    voice: Voice = speaker()
    assert voice.reply("greeting") == "Hello. What can I do for you?"
    assert voice.clarify(None)
    assert voice.stopped("You pressed Stop") == "Stopped. You pressed Stop."
