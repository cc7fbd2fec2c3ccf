"""What is asked of the computer, on Linux, macOS and Windows: files written whole, locks, pieces of files,
processes.
"""
