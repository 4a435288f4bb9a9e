"""Many papers at once: the stages of a run on all cores, a process for each GPU, or the nodes of a cluster.

What is left to do stands in the library's queue, so that a batch can be stopped and goes on at any time.
"""
