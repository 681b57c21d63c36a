"""`python -m models.distill corpus|train|export|evaluate|card|all`: the whole recipe from one command."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

STARTER = Path(__file__).parents[1] / "starter"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m models.distill", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    corpus = commands.add_parser("corpus", help="print some requests with their answers")
    corpus.add_argument("--count", type=int, default=20)
    corpus.add_argument("--seed", type=int, default=1)
    for name in ("train", "all"):
        train = commands.add_parser(name)
        train.add_argument("--out", type=Path, default=Path("build/starter"))
        train.add_argument("--processes", type=int, default=2, help="one on a busy machine")
        train.add_argument("--begin", type=Path, help="go on from the weights and tokenizer in this folder")
        train.add_argument("--set", nargs="*", default=[], metavar="KEY=VALUE", help="another value in the recipe")
    export = commands.add_parser("export", help="what `train` left becomes a GGUF")
    export.add_argument("--out", type=Path, default=Path("build/starter"))
    export.add_argument("--gguf", type=Path, default=STARTER / "starter.gguf")
    evaluate = commands.add_parser("evaluate", help="run a GGUF with llama.cpp over labelled requests")
    evaluate.add_argument("--data", type=Path, help="JSONL; left out: the held-out set of the recipe")
    evaluate.add_argument("--gguf", type=Path, default=STARTER / "starter.gguf")
    evaluate.add_argument("--errors", action="store_true", help="print what was answered wrongly")
    card = commands.add_parser("card", help="measure the weights and write card.json")
    card.add_argument("--out", type=Path, nargs="+", default=[Path("build/starter")], help="the stages, in order")
    card.add_argument("--sample", type=Path, help="labelled requests outside the repository")
    args = parser.parse_args()
    if args.command == "corpus":
        _corpus(args.count, args.seed)
    elif args.command == "evaluate":
        from models.distill.evaluate import evaluate as run

        run(args.gguf, args.data, errors=args.errors)
    elif args.command == "card":
        from models.distill.card import write

        write(STARTER / "starter.gguf", args.out, args.sample, STARTER / "card.json")
    else:
        _make(args)


def _corpus(count: int, seed: int) -> None:
    from models.distill.corpus import Composer, digest, wordings
    from models.distill.encoding import encode

    lines = wordings()
    print(f"{len(lines)} wordings, {sum(line.held_out for line in lines)} held out, digest {digest()}")
    composer = Composer([line for line in lines if not line.held_out], seed)
    for _ in range(count):
        marked = composer.draw()
        encoded = encode(marked)
        print(f"{marked.text!r}\n    {' '.join(encoded.answer) if encoded else 'too long'}")


def _make(args: argparse.Namespace) -> None:
    from models.distill.export import export

    if args.command in {"train", "all"}:
        from models.distill.train import Recipe, train

        chosen = dict(pair.split("=", 1) for pair in args.set)
        types = {field.name: type(field.default) for field in dataclasses.fields(Recipe)}
        train(Recipe(**{key: types[key](value) for key, value in chosen.items()}), args.out, args.begin, args.processes)
    if args.command == "all":
        export(args.out, STARTER / "starter.gguf")
    if args.command == "export":
        export(args.out, args.gguf)


if __name__ == "__main__":
    main()
