"""What the tests need beside pytest: workbooks to work on, programs to check them with, and comparisons."""
