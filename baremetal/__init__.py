"""What machines boot now, and the door they ask at."""
