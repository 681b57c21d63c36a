"""What made an answer, under the answer: short for everybody, whole for whoever points at it."""

from agent.protocol.records import AnswerLabel, Message, Role
from app.presenters.wording import count, duration, exactly, when

LEVELS = {
    "frontier": "large model",
    "secondary": "second model",
    "local": "on this machine",
    "rules": "by rules, without a model",
    "human": "by a person",
}
DIGEST_SHOWN = 12
DIGEST_UNDER_ANSWERS = 8  # enough to tell apart what one machine holds


def footnote(message: Message) -> str:
    """ "Starter 86e6a082 · on this machine · 0.3 s" """
    if message.role is not Role.AGENT or message.label is None:
        return ""
    label = message.label
    product = f"{model_name(label.model)} {label.model_sha256[:DIGEST_UNDER_ANSWERS]}".strip()
    parts = [product, LEVELS.get(label.level, label.level)]
    if label.summed_up:
        parts.append(f"{count(label.summed_up, 'older message')} summed up")
    if label.left_out:
        parts.append(f"without {count(label.left_out, 'older message')}")
    if label.data_from is not None:
        parts.append(f"data from {when(label.data_from, message.created_at)}")
    if label.total_ms is not None:
        parts.append(duration(label.total_ms))
    if not message.complete:
        parts.append("stopped")
    return " · ".join(part for part in parts if part)


def provenance(message: Message) -> str:
    """All that is known about how the answer came to be, one fact a line."""
    return _facts(message.label) if message.label else ""


def _facts(label: AnswerLabel) -> str:
    facts = (
        ("Level", LEVELS.get(label.level, label.level)),
        ("Model", model_name(label.model)),
        ("Model digest", label.model_sha256[:DIGEST_SHOWN]),
        ("Adapter digest", label.adapter_sha256[:DIGEST_SHOWN]),
        ("Prompt version", label.prompt_version),
        ("Settings", label.config_hash[:DIGEST_SHOWN]),
        ("Confidence", f"{label.confidence:.0%}" if label.confidence is not None else ""),
        ("Known as a summary only", count(label.summed_up, "message") if label.summed_up else ""),
        ("Not known", count(label.left_out, "message") if label.left_out else ""),
        ("Oldest data used", exactly(label.data_from) if label.data_from is not None else ""),
        ("First word after", duration(label.first_token_ms) if label.first_token_ms is not None else ""),
        ("Whole answer after", duration(label.total_ms) if label.total_ms is not None else ""),
    )
    return "\n".join(f"{name}: {value}" for name, value in facts if value)


def model_name(name: str) -> str:
    return "Starter" if name.lower() == "starter" else name
