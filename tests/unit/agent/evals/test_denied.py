"""A process that was denied the network has none, whatever its code believes; sockets within the machine go on."""

import subprocess
import sys

SPEAKS = """
import socket
from agent.evals.denied import DeniedError, deny

tried = deny()
mine, other = socket.socketpair()
mine.sendall(b"here"); assert other.recv(4) == b"here"
for attempt in (
    lambda: socket.create_connection(("127.0.0.1", 9), 1),
    lambda: socket.create_connection(("192.0.2.1", 80), 1),
    lambda: socket.getaddrinfo("hooks.example.org", 443),
    lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 53)),
):
    try:
        attempt()
    except DeniedError:
        continue
    raise SystemExit("it was let through")
print("\\n".join(tried))
"""


def test_every_address_is_refused_and_written_down() -> None:
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", SPEAKS], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "192.0.2.1" in done.stdout
    assert "hooks.example.org" in done.stdout
    assert len(done.stdout.splitlines()) == 4
