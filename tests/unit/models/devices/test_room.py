"""Is there room for it? Said before anything is loaded; what limits a process is found where systems keep it."""

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from models.devices.fault import is_the_cards
from models.devices.groups import GroupLimit, group_limits
from models.devices.memory import Memory, _from_elsewhere, _from_linux, look
from models.devices.plan import plan
from models.devices.room import check_room
from models.errors import ModelTooLargeError
from models.host.command import worker_environment
from tests.unit.models.devices.made_up import GIGABYTE, need

MODEL = Path("large.gguf")
posix = pytest.mark.skipif(sys.platform == "win32", reason="no such limits there")


def test_a_model_larger_than_the_memory_is_refused_with_both_sizes() -> None:
    with pytest.raises(ModelTooLargeError) as caught:
        check_room(plan(need(), (), Memory(0, 0)), Memory(7 * GIGABYTE, 8 * GIGABYTE), MODEL)
    assert caught.value.what == "This model needs 14.3 GB of memory; 7.0 GB of 8.0 GB are free."
    assert caught.value.where == "large.gguf"
    assert "smaller" in caught.value.todo
    assert caught.value.exit_code == 2


def test_what_must_be_held_has_to_be_free() -> None:
    made = plan(need(), (), Memory(0, 0))
    with pytest.raises(ModelTooLargeError, match=r"0\.6 GB of 64\.0 GB are free"):
        check_room(made, Memory(600_000_000, 64 * GIGABYTE), MODEL)
    assert made.held_bytes == 707_000_000


def test_a_model_that_fits_but_not_now_is_allowed_and_told() -> None:
    note = check_room(plan(need(), (), Memory(0, 0)), Memory(9 * GIGABYTE, 16 * GIGABYTE), MODEL)
    assert note.startswith("This model needs 14.3 GB and 9.0 GB are free: it will be slow")
    assert check_room(plan(need(), (), Memory(0, 0)), Memory(15 * GIGABYTE, 16 * GIGABYTE), MODEL) == ""


def test_what_sets_the_limit_is_named() -> None:
    bound = Memory(GIGABYTE, 2 * GIGABYTE, "a limit that was set for this program")
    with pytest.raises(ModelTooLargeError, match=r"are free, because of a limit that was set for this program\."):
        check_room(plan(need(), (), bound), bound, MODEL)


def test_the_machine_is_looked_at() -> None:
    memory = look()
    assert 0 < memory.available_bytes <= memory.total_bytes <= psutil.virtual_memory().total


def test_both_ways_to_look_see_the_same() -> None:
    quick, portable = _from_linux(), _from_elsewhere()
    if quick is not None:
        assert quick[0].total_bytes == portable[0].total_bytes
        assert quick[0].available_bytes == pytest.approx(portable[0].available_bytes, rel=0.2)
        assert quick[1] == pytest.approx(portable[1], rel=0.2)


def test_a_system_without_these_files_is_looked_at_the_other_way(tmp_path: Path) -> None:
    assert _from_linux(tmp_path) is None
    (tmp_path / "meminfo").write_text("MemTotal:  100 kB\n")
    assert _from_linux(tmp_path) is None


@posix
def test_a_limit_of_the_process_is_seen() -> None:
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_AS, (800_000_000, 800_000_000))\n"
        "from models.devices.memory import look; memory = look(); print(memory.available_bytes, memory.bound)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], env=worker_environment(), capture_output=True, text=True, check=True
    )
    free, _, bound = run.stdout.strip().partition(" ")
    assert 0 < int(free) < 800_000_000
    assert bound == "a limit that was set for this program"


def test_the_limits_of_a_container_and_of_those_around_it_are_seen(tmp_path: Path) -> None:
    own = tmp_path / "cgroup"
    own.write_text("12:pids:/elsewhere\n0::/user/session\n")
    root = tmp_path / "sys"
    inner = root / "user" / "session"
    inner.mkdir(parents=True)
    for folder, limit, used in ((inner, "max", "5"), (root / "user", "3000", "1000"), (root, "9000", "9500")):
        (folder / "memory.max").write_text(limit + "\n")
        (folder / "memory.current").write_text(used + "\n")
    assert list(group_limits(root, own)) == [GroupLimit(2_000, 3_000), GroupLimit(0, 9_000)]


def test_a_model_that_was_read_does_not_fill_its_container(tmp_path: Path) -> None:
    own = tmp_path / "cgroup"
    own.write_text("0::/\n")
    root = tmp_path / "sys"
    root.mkdir()
    (root / "memory.max").write_text("9000\n")
    (root / "memory.current").write_text("8500\n")
    (root / "memory.stat").write_text("anon 1000\nfile 7500\nactive_file 3000\ninactive_file 4000\n")
    assert list(group_limits(root, own)) == [GroupLimit(7_500, 9_000)]


def test_the_first_version_of_control_groups_is_read_too(tmp_path: Path) -> None:
    """Its unlimited is a very large number; the path that is told may not exist in a container, its root does."""
    own = tmp_path / "cgroup"
    own.write_text("4:cpu,cpuacct:/docker/x\n3:hugetlb,memory:/docker/x\n1:name=systemd:/docker/x\n")
    memory = tmp_path / "sys" / "memory"
    memory.mkdir(parents=True)
    (memory / "memory.limit_in_bytes").write_text("3000\n")
    (memory / "memory.usage_in_bytes").write_text("2500\n")
    (memory / "memory.stat").write_text("cache 900\ntotal_active_file 300\ntotal_inactive_file 200\n")
    assert list(group_limits(tmp_path / "sys", own)) == [GroupLimit(1_000, 3_000)]
    (memory / "memory.limit_in_bytes").write_text("9223372036854771712\n")
    assert list(group_limits(tmp_path / "sys", own)) == []


@pytest.mark.parametrize("text", ["", "nonsense", "0::/../../etc\n", "3:memory\n"])
def test_what_is_not_understood_is_no_limit(tmp_path: Path, text: str) -> None:
    own = tmp_path / "cgroup"
    own.write_text(text)
    assert list(group_limits(tmp_path / "nothing", own)) == []


def test_no_control_groups_are_no_limit(tmp_path: Path) -> None:
    assert list(group_limits(tmp_path / "nothing", tmp_path / "none")) == []


@pytest.mark.parametrize(
    "words",
    [
        "CUDA error: out of memory",
        "ggml_backend_cuda_buffer_type_alloc_buffer: allocating 4403.49 MiB on device 0: cudaMalloc failed",
        "terminate called after throwing an instance of 'vk::DeviceLostError'",
        "  what():  vk::Queue::submit: ErrorDeviceLost",
        "ggml_vulkan: Device memory allocation of size 1073741824 failed.",
        "ggml_metal_graph_compute: command buffer 0 failed with status 5",
    ],
)
def test_a_drivers_last_words_are_known(words: str) -> None:
    assert is_the_cards(["Traceback", words])


@pytest.mark.parametrize("words", ["terminate called after throwing 'std::bad_alloc'", "ggml: it went wrong", ""])
def test_other_last_words_are_not_blamed_on_the_card(words: str) -> None:
    assert not is_the_cards([words])
