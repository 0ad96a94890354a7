"""The law, pure: frozen facts in, findings out. No clock, no database, no setting, no network, no language.

docs/scope.md says what is decided here and what is refused; docs/law/ says how each section is read.
"""
