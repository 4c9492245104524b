"""What a proxy may ask about a request."""
