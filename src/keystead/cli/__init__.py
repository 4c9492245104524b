"""The keystead command."""
