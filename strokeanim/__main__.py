"""`python -m strokeanim` is the command line."""

from strokeanim.cli.main import run

if __name__ == "__main__":
    run()
