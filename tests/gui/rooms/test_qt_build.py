"""The Qt for Python that is installed must be one that an application survives."""

import sys

import pytest
from PySide6.QtCore import QObject


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None cannot die since Python 3.12")
def test_calls_do_not_eat_references_to_none(qapp: QObject) -> None:
    """PySide6 6.12.0 on Python 3.11 drops one at each call that returns nothing: some thousand end the process."""
    thing = QObject()
    before = sys.getrefcount(None)
    for _ in range(100):
        thing.setObjectName("x")
    assert sys.getrefcount(None) > before - 50, "install another PySide6-Essentials: 6.11.2 is sound"
