"""Preferences: how pages look, as people, teams and organizations want it."""
