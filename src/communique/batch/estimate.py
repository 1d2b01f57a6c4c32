"""Estimate: what a batch would send, without sending it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from communique.batch.budget import Price
from communique.batch.fingerprint import document_key
from communique.documents import Document
from communique.documents.readers import Skipped
from communique.engine.plan import Asking, Plan, full_question, questions, reading_windows
from communique.schemas import Usage

CHARS_PER_TOKEN = 4
ANSWER_TOKENS: dict[Asking, int] = {"full": 400, "brief": 25, "trained": 20}
"""Guesses, by how the model is asked: three records of an ordinary article, or the average answer about one sentence."""
JUDGE_CHARS, JUDGE_TOKENS = 1800, 100
"""The same for a judge: what stands behind the article, and its answer."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run would take."""

    documents: int  # distinct ones
    duplicates: int  # places whose document stood in the input before
    skipped: int  # inputs that can't be read
    requests: int  # first requests, and a judge's about each; repairs and retries come on top
    usage: Usage  # four characters a token in prompts, `ANSWER_TOKENS` for an answer, 100 for a judge's
    cost: float | None  # US dollars, or None without a price


def estimate(
    documents: Iterable[Document | Skipped],
    plan: Plan,
    *,
    asking: Asking,
    context_tokens: int | None = None,
    price: Price | None = None,
    limit: int | None = None,
    provider_batch: bool = False,
    judged: bool = False,
) -> Estimate:
    """Read all inputs and count; nothing is sent.

    Args:
        documents: The input.
        plan: How documents would be read.
        asking: How the model is asked, as `Plan.asking` says.
        context_tokens: What the model takes.
        price: For the cost.
        limit: Places to read at most.
        provider_batch: Whether the provider's batch would be asked; the first document is read live.
        judged: Whether records are judged; as if every document had some.
    """
    seen: set[bytes] = set()
    places = skipped = requests = prompt_chars = answer = 0
    first = Usage()
    for document in documents:
        if limit is not None and places >= limit:
            break
        places += 1
        if isinstance(document, Skipped):
            skipped += 1
            continue
        key = document_key(document)
        if key in seen:
            continue
        seen.add(key)
        for question in questions(document, plan, asking=asking, context_tokens=context_tokens):
            requests += 1
            prompt_chars += sum(len(m.content) for m in question.prompt.messages)
            answer += min(question.prompt.max_tokens, ANSWER_TOKENS[asking])
        for window in reading_windows(document, plan, context_tokens) if judged else ():
            prompt = full_question(document, plan, window).prompt
            requests += 1
            prompt_chars += sum(len(m.content) for m in prompt.messages) + JUDGE_CHARS
            answer += JUDGE_TOKENS
        if len(seen) == 1:
            first = Usage(input_tokens=prompt_chars // CHARS_PER_TOKEN, output_tokens=answer)
    usage = Usage(input_tokens=prompt_chars // CHARS_PER_TOKEN, output_tokens=answer)
    cost = None
    if price is not None:
        cost = price.of(usage)
        if provider_batch:
            cost = price.batched.of(usage) + price.of(first) - price.batched.of(first)
    return Estimate(len(seen), places - skipped - len(seen), skipped, requests, usage, cost)
