"""One contract for every transport: the twin, mail, webhook, tracker. Real servers on loopback for the real ones.

`there` is a destination whose faults can be chosen by name and whose effects are counted there.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Protocol

import pytest

from sync.errors import LeaseLostError
from sync.item import Item
from sync.loopback import Fault, Loopback, Script
from sync.transports.outcomes import RejectedError, RetryableError, UncertainError, UnreachableError
from sync.transports.port import Limits, Mode, Transport
from sync.transports.smtp import Smtp, SmtpAccount
from sync.transports.tracker import Tracker
from sync.transports.webhook import Webhook
from tests.sim.mailing import MailServer
from tests.sim.receiving import Receiver, Reply
from tests.unit.sync.items import an_item

LIMITS = Limits(connect_s=2, read_s=2, total_s=4)


class There(Protocol):
    """`transport` to it; `fault` for the next delivery; how often a key took effect."""

    transport: Transport

    def fault(self, name: Fault) -> None: ...
    def times(self, key: str) -> int: ...


@dataclass
class Twin:
    transport: Loopback

    def fault(self, name: Fault) -> None:
        self.transport.faults = replace(self.transport.faults, fixed=(*self.transport.faults.fixed, name))

    def times(self, key: str) -> int:
        return self.transport.times(key)


REPLIES: dict[Fault, Reply] = {
    "none": Reply(),
    "put_off": Reply(503, acts=False),
    "reject": Reply(404, acts=False),
    "lose_request": Reply(acts=False, cut="request"),
    "lose_answer": Reply(cut="answer"),
}


@dataclass
class Http:
    transport: Transport
    receiver: Receiver
    gone: Callable[[], Transport]

    def fault(self, name: Fault) -> None:
        if name == "drop":
            self.transport = self.gone()
        else:
            self.receiver.script.append(REPLIES[name])

    def times(self, key: str) -> int:
        return self.receiver.effects.count(key)


@dataclass
class Mail:
    transport: Transport
    server: MailServer

    def fault(self, name: Fault) -> None:
        if name == "drop":
            self.transport = smtp(1, self.transport.mode)
        else:
            self.server.script.append(name)

    def times(self, key: str) -> int:
        return sum(1 for message in self.server.kept if message["Message-ID"].startswith(f"<{key}@"))


def smtp(port: int, mode: Mode) -> Smtp:
    return Smtp(SmtpAccount("work", "127.0.0.1", port, "none", "me@example.org"), mode=mode, limits=LIMITS)


def http(kind: str, url: str, mode: Mode) -> Transport:
    if kind == "webhook":
        return Webhook("ops", f"{url}/hook", mode=mode, limits=LIMITS)
    return Tracker("web", kind, f"{url}/o/r", mode=mode, limits=LIMITS)  # type: ignore[arg-type]


@pytest.fixture(params=["twin", "mail", "webhook", "http", "github", "gitlab"])
def there(request: pytest.FixtureRequest) -> Iterator[There]:
    kind = request.param
    with ExitStack() as undo:
        if kind == "twin":
            yield Twin(Loopback())
        elif kind == "mail":
            server = undo.enter_context(MailServer(dedupes=True))
            yield Mail(smtp(server.port, "key"), server)
        else:
            receiver = undo.enter_context(Receiver())
            mode: Mode = "query" if kind in ("github", "gitlab") else "key"
            yield Http(http(kind, receiver.url, mode), receiver, lambda: http(kind, "http://127.0.0.1:1", mode))


class Offer:
    """Counts how often it was made, and what had happened there by then."""

    def __init__(self, there: There, key: str) -> None:
        self._there, self._key = there, key
        self.seen: list[int] = []

    def __call__(self) -> None:
        self.seen.append(self._there.times(self._key))


def deliver(there: There, item: Item, fault: Fault = "none") -> Offer:
    there.fault(fault)
    offer = Offer(there, item.idempotency_key)
    there.transport.deliver(item, offer)
    return offer


def test_an_effect_and_a_receipt(there: There) -> None:
    item = an_item()
    offer = Offer(there, item.id)
    receipt = there.transport.deliver(item, offer)
    assert there.times(item.id) == 1
    assert offer.seen == [0], "offered once, before anything happened"
    assert receipt.text
    assert receipt.reference
    assert all(isinstance(value, str) and value for value in receipt.as_facts().values())


def test_nobody_there_is_surely_not_sent(there: There) -> None:
    item = an_item()
    there.fault("drop")
    offer = Offer(there, item.id)
    with pytest.raises(UnreachableError) as caught:
        there.transport.deliver(item, offer)
    assert offer.seen == []
    assert there.times(item.id) == 0
    assert caught.value.what
    assert caught.value.todo


@pytest.mark.parametrize(
    ("fault", "error", "times"),
    [
        ("put_off", RetryableError, 0),
        ("reject", RejectedError, 0),
        ("lose_request", UncertainError, 0),
        ("lose_answer", UncertainError, 1),
    ],
)
def test_each_fault_has_its_meaning(there: There, fault: Fault, error: type[Exception], times: int) -> None:
    item = an_item()
    with pytest.raises(error):
        deliver(there, item, fault)
    assert there.times(item.id) == times


def test_what_may_not_be_offered_is_not_sent(there: There) -> None:
    def refuse() -> None:
        raise LeaseLostError

    item = an_item()
    with pytest.raises(LeaseLostError):
        there.transport.deliver(item, refuse)
    assert there.times(item.id) == 0
    deliver(there, item)
    assert there.times(item.id) == 1, "the transport is not broken by it"


def test_a_repeat_after_a_lost_answer_has_no_second_effect(there: There) -> None:
    item = an_item()
    with pytest.raises(UncertainError):
        deliver(there, item, "lose_answer")
    if there.transport.mode == "query":
        found = there.transport.find(item)
        assert found
        assert found.reference == "7"
        assert there.transport.find(an_item()) is None
    else:
        deliver(there, item)
    assert there.times(item.id) == 1


def test_two_items_are_two_effects(there: There) -> None:
    first, second = an_item(), an_item()
    deliver(there, first)
    deliver(there, second)
    assert (there.times(first.id), there.times(second.id)) == (1, 1)


def test_it_says_what_it_is(there: There) -> None:
    transport = there.transport
    assert transport.name
    assert transport.mode in ("key", "query")
    assert transport.loopback
    assert transport.key_kept_s > 0


def test_a_script_of_chances_is_the_same_for_the_same_seed() -> None:
    def run(seed: int) -> list[str]:
        twin = Loopback(faults=Script.from_seed(seed).drop(0.2).duplicate(0.2).lose_answer(0.2).put_off(0.1, after_s=3))
        ends = []
        for _ in range(50):
            item = an_item()
            try:
                twin.deliver(item, lambda: None)
                ends.append("ok")
            except (UnreachableError, UncertainError, RetryableError) as error:
                ends.append(type(error).__name__)
            assert twin.times(item.id) <= 1
        return ends

    assert run(1) == run(1)
    assert run(1) != run(2)
    assert set(run(1)) == {"ok", "UnreachableError", "UncertainError", "RetryableError"}
