"""Reads new research papers on your own machine and writes a digest of the best."""

__version__ = "0.1.0"
