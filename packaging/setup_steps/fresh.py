"""The proof: a minimal Debian with python3, make and git, and in it what a newcomer does. `make fresh`, as root.

The commit at HEAD is cloned into the made system. There, an ordinary user is told the exact command; root runs
`make run`; then the network is taken away, and `make run` and tests must work without it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from setup_steps.errors import SetupError, UnsupportedError
from setup_steps.mirror import Mirror, for_suite, host_mirror
from setup_steps.needs import Kind, Need, sight_here
from setup_steps.permission import Provider, rights_here
from setup_steps.places import Places
from setup_steps.step import Step
from setup_steps.system import read_os_release, this_system
from setup_steps.talk import Talk, minutes

ENTER = Path(__file__).with_name("enter.py")  # run, not imported: it only loads on Linux
CHECKOUT_INSIDE = "/home/carryon"
NOBODY = 65534
MAKER = Need(Kind.PROGRAM, "mmdebstrap", "making a minimal Debian", "mmdebstrap")
QUICK_TESTS = "tests/unit/packaging tests/floors tests/flow"
TOLD_TO_INSTALL = "sudo apt-get install"


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that a newcomer does there, and what must come of it."""

    title: str
    argv: tuple[str, ...]
    offline: bool = False
    user: int = 0
    code: int = 0
    says: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)


def acts(*, whole: bool) -> tuple[Act, ...]:
    setup = ("python3", "packaging/bootstrap.py", "setup")
    tests = () if whole else (f"ARGS={QUICK_TESTS}",)
    return (
        Act(
            "An ordinary user is told the exact command",
            setup,
            user=NOBODY,
            code=3,
            says=TOLD_TO_INSTALL,
            environment={"CARRYON_SETUP_CACHE": "/tmp/cache-of-nobody"},
        ),
        Act("make run, the first time", ("make", "run")),
        Act("The tools for the checks are added", (*setup, "--dev")),
        Act("make run without any network", ("make", "run"), offline=True),
        Act("make test without any network", ("make", "test", *tests), offline=True),
    )


def prove(places: Places, talk: Talk, options: argparse.Namespace, *, yes: bool) -> int:
    """Returns 0 when every act came out as it must, 1 otherwise. Raises SetupError where nothing can be proved."""
    demand_root()
    Provider(this_system(), rights_here(yes=yes), talk, places.logs, sight_here()).provide((MAKER,))
    with made_folder(talk, keep=options.keep) as folder:
        mirror = host_mirror()
        root = make_system(folder, mirror, options.suite, places, talk)
        clone(places, root)
        if options.reuse:
            shutil.copytree(places.wheels, root / "root/.cache/carryon/wheels")
        outcomes = [play(act, root, mirror, talk) for act in acts(whole=options.whole)]
    talk.line("\nIn a fresh system")
    for act, passed, seconds in outcomes:
        talk.line(f"  {'passed' if passed else 'FAILED'}  {minutes(seconds):>7}  {act.title}")
    return 0 if all(passed for _, passed, _ in outcomes) else 1


def demand_root() -> None:
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        raise UnsupportedError(
            "Making a system of its own needs root on Linux.", where=sys.platform, do="Run: sudo make fresh"
        )


@contextmanager
def made_folder(talk: Talk, *, keep: bool) -> Iterator[Path]:
    """A folder for the made system, removed at the end, but never while something is mounted in it."""
    folder = Path(tempfile.mkdtemp(prefix="carryon-fresh-", dir=os.environ.get("TMPDIR", "/var/tmp")))
    try:
        yield folder
    finally:
        if keep:
            talk.line(f"Kept: {folder}")
        else:
            remove(folder)


def remove(folder: Path) -> None:
    table = Path("/proc/self/mountinfo").read_text(encoding="utf-8")
    if inside := mounts_below(folder, table):
        raise SetupError(
            f"{len(inside)} mounts lie in the made system, so it is not removed.",
            where=", ".join(inside),
            do="Unmount them, then remove the folder.",
        )
    shutil.rmtree(folder)


def mounts_below(folder: Path, mountinfo: str) -> tuple[str, ...]:
    """The mount points at or below a folder, from the text of /proc/self/mountinfo."""
    points = (line.split()[4] for line in mountinfo.splitlines() if len(line.split()) > 4)
    return tuple(point for point in points if point == str(folder) or point.startswith(f"{folder}/"))


def make_system(folder: Path, mirror: Mirror, suite: str, places: Places, talk: Talk) -> Path:
    """A root folder with the smallest Debian that has python3, make and git."""
    own = read_os_release(Path("/")).get("VERSION_CODENAME", "")
    wanted = suite or own or "stable"
    root, options, sources = folder / "root", folder / "apt.conf", folder / "apt.sources"
    argv: list[str | Path] = ["mmdebstrap", "--mode=root", "--variant=minbase", "--include=python3,make,git"]
    if mirror.apt_options:
        options.write_text(mirror.apt_options, encoding="utf-8")
        argv.append(f"--aptopt={options}")
    argv += [wanted, root]
    if mirror.apt_sources:
        sources.write_text(for_suite(mirror.apt_sources, own, wanted), encoding="utf-8")
        argv.append(sources)
    Step(f"Making a minimal system ({wanted})", argv, places.logs / "fresh-system.log").run(talk)
    for name in ("etc/resolv.conf", "etc/hosts"):
        shutil.copyfile(f"/{name}", root / name)
    mirror.write_files(root)
    return root


def clone(places: Places, root: Path) -> None:
    """The committed state of this checkout, as a newcomer would get it."""
    target = root / CHECKOUT_INSIDE.lstrip("/")
    source = f"file://{places.root}"
    subprocess.run(["git", "clone", "--quiet", "--depth", "1", source, str(target)], check=True)


def play(act: Act, root: Path, mirror: Mirror, talk: Talk) -> tuple[Act, bool, float]:
    """Plays one act; what is said there goes on to the reader."""
    talk.line(f"\n━━ {act.title}: {' '.join(act.argv)}")
    started = time.monotonic()
    code, said = inside(root, act, mirror)
    passed = code == act.code and act.says in said
    if not passed:
        talk.line(f"Expected code {act.code}" + (f" and the words {act.says!r}" if act.says else "") + f", got {code}.")
    return act, passed, time.monotonic() - started


def inside(root: Path, act: Act, mirror: Mirror) -> tuple[int, str]:
    """Runs an act's command in the made system; returns its code and what it said."""
    request = {
        "root": str(root),
        "binds": [str(path) for path in mirror.folders],
        "offline": act.offline,
        "user": act.user,
        "cwd": CHECKOUT_INSIDE,
        "environment": {**inner_environment(act, mirror), **act.environment},
        "argv": list(act.argv),
    }
    spaces = ["unshare", "--mount", "--pid", "--fork", "--kill-child", *(["--net"] if act.offline else [])]
    argv = [*spaces, sys.executable, str(ENTER), json.dumps(request)]
    return shown(argv)


def inner_environment(act: Act, mirror: Mirror) -> dict[str, str]:
    """A newcomer's plain environment, with the host's way to the network unless there is to be none."""
    plain = {"HOME": "/root" if not act.user else "/tmp", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TERM": "dumb"}
    return plain if act.offline else {**plain, **mirror.environment}


def shown(argv: Sequence[str]) -> tuple[int, str]:
    """Runs a command, passes on what it says as it comes, and returns that too."""
    said: list[str] = []
    with subprocess.Popen(
        argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                sys.stderr.write(line)
                said.append(line)
        except BaseException:
            process.kill()  # and with it, by --kill-child, everything that runs inside
            raise
    return process.returncode, "".join(said)
