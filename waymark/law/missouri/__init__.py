"""Missouri law. A section's rules stand in a module named for what it does and its number."""
