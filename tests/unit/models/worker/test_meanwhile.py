"""Work beside the loading of a model: its result comes when it is asked for, and so does what went wrong."""

import threading

import pytest

from models.worker.meanwhile import Meanwhile

SECONDS = 10


def test_it_begins_at_once_and_the_result_is_waited_for() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def work() -> int:
        begun.set()
        assert go_on.wait(SECONDS)
        return 7

    meanwhile = Meanwhile("counting", work)
    assert begun.wait(SECONDS)
    go_on.set()
    assert (meanwhile.result(), meanwhile.result()) == (7, 7)


def test_what_went_wrong_is_raised_where_the_result_is_wanted() -> None:
    def work() -> int:
        raise OSError(5, "the disk is gone")

    meanwhile = Meanwhile("reading", work)
    for _ in range(2):
        with pytest.raises(OSError, match="the disk is gone"):
            meanwhile.result()
