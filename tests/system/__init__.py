"""Tests of the whole product as it is started by a user."""
