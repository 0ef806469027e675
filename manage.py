#!/usr/bin/env python
"""Runs Bearman's management commands."""

from bearman.__main__ import main

if __name__ == "__main__":
    main()
