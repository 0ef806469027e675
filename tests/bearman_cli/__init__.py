"""Tests of bearman-cli: the real program against a real gRPC server."""
