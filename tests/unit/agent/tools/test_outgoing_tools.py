"""email.send, message.post, issue.create: who, where, through what; nothing leaves from here."""

from typing import Any

import pytest

from agent.tools.errors import ToolArgumentBad, ToolRefusedError
from agent.tools.outgoing import plain_name
from sync.intent import check

WORK = """
[accounts.work]
kind = "smtp"
host = "127.0.0.1"
port = 2525
security = "none"
from = "Me Myself <me@example.org>"

[accounts.zuhause]
kind = "smtp"
host = "127.0.0.1"
port = 2526
security = "none"
from = "home@example.org"
"""
CONTACTS = """
[contacts]
Dana = "dana@example.org"
mum = "Mum <mum@example.org>"
"Ken Watanabe" = "ken@example.org"
"Tom Stone" = "stone@example.org"
"Tom Reed" = "reed@example.org"
"""
PRACTICE = "\n[practice]\nenabled = true\n"
BODY = "we booked the cottage for august. Bring boots."


def send(workshop: Any, to: str, **more: Any) -> Any:
    return workshop.deferred("email.send", {"to": to, "body": BODY, **more})


@pytest.mark.parametrize(
    ("said", "address", "name"),
    [
        ("Dana", "dana@example.org", "Dana"),
        ("dana", "dana@example.org", "Dana"),
        ("@Dana", "dana@example.org", "Dana"),
        ("Mum", "mum@example.org", "mum"),
        ("my mum", "mum@example.org", "mum"),
        ("Mr Watanabe", "ken@example.org", "Ken Watanabe"),
        ("box-office@rialto.example", "box-office@rialto.example", None),
        ("box-office@rialto.example.", "box-office@rialto.example", None),
        ("mailto:box-office@rialto.example", "box-office@rialto.example", None),
        ("Box Office <box-office@rialto.example>", "box-office@rialto.example", "Box Office"),
        ("myself", "me@example.org", "myself"),
        ("me", "me@example.org", "me"),
        ("Dana and mum", "dana@example.org, mum@example.org", "Dana, mum"),
        ("dana, tariq@example.org", "dana@example.org, tariq@example.org", "Dana"),
    ],
)
def test_recipients(workshop: Any, said: str, address: str, name: str | None) -> None:
    workshop.settings(WORK + CONTACTS)
    made = send(workshop, said)
    assert made.intent.payload["to"] == address
    assert (made.facts["to"], made.facts["name"]) == (address, name)
    check(made.intent)


def test_too_many_recipients_are_refused_at_once_by_their_number(workshop: Any) -> None:
    workshop.settings(WORK)
    many = [f"p{number}@a.org" for number in range(60)]
    with pytest.raises(ToolRefusedError, match="There are 60 recipients; at most 50 can be"):
        send(workshop, ", ".join(many))
    twice = ", ".join([*many[:50], *many[:10]])
    assert send(workshop, twice).intent.payload["to"].count("@") == 50, "one that is named twice is one"


def test_the_intent_is_complete(workshop: Any) -> None:
    workshop.settings(WORK + CONTACTS)
    intent = send(workshop, "mum").intent
    assert intent.tool == "email.send"
    assert intent.args == {"to": "mum", "body": BODY}
    assert intent.destination == "smtp:work"
    assert intent.payload == {"to": "mum@example.org", "subject": "we booked the cottage for august", "body": BODY}
    assert intent.sentence == "E-mail to mum <mum@example.org>: we booked the cottage for august"
    assert intent.expires_at == workshop.context.now_ms + 7 * 86_400_000
    assert intent.call_id == "call-1"


def test_a_subject_that_was_given_stays(workshop: Any) -> None:
    workshop.settings(WORK + CONTACTS)
    assert send(workshop, "Dana", subject="Friday rota").intent.payload["subject"] == "Friday rota"


@pytest.mark.parametrize("subject", ["Hi\r\nBcc: all@example.org", "Hi\nX-Evil: 1", "Hi\u2028there", "a\x00b"])
def test_no_header_can_be_smuggled_in_through_the_subject(workshop: Any, subject: str) -> None:
    workshop.settings(WORK + CONTACTS)
    if "\x00" in subject:
        with pytest.raises(ToolArgumentBad):
            send(workshop, "Dana", subject=subject)
        return
    sent = send(workshop, "Dana", subject=subject).intent.payload["subject"]
    assert len(sent.splitlines()) == 1


NO_ADDRESSES = [
    "a@example.org\r\nBcc: b@example.org", "a@@example.org", "a@", "@example.org@", "a b@example.org", "a@exa mple.org",
    "a@example", "<a@example.org", "a@example.org>", "a..b@example.org",
]  # fmt: skip


@pytest.mark.parametrize("to", NO_ADDRESSES)
def test_an_address_that_is_none_is_asked_about(workshop: Any, to: str) -> None:
    workshop.settings(WORK + CONTACTS)
    asked = workshop.asks("email.send", {"to": to, "body": "x"})
    assert asked.ask in ("address_bad", "address")
    assert asked.facts.get("why") or asked.facts.get("name")


def test_an_unknown_name_asks_for_the_address_and_shows_how_to_keep_it(workshop: Any) -> None:
    workshop.settings(WORK + CONTACTS)
    asked = workshop.asks("email.send", {"to": "Tariq", "body": "x"})
    assert (asked.ask, asked.facts["name"], asked.choices) == ("address", "Tariq", ())
    assert '"Tariq" = ' in asked.facts["hint"]


def test_nobody_is_guessed(workshop: Any) -> None:
    workshop.settings(WORK + CONTACTS)
    assert set(workshop.asks("email.send", {"to": "Tom", "body": "x"}).choices) == {"Tom Stone", "Tom Reed"}
    assert workshop.asks("email.send", {"to": "Danna", "body": "x"}).choices == ("Dana",)
    assert workshop.asks("email.send", {"to": "Dana and Tariq", "body": "x"}).facts["name"] == "Tariq"


def test_without_an_account_it_is_kept_and_says_what_is_lacking(workshop: Any) -> None:
    workshop.settings(CONTACTS)
    made = send(workshop, "Dana")
    assert made.intent.destination == "none:email"
    assert (made.facts["lacks"], made.facts["account"]) == ("account", None)
    check(made.intent)
    assert workshop.asks("email.send", {"to": "myself", "body": "x"}).ask == "address"


def test_the_account_named_default_is_the_one(workshop: Any) -> None:
    workshop.settings((WORK + CONTACTS).replace("accounts.zuhause", "accounts.default"))
    assert send(workshop, "Dana").intent.destination == "smtp:default"


def test_the_practice_mailbox_stands_in_only_where_there_is_no_account(workshop: Any) -> None:
    workshop.settings(CONTACTS + PRACTICE)
    assert send(workshop, "Dana").intent.destination == "smtp:practice"
    assert send(workshop, "myself").intent.payload["to"] == "you@practice.invalid"
    workshop.settings(WORK + CONTACTS + PRACTICE)
    assert send(workshop, "Dana").intent.destination == "smtp:work"


CHANNELS = """
[channels.ops]
kind = "webhook"
url = "http://127.0.0.1:8080/hook"

[channels."berlin-office"]
kind = "webhook"
url = "http://127.0.0.1:8080/berlin"
"""


@pytest.mark.parametrize("said", ["ops", "#ops", "Ops", "the #ops channel", "ops channel"])
def test_a_channel_by_any_of_its_names(workshop: Any, said: str) -> None:
    workshop.settings(CHANNELS)
    made = workshop.deferred("message.post", {"channel": said, "text": "rollback done"})
    assert made.intent.destination == "webhook:ops"
    assert made.intent.payload == {"channel": "ops", "text": "rollback done"}
    assert made.intent.sentence == "Message to #ops: rollback done"
    assert made.facts["lacks"] is None


def test_a_channel_that_comes_close_is_offered_not_taken(workshop: Any) -> None:
    workshop.settings(CHANNELS)
    asked = workshop.asks("message.post", {"channel": "berlin-ofice", "text": "x"})
    assert (asked.ask, asked.choices) == ("channel", ("berlin-office",))


def test_an_unknown_channel_is_kept_for_when_it_is_set_up(workshop: Any) -> None:
    workshop.settings(CHANNELS)
    made = workshop.deferred("message.post", {"channel": "#kitchen", "text": "the oat milk is mine"})
    assert made.intent.destination == "none:channel:kitchen"
    assert (made.facts["channel"], made.facts["lacks"]) == ("kitchen", "channel")
    check(made.intent)


def test_practice_takes_any_channel_and_tracker(workshop: Any) -> None:
    workshop.settings(PRACTICE)
    made = workshop.deferred("message.post", {"channel": "kitchen", "text": "x"})
    assert (made.intent.destination, made.intent.payload["channel"]) == ("webhook:practice", "kitchen")
    filed = workshop.deferred("issue.create", {"project": "infra", "title": "x"})
    assert (filed.intent.destination, filed.intent.payload["project"]) == ("tracker:practice", "infra")


@pytest.mark.parametrize(("tool", "args"), [
    ("message.post", {"channel": "#", "text": "x"}),
    ("issue.create", {"project": "'#'", "title": "x"}),
])  # fmt: skip
def test_a_name_of_signs_is_no_name(workshop: Any, tool: str, args: dict[str, str]) -> None:
    with pytest.raises(ToolArgumentBad):
        workshop.call(tool, args)


TRACKERS = """
[trackers.web]
kind = "http"
url = "http://127.0.0.1:8080/issues"

[trackers.app]
kind = "github"
project = "carryon/app"
secret = "env:TOKEN"
"""


@pytest.mark.parametrize(
    ("said", "destination", "project"),
    [
        ("web", "tracker:web", "web"),
        ("WEB project", "tracker:web", "web"),
        ("app", "tracker:app", "carryon/app"),
        ("carryon/app", "tracker:app", "carryon/app"),
        ("zephyr-ios", "none:tracker:zephyr-ios", "zephyr-ios"),
    ],
)
def test_trackers(workshop: Any, said: str, destination: str, project: str) -> None:
    workshop.settings(TRACKERS)
    made = workshop.deferred("issue.create", {"project": said, "title": "tooltips\noverlap", "body": "in Arabic"})
    assert made.intent.destination == destination
    assert made.intent.payload == {"project": project, "title": "tooltips overlap", "body": "in Arabic"}
    check(made.intent)


def test_a_long_body_is_sent_whole_and_its_sentence_is_short(workshop: Any) -> None:
    workshop.settings(CHANNELS)
    made = workshop.deferred("message.post", {"channel": "ops", "text": "word " * 10_000})
    assert len(made.intent.payload["text"]) == len("word " * 10_000) - 1
    assert len(made.intent.sentence) < 200
    check(made.intent)


def test_names_are_one_line(workshop: Any) -> None:
    assert plain_name("#ops\r\nX-Evil: 1") == "ops X-Evil: 1"
    assert len(plain_name("x" * 1_000)) == 120
