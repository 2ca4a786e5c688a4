"""Named offline checks: each public function of a module here that takes a candidate is one.

A rule names `github_checksum` as `github-checksum`; what follows a colon is passed as the argument.
A check sees a candidate and says what it makes of it. None goes over the network, none raises, and
none puts a part of the value in its reason. One family a module; `scanner.detectors.judgement`
finds them by name, so a new check is a new function and nothing else.

What a check may conclude: where the provider *publishes* how its tokens are built, a token that is
built otherwise is dropped. Where the structure is only *observed*, one that does not show it loses
confidence, and one that does gains some.
"""
