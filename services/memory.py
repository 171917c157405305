"""Keep the garbage collector from walking what start-up made."""

from __future__ import annotations

import gc


def keep_startup_objects() -> None:
    """Set aside all objects there are; call once, when everything is built.

    They live as long as the process. Without this each full collection walks them, which holds up acknowledgements
    for 40 ms and more.
    """
    gc.collect()
    gc.freeze()
