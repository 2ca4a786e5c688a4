"""Data that flows through Python code: one check a file, triggers before parsing."""

from scanner.dataflow.driver import check_file, has_trigger

__all__ = ["check_file", "has_trigger"]
