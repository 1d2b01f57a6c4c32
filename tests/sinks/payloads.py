"""Texts that would run, fetch or break out of a page that is not careful. Our own; each marks itself if it runs."""

from communique.schemas import (
    Actor,
    Allegation,
    Check,
    Derived,
    DocumentInfo,
    Evidence,
    Judgement,
    Meeting,
    Participant,
    Place,
    Provenance,
    Rejection,
    Response,
    VerifiedSummary,
)

HIT = "window.hit=(window.hit||0)+1"
WEB = "http://evil.invalid"
PAYLOADS = [
    f"<script>{HIT}</script>",
    f"</script><script>{HIT}</script>",
    f"</title><script>{HIT}</script>",
    f"</style><script>{HIT}</script>",
    f"</textarea></noscript><script>{HIT}</script>",
    f"--><script>{HIT}</script><!--",
    f"<!--<script>{HIT}</script>-->",
    f"<img src=x onerror='{HIT}'>",
    f'"><img src=x onerror="{HIT}">',
    f"'><img src=x onerror={HIT}>",
    f"<svg onload='{HIT}'>",
    f"<svg><script>{HIT}</script></svg>",
    f"<svg><animate onbegin='{HIT}' attributeName=x dur=1s>",
    f"<body onload='{HIT}'>",
    f"<details open ontoggle='{HIT}'>",
    f"<input autofocus onfocus='{HIT}'>",
    f"<video><source onerror='{HIT}'></video>",
    f"<iframe srcdoc='<script>parent.{HIT}</script>'></iframe>",
    f"<math><mi><style><img src=x onerror='{HIT}'></style></mi></math>",
    f"javascript:{HIT}",
    f"java\tscript:{HIT}",
    f"\x01javascript:{HIT}",
    f" JAVASCRIPT:{HIT}",
    f"data:text/html,<script>{HIT}</script>",
    f"vbscript:{HIT}",
    f"{{{{constructor.constructor('{HIT}')()}}}}",
    f"${{{HIT}}}",
    f'";{HIT};//',
    f"\\u003cscript\\u003e{HIT}\\u003c/script\\u003e",
    f"\u2028{HIT}\u2029",
    f"]]><script>{HIT}</script>",
    f"<meta http-equiv=refresh content='0;url={WEB}/meta'>",
    f"<link rel=stylesheet href='{WEB}/css'>",
    f"<img src='{WEB}/img'>",
    f"<iframe src='{WEB}/frame'></iframe>",
    f"<base href='{WEB}/'>",
    f"<form action='{WEB}/form'><input type=submit autofocus></form>",
    f"<style>@import '{WEB}/import';*{{background:url({WEB}/bg)}}</style>",
    f"<object data='{WEB}/object'></object>",
    "__proto__",
    "</script",
    "\u202egnp.exe\u202c \x1b[31m",
]


def hostile(payload):
    """A summary with a payload in every field that takes text."""
    actor, evidence = (
        Actor(name=payload, role=payload, country=payload, country_code=payload),
        Evidence(sentence=1, exact=payload),
    )
    common = {
        "id": payload,
        "evidence": (evidence,),
        "verdict": "flagged",
        "place": Place(name=payload, country=payload),
        "when": payload,
    }
    said = Check(
        field=payload,
        outcome="unsupported",
        reason=payload,
        severity="flag",
        detail=payload,
        proposal=payload,
        was=payload,
    )
    common["checks"] = tuple(
        said.model_copy(update=change)
        for change in ({}, {"severity": "note"}, {"change": "left_out"}, {"change": "replaced"})
    )
    common["judgements"] = (Judgement(field=payload, statement=payload, probability=0.5, model=payload),)
    common["derived"] = Derived(
        date=payload, date_basis=payload, not_after=payload, group_key=payload, date_note=payload
    )
    meeting = Meeting(
        **common,
        status="held",
        topics=(payload,),
        outcome=payload,
        participants=(Participant(name=payload), Participant(name=f"{payload}2")),
    )
    allegation = Allegation(
        **common, claim=payload, cue=payload, objects=(payload,), accusers=(actor,), accused=(Actor(name=f"{payload}3"),),
        responses=(Response(type="denial", responders=(actor,), cue=payload, evidence=(evidence,)),),
    )  # fmt: skip
    info = DocumentInfo(
        id=payload,
        sha256=payload,
        title=payload,
        published=payload,
        published_basis=payload,
        source=payload,
        language=payload,
        outlet=payload,
        notes=(payload,),
    )
    made = Provenance(communique=payload, backend=payload, model=payload, warnings=(payload,))
    rejection = Rejection(kind=payload, reason=payload, field=payload, detail=payload, draft={payload: payload})
    return VerifiedSummary(
        document=info,
        records={"meetings": (meeting,), "allegations": (allegation,), payload: (allegation,)},
        rejections=(rejection,),
        provenance=made,
    )
