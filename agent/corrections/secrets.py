"""Whether words hold a secret. A pair that might is not kept at all: cut words would teach wrong borders.

On the safe side: a false alarm costs one example, a miss would keep a password.
"""

import re

from agent.agentrc.references import literal_secret

_SAID = re.compile(
    r"\b(?:pass ?words?|pass ?phrase|passwd|passwort|kennwort|contraseña|clave|mot de passe|pin(?: ?code)?|cvv|"
    r"(?:api|access|secret|private)[ _-]?(?:key|token)|token|secret)\b\W{0,4}"
    r"(?:(?:is|was|ist|lautet|es|est|are|to|for|von|zu)\b|[:=]|\S*\d)",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)")
# Long, without a vowel's rhythm: letters and digits mixed, as keys are and words are not.
_RANDOM = re.compile(r"(?<![\w/.@-])(?=[A-Za-z0-9+_-]*\d)(?=[A-Za-z0-9+_-]*[a-z])(?=[A-Za-z0-9+_-]*[A-Z])"
                     r"[A-Za-z0-9+_-]{20,}(?![\w/.@-])")  # fmt: skip


def holds_secret(text: str) -> bool:
    """A known shape of key, a password that is told, a card number, or a long random word."""
    return (
        literal_secret(text) is not None
        or _SAID.search(text) is not None
        or _RANDOM.search(text) is not None
        or any(_is_card(found.group()) for found in _DIGITS.finditer(text))
    )


def _is_card(written: str) -> bool:
    """Luhn's check, which numbers of payment cards pass and one in ten of others."""
    digits = [int(letter) for letter in written if letter.isdigit()]
    doubled = (2 * digit - 9 * (digit > 4) for digit in digits[-2::-2])
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
