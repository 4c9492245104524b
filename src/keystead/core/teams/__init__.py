"""Teams: people and machines of one organization that are given things together."""
