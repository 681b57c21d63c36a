"""Real destinations at the end of a bad road (lossy.py): for each transport a server, a transport towards it and what
took effect there."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sync.transports.git import Clone, GitPush
from sync.transports.port import Limits, Mode, Transport
from sync.transports.smtp import Smtp, SmtpAccount
from sync.transports.tracker import Tracker
from sync.transports.webhook import Webhook
from tests.sim.lossy import Lossy
from tests.sim.mailing import MailServer
from tests.sim.receiving import Receiver
from tests.sim.repositories import GitServer, bare, cloned, commit, git

LIMITS = Limits(connect_s=1, read_s=1, total_s=2.5)


@dataclass(frozen=True)
class End:
    """`make`: the transport as settings would make it, with these limits. `effects`: the keys that took effect; of a
    repository the commits at the ends of its branches."""

    name: str
    mode: Mode
    road: Lossy
    make: Callable[[Limits | None], Transport]
    effects: Callable[[], list[str]]


@contextmanager
def smtp() -> Iterator[End]:
    with MailServer() as server, Lossy("127.0.0.1", server.port, mail=True) as road:
        account = SmtpAccount("work", "127.0.0.1", road.port, "none", "me@example.org")

        def effects() -> list[str]:
            return [str(message["Message-ID"]).strip("<>").partition("@")[0] for message in server.kept]

        yield End("smtp:work", "none", road, lambda limits: Smtp(account, limits=limits), effects)


@contextmanager
def webhook(mode: Mode = "none") -> Iterator[End]:
    with Receiver(dedupes=mode == "key") as server, Lossy("127.0.0.1", server.port) as road:

        def make(limits: Limits | None) -> Transport:
            return Webhook("ops", f"http://127.0.0.1:{road.port}/in", mode=mode, limits=limits)

        yield End("webhook:ops", mode, road, make, lambda: list(server.effects))


@contextmanager
def webhook_with_key() -> Iterator[End]:
    with webhook("key") as end:
        yield end


@contextmanager
def tracker() -> Iterator[End]:
    with Receiver(dedupes=False) as server, Lossy("127.0.0.1", server.port) as road:

        def make(limits: Limits | None) -> Transport:
            return Tracker("web", "github", f"http://127.0.0.1:{road.port}/repos/o/r", limits=limits)

        yield End("tracker:web", "query", road, make, lambda: list(server.effects))


@contextmanager
def repository(folder: Path) -> Iterator[tuple[End, str]]:
    """And the commit that is to be pushed to it; git itself speaks over the road."""
    there = bare(folder / "there.git")
    with GitServer(folder) as server, Lossy("127.0.0.1", server.port) as road:
        clone = cloned(f"http://127.0.0.1:{road.port}/{there.name}", folder / "clone")
        made = commit(clone, "contract.txt", "signed", "The contract is signed")

        def make(limits: Limits | None) -> Transport:
            return GitPush(Clone("site", clone), limits=limits, push_s=limits.total_s if limits else 8.0)

        def effects() -> list[str]:
            return git(there, "for-each-ref", "--format=%(objectname)").split()

        yield End("git:site", "query", road, make, effects), made


ENDS: Mapping[str, Callable[[], "contextmanager[End]"]] = {  # type: ignore[type-arg]
    "smtp/none": smtp,
    "webhook/none": webhook,
    "webhook/key": webhook_with_key,
    "tracker/query": tracker,
}
