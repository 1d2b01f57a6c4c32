"""Reasons of looking things up: evidence that can't be cited, values that are not in the article or not near the evidence."""

from __future__ import annotations

from communique.grounding.rules.rule import Reason

LOOKED_FOR: tuple[Reason, ...] = (
    Reason("malformed", "reject", "The model's output doesn't have the structure of this record type."),
    Reason("unreadable", "flag", "The model's value for this field has the wrong type; it was left out."),
    Reason("not_asked_for", "note", "The model returned a field that was not requested; it was left out."),
    Reason("no_evidence", "reject", "The record cites no sentence that can be used as evidence."),
    Reason("no_such_sentence", "flag", "The model cited a sentence number that doesn't exist in the article."),
    Reason(
        "cites_link", "flag", "The model cited a line that only links to another story; such a line is not evidence."
    ),
    Reason("heading_only", "note", "Only headings are cited, and a heading simplifies what the text says."),
    Reason("nobody_left", "reject", "None of the names in the record's main roles is in the article."),
    Reason(
        "not_in_article",
        "flag",
        "This name is not in the article; it was left out.",
        accepts="“Eva Holt” where the article says “Eva Holt”",
        rejects="“Ewa Holt” where the article says “Eva Holt”",
    ),
    Reason(
        "example_leak",
        "flag",
        "This name comes from the examples in the prompt, not from the article; it was left out.",
    ),
    Reason(
        "pieced_together", "note", "The words of this name are near the cited sentences, but not together as one name."
    ),
    Reason(
        "elsewhere_in_article",
        "flag",
        "The name is in the article, but not in or near the cited sentences, and no word there refers to it.",
    ),
    Reason("place_not_in_article", "flag", "This place is not in the article; it was left out."),
    Reason("time_not_in_article", "flag", "These time words are not in the article; they were left out."),
    Reason("time_elsewhere", "note", "The time words are not in or near the cited sentences."),
    Reason("words_not_in_article", "note", "These words are not in the article; they were left out."),
    Reason("words_elsewhere", "note", "The copied words are not in or near the cited sentences."),
    Reason("number_not_in_evidence", "flag", "This number is not in the cited sentences; it was left out."),
    Reason(
        "unsupported_words",
        "note",
        "The sentence that the model wrote contains names or numbers that are not in the evidence.",
    ),
    Reason(
        "no_words_for_language",
        "note",
        "There are no word lists for this language, so only names, times and quoted words were checked.",
    ),
    Reason("judge_cites_others", "flag", "The judge finds this in sentences that the record doesn't cite."),
    Reason(
        "judge_disagrees",
        "flag",
        "The judge, a model that read the whole article, considers this unlikely to be what the article says.",
    ),
    Reason(
        "denial_added",
        "note",
        "The model gave no denial, but a rule found one right after the claim, and it names the accused.",
    ),
    Reason("told_again", "note", "The model returned this record more than once; the drafts were merged."),
    Reason("told_otherwise", "note", "Another draft of the same record has a different value."),
    Reason("check_failed", "flag", "A custom check raised an exception or returned something that is not a check."),
)
