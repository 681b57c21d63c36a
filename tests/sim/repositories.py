"""Repositories for the pushes: a bare one, served over loopback HTTP by git's own program, and clones of it."""

import os
import shutil
import subprocess
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from tests.local_http import LocalHttp

CLEAN = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), "-c", "user.name=Me", "-c", "user.email=me@example.org", *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **CLEAN})
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


def bare(folder: Path) -> Path:
    folder.mkdir(parents=True)
    git(folder, "init", "--bare", "--initial-branch=main", ".")
    git(folder, "config", "http.receivepack", "true")
    return folder


def cloned(origin: str, folder: Path) -> Path:
    folder.mkdir(parents=True)
    git(folder, "init", "--initial-branch=main", ".")
    git(folder, "remote", "add", "origin", origin)
    return folder


def commit(folder: Path, name: str, text: str, message: str) -> str:
    (folder / name).write_text(text)
    git(folder, "add", name)
    git(folder, "commit", "-m", message)
    return git(folder, "rev-parse", "HEAD")


def has_http_backend() -> bool:
    found = shutil.which("git")
    if not found:
        return False
    folder = subprocess.run(["git", "--exec-path"], capture_output=True, text=True, check=True).stdout.strip()
    return (Path(folder) / "git-http-backend").exists()


class GitServer(LocalHttp):
    """Serves every repository below `folder`. `login`: what is wanted in the Authorization header."""

    def __init__(self, folder: Path, login: str = "", handler: "type[Cgi] | None" = None) -> None:
        class Handler(handler or Cgi):  # type: ignore[misc]  # a class of its own, whose fields are this server's
            pass

        Handler.root, Handler.login = folder, login
        super().__init__(Handler)


class Cgi(BaseHTTPRequestHandler):
    root: Path
    login: str

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        self._serve(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    def _serve(self, body: bytes) -> None:
        if self.login and self.headers.get("Authorization") != self.login:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="git"')
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self.send(*self.run(body))

    def run(self, body: bytes) -> tuple[dict[str, str], bytes]:
        """The answer of git's own program: its fields, among them Status, and its content."""
        path, _, query = self.path.partition("?")
        environment = {
            **os.environ, **CLEAN, "GIT_PROJECT_ROOT": str(self.root), "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path,
            "QUERY_STRING": query, "REQUEST_METHOD": self.command, "REMOTE_USER": "me",
            "CONTENT_TYPE": self.headers.get("Content-Type", ""), "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }  # fmt: skip
        ran = subprocess.run(["git", "http-backend"], input=body, capture_output=True, env=environment, check=False)
        head, _, content = ran.stdout.partition(b"\r\n\r\n")
        return dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line), content

    def send(self, fields: dict[str, str], content: bytes) -> None:
        self.send_response(int(fields.pop("Status", "200").split()[0]))
        for name, value in fields.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        pass
