"""One function, one transaction: what people and programs ask for."""
