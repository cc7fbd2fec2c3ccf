"""A case, a list, a calendar, DataFrames: tables out."""
