"""Other people's tables and files of entries, in."""
