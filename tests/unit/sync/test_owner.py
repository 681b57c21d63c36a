"""Whose process is surely gone: what a power cut left behind, too; in any doubt nobody's is."""

import sys

import pytest

from sync.owner import is_gone, new_owner

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
