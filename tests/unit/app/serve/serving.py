"""A server under test, and the words for it."""

from collections.abc import Callable
from dataclasses import dataclass

import httpx
import openai

TOKEN = "a-token-for-the-tests"
SECONDS = 20


@dataclass(frozen=True)
class Served:
    port: int
    client: openai.OpenAI
    http: httpx.Client  # sends the token along

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"


Serve = Callable[..., Served]
