"""Pages about people and keys, one module per noun."""
