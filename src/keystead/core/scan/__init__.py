"""Find code and prose that still uses API keys."""
