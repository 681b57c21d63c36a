"""At first paint nothing heavy is imported, and the box already takes text. In a fresh interpreter each."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
HEAVY = (
    "llama_cpp", "numpy", "sqlite_utils", "keyring", "watchdog", "dateparser", "pint", "httpx", "aiosmtpd", "pyqtgraph",
    "markdown_it", "pygments", "tomlkit", "jinja2", "icalendar", "html2text", "agent.store", "agent.compose",
    "agent.tools", "agent.library", "agent.evals",
)  # fmt: skip

PROGRAM = """
import json, sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QPlainTextEdit
from app import boot

class Core:
    def __init__(self): self.asked = []
    def submit(self, command): self.asked.append(command)
    def cancel(self): pass
    def close(self): self.asked.append("closed")

core = Core()
report = {}

def open_core(emit):
    report["loaded"] = sorted(sys.modules)
    window = next(w for w in QApplication.topLevelWidgets() if w.objectName() == "window")
    box = window.findChild(QPlainTextEdit, "composerText")
    report["visible"] = window.isVisible()
    box.insertPlainText("written before anything was ready")
    box.sent.emit()
    report["pending"] = [p.text for p in window.desk.composer.pending]
    QTimer.singleShot(0, window.close)
    return core

report["code"] = boot.run(open_core)
report["asked"] = [type(c).__name__ for c in core.asked]
print(json.dumps(report))
"""


def run_fresh(tmp_path: Path, program: str) -> dict[str, object]:
    environ = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "CARRYON_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environ, capture_output=True, text=True,
                          timeout=120, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    report: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return report


def test_first_paint_imports_nothing_heavy_and_takes_text(tmp_path: Path) -> None:
    report = run_fresh(tmp_path, PROGRAM)
    loaded = set(report["loaded"])  # type: ignore[call-overload]
    assert report["visible"]
    assert {name for name in HEAVY if name in loaded} == set()
    assert report["pending"] == ["written before anything was ready"]
    assert report["code"] == 0


def test_questions_come_before_what_was_typed_and_the_core_is_closed(tmp_path: Path) -> None:
    asked = run_fresh(tmp_path, PROGRAM)["asked"]
    assert isinstance(asked, list)
    assert asked.index("ListConversations") < asked.index("SendMessage")
    assert asked[-1] == "str", "the core is closed last"


def test_the_head_start_imports_little(tmp_path: Path) -> None:
    program = "import json, sys, agent.headstart; print(json.dumps({'loaded': sorted(sys.modules)}))"
    loaded = set(run_fresh(tmp_path, program)["loaded"])  # type: ignore[call-overload]
    assert {name for name in (*HEAVY, "PySide6") if name in loaded} == set()
