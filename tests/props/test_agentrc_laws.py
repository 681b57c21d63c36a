"""Laws of the settings file: places are right, edits harm nothing, no bytes break it, layers obey one order."""

import tomllib
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from agent.agentrc.check import check_bytes
from agent.agentrc.classings import CLASSES, REPEATS, TOUCHES
from agent.agentrc.editing import set_value, unset
from agent.agentrc.errors import RcError
from agent.agentrc.keys import Path, format_key, parse_key
from agent.agentrc.layers import LAYERS, Entry, Layer
from agent.agentrc.options import OPTIONS, Kind
from agent.agentrc.positions import positions
from agent.agentrc.settings import Settings
from agent.agentrc.sources import builtin
from agent.agentrc.stack import Stack

# Any TOML

bare = st.text("abcXYZ019_-", min_size=1, max_size=6)
wild = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=6)


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


keys = bare | wild.map(quoted) | st.text('ab .#=[]{}"', max_size=5).map(lambda text: f"'{text}'")
blanks = st.sampled_from(["", " ", "\t", "  "])
strings = st.one_of(
    wild.map(quoted),
    st.text('ab #=[]{}",', max_size=6).map(lambda text: f"'{text}'"),
    st.text("ab #=\n[]'", max_size=8).map(lambda text: f'"""{text}"""'),
    st.text('ab #=\n[]"', max_size=8).map(lambda text: f"'''{text} '''"),
    st.sampled_from(
        ['"""a""\\"b"""', '""""quoted""""', "''''a'''''", '"a\\\\"', '"""a\\\n   b"""', '""', "''", '""""""']
    ),
)
plain = st.sampled_from(
    ["1", "-1_000", "0xff", "1.5e3", "inf", "true", "2020-01-02", "2020-01-02 03:04:05Z", "03:04:05"]
)
scalars = strings | plain
gaps = st.sampled_from(["", " ", "\n", " # c ] }\n", "\n\n  "])


@st.composite
def arrays(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    parts = draw(st.lists(inner, max_size=3))
    text = ",".join(draw(gaps) + part + draw(gaps) for part in parts)
    return f"[{text}{draw(st.sampled_from(['', ','])) if parts else ''}{draw(gaps)}]"


@st.composite
def tables(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    pairs = [f" {draw(keys)} = {draw(inner)}" for _ in range(draw(st.integers(0, 3)))]
    return "{" + ",".join(pairs) + " }"


values = st.recursive(scalars, lambda inner: arrays(inner) | tables(inner), max_leaves=5)
dotted = st.lists(keys, min_size=1, max_size=3).map(" . ".join) | st.lists(keys, min_size=1, max_size=3).map(".".join)


@st.composite
def documents(draw: st.DrawFn) -> str:
    lines = []
    for _ in range(draw(st.integers(0, 8))):
        form = draw(st.integers(0, 5))
        if form == 0:
            lines.append(draw(blanks) + "# " + draw(wild).replace("\n", ""))
        elif form == 1:
            lines.append(f"{draw(blanks)}[{draw(blanks)}{draw(dotted)}{draw(blanks)}]{draw(blanks)}# h")
        elif form == 2:
            lines.append(f"[[{draw(dotted)}]]")
        else:
            lines.append(
                f"{draw(blanks)}{draw(dotted)}{draw(blanks)}={draw(blanks)}{draw(values)}{draw(blanks)}# c = 1"
            )
    return "\n".join(lines)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[tuple[Any, ...], Any]]:
    if isinstance(value, dict):
        return [leaf for key, inner in value.items() for leaf in leaves(inner, (*path, key))]
    if isinstance(value, list):
        return [leaf for index, inner in enumerate(value) for leaf in leaves(inner, (*path, index))]
    return [(path, value)]


def begins_with(text: str, value: Any) -> bool:
    """Whether some beginning of the text reads as exactly this value."""
    for end in range(1, len(text) + 1):
        try:
            read = tomllib.loads(f"x = {text[:end]}")["x"]
        except tomllib.TOMLDecodeError:
            continue
        if read == value:
            return True
    return False


@settings(max_examples=300, deadline=None)
@given(documents())
def test_every_value_is_found_where_it_stands(text: str):
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        assume(False)
    places = positions(text)
    lines = text.split("\n")
    for path, value in leaves(data):
        place = places[path]
        rest = "\n".join([lines[place.value_line - 1][place.value_column - 1 :], *lines[place.value_line :]])
        assert begins_with(rest, value), (path, place)


# Files of settings

NAMES = st.sampled_from(["work", "a.b", "Dana", "email.*", 'say "x"', "ünï"])
SAMPLES: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.TEXT: st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=10).filter(str.strip),
    Kind.TONE: st.sampled_from(["terse", "warm", "like a pirate # arr"]),
    Kind.BOOL: st.booleans(),
    Kind.SCHEMA: st.just(1),
    Kind.PORT: st.integers(1, 65535),
    Kind.LANGUAGE: st.sampled_from(["en", "de", "pt-BR"]),
    Kind.ZONE: st.sampled_from(["local", "Europe/Berlin"]),
    Kind.ADDRESS: st.just("me@example.org"),
    Kind.URL: st.sampled_from(["http://127.0.0.1/x#y", "keyring:a"]),
    Kind.REFERENCE: st.sampled_from(["keyring:work", "env:PASS"]),
    Kind.PATH: st.sampled_from(["~/a", "/b c"]),
    Kind.PATHS: st.lists(st.sampled_from(["~/a", "~/b c"]), max_size=3),
    Kind.TEMPLATE: st.sampled_from(['{"a": "{{b}}"}', "text {{b}}"]),
    Kind.TEXTS: st.lists(st.sampled_from(["one", "two, three"]), max_size=3),
    Kind.COMMAND: st.lists(st.sampled_from(["git-server", "--at", "a b # c"]), min_size=1, max_size=3),
    Kind.DURATION: st.sampled_from(["30s", "5m", "7d"]),
    Kind.SIZE: st.sampled_from(["off", "500 MB", "2 GB"]),
    Kind.TOKENS: st.sampled_from(["auto", 2_048, 16_384]),
    Kind.CLASSING: st.fixed_dictionaries(
        {
            "class": st.sampled_from(CLASSES),
            "fresh": st.just("0s"),
            "repeat": st.sampled_from(REPEATS),
            "touches": st.lists(st.sampled_from(TOUCHES), max_size=2),
            "seen": st.just("0123456789abcdef"),
        }
    ),
}


@st.composite
def assignments(draw: st.DrawFn) -> tuple[Path, Any]:
    option = draw(st.sampled_from([option for option in OPTIONS if option.key != "lock"]))
    path = tuple(draw(NAMES) if part == "*" else part for part in option.pattern)
    if path[0] == "servers":  # whose names have a form of their own
        path = (path[0], draw(st.sampled_from(["git", "my-files"])), *path[2:])
    return path, draw(st.sampled_from(option.choices) if option.kind is Kind.CHOICE else SAMPLES[option.kind])


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """A file as people keep it: comments, spacing, tables in any order."""
    tables: dict[Path, list[str]] = {}
    for path, value in dict(draw(st.lists(assignments(), max_size=8))).items():
        text = str(value).lower() if isinstance(value, (bool, int)) else listed(value)
        line = f"{draw(blanks)}{format_key(path[-1:])}{draw(blanks)}={draw(blanks)}{text}"
        tables.setdefault(path[:-1], []).append(line + draw(st.sampled_from(["", "  # why", "\n", "\n# ---"])))
    parts = ["\n".join(["# top", *tables.pop((), [])])]
    for path in draw(st.permutations(list(tables))):
        parts.append("\n".join([f"[{format_key(path)}] # t", *tables[path]]))
    text = draw(st.sampled_from(["\n", "\n\n"])).join(parts) + draw(st.sampled_from(["", "\n", "\n\n# end\n"]))
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n"]))).encode()


def listed(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{format_key((name,))} = {listed(inner)}" for name, inner in value.items()) + " }"
    return "[" + ", ".join(quoted(entry) for entry in value) + "]" if isinstance(value, list) else quoted(value)


def read(raw: bytes) -> dict[str, Any]:
    return tomllib.loads(raw.decode().replace("\r\n", "\n"))


def hunk(old: list[str], new: list[str]) -> tuple[int, int]:
    """How many lines lie between the common beginning and the common end, in each."""
    start = next(
        (at for at, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), min(len(old), len(new))
    )
    rest = list(zip(reversed(old[start:]), reversed(new[start:]), strict=False))
    end = next((at for at, (one, other) in enumerate(rest) if one != other), len(rest))
    return len(old) - start - end, len(new) - start - end


def has(data: Any, path: Path) -> bool:
    for name in path:
        if not isinstance(data, dict) or name not in data:
            return False
        data = data[name]
    return True


@settings(max_examples=250, deadline=None)
@given(files(), assignments())
def test_an_edit_changes_one_value_and_keeps_every_other_line(raw: bytes, change: tuple[Path, Any]):
    path, value = change
    before = read(raw)
    edited = set_value(raw, path, value)
    table: Any = read(edited)
    for name in path[:-1]:
        table = table[name]
    assert table[path[-1]] == value
    gone, come = hunk(raw.decode().splitlines(), edited.decode().splitlines())
    assert (gone, come) in ([(0, 0), (1, 1)] if has(before, path) else [(0, 1), (0, 2), (0, 3), (0, 4)])
    if raw.strip():
        assert edited.endswith(b"\n") == raw.endswith(b"\n")
    if b"\r\n" in raw:
        assert edited.count(b"\n") == edited.count(b"\r\n")
    if not has(before, path):
        again = unset(edited, path)
        assert read(again) == before or read(again) == {**before, **_emptied(before, path)}


def _emptied(data: dict[str, Any], path: Path) -> dict[str, Any]:
    """What stays of tables that an edit made and the undoing emptied."""
    if len(path) == 1:
        return {}
    inner = data.get(path[0], {})
    return {path[0]: {**inner, **_emptied(inner, path[1:])}}


@st.composite
def dense_files(draw: st.DrawFn) -> bytes:
    """The same settings as dotted keys and inline tables."""
    lines = []
    for path, value in dict(draw(st.lists(assignments(), max_size=6, unique_by=lambda pair: pair[0][:2]))).items():
        text = str(value).lower() if isinstance(value, (bool, int)) else listed(value)
        at = draw(st.integers(1, len(path)))
        inner = f"{{ {format_key(path[at:])} = {text} }}" if at < len(path) else text
        lines.append(f"{format_key(path[:at])} = {inner} # c")
    return "\n".join([*lines, ""]).encode()


@settings(max_examples=250, deadline=None)
@given(dense_files(), assignments())
def test_an_edit_of_a_dense_file_is_exact_or_refused(raw: bytes, change: tuple[Path, Any]):
    try:
        before = read(raw)
    except tomllib.TOMLDecodeError:
        assume(False)  # two inline tables of one name
    try:
        edited = set_value(raw, *change)
    except RcError:
        return
    gone, come = hunk(raw.decode().splitlines(), edited.decode().splitlines())
    assert gone <= 1
    assert come <= 4
    assert has(read(edited), change[0])
    assert set(before) <= set(read(edited))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200) | documents().map(str.encode) | files())
def test_no_bytes_break_the_check(raw: bytes):
    checked = check_bytes("user", raw, "rc")
    for problem in checked.problems:
        assert problem.text
        assert problem.line >= 0
    if not checked.errors:
        Stack([builtin(), checked.layer]).settings()


@settings(max_examples=200, deadline=None)
@given(files())
def test_the_same_values_compile_to_the_same_text(raw: bytes):
    layer = check_bytes("user", raw, "here").layer
    commented = check_bytes("user", b"# another\n" + raw, "there").layer
    one, other = Stack([builtin(), layer]), Stack([builtin(), commented])
    assert one.compiled() == other.compiled()
    assert Settings.of(one.compiled()) == one.settings()


@given(st.lists(wild.filter(bool), min_size=1, max_size=4).map(tuple))
def test_a_key_survives_being_written(path: Path):
    assert parse_key(format_key(path)) == path


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(LAYERS[1:]), st.dictionaries(st.sampled_from(["tone", "language"]), st.text(), max_size=2)
    )
)
def test_each_key_has_the_word_of_the_highest_layer_that_speaks(said: dict[str, dict[str, str]]):
    layers = [
        Layer(name, tuple(Entry((key,), value, name) for key, value in words.items())) for name, words in said.items()
    ]
    stack = Stack([builtin(), *layers])
    for key in ("tone", "language"):
        speakers = [name for name in LAYERS[1:] if key in said.get(name, {})]
        assert stack.origin(key).layer == (speakers or ["built-in"])[-1]
        assert stack.value(key) == (said[speakers[-1]][key] if speakers else {"tone": "neutral", "language": "en"}[key])
