"""The judgement of values without a format of their own. See `judge` for the order of its tests."""
