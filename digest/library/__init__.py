"""Memory: everything read is kept here and can be found again.

SQLite (``store``) is the truth; the FAISS files (``vectors``) are derived from it and can be rebuilt at any time.
"""
