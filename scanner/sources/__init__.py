"""Where content comes from. One source a file.

Each source has `streams(jobs, problems)`, iterators that are consumed by one thread each, and an
`origins` mapping that tells, when they have ended, which places hold each content.
"""
