"""A real WebDAV server on loopback: WsgiDAV, in a process of its own, over a folder."""

import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

STARTS_WITHIN_S = 30
_SERVE = """
import sys
from cheroot.wsgi import Server
from wsgidav.wsgidav_app import WsgiDAVApp

app = WsgiDAVApp({
    "provider_mapping": {"/": sys.argv[1]}, "simple_dc": {"user_mapping": {"*": {"me": {"password": "pw"}}}},
    "http_authenticator": {"accept_basic": True, "accept_digest": False, "default_to_digest": False},
    "verbose": 0, "logging": {"enable": False},
})
Server(("127.0.0.1", int(sys.argv[2])), app).start()
"""


class FileServer:
    """`folder` is what it serves, to the user "me" with the password "pw"."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "FileServer":
        self.folder.mkdir(parents=True, exist_ok=True)
        log = self.folder.parent / f"{self.folder.name}.log"
        with log.open("wb") as file:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _SERVE, str(self.folder), str(self.port)], stdout=file, stderr=file
            )
        until = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < until:
            assert self._process.poll() is None, log.read_text()
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return self
        raise AssertionError("it did not start")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.wait(10)
