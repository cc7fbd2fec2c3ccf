from refundbook.cli import command

if __name__ != "__mp_main__":  # so a worker of `--jobs` imports this module, and is no command
    command()
