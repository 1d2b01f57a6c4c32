"""The closed lists of the standard records: each value with what it means and an example.

The one place where they are defined: the full prompt shows them to the model, and docs/write_vocabulary.py makes
docs/reference/vocabulary.md of them. Terms are after PLOVER (mode, capacity, activity), FollowTheMoney and OpenSanctions
(kinds of actor, measures, topics), FactBank (commitment).
"""

from __future__ import annotations

ACTOR_KINDS = {
    "person": "a human being, named or described",
    "public_body": "a government, ministry, parliament, court, army, police, agency, or a body of states such as the UN or EU",
    "organization": "a party, union, church, charity, club, university, lobby",
    "company": "a firm or bank, state-owned ones too",
    "media": "a newspaper, agency, broadcaster, site, state media too",
    "vessel": "a ship or aircraft",
    "country": "a state or territory; its capital where that stands for it",
    "group": "people without a legal form: rebels, hackers, a delegation, a family, residents",
}
CAPACITIES = {
    "host": "receives the others",
    "visitor": "comes to them",
    "mediator": "brings the sides together and is none of them",
    "attendee": "anything else, or unclear",
}
MODES = {
    "meeting": "they meet, or how they talk isn't told, and no other value says more",
    "visit": "one side travels to the other",
    "summit": "heads of state or government meet, two or many, on a visit too",
    "negotiation": "they bargain over terms: talks, a round, mediation",
    "call": "by telephone or video",
    "multilateral": "a session or conference of several states or bodies",
}
STATUSES = {
    "held": "it took place",
    "ongoing": "it is going on at the time of the report",
    "planned": "a date, a place or an agreement to meet is stated, or it is expected",
    "proposed": "one side wants it, and the other hasn't agreed",
    "cancelled": "it was planned and called off or put off",
    "refused": "it was proposed, and a side says no",
    "broken_off": "it began, and a side left or ended it early",
    "unclear": "the article doesn't say",
}
COMMITMENTS = {
    "asserted": "the source states it as a fact: said, accused, charged, found",
    "probable": "the source thinks it likely: probably, believes, strong suspicion",
    "possible": "the source holds it possible: may, could, fears, suspects, arrested on suspicion of",
    "unspecified": "nobody stands behind it: is said to, was accused of, hearsay",
}
RESPONSES = {
    "denial": "says that it isn't true, rejects it, pleads not guilty",
    "admission": "says that it is true",
    "justification": "doesn't deny the act and gives a reason for it",
    "counter_accusation": "accuses the accuser instead; also a record of its own where an act is named",
    "no_comment": "declines to answer, or couldn't be reached",
    "other": "any other answer",
}
ACTIVITIES = {
    "armed_attack": "shelling, bombing, invasion, an attack by armed forces or groups",
    "killing": "murder, assassination, execution, poisoning",
    "detention": "arrest without cause, abduction, hostages, forced removal",
    "abuse": "torture, sexual violence, ill-treatment, violence between people",
    "repression": "of opposition, media or protests; persecution or genocide of a minority; discrimination",
    "threat": "threats, blackmail, coercion, pressure on a state or person",
    "border_violation": "of airspace, waters or a frontier; occupation",
    "treaty_violation": "a truce, treaty, law or resolution is broken, and no other value says how",
    "terrorism": "attacks meant to terrorise, and support for those who commit them",
    "espionage": "spying, infiltration, leaking of secrets",
    "sabotage": "damage to cables, plants, networks on purpose",
    "cyber_intrusion": "hacking, malware, denial of service",
    "cyber_theft": "theft of money or data by hacking",
    "election_interference": "with a vote, by money, hacking or fraud at the polls",
    "disinformation": "false reports, propaganda, lies to the public",
    "corruption": "bribery, embezzlement, abuse of an office, nepotism",
    "fraud": "deceit for gain, forgery, tax evasion, money laundering",
    "concealment": "a cover-up, withheld or false information, destroyed evidence",
    "obstruction": "of justice, an inquiry, aid or an agreement; bad faith",
    "organised_crime": "drugs, trafficking of people, smuggling, gangs",
    "negligence": "a duty of care or safety is broken",
    "arms_transfer": "weapons or ammunition are supplied or bought",
    "military_support": "troops, training, intelligence or money for a war",
    "wmd_programme": "nuclear, chemical, biological weapons, what they are made of, or missiles",
    "labour_export": "workers are sent abroad for the state's gain",
    "petroleum_transfer": "oil or fuel is sold, bought or shipped",
    "ship_to_ship_transfer": "cargo changes ships at sea",
    "commodity_trade": "coal, metals, fish, grain and other goods are traded",
    "dual_use_goods": "goods or technology for civil and military use are supplied",
    "luxury_goods": "luxury goods are supplied",
    "financial_services": "money is moved, banked or insured for somebody listed",
    "front_company": "ownership is hidden behind others",
    "transport": "carriage by sea, air or land; false flags, switched-off signals",
    "investment": "capital, joint ventures, building",
    "other": "none of these",
}
BREACHES = {
    "none": "nobody is said to break anything: the record is about a measure",
    "potential": "it may or could break sanctions, or fears of it are voiced",
    "alleged": "somebody says that it breaks or evades them",
    "found": "a court, panel or authority ruled so, or the article states it as a fact",
}
MEASURES = {
    "none": "no measure is reported: the record is about a breach",
    "called_for": "somebody outside of the deciding body demands it",
    "proposed": "the deciding body weighs, drafts or announces it",
    "imposed": "it is decided now",
    "in_force": "it was decided before and still holds, also where somebody demands its end",
    "eased": "it is loosened, or exceptions are granted",
    "lifted": "it is ended, or somebody is taken off a list",
    "refused": "the deciding body says that it won't impose it",
}
STAGES = {
    "potential": "a breach that may be",
    "alleged": "a breach that somebody claims",
    "found": "a breach that is stated as a fact",
    "proposed": "a measure that is demanded, weighed or pending",
    "imposed": "a measure that is taken, or in force",
    "eased": "a measure that is loosened",
    "lifted": "a measure that is ended",
    "refused": "a measure that is ruled out",
    "unclear": "neither is told",
}
MEASURE_KINDS = {
    "listing": "somebody is put on, or named for, a sanctions list",
    "asset_freeze": "assets or accounts are frozen",
    "travel_ban": "entry, visas or flights are refused",
    "arms_embargo": "no arms may be supplied",
    "export_control": "goods or technology may not be exported",
    "import_ban": "goods may not be bought; price caps",
    "financial": "banks, loans, payments, insurance are cut off",
    "sectoral": "a whole trade or sector is hit, an embargo, a blockade called sanctions",
    "diplomatic": "ties are cut, diplomats expelled as a sanction",
    "other": "any other, or only “sanctions”",
}
