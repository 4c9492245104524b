"""What the adapters share: requests, answers, errors, and how a route is declared."""
