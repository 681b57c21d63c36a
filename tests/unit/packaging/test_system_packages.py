"""What a system lacks is looked for by the thing itself; who may install it is decided from facts."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path

import pytest
from setup_steps import needs
from setup_steps.errors import MissingPackagesError
from setup_steps.needs import COMPILER, FONT, LIBRARIES, VENV, Kind, Need, Sight
from setup_steps.permission import Decision, Provider, Rights
from setup_steps.system import Family, System, family_of, this_system
from setup_steps.talk import Talk

DEBIAN = System(Family.DEBIAN, "Debian GNU/Linux 12")
FEDORA = System(Family.FEDORA, "Fedora Linux 42")
NOBODY = Rights(root=False, sudo=False, terminal=False, yes=False)


@dataclass(frozen=True, slots=True)
class Sees(Sight):
    """A system that has all but the things named."""

    lacks: frozenset[str] = frozenset()

    def has(self, need: Need) -> bool:
        return need.thing not in self.lacks


def sees(*lacks: str) -> Sees:
    return Sees(Path("/"), Path("/"), frozenset(lacks))


@pytest.mark.parametrize(
    ("release", "family"),
    [
        ('ID=debian\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"', Family.DEBIAN),
        ("ID=ubuntu\nID_LIKE=debian", Family.DEBIAN),
        ('ID=linuxmint\nID_LIKE="ubuntu debian"', Family.DEBIAN),
        ("ID=fedora", Family.FEDORA),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"', Family.FEDORA),
        ("ID=endeavouros\nID_LIKE=arch", Family.ARCH),
        ('ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"', Family.SUSE),
        ("# nothing known\nID=haiku", Family.OTHER),
    ],
)
def test_families_are_read_from_os_release(tmp_path: Path, release: str, family: Family) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "os-release").write_text(release)
    assert this_system("linux", tmp_path).family is family


def test_a_system_without_os_release_is_other(tmp_path: Path) -> None:
    assert this_system("linux", tmp_path) == System(Family.OTHER, "this system")
    assert family_of({}) is Family.OTHER


def test_other_platforms_need_no_os_release(tmp_path: Path) -> None:
    assert this_system("darwin", tmp_path).family is Family.MACOS
    assert this_system("win32", tmp_path).family is Family.WINDOWS


def test_a_library_is_there_when_the_loader_takes_it() -> None:
    sight = needs.sight_here()
    assert sight.has_library("libc.so.6")
    assert not sight.has_library("libno-such-thing.so.9")


def test_fonts_are_found_as_files(tmp_path: Path) -> None:
    sight = Sight(tmp_path / "root", tmp_path / "home")
    assert not sight.has(FONT)
    folder = tmp_path / "root" / "usr/share/fonts/truetype/dejavu"
    folder.mkdir(parents=True)
    (folder / "readme.txt").touch()
    assert not sight.has(FONT)
    (folder / "DejaVuSans.TTF").touch()
    assert sight.has(FONT)


def test_a_users_own_font_counts(tmp_path: Path) -> None:
    folder = tmp_path / ".local/share/fonts"
    folder.mkdir(parents=True)
    (folder / "own.otf").touch()
    assert Sight(tmp_path / "root", tmp_path).has(FONT)


def test_a_program_is_looked_for_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    sight = needs.sight_here()
    assert not sight.has(COMPILER)
    clang = tmp_path / "clang++"
    clang.touch(mode=0o755)
    assert sight.has(COMPILER)


def test_the_compiler_is_needed_only_while_llama_is_to_be_built() -> None:
    assert COMPILER in needs.wanted(building=True, platform="linux")
    assert COMPILER not in needs.wanted(building=False, platform="linux")
    assert needs.wanted(building=True, platform="darwin") == ()


def test_every_need_has_a_package_in_each_family() -> None:
    for need in (*LIBRARIES, FONT, COMPILER, VENV):
        for family in (Family.DEBIAN, Family.FEDORA, Family.ARCH, Family.SUSE):
            assert need.package(family), f"{need.thing} on {family.value}"
        assert need.package(Family.MACOS) == ""


def test_a_package_that_brings_two_things_is_named_once() -> None:
    both = [need for need in LIBRARIES if need.thing in {"libglib-2.0.so.0", "libgthread-2.0.so.0"}]
    assert len(both) == 2
    assert needs.packages_for(both, Family.DEBIAN) == ("libglib2.0-0",)


@pytest.mark.parametrize(
    ("rights", "decision"),
    [
        (NOBODY, Decision.STOP),
        (replace(NOBODY, yes=True), Decision.STOP),
        (replace(NOBODY, root=True), Decision.INSTALL),
        (replace(NOBODY, root=True, terminal=True), Decision.ASK),
        (replace(NOBODY, root=True, terminal=True, yes=True), Decision.INSTALL),
        (replace(NOBODY, sudo=True), Decision.STOP),
        (replace(NOBODY, sudo=True, yes=True), Decision.INSTALL),
        (replace(NOBODY, sudo=True, terminal=True), Decision.ASK),
    ],
)
def test_who_may_install(rights: Rights, decision: Decision) -> None:
    assert rights.decide(DEBIAN) is decision
    assert rights.decide(FEDORA) is Decision.STOP


def provider(
    talk: Talk, tmp_path: Path, system: System, rights: Rights, lacks: Iterable[str], answer: str = ""
) -> Provider:
    return Provider(system, rights, talk, tmp_path, sees(*lacks), ask=lambda _question: answer)


def test_nothing_missing_says_nothing(talk: Talk, heard: StringIO, tmp_path: Path) -> None:
    provider(talk, tmp_path, DEBIAN, NOBODY, ()).provide(needs.wanted(building=True, platform="linux"))
    assert heard.getvalue() == ""


def test_without_rights_the_exact_command_is_named(talk: Talk, heard: StringIO, tmp_path: Path) -> None:
    without = provider(talk, tmp_path, DEBIAN, NOBODY, ("libEGL.so.1", "a font"))
    with pytest.raises(MissingPackagesError) as stopped:
        without.provide(needs.wanted(building=True, platform="linux"))
    assert "sudo apt-get install -y --no-install-recommends libegl1 fonts-dejavu-core" in str(stopped.value)
    assert stopped.value.code == 3
    assert "libEGL.so.1" in heard.getvalue()


def test_a_no_is_taken_for_a_no(talk: Talk, tmp_path: Path) -> None:
    asked = provider(talk, tmp_path, DEBIAN, replace(NOBODY, root=True, terminal=True), ("c++",), answer="n")
    with pytest.raises(MissingPackagesError, match="lacks one thing that Carryon needs") as stopped:
        asked.provide((COMPILER,))
    assert "apt-get install" in stopped.value.do
    assert "sudo" not in stopped.value.do


def test_other_systems_get_their_own_words_marked_untested(talk: Talk, tmp_path: Path) -> None:
    with pytest.raises(MissingPackagesError) as stopped:
        provider(talk, tmp_path, FEDORA, replace(NOBODY, root=True), ("c++", "libxcb-cursor.so.0")).provide(
            needs.wanted(building=True, platform="linux")
        )
    assert "dnf install xcb-util-cursor gcc-c++" in stopped.value.do
    assert "untested" in stopped.value.do


def test_an_unknown_system_is_told_the_things(talk: Talk, tmp_path: Path) -> None:
    with pytest.raises(MissingPackagesError) as stopped:
        provider(talk, tmp_path, System(Family.OTHER, "this system"), NOBODY, ("a font",)).provide((FONT,))
    assert "what brings a font" in stopped.value.do


def test_installing_runs_apt_and_looks_again(
    talk: Talk, heard: StringIO, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stand-in apt-get on the PATH records what it was asked, and brings nothing: that must be noticed."""
    record = tmp_path / "record"
    apt = tmp_path / "apt-get"
    apt.write_text(f'#!/bin/sh\necho "$@" >> {record}\n')
    apt.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    lacking = provider(talk, tmp_path / "logs", DEBIAN, replace(NOBODY, root=True), ("libEGL.so.1",))
    with pytest.raises(MissingPackagesError, match=r"Still missing.*libEGL"):
        lacking.provide(LIBRARIES)
    update, install = record.read_text().splitlines()
    assert update == "update"
    assert install.endswith("install -y --no-install-recommends libegl1")
    assert "As root: apt-get install -y --no-install-recommends libegl1" in heard.getvalue()
    assert Kind.LIBRARY.value in heard.getvalue()
