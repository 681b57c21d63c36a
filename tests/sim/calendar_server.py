"""A real CalDAV and WebDAV server on loopback: Radicale, in a process of its own (its licence keeps it out of ours)."""

import http.client
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

STARTS_WITHIN_S = 30


class CalendarServer:
    """`password`: of the user "me"; without one nobody is asked. `url`: of the calendar "work"."""

    def __init__(self, folder: Path, password: str | None = None) -> None:
        self._folder = folder
        self._password = password
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}/me/work/"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "CalendarServer":
        self._folder.mkdir(parents=True, exist_ok=True)
        options = ["--config", "", "--server-hosts", f"127.0.0.1:{self.port}", "--logging-level", "critical"]
        options += ["--storage-filesystem-folder", str(self._folder / "collections"), "--auth-delay", "0"]
        if self._password:
            users = self._folder / "users"
            users.write_text(f"me:{self._password}\n")
            options += ["--auth-type", "htpasswd", "--auth-htpasswd-filename", str(users)]
            options += ["--auth-htpasswd-encryption", "plain"]
        else:
            options += ["--auth-type", "none"]
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen([sys.executable, "-m", "radicale", *options], stdout=log, stderr=log)
        self._wait()
        self.empty()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.wait(10)

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
        """As another client of the same person would."""
        import base64

        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        login = base64.b64encode(f"me:{self._password or ''}".encode()).decode()
        try:
            connection.request(method, path, body, {"Authorization": f"Basic {login}", **headers})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def empty(self) -> None:
        """A new calendar in the old one's place."""
        self.ask("DELETE", "/me/work/")
        assert self.ask("MKCALENDAR", "/me/work/")[0] == 201

    def put_in(self, uid: str, title: str, starts: str, ends: str, more: str = "") -> None:
        """An appointment from elsewhere; times as iCalendar writes them."""
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//other//EN", "BEGIN:VEVENT", f"UID:{uid}"]
        lines += ["DTSTAMP:20260101T000000Z", f"SUMMARY:{title}", f"DTSTART{starts}", f"DTEND{ends}"]
        lines += [line for line in more.split("\n") if line] + ["END:VEVENT", "END:VCALENDAR", ""]
        status, said = self.ask("PUT", f"/me/work/{uid}.ics", "\r\n".join(lines).encode())
        assert status in (201, 204), said

    def kept(self) -> list[str]:
        """The texts of all appointments, as they lie on its disk."""
        files = (self._folder / "collections").rglob("*.ics")
        return [path.read_text("utf-8") for path in files if ".Radicale" not in str(path.relative_to(self._folder))]

    def _wait(self) -> None:
        assert self._process is not None
        until = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < until:
            assert self._process.poll() is None, (self._folder / "log").read_text()
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError("it did not start")
