"""Deliveries of the floor's own: reads that no subject asked for, but that take their slots like everything else.

`inquiry` settles the unknown outcomes of a connection, `test` shows a person whether the connection works.
"""

from __future__ import annotations

INQUIRY = "inquiry"
TEST = "test"
OWN_SUBJECTS = frozenset({INQUIRY, TEST})
