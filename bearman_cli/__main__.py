"""`python -m bearman_cli`: the same as the `bearman-cli` program."""

from bearman_cli.main import main

if __name__ == "__main__":
    main()
