"""The soak's repository: served by git's own program, and each branch that it took is an effect in the book."""

import re
import time
from pathlib import Path
from typing import ClassVar

import psutil

from tests.sim.book import Book
from tests.sim.repositories import Cgi, GitServer, bare, cloned, commit, has_http_backend

LANE = "git/query"
TAKEN = re.compile(rb"ok refs/heads/([\w-]+)\n")
ENDS_S = 10.0


def branch(text: str) -> str:
    return text.replace(" ", "-")


class Counted(Cgi):
    book: ClassVar[Book]

    def _serve(self, body: bytes) -> None:
        if self.command != "POST" or "git-receive-pack" not in self.path:
            return super()._serve(body)
        self.book.order.passes("before")
        fields, content = self.run(body)
        for name in TAKEN.findall(content):
            self.book.act(LANE, name.decode().replace("-", " "), "")
        self.book.order.passes("after")
        self.wfile.write(b"HTTP/1.0 ")
        self.book.order.passes("answering")
        rest = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if name != "Status")
        self.wfile.write(f"{fields.get('Status', '200 OK')}\r\n{rest}\r\n".encode() + content)
        return None


def clone(folder: Path) -> Path:
    return folder / "clone"


def served(folder: Path, book: Book) -> str:
    """The address of a new repository, in the process that asks for it; "" where git cannot serve one."""
    if not has_http_backend():
        return ""
    bare(folder / "served" / "origin.git")
    Counted.book = book
    server = GitServer(folder / "served", handler=Counted)
    server.start()
    return f"{server.url}/origin.git"


def cloned_from(folder: Path, repository: str) -> str:
    """A clone, and the one commit in it that every branch is pushed with."""
    return commit(cloned(repository, clone(folder)), "a.txt", "a", "first") if repository else ""


def quiet(folder: Path) -> None:
    """Until no push goes on in the clone: it outlives the process that began it."""
    until = time.monotonic() + ENDS_S
    while any(str(clone(folder)) in (one.info["cmdline"] or ()) for one in psutil.process_iter(["cmdline"])):
        assert time.monotonic() < until, "a push does not end"
        time.sleep(0.005)
