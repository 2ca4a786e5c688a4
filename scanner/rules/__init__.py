"""Finds, decodes and validates the rule data: one provider, agent or subject a file."""

from scanner.rules.loading import digest, load_directory, load_file, root

__all__ = ["digest", "load_directory", "load_file", "root"]
