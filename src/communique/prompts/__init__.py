"""HOW it is asked: instructions, worked examples, numbered article, wire schema. Text only, no network."""

from communique.prompts.answer import Items, items_of, parse_answer, parse_brief
from communique.prompts.compose import brief_prompt, full_prompt, passages, stretches
from communique.prompts.describe import SENTINELS, language_name
from communique.prompts.finding import Focus, focuses, has_words
from communique.prompts.follow_ups import MOST_STATEMENTS, judge_prompt, read_judgements, repair
from communique.prompts.prompt import Message, Prompt, fingerprint_of
from communique.prompts.wire import brief_schema, full_schema

__all__ = [
    "MOST_STATEMENTS",
    "SENTINELS",
    "Focus",
    "Items",
    "Message",
    "Prompt",
    "brief_prompt",
    "brief_schema",
    "fingerprint_of",
    "focuses",
    "full_prompt",
    "full_schema",
    "has_words",
    "items_of",
    "judge_prompt",
    "language_name",
    "parse_answer",
    "parse_brief",
    "passages",
    "read_judgements",
    "repair",
    "stretches",
]
