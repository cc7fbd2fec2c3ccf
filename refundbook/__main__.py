from refundbook.cli import command

command()
