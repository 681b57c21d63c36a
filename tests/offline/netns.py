"""Run a command in a network of its own: `python -m tests.offline.netns KIND FOLDER -- COMMAND …`.

    none        loopback and nothing else
    black hole  one more interface with a default route and a name server, and whatever goes there is dropped
    portal      the same, but a captive portal is at the other end: it answers every name with its own address, every
                HTTP request with a redirect to its sign-in page, and TLS with a certificate that nobody trusts

Needs Linux with unprivileged user namespaces, and `ip`. What leaves by the other interface is counted there, not by
the process under test: FOLDER/packets.jsonl has a line for each packet. FOLDER/open opens the portal: from then on the
same address is the true destination (FOLDER/received.jsonl has what it took).
"""

import os
import shutil
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

KINDS = ("none", "black hole", "portal")
HERE, THERE = "10.77.0.2", "10.77.0.1"
PACKETS_MAX = 10_000


@cache
def why_not() -> str:
    """Why it cannot be done on this machine; "" when it can."""
    if not sys.platform.startswith("linux"):
        return "network namespaces are Linux's"
    for needed in ("unshare", "ip"):
        if shutil.which(needed) is None and not Path(f"/usr/sbin/{needed}").exists():
            return f"there is no `{needed}` here"
    tried = subprocess.run(
        ["unshare", "-rnm", "ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1"],
        capture_output=True, text=True, check=False, env=_with_sbin(),
    )  # fmt: skip
    return f"namespaces are not allowed here: {tried.stderr.strip()}" if tried.returncode else ""


def command(kind: str, folder: Path, *words: str) -> list[str]:
    return ["unshare", "-rnm", sys.executable, "-m", "tests.offline.netns", kind, str(folder), "--", *words]


def main() -> None:
    kind, folder = sys.argv[1], Path(sys.argv[2])
    ip("link", "set", "lo", "up")
    others: list[subprocess.Popen[bytes]] = []
    if kind != "none":
        others = _wire(kind, folder)
    try:
        code = subprocess.run(sys.argv[4:], check=False).returncode
        time.sleep(0.3)  # what is still on its way is counted too
    finally:
        for other in others:
            other.kill()
            other.wait()
    sys.exit(code)


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, env=_with_sbin())


def _with_sbin() -> dict[str, str]:
    return {**os.environ, "PATH": f"/usr/sbin{os.pathsep}{os.environ.get('PATH', '')}"}


def _wire(kind: str, folder: Path) -> "list[subprocess.Popen[bytes]]":
    """A cable whose other end is in a network of its own."""
    ip("link", "add", "v0", "type", "veth", "peer", "name", "v1")
    far = subprocess.Popen(
        ["unshare", "-n", sys.executable, "-m", "tests.offline.netns_end", kind, str(folder)], stdout=subprocess.PIPE
    )
    assert far.stdout is not None
    far.stdout.readline()  # it is in its own network
    ip("link", "set", "v1", "netns", str(far.pid))
    ip("link", "set", "v0", "addrgenmode", "none", "address", "02:00:00:00:00:02")
    ip("addr", "add", f"{HERE}/24", "dev", "v0")
    ip("link", "set", "v0", "up")
    ip("neigh", "replace", THERE, "lladdr", "02:00:00:00:00:01", "dev", "v0", "nud", "permanent")
    ip("route", "add", "default", "via", THERE)
    far.stdout.readline()  # it counts
    names = folder / "resolv.conf"
    names.write_text(f"nameserver {THERE}\noptions timeout:2 attempts:2\n")
    target = Path("/etc/resolv.conf").resolve()
    subprocess.run(["mount", "--bind", str(names), str(target)], check=True)
    return [far]


if __name__ == "__main__":
    main()
