"""Train the adapter of the embedded model: `src/communique/backends/adapter.gguf`.

    python -m venv /tmp/train && /tmp/train/bin/pip install torch gguf tokenizers
    python benchmarks/adapter/questions.py > /tmp/questions.jsonl
    /tmp/train/bin/python benchmarks/adapter/train.py MODEL.gguf /tmp/questions.jsonl adapter.gguf --steps 330

A step is one stretch of an article with its questions: ten seconds on two cores that multiply bfloat16 (AMX). The loss is
the cross entropy of the answers' tokens; the one that says whether there is a record counts six times.
"""

from __future__ import annotations

import argparse
import json
import math
import random
from pathlib import Path
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812 - PyTorch's own name
from qwen import Batch, Model

RANK, ALPHA, FIRST = 8, 16, 12
WARM, KEPT = 20, 50
"""Steps until the rate is reached; steps between two that are written."""
DECISION = 6.0
LONGEST = 3800
"""Tokens; a longer stretch is left out."""


class Step(NamedTuple):
    """What is evaluated, the places whose next token is known, that token, and how much it counts."""

    batch: Batch
    where: list[int]
    target: list[int]
    weight: list[float]


def step_of(row: dict[str, Any], model: Model) -> Step:
    """Return the tokens of a stretch and its questions."""
    pairs = [(model.encode(_chat(turns)), answer) for turns, answer in row["asked"]]
    article = max((tokens for tokens, _ in pairs), key=len)[:-1]
    step = Step(Batch(list(article), len(article), [], []), [], [], [])
    for tokens, answer in pairs:
        said = model.tokenizer.encode(answer + "<|im_end|>")
        common = next((n for n, (a, b) in enumerate(zip(tokens, article, strict=False)) if a != b), len(tokens) - 1)
        start = len(step.batch.tokens) + len(tokens) - common
        step.batch.tokens.extend([*tokens[common:], *said.ids[:-1]])
        step.batch.starts.append(common)
        step.batch.lengths.append(len(tokens) - common + len(said.ids) - 1)
        marks = {answer.index(f'"{kind}":') + len(kind) + 2 for kind in json.loads(answer)}
        for index, token in enumerate(said.ids):
            begin, end = said.offsets[index]
            step.where.append(start + index - 1)
            step.target.append(token)
            step.weight.append(DECISION if any(begin <= mark < end for mark in marks) else 1.0)
    return step


def _chat(turns: list[tuple[str, str]]) -> str:
    said = "".join(f"<|im_start|>{role}\n{content}<|im_end|>\n" for role, content in turns)
    return f"{said}<|im_start|>assistant\n"


def main() -> None:
    """Train, and write the adapter."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--steps", type=int, default=330)
    parser.add_argument("--go-on", type=Path, metavar="ADAPTER", help="begin with these weights")
    parser.add_argument("--rate", type=float, default=3e-4, help="of learning, at its highest")
    args = parser.parse_args()
    torch.manual_seed(1)
    model = Model(args.model, RANK, ALPHA, FIRST)
    if args.go_on:
        model.load(args.go_on)
    steps = [step_of(json.loads(line), model) for line in args.questions.read_text("utf-8").splitlines()]
    steps = [step for step in steps if len(step.batch.tokens) <= LONGEST]
    parameters = list(model.added.parameters())
    optimizer = torch.optim.AdamW(parameters, lr=args.rate, betas=(0.9, 0.98), weight_decay=0.01)
    chance, queue = random.Random(5), list[Step]()
    for number in range(args.steps):
        if not queue:
            queue = chance.sample(steps, len(steps))
        step = queue.pop()
        rate = args.rate * min(1, (number + 1) / WARM)
        for group in optimizer.param_groups:
            group["lr"] = rate * (0.05 + 0.475 * (1 + math.cos(math.pi * number / args.steps)))
        logits = model.upper(model.lower(step.batch), step.batch, step.where)
        weight, target = torch.tensor(step.weight), torch.tensor(step.target)
        loss = (F.cross_entropy(logits, target, reduction="none") * weight).sum() / weight.sum()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        decided = weight == DECISION
        right = (logits.detach().argmax(-1) == target)[decided]
        print(
            f"{number + 1:4} loss {float(loss.detach()):.3f}, decisions {int(right.sum())} of {len(right)}", flush=True
        )
        if (number + 1) % KEPT == 0:
            model.save(args.out)
    model.save(args.out)


if __name__ == "__main__":
    main()
