"""``make bench``: every benchmark, one after the other, each side by side with what it is compared to; or those named.

`python -m bench hostile` has options of its own and is run only when it is named.
"""

import sys

from bench import analysis, embedding, hostile, ranking, reading, structure, verify

ALL = {"reading": reading, "ranking": ranking, "embedding": embedding, "analysis": analysis, "structure": structure, "verify": verify}

if sys.argv[1:2] == ["hostile"]:
    hostile.main(sys.argv[2:])
else:
    for name in sys.argv[1:] or ALL:
        print(f"== {(ALL[name].__doc__ or '').splitlines()[0]}")
        ALL[name].main()
