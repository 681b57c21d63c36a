"""Whose process is surely gone: what a power cut left behind, too; in any doubt nobody's is."""

import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from sync import owner as module
from sync.owner import is_gone, is_there, new_owner

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere a boot has no name")


def moved(owner: str, **changes: str) -> str:
    place, rest = owner.split("/", 1)
    node, boot, namespace = place.rsplit("~", 2)
    parts = {"node": node, "boot": boot, "namespace": namespace} | changes
    return f"{parts['node']}~{parts['boot']}~{parts['namespace']}/{rest}"


def test_this_process_is_there() -> None:
    assert not is_gone(new_owner())


@linux
def test_after_a_restart_of_this_machine_everybody_from_before_is_gone() -> None:
    before = moved(new_owner(), boot="11111111-2222-3333-4444-555555555555")
    assert is_gone(before), "its process number may be anybody's by now"
    assert is_gone(moved(before, namespace="pid:[1]"))


@linux
@pytest.mark.parametrize("changes", [{"node": "another"}, {"namespace": "pid:[1]"}, {"boot": ""}])
def test_of_other_machines_and_other_namespaces_nothing_is_known(changes: dict[str, str]) -> None:
    assert not is_gone(moved(new_owner(), **changes))


@pytest.mark.parametrize("owner", ["", "x", "a/b", "~/1/2/3", "a~b/1/1.00/x", "one/two/three/four"])
def test_what_is_no_owner_is_not_gone(owner: str) -> None:
    assert not is_gone(owner)


def renamed(owner: str, pid: int, began: str = "") -> str:
    """The same for another process, by what is told of it here."""
    place, _, _, word = owner.split("/")
    return f"{place}/{pid}/{began or module._began(pid)}/{word}"


@pytest.fixture
def other() -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


@linux
def test_a_clock_that_is_set_ends_nobody(monkeypatch: pytest.MonkeyPatch, other: "subprocess.Popen[bytes]") -> None:
    """The kernel tells the time of the boot anew when its clock is set, and psutil adds that."""
    mine, theirs = new_owner(), renamed(new_owner(), other.pid)
    boot, began = psutil.boot_time(), psutil.Process(other.pid).create_time()
    monkeypatch.setattr("psutil._pslinux.boot_time", lambda: boot + 1)
    assert psutil.Process(other.pid).create_time() > began
    assert (is_there(mine), is_there(theirs)) == (True, True)


@linux
def test_a_process_that_ended_is_gone(other: "subprocess.Popen[bytes]") -> None:
    theirs = renamed(new_owner(), other.pid)
    other.kill()
    other.wait()
    assert is_there(theirs) is False
    assert is_there(renamed(new_owner(), other.pid, "1764.00")) is False, "whatever the form of its name"


@linux
def test_an_owner_of_an_older_carryon_is_judged_by_time(other: "subprocess.Popen[bytes]") -> None:
    """Its name tells a moment by a clock that may have been set since."""
    assert is_there(renamed(new_owner(), other.pid, f"{psutil.Process(other.pid).create_time():.2f}")) is None
    assert is_there(renamed(new_owner(), other.pid, "?")) is None


STRANGE = """
import sys
open("/proc/self/comm", "w").write(") Z 1 (2")
print("named", flush=True)
input()
"""


@linux
def test_a_name_in_which_anything_stands_hides_no_moment() -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", STRANGE], stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "named\n"
        theirs = renamed(new_owner(), process.pid)
        process.communicate("\n")
    assert theirs.split("/")[2] not in ("", "t1", "t2")
    assert theirs.split("/")[2].removeprefix("t").isdecimal()
