"""What tests of signing in share: a keyring in memory, a person with a browser, a line with its sign-ins."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx

from agent.agentrc.errors import SecretError
from agent.mcp.handlers import Handlers
from agent.mcp.records import ServerEntry
from agent.mcp.running.line import Line
from agent.mcp.running.sign_in_desk import SignInDesk
from agent.mcp.signing.records import Doorstep
from agent.mcp.signing.sign_ins import SignIns

if TYPE_CHECKING:
    from tests.unit.agent.mcp.conftest import Open

SECONDS_MAX = 20


@dataclass
class Keyring:
    """`gone`: as on a system without one."""

    kept: dict[str, str] = field(default_factory=dict)
    gone: bool = False

    def get(self, name: str) -> str | None:
        self._check()
        return self.kept.get(name)

    def put(self, name: str, secret: str) -> None:
        self._check()
        assert len(secret) <= 1_200, "more than some systems keep"
        if secret:
            self.kept[name] = secret
        else:
            self.kept.pop(name, None)

    def _check(self) -> None:
        if self.gone:
            raise SecretError("This system offers no keyring.")


class Person:
    """Goes where the sign-in shows, as a browser does. `goes`: False, and nothing happens."""

    def __init__(self) -> None:
        self.shown: list[Doorstep] = []
        self.pages: list[httpx.Response] = []
        self.goes = True
        self.before: Callable[[str], None] = lambda _url: None
        self.asked = threading.Event()
        self._going: list[threading.Thread] = []

    def show(self, doorstep: Doorstep) -> None:
        self.shown.append(doorstep)
        self.asked.set()
        if self.goes:
            self._going.append(threading.Thread(target=self.visit, args=(doorstep.url,)))
            self._going[-1].start()

    def read(self) -> httpx.Response:
        """The last page."""
        for visit in self._going:
            visit.join(SECONDS_MAX)
        return self.pages[-1]

    def visit(self, url: str) -> None:
        self.before(url)
        with httpx.Client(follow_redirects=True, trust_env=False) as browser:
            self.pages.append(browser.get(url))


class Home:
    """One profile's keyring, its sign-ins and a way to a server."""

    def __init__(self, url: str, open_line: "Open", keyring: Keyring | None = None, **more: str) -> None:
        self.keyring = keyring or Keyring()
        self.changed: list[str] = []
        self.online = True
        self.entry = ServerEntry("guarded", url=url, timeout_s=5.0, **more)  # type: ignore[arg-type]
        self.sign_ins = SignIns(self.keyring.get, self.keyring.put, self.changed.append)
        self.desk = SignInDesk(self.sign_ins, lambda: self.online, lambda text: f"secret behind {text}")
        self.person = Person()
        self._open = open_line
        self._lines: list[Line] = []

    def line(self) -> Line:
        """A new one, as after a start."""
        self._lines.append(self._open(self.entry, Handlers(sign_ins=self.sign_ins, allows=lambda: self.online)))
        return self._lines[-1]

    def sign_in(self, within_s: float = 20.0, cancel: threading.Event | None = None) -> None:
        self.desk.sign_in(self.entry, self.person.show, cancel, within_s)

    def elsewhere(self) -> "Home":
        """Another process of the same user."""
        return Home(self.entry.url, self._open, self.keyring)


def added(home: Home) -> str:
    """A call over a new line."""
    return home.line().call("add", {"one": 1, "other": 2}).text
