"""Values without a format of their own: what follows a name like `password`, and URLs' passwords.

The front of `scanner.detectors.generic`, for the checks that rules name.
"""

from scanner.detectors.generic.judge import judge_named_value
from scanner.detectors.generic.url import judge_url_password

__all__ = ["judge_named_value", "judge_url_password"]
