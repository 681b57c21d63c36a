"""Queries that a person types are words, and the excerpt shows where they stand."""

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.store.matching import EXCERPT_CHARACTERS, excerpt, like, readings

HOSTILE = [
    '"',
    "'",
    "a OR",
    "NOT x",
    "title:x",
    "x*",
    "(",
    "^x",
    "NEAR(a b)",
    "a AND",
    "-x",
    "+",
    "x\x00y",
    "{a}",
    "a:b",
]


@pytest.fixture(scope="module")
def index() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE t USING fts5(x)")
    connection.execute("INSERT INTO t VALUES ('near the AND gate stands a NOT')")
    return connection


@pytest.mark.parametrize("query", HOSTILE)
def test_hostile_queries_are_words(index: sqlite3.Connection, query: str) -> None:
    for reading in readings(query):
        index.execute(f"SELECT rowid FROM t WHERE t MATCH ? ORDER BY {reading.order}", (reading.match,)).fetchall()


@given(st.text(max_size=40))
def test_no_text_is_a_syntax_error(query: str) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE t USING fts5(x)")
    connection.execute("INSERT INTO t VALUES (?)", (query.replace("\x00", " "),))
    for reading in readings(query):
        connection.execute("SELECT rowid FROM t WHERE t MATCH ?", (reading.match,)).fetchall()
    assert (
        connection.execute("SELECT ? LIKE ? ESCAPE '\\'", (query.strip(), like(query))).fetchone()[0] or "\x00" in query
    )
    connection.close()


def test_words_of_the_language_are_words(index: sqlite3.Connection) -> None:
    first = next(readings("AND gate NOT"))
    assert index.execute("SELECT count(*) FROM t WHERE t MATCH ?", (first.match,)).fetchone()[0] == 1


def test_the_excerpt_marks_the_words_and_cuts_around_them() -> None:
    text = "beginning " * 30 + "here the contract was signed\nby all " + "end " * 100
    line = excerpt(text, "Contract sign")
    assert "**contract** was **sign**ed by all" in line
    assert line.startswith("…")
    assert line.endswith("…")
    assert len(line) <= EXCERPT_CHARACTERS + 20


def test_the_excerpt_of_what_is_not_there_is_the_beginning() -> None:
    assert excerpt("short text", "nothing") == "short text"
    assert excerpt("", "nothing") == ""
