"""Changes to people, organizations and who belongs where, one module per noun."""
