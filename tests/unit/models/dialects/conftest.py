"""Real chat templates, where set-up has laid them, and llama.cpp's own grammar as the judge of ours."""

import sys
from pathlib import Path

import pytest

from tests.tiny_gguf import write_tiny_gguf
from tests.unit.models.dialects.grammar_judge import Judge

TEMPLATES = Path(sys.prefix) / "share" / "carryon" / "templates"
MISSING = "set-up has not laid them here: python3 packaging/bootstrap.py setup --dev"


@pytest.fixture(scope="session")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Judge:
    return Judge(write_tiny_gguf(tmp_path_factory.mktemp("judge") / "tiny.gguf"))


def real_templates() -> list[Path]:
    return sorted(TEMPLATES.glob("*.jinja"))
