"""The stylesheet, generated from tokens. Widgets say what they are by dynamic properties (`kind`, `tone`, `face`),
never by colours of their own.
"""

from pathlib import Path
from string import Template

from app.theme.tokens import RADIUS, RADIUS_LARGE, RADIUS_SMALL, Theme

CONTROLS = Path(__file__).parent.parent / "assets" / "controls"

_BASE = """
* { outline: none; }
QWidget { color: $text; }
QMainWindow, QDialog, #page { background: $window; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QToolTip { background: $text; color: $raised; border: none; padding: 4px 8px; border-radius: 4px; }
QLabel { background: transparent; }
QLabel[tone="muted"] { color: $muted; }
QLabel[tone="accent"] { color: $accent_text; }
QLabel[tone="good"] { color: $good; } QLabel[tone="wait"] { color: $wait; }
QLabel[tone="bad"] { color: $bad; } QLabel[tone="info"] { color: $info; }
QLabel[face="display"] { font-size: ${display}px; font-weight: 650; }
QLabel[face="title"] { font-size: ${title}px; font-weight: 650; }
QLabel[face="heading"] { font-weight: 600; }
QLabel[face="small"] { font-size: ${small}px; }
QLabel[face="caps"] { font-size: ${small}px; font-weight: 600; color: $muted; }
QLabel[face="number"] { font-size: ${display}px; font-weight: 650; }
QLabel[face="code"] { font-family: "DejaVu Sans Mono", "Menlo", "Consolas", monospace; font-size: ${small}px; }
QScrollArea, QScrollArea > QWidget > QWidget#column { background: transparent; border: none; }
QSplitter::handle { background: $border; }
QSplitter::handle:horizontal { width: 1px; } QSplitter::handle:vertical { height: 1px; }
"""

_CHIPS = """
QLabel[chip="true"] { border-radius: 9px; padding: 2px 9px; font-size: ${small}px; font-weight: 600;
  background: $subtle; color: $muted; }
QLabel[chip="true"][tone="good"] { background: $good_soft; color: $good; }
QLabel[chip="true"][tone="wait"] { background: $wait_soft; color: $wait; }
QLabel[chip="true"][tone="bad"] { background: $bad_soft; color: $bad; }
QLabel[chip="true"][tone="info"] { background: $info_soft; color: $info; }
QLabel[chip="true"][tone="accent"] { background: $accent_soft; color: $accent_text; }
"""

_BUTTONS = """
QPushButton, QToolButton { border: 1px solid $border; border-radius: ${radius}px; background: $raised; color: $text;
  padding: 5px 12px; min-height: 20px; }
QToolButton { padding: 5px; }
QPushButton:hover, QToolButton:hover { background: $subtle; border-color: $outline; }
QPushButton:pressed, QToolButton:pressed { background: $border; }
QPushButton:focus, QToolButton:focus { border: 2px solid $accent; padding: 4px 11px; }
QToolButton:focus { padding: 4px; }
QPushButton:disabled, QToolButton:disabled { color: $muted; background: $subtle; border-color: $border; }
QPushButton[kind="primary"], QToolButton[kind="primary"] { background: $accent; border-color: $accent;
  color: $on_accent; font-weight: 600; }
QPushButton[kind="primary"]:hover, QToolButton[kind="primary"]:hover { background: $accent_strong;
  border-color: $accent_strong; }
QPushButton[kind="primary"]:focus, QToolButton[kind="primary"]:focus { border: 2px solid $text; }
QPushButton[kind="primary"]:disabled, QToolButton[kind="primary"]:disabled { background: $subtle; color: $muted;
  border-color: $border; }
QPushButton[kind="danger"] { color: $bad; }
QPushButton[kind="danger"]:hover { background: $bad_soft; border-color: $bad; }
QPushButton[kind="quiet"], QToolButton[kind="quiet"] { background: transparent; border-color: transparent; }
QPushButton[kind="quiet"]:hover, QToolButton[kind="quiet"]:hover { background: $subtle; }
QPushButton[kind="quiet"]:focus, QToolButton[kind="quiet"]:focus { border: 2px solid $accent; }
QPushButton[kind="quiet"]:checked, QToolButton[kind="quiet"]:checked { background: $accent_soft; color: $accent_text; }
QPushButton[kind="link"] { background: transparent; border: 2px solid transparent; color: $accent_text;
  padding: 0 2px; min-height: 18px; font-weight: 600; }
QPushButton[kind="link"]:hover { text-decoration: underline; }
QPushButton[kind="link"]:focus { border: 2px solid $accent; border-radius: 4px; }
QPushButton[kind="filter"] { border-radius: 13px; padding: 2px 11px; font-size: ${small}px; }
QPushButton[kind="filter"]:focus { padding: 1px 10px; }
QPushButton[kind="filter"]:checked { background: $accent_soft; border-color: $accent; color: $accent_text;
  font-weight: 600; }
QPushButton[kind="example"] { text-align: left; background: $surface; border: 1px solid $border;
  border-radius: ${radius}px; padding: 9px 12px; }
QPushButton[kind="example"]:hover { border-color: $accent; background: $accent_soft; }
QPushButton[kind="example"]:focus { border: 2px solid $accent; padding: 8px 11px; }
QToolButton::menu-indicator { image: none; }
QPushButton[kind="side"] { background: transparent; border: 2px solid transparent; text-align: left; color: $muted;
  padding: 5px 10px; }
QPushButton[kind="side"]:hover { background: $subtle; color: $text; }
QPushButton[kind="side"]:focus { border-color: $accent; }
QPushButton[kind="side"]:checked { background: $accent_soft; color: $accent_text; }
"""

_INPUTS = """
QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, QSpinBox, QDateTimeEdit { background: $raised; color: $text;
  border: 1px solid $border; border-radius: ${radius}px; padding: 5px 9px; selection-background-color: $selection;
  selection-color: $text; }
QLineEdit:hover, QPlainTextEdit:hover, QComboBox:hover { border-color: $outline; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QComboBox:focus, QSpinBox:focus { border: 2px solid $accent;
  padding: 4px 8px; }
QLineEdit[face="title"] { font-size: ${title}px; font-weight: 650; background: transparent;
  border-color: transparent; padding-left: 0; }
QLineEdit[face="title"]:hover { border-color: $border; }
QLineEdit[face="title"]:focus { border: 2px solid $accent; padding-left: 4px; }
QLineEdit > QToolButton, QLineEdit > QToolButton:hover, QLineEdit > QToolButton:focus { border: none; padding: 0;
  min-height: 0; background: transparent; }
QComboBox { min-height: 20px; } QComboBox::drop-down { border: none; width: 26px; }
QComboBox::down-arrow { image: url("$controls/arrow-$name.svg"); width: 12px; height: 12px; }
QComboBox QAbstractItemView { background: $raised; border: 1px solid $border; padding: 4px;
  selection-background-color: $accent_soft; selection-color: $text; }
QCheckBox { spacing: 8px; padding: 3px; border: 2px solid transparent; border-radius: 6px; }
QCheckBox:focus { border-color: $accent; }
QCheckBox::indicator { width: 16px; height: 16px; border: 1px solid $outline; border-radius: 5px; background: $raised; }
QCheckBox::indicator:hover { border-color: $accent; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent;
  image: url("$controls/tick-$name.svg"); }
QTextBrowser, QTextBrowser:focus { background: transparent; border: none; padding: 0; }
QTextBrowser[reading="true"]:focus { border: none; }
"""

_LISTS = """
QListView, QTreeView { background: transparent; border: 2px solid transparent; border-radius: ${radius}px; }
QListView::item { border-radius: ${radius}px; padding: 2px; }
QListView:focus { border-color: transparent; }
QListWidget::item { padding: 6px 8px; } QListWidget::item:selected { background: $accent_soft; color: $text; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar::handle:vertical { background: $border; border-radius: 4px; min-height: 32px; margin: 2px; }
QScrollBar::handle:vertical:hover { background: $outline; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle:horizontal { background: $border; border-radius: 4px; min-width: 32px; margin: 2px; }
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page { background: none;
  border: none; width: 0; height: 0; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QMenu { background: $raised; border: 1px solid $border; border-radius: ${radius}px; padding: 4px; }
QMenu::item { padding: 6px 24px 6px 12px; border-radius: ${radius_small}px; }
QMenu::item:selected { background: $accent_soft; color: $text; }
QMenu::item:disabled { color: $muted; } QMenu::separator { height: 1px; background: $border; margin: 4px 8px; }
QTabBar { background: transparent; } QTabWidget::pane { border: none; border-top: 1px solid $border; }
QTabBar::tab { padding: 7px 12px; margin-right: 4px; background: transparent; color: $muted;
  border: 2px solid transparent; border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: $text; font-weight: 600; border-bottom-color: $accent; }
QTabBar::tab:hover { color: $text; } QTabBar::tab:focus { border-color: $accent; border-radius: 6px; }
QProgressBar { border: none; border-radius: 3px; background: $subtle; max-height: 6px; text-align: center; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }
"""

_PARTS = """
#rail { background: $rail; }
#rail QToolButton { background: transparent; border: 2px solid transparent; border-radius: 10px; color: $rail_text;
  font-size: ${small}px; padding: 6px 2px 5px 2px; }
#rail QToolButton:hover { background: $rail_active; color: $rail_active_text; }
#rail QToolButton:checked { background: $rail_active; color: $rail_active_text; font-weight: 600; }
#rail QToolButton:focus { border-color: $rail_text; }
QFrame[panel="side"] { background: $window; border: none; }
QFrame[panel="reading"] { background: $surface; border: none; }
QFrame[panel="bar"] { background: $surface; border: none; border-bottom: 1px solid $border; }
QFrame[panel="foot"] { background: $window; border: none; border-top: 1px solid $border; }
QFrame[panel="card"] { background: $raised; border: 1px solid $border; border-radius: ${radius_large}px; }
QFrame[panel="card"][tone="wait"] { border-color: $wait_line; }
QFrame[panel="card"][tone="bad"] { border-color: $bad_line; }
QFrame[panel="card"][tone="accent"] { border-color: $accent; }
QFrame[panel="bubble"] { background: $accent_soft; border: none; border-radius: ${radius_large}px; }
QFrame[panel="notice"] { background: $subtle; border: none; border-radius: ${radius}px; }
QFrame[panel="composer"] { background: $raised; border: 1px solid $outline; border-radius: ${radius_large}px; }
QFrame[panel="composer"][focused="true"] { border: 2px solid $accent; }
QFrame[panel="composer"] QPlainTextEdit { background: transparent; border: none; padding: 2px; }
QFrame[panel="toast"] { background: $text; border: none; border-radius: ${radius_large}px; }
QFrame[panel="toast"] QLabel { color: $raised; }
QFrame[panel="toast"] QPushButton { background: transparent; border: 2px solid transparent; color: $raised;
  font-weight: 650; text-decoration: underline; padding: 4px 8px; }
QFrame[panel="toast"] QPushButton:focus { border-color: $raised; }
QFrame[panel="sheet"] { background: $raised; border: 1px solid $accent; border-radius: ${radius_large}px; }
QFrame[panel="alarm"] { background: $bad_soft; border: none; border-bottom: 1px solid $bad_line; }
QFrame[panel="line"] { background: $border; max-height: 1px; min-height: 1px; border: none; }
QLabel#badge { background: $wait_soft; color: $wait; border-radius: 8px; font-size: 11px; font-weight: 700; }
#statusLine QPushButton { background: transparent; border: 2px solid transparent; border-radius: 6px;
  padding: 1px 8px; min-height: 18px; font-size: ${small}px; color: $muted; }
#statusLine QPushButton:hover { background: $subtle; color: $text; }
#statusLine QPushButton:focus { border-color: $accent; }
#statusLine QPushButton[tone="wait"] { color: $wait; font-weight: 600; }
#statusLine QPushButton[tone="bad"] { color: $bad; font-weight: 600; }
#statusLine QPushButton[tone="good"] { color: $good; font-weight: 600; }
"""

_SHEET = Template(_BASE + _CHIPS + _BUTTONS + _INPUTS + _LISTS + _PARTS)


def stylesheet(theme: Theme, base_px: int) -> str:
    """The whole look for one theme; `base_px` is the size of body text."""
    return _SHEET.substitute(
        theme._asdict(),
        controls=CONTROLS.as_posix(),
        small=base_px - 2 if base_px > 13 else 12,
        title=round(base_px * 1.25),
        display=round(base_px * 1.75),
        radius=RADIUS,
        radius_small=RADIUS_SMALL,
        radius_large=RADIUS_LARGE,
    )
