"""What simulated machines are made of, and what their programs print about it."""
