"""``make bench``: every benchmark, one after the other, each side by side with what it is compared to; or those named.

Those of ``ALONE`` have options of their own and are run only when they are named.
"""

import sys

from bench import (
    analysis,
    asking,
    batch,
    calibration,
    chaos,
    claims,
    days,
    drift,
    embedding,
    hostile,
    kill,
    latency,
    library,
    pages,
    plan,
    ranking,
    reading,
    references,
    replay,
    search,
    serve,
    soak,
    structure,
    vectors,
    verify,
)

ALL = {
    "reading": reading,
    "ranking": ranking,
    "days": days,
    "embedding": embedding,
    "analysis": analysis,
    "structure": structure,
    "verify": verify,
    "plan": plan,
    "claims": claims,
}

ALONE = {
    "asking": asking,
    "calibration": calibration,
    "chaos": chaos,
    "drift": drift,
    "hostile": hostile,
    "batch": batch,
    "kill": kill,
    "pages": pages,
    "references": references,
    "latency": latency,
    "library": library,
    "replay": replay,
    "search": search,
    "serve": serve,
    "soak": soak,
    "vectors": vectors,
}

if sys.argv[1:2] and sys.argv[1] in ALONE:
    ALONE[sys.argv[1]].main(sys.argv[2:])
else:
    for name in sys.argv[1:] or ALL:
        print(f"== {(ALL[name].__doc__ or '').splitlines()[0]}")
        ALL[name].main()
