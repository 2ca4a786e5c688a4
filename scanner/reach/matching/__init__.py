"""How rules and ignore patterns match: each engine as its agents have it."""
