"""Tests that belong to no single app: the runner, the house rules, golden cases, whole flows, the browser."""
