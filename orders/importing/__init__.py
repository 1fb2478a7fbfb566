"""Orders from a file: read it as it lies, map its columns, try it dry, then write it in chunks that survive a kill."""
