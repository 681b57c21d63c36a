"""What one server may take of this machine and of the user's patience. Every number has its unit in its name."""

from dataclasses import dataclass

CALLS_AT_ONCE_MAX = 8  # to one server; more wait for their turn
ROUNDS_MAX = 10  # how often a server may ask back within one call
QUESTIONS_A_CALL_MAX = 8  # to the user, one at a time
FIELDS_MAX = 20  # of one question
PAGES_MAX = 50  # of one list
PASSAGES_MAX = 50  # of one prompt
TOOLS_MAX = 500  # and resources, and prompts
REFUSED_MAX = 50  # of a list, that are remembered with why
DECLARATION_CHARACTERS_MAX = 200_000  # of one tool, as JSON
NAME_CHARACTERS_MAX = 200
ABOUT_CHARACTERS_MAX = 4_000
TEXT_CHARACTERS_MAX = 200_000  # of a result
STRUCTURED_CHARACTERS_MAX = 1_000_000
PICTURES_MAX, PICTURE_BYTES_MAX = 8, 4_000_000
SOUNDS_MAX = 8  # of as many bytes
LINKS_MAX = 50
LOG_LINES_A_MINUTE_MAX, LOG_CHARACTERS_MAX = 60, 500
PROGRESS_EVERY_S = 0.05  # faster ones are left out, never the last word: that is the result
LOOK_EVERY_S = 0.05  # how often a waiting call looks whether the user has cancelled it


@dataclass(frozen=True, slots=True)
class Limits:
    """`start_s`: from starting a program to its greeting; `total_s`: one call, with all its signs of life; `write_s`: a
    server that does not read what it is sent; `ping_s`: a sign of life after a call was given up; `ask_s`: the user's
    answer to a server's question; `grace_s`: to end by itself before it is killed."""

    start_s: float = 30.0
    total_s: float = 600.0
    write_s: float = 10.0
    ping_s: float = 2.0
    ask_s: float = 600.0
    grace_s: float = 2.0
    message_bytes_max: int = 8_000_000
    window_s: float = 10.0
    window_messages_max: int = 5_000
    window_bytes_max: int = 32_000_000
    garbage_lines_max: int = 200  # of a server that writes its log where messages belong
    stderr_kept_bytes: int = 8_000
    connect_s: float = 10.0
    abandoned_max: int = 4  # calls given up and never answered, until the server is started anew
