"""I/O: one request's life, the retry policy, the token bucket and its Redis twin, files."""
