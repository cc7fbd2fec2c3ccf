"""The history of a workbook as plain data: changes, the lines that tell them, their chain, and what they add up to.

`cells` says how a row stands in it, `chain` how a line is written, hashed and read, `state` what the rows were at a
line and which changes lead from there to those of today, `words` how it is told. The file is `storage/journal.py`, the
format docs/history.md.
"""
