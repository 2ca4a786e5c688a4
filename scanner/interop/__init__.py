"""Reads what other tools have: their configurations, reports and baselines."""
