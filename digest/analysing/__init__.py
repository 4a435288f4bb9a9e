"""A document in, an analysis out: what a local model says of a paper, held against the paper itself.

``style`` and ``prompts`` decide what is asked, ``plan`` what the model reads, an ``engine`` runs it, ``reply`` takes
its text apart and ``verify`` checks every claim. ``analyse`` puts them in order.
"""

from digest.analysing.analyse import Task, analyse, analyse_all
from digest.analysing.request import Request, analysis_key
from digest.analysing.style import Style, load_style

__all__ = ["Request", "Style", "Task", "analyse", "analyse_all", "analysis_key", "load_style"]
