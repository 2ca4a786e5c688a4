"""The `agentreach` command, and `python -m scanner`: the command line in a process of its own."""

import gc
import sys


def main() -> int:
    """Run the command line and return the exit code; never raises."""
    # Imports and rules make many objects and no garbage: looking for some costs a hook 5 %.
    gc.set_threshold(200_000, 20, 20)
    from scanner import cli

    code = cli.main()
    gc.freeze()  # or leaving, the interpreter looks for garbage once more: 10 % of a hook
    return code


if __name__ == "__main__":
    sys.exit(main())
