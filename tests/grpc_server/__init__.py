"""Tests of grpc_server."""
