from refundbook.cli import command

if __name__ == "__main__":  # a worker of `--jobs` imports this module, and is no command
    command()
