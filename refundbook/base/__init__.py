"""The words that all others use: the schema, dates and values, case numbers, findings and errors."""
