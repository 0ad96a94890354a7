"""PURE: what the pure packages share when they take input: frozen facts out of JSON, every fault named by its path."""
