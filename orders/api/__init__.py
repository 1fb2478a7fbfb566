"""The Public API for production orders."""
