"""What a repository can say to keep an agent from reading a file: one module for a kind of control.

A control only writes its setting. Whether that setting stops anything is not decided here: the
caller tries it on the reach model and drops what makes no difference.
"""

from scanner.reach.fixes.control import Control, Denial, Level
from scanner.reach.fixes.holders import Kind, kind_of
from scanner.reach.fixes.table import CONTROLS, ELSEWHERE
from scanner.reach.fixes.wishes import Wishes

__all__ = ["CONTROLS", "ELSEWHERE", "Control", "Denial", "Kind", "Level", "Wishes", "kind_of"]
