"""The methods of the gRPC services: parse, call one service, render."""
