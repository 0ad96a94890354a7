"""`python -m waymark` is the `waymark` command."""

from waymark.cli import main

if __name__ == "__main__":
    main(prog_name="waymark")
