"""What each page and each fragment prints: frozen values, already permitted, worded and ordered."""
