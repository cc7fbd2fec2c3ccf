"""Workbooks, lossless: read, rows appended, cells changed, all else kept. No word of refunds. package < reading < writing."""
