"""The reading room: the library in a browser on this machine, served by ``digest serve``.

A face like the command line: it asks the stages, the library and publishing, and shows. ``guard`` decides who may ask, ``desk``
lets several threads share one workspace, ``pages`` answers, ``server`` listens.
"""
