"""The workbook file: its zip parts, its sheets' XML, reading, and replacing it on disk. Knows nothing of refunds."""
