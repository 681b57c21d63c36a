"""`python -m models.distill corpus|train|export|evaluate|card|all`: the whole recipe from one command."""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path
from typing import Any

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
        train.add_argument("--set", nargs="*", default=[], metavar="KEY=VALUE", help="another value in the recipe")
    export = commands.add_parser("export", help="what `train` left becomes a GGUF")
    export.add_argument("--out", type=Path, default=Path("build/starter"))
    export.add_argument("--gguf", type=Path, default=STARTER / "starter.gguf")
    export.add_argument("--type", default="Q8_0", choices=("Q8_0", "Q5_1", "Q4_0", "F16"), help="of the matrices")
    evaluate = commands.add_parser("evaluate", help="run a GGUF with llama.cpp over labelled requests")
    evaluate.add_argument("--data", type=Path, nargs="*", default=[], help="JSONL; left out: the whole exam")
    evaluate.add_argument("--json", action="store_true", help="everything, as one JSON document")
    evaluate.add_argument("--gguf", type=Path, default=STARTER / "starter.gguf")
    evaluate.add_argument("--errors", action="store_true", help="print what was answered wrongly")
    card = commands.add_parser("card", help="measure the weights and write card.json")
    card.add_argument("--out", type=Path, help="what `train` left: measures also what only training knows")
    card.add_argument("--sample", type=Path, help="labelled requests outside the repository")
    certain = commands.add_parser("calibrate", help="what the model's certainty is worth, into calibration.json")
    certain.add_argument("--gguf", type=Path, default=STARTER / "starter.gguf")
    args = parser.parse_args()
    if args.command == "corpus":
        _corpus(args.count, args.seed)
    elif args.command == "evaluate":
        _evaluate(args)
    elif args.command == "card":
        _card(args.out, args.sample)
    elif args.command == "calibrate":
        from models.distill.calibrate import calibrate

        print(json.dumps(calibrate(args.gguf, STARTER / "calibration.json")))
    else:
        _make(args)


def _corpus(count: int, seed: int) -> None:
    from models.distill.compose import Composer
    from models.distill.corpus import digest, inventions, wordings
    from models.distill.encoding import encode

    lines = wordings()
    print(f"{len(lines)} wordings, {sum(line.held_out for line in lines)} held out, digest {digest()}")
    composer = Composer([line for line in lines if not line.held_out], inventions(), seed)
    for _ in range(count):
        marked = composer.draw()
        encoded = encode(marked)
        print(f"{marked.text!r}\n    {' '.join(encoded.answer) if encoded else 'too long'}")


def _evaluate(args: argparse.Namespace) -> None:
    from models.distill.evaluate import evaluate

    found = evaluate(args.gguf, args.data, errors=args.errors)
    if args.json:
        print(json.dumps(found, indent=1, ensure_ascii=False))
    else:
        _print_scores(found)


def _card(out: Path | None, sample: Path | None) -> None:
    from models.distill.card import write
    from models.starter import loss, product

    made = write(STARTER / "starter.gguf", out, sample, STARTER / "card.json")
    _print_scores(made["scores"])
    print("\nHow sure it said to be, and how often it was right:")
    for step in made["reliability"]:
        print(f"{step['low']:5.0%} to {step['high']:4.0%}  {step['n']:4}  said {step['said']:5.1%}  "
              f"right {step['right']:5.1%}")  # fmt: skip
    print(f"expected calibration error {made['expected_calibration_error']:.1%}\n")
    print(loss.statement(product.read()))


def _print_scores(found: dict[str, Any]) -> None:
    from models.distill.evaluate import table

    print(table([one | {"name": name} for name, one in found.items()]))
    for name, one in found.items():
        groups = [row for by in ("by_outcome", "by_tag", "by_language", "by_length") for row in one[by]]
        told = [f"{fact} {one[fact]:.1%}" for fact in ("handoff_recall", "false_handoff", "asked_back")]
        print(f"\n{name}: {', '.join(told)}, median {one['median_ms']} ms\n{table(groups)}")
        print("\n".join(one["confused"][:15]))


def _make(args: argparse.Namespace) -> None:
    from models.distill.export import export

    if args.command in {"train", "all"}:
        from models.distill.recipe import Recipe
        from models.distill.train import train

        chosen = dict(pair.split("=", 1) for pair in args.set)
        types = {field.name: type(field.default) for field in dataclasses.fields(Recipe)}
        train(Recipe(**{key: types[key](value) for key, value in chosen.items()}), args.out, args.processes)
    if args.command == "all":
        from models.distill.calibrate import calibrate

        export(args.out, STARTER / "starter.gguf")
        calibrate(STARTER / "starter.gguf", STARTER / "calibration.json")
        _card(args.out, None)
    if args.command == "export":
        export(args.out, args.gguf, args.type)


if __name__ == "__main__":
    main()
