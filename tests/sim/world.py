"""The destination of a sweep, in a process of its own, and fresh profiles whose items are meant for it."""

import email
import json
import os
import shutil
import signal
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sync.transports.port import Limits, Mode, Transport
from sync.transports.smtp import Smtp, SmtpAccount
from sync.transports.tracker import Tracker
from sync.transports.webhook import Webhook
from tests.any_port import AnyPort
from tests.sim.profiles import create
from tests.sim.receiving import Receiver


@dataclass
class World:
    """One destination for all deaths; a fresh profile for each."""

    folder: Path
    kind: str
    url: str = ""
    template: Path = field(init=False)
    effects: Path = field(init=False)
    receiver: int = 0

    def __post_init__(self) -> None:
        self.template = self.folder / "template.db"
        self.effects = self.folder / "effects"
        connection = create(self.template)
        connection.execute("CREATE TABLE call (id TEXT)")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        self.effects.touch()
        self._serve()

    @property
    def deduping(self) -> bool:
        return self.kind == "deduping"

    @property
    def exact(self) -> bool:
        """Whether exactly once can be promised there."""
        return self.kind in ("deduping", "asking")

    @property
    def mode(self) -> Mode:
        return "query" if self.kind == "asking" else "key" if self.kind in ("deduping", "lying") else "none"

    def transport(self, destination: str, now: float, query: str) -> Transport:
        limits = Limits(5, 5, 10)
        if self.kind == "mail":
            account = SmtpAccount("work", "127.0.0.1", int(self.url), "none", "me@example.org")
            return Smtp(account, mode=self.mode, limits=limits)
        if self.kind == "asking":
            return Tracker("web", "github", f"{self.url}/o/r", limits=limits, clock=lambda: now)
        url = f"{self.url}/{destination}" + query.replace("PID", str(os.getpid()))
        return Webhook("ops", url, mode=self.mode, limits=limits, clock=lambda: now)

    def profile(self) -> Path:
        path = Path(tempfile.mkdtemp(dir=self.folder)) / "profile.db"
        shutil.copy(self.template, path)
        return path

    def happened(self) -> Counter[str]:
        return Counter(json.loads(line)[0] for line in self.effects.read_text().splitlines())

    def _serve(self) -> None:
        reading, writing = os.pipe()
        self.receiver = os.fork()
        if not self.receiver:
            if self.kind == "mail":
                os.write(writing, str(open_sink(self.effects)).encode())
                signal.pause()
            with Receiver(dedupes=self.deduping, log=self.effects) as receiver:
                os.write(writing, receiver.url.encode())
                signal.pause()
        os.close(writing)
        self.url = os.read(reading, 200).decode()
        os.close(reading)


def open_sink(effects: Path) -> int:
    """A mail server on loopback that keeps whatever it accepts, as often as it comes; its port."""

    class Keeper:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            message = email.message_from_bytes(envelope.content)
            key = str(message["Message-ID"]).strip("<>").partition("@")[0]
            with effects.open("a") as file:
                file.write(json.dumps([key, str(message["Subject"])]) + "\n")
            return "250 2.0.0 OK"

    sink = AnyPort(Keeper())
    sink.start()
    return int(sink.port)
