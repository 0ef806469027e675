"""Bearman in containers: make test-compose."""
