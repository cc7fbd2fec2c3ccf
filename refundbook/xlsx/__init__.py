"""Workbooks, lossless: read, rows appended, cells changed, all else kept. package < reading < writing < tables, the
public face.
"""
