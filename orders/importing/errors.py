"""What can be wrong with a file as a whole; what is wrong with one row is said beside that row."""

from __future__ import annotations


class UnreadableFileError(Exception):
    """The file can't be imported as it is. The text is one sentence for the person who chose it."""


class PassInterruptedError(Exception):
    """The job was cancelled, or somebody else is already at this pass; whoever catches it stops quietly."""
