"""Tries LibCST's parser on a file that Python's own cannot vouch for, where a crash hurts nobody.

Needed only for syntax newer than the running interpreter (f-strings that reuse quotes, on 3.11), so
for a few files of a repository; it costs half a second each.
"""

import subprocess
import sys

SECONDS = 30

# A thread's stack is the smallest that any caller may have (macOS gives 512 KiB, Linux 8 MiB).
_CHILD = """
import sys, threading
import libcst
def parse(data=sys.stdin.buffer.read()):
    libcst.parse_module(data)
    print("parsed")
threading.excepthook = lambda arguments: None
threading.stack_size(512 * 1024)
thread = threading.Thread(target=parse)
thread.start()
thread.join()
"""


def survives(data: bytes) -> bool:
    """Whether LibCST parses the data without harm, in a process of its own with a small stack."""
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c", _CHILD],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.stdout.strip() == b"parsed"
