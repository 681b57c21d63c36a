"""The other end of the cable (netns.py): counts what comes, and plays the captive portal."""

import json
import socket
import struct
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.offline.netns import PACKETS_MAX, THERE, ip
from tests.unit.sync.certificates import self_signed

PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp"}
IPV4 = 0x0800


def main() -> None:
    kind, folder = sys.argv[1], Path(sys.argv[2])
    print("here", flush=True)
    _wait_for("v1")
    ip("link", "set", "lo", "up")
    ip("link", "set", "v1", "addrgenmode", "none", "address", "02:00:00:00:00:01")
    ip("link", "set", "v1", "up")
    counter = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    counter.bind(("v1", 3))
    if kind == "portal":
        ip("addr", "add", f"{THERE}/24", "dev", "v1")
        ip("route", "add", "local", "0.0.0.0/0", "dev", "lo")  # every address is this one
        _play_the_portal(folder)
    print("counting", flush=True)
    _count(counter, folder / "packets.jsonl")


def _wait_for(interface: str) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if interface in (name for _, name in socket.if_nameindex()):
            return
        time.sleep(0.01)
    raise SystemExit(f"{interface} never came")


def _count(counter: socket.socket, file: Path) -> None:
    with file.open("a") as out:
        for _ in range(PACKETS_MAX):
            frame, address = counter.recvfrom(65_535)
            if address[2] == socket.PACKET_OUTGOING:  # our own
                continue
            out.write(json.dumps(_read(frame)) + "\n")
            out.flush()


def _read(frame: bytes) -> dict[str, object]:
    kind = struct.unpack("!H", frame[12:14])[0]
    if kind != IPV4:
        return {"kind": hex(kind)}
    head = (frame[14] & 15) * 4
    protocol, to = frame[23], socket.inet_ntoa(frame[30:34])
    ports = struct.unpack("!HH", frame[14 + head : 18 + head]) if protocol in (6, 17) else (0, 0)
    rest = frame[18 + head :]
    return {"kind": PROTOCOLS.get(protocol, str(protocol)), "to": to, "port": ports[1],
            "text": rest.decode("latin-1", "replace")}  # fmt: skip


def _play_the_portal(folder: Path) -> None:
    threading.Thread(target=_names, daemon=True).start()
    for port, tls in ((80, False), (443, True)):
        server = ThreadingHTTPServer(("0.0.0.0", port), _handler(folder))
        server.daemon_threads = True
        if tls:
            context = self_signed(folder / "portal.pem")
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, daemon=True).start()


def _names() -> None:
    """Every name is here."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("0.0.0.0", 53))
    while True:
        asked, who = server.recvfrom(2_000)
        end = asked.index(b"\0", 12) + 5
        question, kind = asked[12:end], asked[end - 4 : end - 2]
        answers = 1 if kind == b"\0\1" else 0
        answer = asked[:2] + b"\x81\x80" + struct.pack("!HHHH", 1, answers, 0, 0) + question
        if answers:
            answer += b"\xc0\x0c\0\1\0\1" + struct.pack("!IH", 60, 4) + socket.inet_aton(THERE)
        server.sendto(answer, who)


def _handler(folder: Path) -> type[BaseHTTPRequestHandler]:
    class Portal(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

        def _answer(self, body: bytes) -> None:
            opened = (folder / "open").exists()
            name = "received.jsonl" if opened else "portal.jsonl"
            with (folder / name).open("a") as out:
                seen = {"host": self.headers.get("Host"), "key": self.headers.get("Idempotency-Key"),
                        "body": body.decode("utf-8", "replace")}  # fmt: skip
                out.write(json.dumps(seen) + "\n")
            self.send_response(201 if opened else 302)
            if not opened:
                self.send_header("Location", "http://portal.invalid/sign-in")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    return Portal


if __name__ == "__main__":
    main()
