"""Which wheel of llama.cpp fits here, and how one gets into the cache."""

import subprocess
import sys
from pathlib import Path

import pytest
from setup_steps import llama, llama_build
from setup_steps.errors import SetupError
from setup_steps.llama_wheel import Build, keep
from setup_steps.pip import Pip
from setup_steps.places import Places
from setup_steps.processor import instruction_sets, processor_name
from setup_steps.room import enough_room
from setup_steps.talk import Talk

WHEEL = "llama_cpp_python-0.3.36-py3-none-linux_x86_64.whl"
X86 = "processor\t: 0\nflags\t\t: fpu vme sse2 avx2 rdrand md_clear fma\n\nprocessor\t: 1\nflags\t\t: fpu\n"
ARM = "processor : 0\nFeatures : fp asimd asimddp i8mm cpuid\n"


def test_only_what_changes_code_counts() -> None:
    assert instruction_sets(X86) == ("avx2", "fma", "sse2")
    assert instruction_sets(ARM) == ("asimd", "asimddp", "i8mm")
    assert instruction_sets("") == ()


def test_processors_differ_by_their_instructions_alone(tmp_path: Path) -> None:
    def name_of(text: str) -> str:
        path = tmp_path / "cpuinfo"
        path.write_text(text)
        return processor_name(path)

    assert name_of(X86) == name_of(X86.replace("md_clear", "newer_kernel"))
    assert name_of(X86) != name_of(X86.replace("avx2", "avx512f"))
    assert processor_name(tmp_path / "none")


def test_equal_keys_mean_interchangeable_wheels() -> None:
    plain = Build("0.3.36")
    assert plain.key == Build("0.3.36").key
    assert plain.key.startswith("0.3.36-")
    assert plain.key != Build("0.3.37").key
    assert plain.key != Build("0.3.36", "-DGGML_CUDA=on").key
    assert Build("0.3.36", "-DA=1  -DB=2").key == Build("0.3.36", "-DA=1 -DB=2").key
    assert "/" not in plain.key


@pytest.mark.parametrize("word", ["OFF", "off", "0", "FALSE"])
def test_a_portable_build_is_for_any_processor(word: str) -> None:
    assert not Build("1", f"-DGGML_CUDA=on -DGGML_NATIVE={word}").native
    assert "-any-" in Build("1", f"-DGGML_NATIVE:BOOL={word}").key
    assert Build("1", "-DGGML_NATIVE=ON").native


def test_a_kept_wheel_is_taken_and_nothing_is_started(places: Places, talk: Talk, tmp_path: Path) -> None:
    build = llama.build_for(places, "-DGGML_CUDA=on")
    kept = build.folder(places) / WHEEL
    kept.parent.mkdir(parents=True)
    kept.touch()
    nothing = Pip(tmp_path / "no-python-here", places, talk)
    assert llama.obtain(build, places, talk, nothing) == kept


def test_a_half_moved_wheel_is_not_found(places: Places) -> None:
    build = llama.build_for(places, "")
    build.folder(places).mkdir(parents=True)
    (build.folder(places) / f"{WHEEL}.part").touch()
    assert build.wheel(places) is None


def test_keeping_moves_the_wheel(places: Places, tmp_path: Path) -> None:
    build = llama.build_for(places, "")
    (tmp_path / "out").mkdir()
    assert keep(build, places, tmp_path / "out") is None
    (tmp_path / "out" / WHEEL).write_bytes(b"wheel")
    kept = keep(build, places, tmp_path / "out")
    assert kept == build.wheel(places)
    assert kept is not None
    assert kept.read_bytes() == b"wheel"
    assert not (tmp_path / "out" / WHEEL).exists()


def test_a_wheel_in_the_users_own_folder_is_taken(
    places: Places, talk: Talk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the real pip of this Python: PIP_FIND_LINKS names a folder that holds a fitting wheel."""
    folder = tmp_path / "links"
    folder.mkdir()
    tiny_wheel(folder / "llama_cpp_python-0.3.36-py3-none-any.whl")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    build = llama.build_for(places, "")
    pip = Pip(Path(sys.executable), places, talk)
    taken = llama.obtain(build, places, talk, pip)
    assert taken.parent == build.folder(places)
    assert taken.name == "llama_cpp_python-0.3.36-py3-none-any.whl"


def tiny_wheel(path: Path) -> None:
    """The smallest file that pip takes for a wheel of llama-cpp-python."""
    import zipfile

    info = "llama_cpp_python-0.3.36.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: llama_cpp_python\nVersion: 0.3.36\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")


def test_jobs_are_bounded_by_cores() -> None:
    assert llama_build.jobs() >= 1


def test_the_position_is_read_from_the_compilers_words() -> None:
    assert llama_build.ninja_position("[1/193] Building\n  noise\n[17/193] Building CXX") == "file 17 of 193"
    assert llama_build.ninja_position("configuring") == ""


def test_the_users_build_settings_win(
    places: Places, talk: Talk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CMAKE_BUILD_PARALLEL_LEVEL", "1")
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    tools = Pip(tmp_path / "env" / "bin" / "python", places, talk)
    environment = llama_build.build_environment(Build("1", "-DGGML_VULKAN=on"), tools, tmp_path)
    assert environment["CMAKE_BUILD_PARALLEL_LEVEL"] == "1"
    assert environment["CMAKE_ARGS"] == "-DGGML_VULKAN=on"
    assert environment["PATH"].startswith(str(tmp_path / "env" / "bin"))
    assert "PYTHONPATH" not in environment


def test_too_little_room_is_said_before_work(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="Too little room on the disk for building") as stopped:
        enough_room(tmp_path, 10**18, "building llama.cpp")
    assert "CARRYON_SETUP_CACHE" in stopped.value.do
    assert stopped.value.where == str(tmp_path)
    enough_room(tmp_path, 1, "anything")


def test_the_loaded_library_is_the_pinned_one(checkout: Path) -> None:
    """The pin, and what this very environment runs with, are the same version."""
    from setup_steps.pins import read_pins

    code = "from importlib.metadata import version; print(version('llama-cpp-python'))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert read_pins(checkout / "packaging" / "constraints.txt")["llama-cpp-python"] == done.stdout.strip()
