"""At first paint nothing heavy is imported, and the box already takes text. In a fresh interpreter each."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from agent.paths import Paths
from agent.unsent import left_over

ROOT = Path(__file__).parents[3]
HEAVY = (
    "llama_cpp", "numpy", "sqlite_utils", "sqlite3", "keyring", "watchdog", "dateparser", "pint", "httpx", "aiosmtpd",
    "pyqtgraph", "markdown_it", "pygments", "tomlkit", "jinja2", "icalendar", "html2text", "psutil", "asyncio",
    "agent.protocol", "agent.store", "agent.compose", "agent.session", "agent.tools", "agent.library", "agent.starts",
    "models", "sync", "app.presenters.desk", "app.views.chat_page", "app.views.library_page", "app.views.outbox_page",
    "app.views.models_page", "app.views.insights_page", "app.views.settings_page",
)  # fmt: skip
TEXT = "written before anything was ready"

PROGRAM = """
import json, os, signal, sys
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPlainTextEdit
from app import boot

class Core:
    def __init__(self): self.asked = []
    def submit(self, command): self.asked.append(command)
    def cancel(self): pass
    def close(self): self.asked.append("closed")

core, report = Core(), {}
app = QApplication([])
sys.excepthook = lambda *error: (sys.__excepthook__(*error), os._exit(9))

def say(text):
    from PySide6.QtCore import Qt
    box = window.findChild(QPlainTextEdit, "composerText")
    QTest.keyClicks(box, text)
    QTest.keyClick(box, Qt.Key.Key_Return)
    return box

class FirstPaintIsOver:
    @staticmethod  # what follows the first paint begins with this import
    def find_spec(name, path=None, target=None):
        if name == "app.starting":
            report["loaded"] = sorted(sys.modules)
            report["painted"] = window.findChild(QPlainTextEdit, "composerText").isVisible()

sys.meta_path.insert(0, FirstPaintIsOver)

def painted():
    report["visible"] = window.isVisible()
    report["focus"] = window.focusWidget().objectName()
    report["left"] = say(TEXT).toPlainText()
    %(painted)s

def ready():
    say("and after")
    QTest.keyClicks(window.findChild(QPlainTextEdit, "composerText"), "a draft")
    report["pending"] = [one.text for one in window.desk.composer.pending]
    %(ready)s
    window.close()

TEXT = sys.argv[1]
with boot.opened(app, lambda emit: core) as window:
    window.painted.connect(painted)
    window.ready.connect(ready)
    window.closing.connect(app.quit)
    window.show()
    app.exec()
report["asked"] = [type(one).__name__ for one in core.asked]
report["said"] = [one.text for one in core.asked if type(one).__name__ == "SendMessage"]
print(json.dumps(report))
"""
DIE = "os.kill(os.getpid(), signal.SIGKILL)"


def run_fresh(home: Path, *, painted: str = "", ready: str = "") -> subprocess.CompletedProcess[str]:
    program = PROGRAM % {"painted": painted or "pass", "ready": ready or "pass"}
    environ = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "CARRYON_HOME": str(home), "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, "-c", program, TEXT], cwd=ROOT, env=environ, capture_output=True, text=True,
                          timeout=100, check=False)  # fmt: skip


def reported(done: subprocess.CompletedProcess[str]) -> dict[str, list[str]]:
    assert done.returncode == 0, done.stderr
    report: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    return report


def test_the_first_paint_imports_nothing_heavy_and_takes_text(tmp_path: Path) -> None:
    report = reported(run_fresh(tmp_path))
    loaded = set(report["loaded"])
    assert report["painted"]
    assert report["visible"]
    assert report["focus"] == "composerText"
    assert {name for name in HEAVY if name in loaded} == set()
    assert report["left"] == "", "what was sent has left the box"
    assert report["pending"] == [TEXT, "and after"]


def test_questions_come_before_what_was_sent_and_the_core_is_closed_last(tmp_path: Path) -> None:
    report = reported(run_fresh(tmp_path))
    asked = report["asked"]
    assert asked.index("ListConversations") < asked.index("SendMessage")
    assert report["said"] == [TEXT, "and after"]
    assert asked[-1] == "str", "the core is closed last"


def test_a_process_killed_right_after_enter_has_lost_nothing(tmp_path: Path) -> None:
    """Before anything but the box was there, and before anything answered."""
    for painted, ready, left in ((DIE, "", [TEXT]), ("", DIE, [TEXT, "and after"])):
        home = tmp_path / str(len(left))
        assert run_fresh(home, painted=painted, ready=ready).returncode == -signal.SIGKILL
        ((_, waiting),) = left_over(Paths.of({"CARRYON_HOME": str(home)}).state)
        assert [one.text for one in waiting] == left


def test_a_window_that_is_closed_before_it_is_furnished_keeps_what_was_written(tmp_path: Path) -> None:
    """What was sent waits in its file, for a core to store it; what was being written is in the box again."""
    early = "QTest.keyClicks(window.focusWidget(), 'and more'); window.close()"
    assert reported(run_fresh(tmp_path, painted=early))["asked"] == []
    again = reported(run_fresh(tmp_path))
    assert again["said"] == [TEXT, "and moreand after"], "it stood in the box, and the next was typed behind it"
    state = Paths.of({"CARRYON_HOME": str(tmp_path)}).state
    assert TEXT in [one.text for _, waiting in left_over(state) for one in waiting]


def test_the_head_start_imports_little(tmp_path: Path) -> None:
    program = "import json, sys, agent.headstart; print(json.dumps({'loaded': sorted(sys.modules)}))"
    environ = {**os.environ, "CARRYON_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environ, capture_output=True, text=True,
                          check=True)  # fmt: skip
    loaded = set(json.loads(done.stdout)["loaded"])
    assert {name for name in (*HEAVY, "PySide6") if name in loaded} == set()
