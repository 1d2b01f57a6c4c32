"""HOW it is asked: instructions, worked examples, numbered article, wire schema. Text only, no network."""

from communique.prompts.answer import Items, items_of, parse_answer, parse_brief, read_judgements
from communique.prompts.compose import MOST_STATEMENTS, brief_prompt, full_prompt, judge_prompt, repair
from communique.prompts.describe import SENTINELS, language_name
from communique.prompts.finding import Focus, focuses, has_words, passages, stretches
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
