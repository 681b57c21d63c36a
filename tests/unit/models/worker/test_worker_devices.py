"""What llama.cpp can compute on, asked through the bindings; what a plan tells it; a model that obeys."""

import ctypes
import os
import subprocess
import sys
import types
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from models import wire
from models.devices.plan import plan
from models.devices.records import Device
from models.errors import ModelTooLargeError
from models.gguf_check import check
from models.gguf_read import walk
from models.host.command import worker_command, worker_environment
from models.host.devices import ask_devices
from models.worker import library
from models.worker.devices import Found, apply, find
from models.worker.placing import EXIT_CARD, HIDDEN, Placing
from tests.unit.models.devices.made_up import REPORTS, ROOMY, need


@pytest.fixture(scope="module")
def lib() -> Any:
    lib = library.load()
    lib.llama_backend_init()
    return lib


def test_the_processor_is_always_found(lib: Any) -> None:
    found = find(lib)
    processors = [one.device for one in found if one.device.kind == "cpu"]
    assert processors
    assert processors[0].description
    assert processors[0].total_bytes >= processors[0].free_bytes > 0


def test_a_build_without_these_functions_has_no_devices() -> None:
    older = types.SimpleNamespace(__file__=__file__, _lib=types.SimpleNamespace())
    assert find(older) == ()


def test_a_plan_becomes_llama_cpps_settings(lib: Any) -> None:
    cards = REPORTS["two-cards"]
    made = plan(need(layers=100), cards, ROOMY)
    found = [Found(card, 1_000 + number) for number, card in enumerate(cards)]
    settings = lib.llama_model_default_params()
    devices, _split = apply(settings, made, found, lib)
    assert list(devices) == [1_000, 1_001, None]
    assert settings.n_gpu_layers == made.on_card + 1
    assert [settings.tensor_split[number] for number in range(2)] == [made.shares[0].layers, made.shares[1].layers + 1]
    assert ctypes.cast(settings.devices, ctypes.POINTER(ctypes.c_void_p))[0] == 1_000


def test_a_card_that_is_given_nothing_is_not_started(lib: Any) -> None:
    cards = REPORTS["two-cards"]
    found = [Found(card, 1_000 + number) for number, card in enumerate(cards)]
    settings = lib.llama_model_default_params()
    devices, _ = apply(settings, plan(need(), cards, ROOMY), found, lib)
    assert list(devices) == [1_000, None]
    none, _ = apply(settings, plan(need(), cards, ROOMY, without="no"), found, lib)
    assert (list(none), settings.n_gpu_layers) == ([None], 0)


def test_a_model_loads_by_a_plan(lib: Any, tiny_chat: Path) -> None:
    found = find(lib)
    settings = lib.llama_model_default_params()
    kept = apply(settings, plan(need(), [one.device for one in found], ROOMY), found, lib)
    model = lib.llama_model_load_from_file(os.fsencode(tiny_chat), settings)
    assert model
    lib.llama_model_free(model)
    del kept


def test_a_worker_tells_the_devices_and_ends() -> None:
    report = ask_devices()
    assert report.problem == ""
    assert [device.kind for device in report.devices].count("cpu") == 1
    run = subprocess.run(
        [*worker_command(), wire.DEVICES_SWITCH], env=worker_environment(), capture_output=True, timeout=60, check=True
    )
    assert run.stdout.count(b"\n") == 1


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("import time; time.sleep(60)", "did not answer within 0.3 seconds"),
        ("import os; os.abort()", "A driver stopped: it gave up"),
        ("print('nonsense')", "not understood"),
        ('print(\'{"event": "devices", "devices": [{"name": "x"}]}\')', "not understood"),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="ends by signals")
def test_a_driver_that_fails_is_said(monkeypatch: pytest.MonkeyPatch, script: str, words: str) -> None:
    monkeypatch.setattr("models.host.devices.worker_command", lambda: [sys.executable, "-S", "-c", script])
    report = ask_devices(0.3 if "sleep" in script else 20)
    assert words in report.problem
    assert not report.devices


def test_a_worker_that_cannot_be_started_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("models.host.devices.worker_command", lambda: [str(tmp_path / "nothing")])
    assert "could not be started: No such file" in ask_devices().problem


def placing_of(path: Path, *, large: bool = True, **start: Any) -> Placing:
    given = {"path": str(path), "name": "m", "sha256": "", "threads": 1, "n_ctx": 512, "careful": False, "born": 0.0}
    header = check(path)
    return Placing(
        wire.Start(**{**given, **start}), replace(header, parameters=8_000_000_000) if large else header
    )  # fmt: skip


def decided(path: Path, lib: Any, **start: Any) -> Placing:
    made = placing_of(path, **start)
    with path.open("rb") as file:
        made.decide(walk(file), lib, 128)
    return made


@pytest.fixture
def cards_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in HIDDEN:
        monkeypatch.setenv(name, "0")


@pytest.fixture
def report(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Have llama.cpp seem to find the devices of a recorded report."""

    def use(name: str) -> None:
        found = tuple(Found(device, 1_000 + number) for number, device in enumerate(REPORTS[name]))
        monkeypatch.setattr("models.worker.devices.find", lambda _lib: found)

    return use


@pytest.mark.usefixtures("cards_shown")
def test_a_model_that_may_use_a_card_hides_none(tiny_chat: Path) -> None:
    placing_of(tiny_chat)
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "0"


@pytest.mark.usefixtures("cards_shown")
@pytest.mark.parametrize("how", [{"careful": True}, {"large": False}])
def test_after_a_failed_start_and_for_a_small_model_no_card_is_even_asked(tiny_chat: Path, how: dict[str, Any]) -> None:
    placing_of(tiny_chat, **how)
    assert {name: os.environ[name] for name in HIDDEN} == HIDDEN


@pytest.mark.usefixtures("cards_shown")
def test_where_a_model_goes_is_told(lib: Any, tiny_chat: Path, report: Any) -> None:
    report("processor-only")
    placement = decided(tiny_chat, lib).placement
    assert placement is not None
    assert placement.words == "On the processor: llama.cpp sees no graphics card here."
    assert (placement.note, placement.plan.layers) == ("", 2)


@pytest.mark.usefixtures("cards_shown")
def test_a_card_is_used_where_there_is_one_and_it_has_room(lib: Any, tiny_chat: Path, report: Any) -> None:
    report("rtx-4070-super")
    made = decided(tiny_chat, lib)
    assert made.placement is not None
    assert made.placement.words.startswith("All 2 layers on the NVIDIA GeForce RTX 4070 SUPER, 11.")
    settings = lib.llama_model_default_params()
    devices, split = made.apply(settings, lib)
    assert (list(devices), settings.n_gpu_layers, split[0]) == ([1_000, None], 3, 3)
    report("full-card")
    full = decided(tiny_chat, lib)
    assert full.placement is not None
    assert full.placement.plan.gpu_layers == 0
    none, _ = full.apply(settings, lib)
    assert (list(none), settings.n_gpu_layers) == ([None], 0)


@pytest.mark.usefixtures("cards_shown")
def test_a_card_that_failed_is_left_out_and_that_is_said(lib: Any, tiny_chat: Path, report: Any) -> None:
    report("rtx-4070-super")
    placement = decided(tiny_chat, lib, careful=True).placement
    assert placement is not None
    assert placement.words == "On the processor: an earlier start with the graphics card failed."


@pytest.mark.usefixtures("cards_shown")
def test_a_small_model_is_on_the_processor_without_a_look(lib: Any, tiny_chat: Path) -> None:
    made = decided(tiny_chat, lib, large=False)
    settings = lib.llama_model_default_params()
    nothing = made.apply(settings, lib)
    assert made.placement is None
    assert (list(nothing), settings.n_gpu_layers) == ([None], 0)


@pytest.mark.usefixtures("cards_shown")
def test_a_model_too_large_for_this_machine_is_refused(
    lib: Any, tiny_chat: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.devices.need.need_of", lambda *_parts, **_how: need(layers=5_000))
    with pytest.raises(ModelTooLargeError, match=r"needs 2,0\d\d\.\d GB of memory"):
        decided(tiny_chat, lib)


@pytest.mark.parametrize(("on_card", "code"), [(2, EXIT_CARD), (0, 1)])
def test_a_card_that_fails_in_an_orderly_way_ends_the_worker_with_its_own_code(on_card: int, code: int) -> None:
    script = (
        "from models.worker.placing import Placing\n"
        "from models.devices.records import Placement, Plan\n"
        "from models.errors import ModelError\n"
        "placing = Placing.__new__(Placing)\n"
        f"placing.placement = Placement((), Plan(2, {on_card}, (), 0, 0), '')\n"
        "with placing.card_at_fault(): raise ModelError('no room on CUDA0')"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], env=worker_environment(), capture_output=True, text=True, check=False
    )
    assert run.returncode == code
    assert ("the graphics card could not be used: no room on CUDA0" in run.stderr) == bool(on_card)


def test_a_device_with_a_name_that_no_terminal_should_see(lib: Any) -> None:
    from models.worker.devices import _label

    assert _label(b"\x1b[2JCard\n" + b"x" * 500).startswith("[2JCard")
    assert len(_label(b"x" * 500)) == 120
    assert _label(None) == ""
    assert isinstance(find(lib)[0].device, Device)
