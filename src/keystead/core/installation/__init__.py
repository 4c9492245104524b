"""The installation itself: its files, its database, whether it may start."""
