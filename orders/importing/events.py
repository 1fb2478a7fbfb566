"""What an import's events say to people; the orders it writes have events of their own."""

EVENT_KINDS = {
    "import.uploaded": "Uploaded a file of orders",
    "import.layout_changed": "Read the file in another encoding",
    "import.check_started": "Started a dry run",
    "import.checked": "Finished the dry run",
    "import.started": "Started the import",
    "import.finished": "Finished the import",
    "import.cancelled": "Stopped the import",
    "import.failed": "The import failed",
}
