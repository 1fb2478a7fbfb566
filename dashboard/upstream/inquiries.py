"""Deliveries of the floor's own: reads that no subject asked for, but that take their slots like everything else.

`inquiry` settles the unknown outcomes of a connection, `test` shows a person whether the connection works.
"""

from __future__ import annotations

INQUIRY = "inquiry"
TEST = "test"
OWN_SUBJECTS = frozenset({INQUIRY, TEST})
# A read of one subject, owed because a page shows it. It is nobody's news: its app tells when it found something new.
MIRROR = "mirror"
UNSEEN = OWN_SUBJECTS | {MIRROR}
