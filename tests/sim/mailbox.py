"""A real mailbox (IMAP) in a process of its own, and filing in it what a provider has sent."""

import imaplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

USER, SECRET = "demouser", "demopass"
BEGINS_S = 30


@contextmanager
def mailbox(log: Path) -> Iterator[int]:
    """Its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    start = "from pymap.main import main; main()"
    options = ["--host", "127.0.0.1", "--port", str(port), "--no-tls", "dict", "--demo-data"]
    with log.open("wb") as file:
        process = subprocess.Popen([sys.executable, "-c", start, *options], stdout=file, stderr=file)
    try:
        _wait(process, port, log)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    until = time.monotonic() + BEGINS_S
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text()
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("it did not start")


def put_in(port: int, message: bytes, folder: str = "Sent") -> None:
    """As the provider does when it has sent it."""
    with imaplib.IMAP4("127.0.0.1", port, timeout=5) as box:
        box.login(USER, SECRET)
        box.create(f'"{folder}"')
        assert box.append(f'"{folder}"', "", imaplib.Time2Internaldate(time.time()), message)[0] == "OK"
