"""PDF -> Document: reading order, sections, passages, figures, facts, hidden text and a grade.

`read` is the way in; `digest.reading.pdf.crop` cuts out a figure. The PDF library is loaded by the first call, not by the import.
"""

from digest.reading.document import READER_VERSION, read
from digest.reading.figures import overview

__all__ = ["READER_VERSION", "overview", "read"]
