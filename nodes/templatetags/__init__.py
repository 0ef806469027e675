"""Template filters of the nodes app."""
