"""Django's description of the grpc_server app."""

from django.apps import AppConfig


class GrpcServerConfig(AppConfig):
    """The gRPC door."""

    name = "grpc_server"
    verbose_name = "gRPC"
