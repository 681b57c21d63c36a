"""How a processor computes attention.

Without flash attention a short question behind a long beginning is read in half the time, and a word is written no
slower (models/README, why 25); but the scores of all heads take room, which grows with the context.
"""

from __future__ import annotations

SCORES_CONTEXT_MAX = 16_384  # tokens; then flash attention, which keeps no scores


def keeps_scores(n_ctx: int) -> bool:
    """Whether a processor does without flash attention in a context of so many tokens."""
    return n_ctx <= SCORES_CONTEXT_MAX
