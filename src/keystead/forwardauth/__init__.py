"""Answers a proxy that asks whether a request may pass."""
