"""Declared task scope, protected paths and weakened gates: where a change left its bounds."""

from scanner.boundary.check import Boundary, BoundaryResult

__all__ = ["Boundary", "BoundaryResult"]
