"""The story in the window: type, queue offline, reset, undo, reconnect, receipt, edit the dotfile."""

from pathlib import Path

from tests.flow.person import Mailbox
from tests.journey.person import Person

STORY = "email Dana that the contract is signed, and remind me on Friday to invoice her"


def test_the_story(person: Person, agentrc: Path, mailbox: Mailbox) -> None:
    person.press("welcomeSkip")
    person.press("status-network")
    person.reads("Offline")

    person.say(STORY)
    person.reads("Waiting for your approval")
    person.reads("invoice her")
    person.press("cardAction-approve")
    person.reads("Queued until online")
    assert not mailbox.letters

    person.press("reset")
    person.see("resetSheet")
    person.press("resetConfirm")
    person.until(lambda: STORY not in person.read(), "the thread to go")
    person.reads("1 waiting")
    person.press("undo")
    person.reads(STORY)

    person.press("status-network")
    person.until(lambda: len(mailbox.letters) == 1, "the letter to arrive")
    assert mailbox.letters[0]["To"] == "dana@example.org"
    person.reads("Delivered")

    person.say("remind me to water the plants tomorrow")
    person.reads("I added")
    agentrc.write_text(agentrc.read_text().replace("schema = 1", 'schema = 1\ntone = "terse"'))
    person.press("rail-settings")
    person.reads("terse")
    person.press("rail-chat")
    person.say("remind me to feed the cat tomorrow")
    person.reads("Reminder: feed the cat")
    assert len(mailbox.letters) == 1


def test_the_library_outlives_the_thread(person: Person) -> None:
    person.press("welcomeSkip")
    person.say("note that the spare key is under the third pot")
    person.reads("I wrote the note")
    person.press("reset")
    person.press("resetConfirm")
    person.press("rail-library")
    person.reads("spare key")


def test_first_run_offers_practice_and_it_delivers(person: Person) -> None:
    person.press("welcomePractice")
    person.see("welcomePracticeReady")
    person.press("welcomeSkip")
    person.say("email sam@example.org that we start at nine")
    person.press("cardAction-approve")
    person.reads("Delivered")
    person.press("rail-outbox")
    person.reads("we start at nine")
