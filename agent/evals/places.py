"""The destinations of a run: practice mailbox, channel and tracker, and one page, served on loopback by the process
that drives the run. A child in a network of its own does not reach them; that is what being away means."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from agent.evals.scene import Addresses

RECEIVED, RECEIVED_MAX = "received.db", 1_000
PAGE = b"<html><head><title>Opening hours</title></head><body><p>We are open from nine to five.</p></body></html>"


class _Page(BaseHTTPRequestHandler):
    timeout = 10

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


def received(folder: Path, text: str) -> list[dict[str, str]]:
    """What arrived with this text in it, newest first; read by anybody who has the folder."""
    from sync.practice import PracticeServer

    found = PracticeServer(folder / RECEIVED).delivered(RECEIVED_MAX)
    return [{"kind": one.kind, "to": one.to, "subject": one.subject, "body": one.body}
            for one in found if text in f"{one.subject}\n{one.body}"]  # fmt: skip


@contextmanager
def served(folder: Path, model: str = "") -> Iterator[Addresses]:
    from sync.practice import PracticeServer

    pages = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    pages.daemon_threads = True
    thread = threading.Thread(target=pages.serve_forever, kwargs={"poll_interval": 0.05}, name="pages", daemon=True)
    thread.start()
    try:
        with PracticeServer(folder / RECEIVED) as practice:
            page = f"http://127.0.0.1:{pages.server_address[1]}"
            yield Addresses(practice.smtp_port, practice.http_url, page, model)
    finally:
        pages.shutdown()
        pages.server_close()
        thread.join()
