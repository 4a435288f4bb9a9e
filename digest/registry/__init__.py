"""Which models exist, where their files are, and whether a file is what its card says.

A card describes one model; weights come from a Python package, from ``digest models pull``, or from the user's own
disk. This room knows files and hashes, not how a model is run.
"""

from digest.registry.cards import ModelCard, Registry, card_for_file

__all__ = ["ModelCard", "Registry", "card_for_file"]
