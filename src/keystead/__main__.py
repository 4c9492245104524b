"""`python -m keystead` is the `keystead` command."""

from keystead.bootstrap import run_cli

if __name__ == "__main__":
    run_cli()
