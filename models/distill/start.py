"""Where training starts from: a tokenizer learnt from composed requests, and words that mean what the teacher says.

Each whole word of the tokenizer begins as the teacher's vector of it, in fewer dimensions. So a word that no request
ever held, "dehumidifier", stands near those that some did.
"""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer

from models.distill import tokenizer as bpe
from models.distill.batches import draw
from models.distill.compose import Composer
from models.distill.network import Llama, Shape
from models.distill.teacher import Teacher, folder

REQUESTS = 30_000  # that the tokenizer is learnt from
WORDS = 12_000  # of the teacher's, commonest first, that should be whole
SCALE = 0.5  # of a word beside what the blocks add to it: too small, and a word seldom seen is not seen at all


def write(out: Path, composer: Composer, shape: Shape, words: list[str]) -> None:
    """tokenizer.json and start.pt, from which every process begins."""
    text = [encoded.prompt for encoded in draw(composer, REQUESTS)]
    tokenizer = bpe.train(text + [f" {word}" for word in words[:WORDS]] * 4, shape.vocabulary)
    tokenizer.save(str(out / "tokenizer.json"))
    network = Llama(shape)
    with torch.no_grad():
        network.token_embd.weight.mul_(SCALE / network.token_embd.weight.std())
        _teach_words(network.token_embd.weight, tokenizer, frozenset(words))
        network.output_norm.weight.fill_(0.06)  # tied ends: what is large going in would be wild coming out
    torch.save(network.state_dict(), out / "start.pt")


def _teach_words(embedding: torch.Tensor, tokenizer: Tokenizer, words: frozenset[str]) -> None:
    whole = {token[1:]: number for token, number in tokenizer.get_vocab().items() if token[0] == "Ġ"}
    taught = sorted(word for word in whole if word in words)
    meanings = Teacher(folder()).meanings(taught)
    meanings -= meanings.mean(0)
    _, _, directions = torch.linalg.svd(meanings, full_matrices=False)
    fewer = meanings @ directions[: embedding.shape[1]].T
    fewer *= SCALE / fewer.pow(2).mean(1, keepdim=True).sqrt()
    embedding[[whole[word] for word in taught]] = fewer
