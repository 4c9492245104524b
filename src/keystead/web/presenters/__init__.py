"""What use cases answer, turned into what pages print: words, order, addresses and permissions."""
