"""``make bench``: every benchmark, one after the other, each side by side with what it is compared to."""

from bench import reading, sections

for module in (reading, sections):
    print(f"== {(module.__doc__ or '').splitlines()[0]}")
    module.main()
