"""``make bench``: every benchmark, one after the other, each side by side with what it is compared to; or those named."""

import sys

from bench import analysis, embedding, ranking, reading, structure

ALL = {"reading": reading, "ranking": ranking, "embedding": embedding, "analysis": analysis, "structure": structure}

for name in sys.argv[1:] or ALL:
    print(f"== {(ALL[name].__doc__ or '').splitlines()[0]}")
    ALL[name].main()
