"""Reasons of looking things up: evidence that can't be cited, values that are not in the article or not near the evidence."""

from __future__ import annotations

from communique.grounding.rules.rule import Reason

LOOKED_FOR: tuple[Reason, ...] = (
    Reason("malformed", "reject", "What the model gave does not have the form of such a record."),
    Reason("unreadable", "flag", "The model's value for this field doesn't have its type; it was left out."),
    Reason("not_asked_for", "note", "The model gave a field that was not asked for; it was left out."),
    Reason("no_evidence", "reject", "No sentence that can be cited states the record."),
    Reason("no_such_sentence", "flag", "The model cited a sentence number that the article doesn't have."),
    Reason("cites_link", "flag", "The model cited a line that links to another story; it is no evidence."),
    Reason("heading_only", "note", "Only headings are cited; a heading shortens what the text says."),
    Reason("nobody_left", "reject", "No name in the record's main roles is in the article."),
    Reason(
        "not_in_article",
        "flag",
        "The article doesn't contain this name; it was left out.",
        accepts="“Eva Holt” where the article says “Eva Holt”",
        rejects="“Ewa Holt” where the article says “Eva Holt”",
    ),
    Reason(
        "example_leak",
        "flag",
        "The name comes from the examples in the prompt, not from the article; it was left out.",
    ),
    Reason("pieced_together", "note", "The words of this name are near the cited sentences, but not as one name."),
    Reason(
        "elsewhere_in_article",
        "flag",
        "The name is in the article, but not in or near the cited sentences, and no word there stands for it.",
    ),
    Reason("place_not_in_article", "flag", "The article doesn't contain this place; it was left out."),
    Reason("time_not_in_article", "flag", "The article doesn't contain these time words; they were left out."),
    Reason("time_elsewhere", "note", "The time words are not in or near the cited sentences."),
    Reason("words_not_in_article", "note", "The article doesn't contain these words; they were left out."),
    Reason("words_elsewhere", "note", "The copied words are not in or near the cited sentences."),
    Reason("number_not_in_evidence", "flag", "The cited sentences don't state this number; it was left out."),
    Reason(
        "unsupported_words",
        "note",
        "The model's own sentence has names or numbers that the evidence doesn't have.",
    ),
    Reason(
        "no_words_for_language",
        "note",
        "There are no word lists for this language: only names, times and words were looked for.",
    ),
    Reason("judge_cites_others", "flag", "The judge finds this in other sentences than the cited ones."),
    Reason(
        "judge_disagrees",
        "flag",
        "The judge, a model that saw the whole article, says that the article doesn't say so.",
    ),
    Reason(
        "denial_added",
        "note",
        "The model gave no denial; a rule found one that names the accused right behind the claim.",
    ),
    Reason("told_again", "note", "The model gave this record more than once; the drafts were merged."),
    Reason("told_otherwise", "note", "Another draft of the same record gave another value."),
    Reason("check_failed", "flag", "A custom check raised an error, or gave something that is no check."),
)
