"""The scene of every attack: a real profile, a real mail server and a real web server on loopback."""

from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller

from agent.paths import Paths
from tests.flow.person import Mailbox, Post
from tests.injection.scene import Outside, Scene, scene


class _AnyPort(Controller):
    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture(scope="module")
def _post() -> Iterator[Mailbox]:
    post = Post()
    controller = _AnyPort(post, hostname="127.0.0.1", port=0)
    controller.start()
    yield Mailbox(post, controller.port)
    controller.stop()


@pytest.fixture(scope="module")
def _outside() -> Iterator[Outside]:
    outside = Outside()
    yield outside
    outside.close()


@pytest.fixture
def at(paths: Paths, _post: Mailbox, _outside: Outside) -> Iterator[Scene]:
    _post.letters.clear()
    _outside.requests.clear()
    with scene(paths, _outside, _post, paths.data / "inbox") as made:
        yield made
