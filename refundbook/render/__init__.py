"""Text for a terminal, CSV, JSON and Markdown."""
