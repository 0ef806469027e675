"""`python -m bearman.health web|grpc|worker`: whether a process of this container is well.

For the health checks of containers; without Django, for it is asked every few seconds. Ends with 0,
or with 1 and a sentence.
"""

import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from socket import gethostname
from typing import Any

from environs import FileAwareEnv

from bearman.lib.ports import split_bind

SECONDS = 5.0
SIGN_OF_LIFE_SECONDS = 60  # a worker gives one every few seconds; see bearman.tasks

env = FileAwareEnv(strip_whitespace=True)


def web() -> None:
    """Ask /readyz: the web server answers, and so does its database."""
    _, port = split_bind(env.str("BEARMAN_WEB_BIND", "127.0.0.1:8000"))
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://127.0.0.1:{port}/readyz", timeout=SECONDS):
        return


def grpc() -> None:
    """Ask the health service (grpc.health.v1), over TLS where the server has it."""
    import grpc as library  # noqa: PLC0415 (slow, and only here)
    from grpc_health.v1 import health_pb2, health_pb2_grpc  # noqa: PLC0415

    _, port = split_bind(env.str("BEARMAN_GRPC_BIND", "127.0.0.1:50051"))
    with _channel(f"127.0.0.1:{port}", env.str("BEARMAN_GRPC_TLS_CERT", "")) as channel:
        request = health_pb2.HealthCheckRequest()
        answer = health_pb2_grpc.HealthStub(channel).Check(request, timeout=SECONDS)
        if answer.status != health_pb2.HealthCheckResponse.SERVING:
            raise library.RpcError("it does not serve")


def worker() -> None:
    """Look in the database whether this container's own worker has been at it in the last minute.

    Its connections carry its name. Over them it gives a sign of life every few seconds, and nobody
    else does: what other workers do counts for nothing.
    """
    import psycopg  # noqa: PLC0415 (slow, and only here)

    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s "
        "AND state_change > now() - make_interval(secs => %s)"
    )
    with psycopg.connect(env.str("DATABASE_URL"), connect_timeout=int(SECONDS)) as connection:
        found = connection.execute(query, [worker_name(), SIGN_OF_LIFE_SECONDS]).fetchone()
    if not found or not found[0]:
        raise OSError(f"{worker_name()} has given no sign of life in the last minute")


def worker_name() -> str:
    """Return what this host's worker is called by PostgreSQL, which keeps 63 bytes of a name.

    A container's host name is its own.
    """
    return f"bearman-worker@{gethostname()}"[-63:]


ROLES: dict[str, Callable[[], None]] = {"web": web, "grpc": grpc, "worker": worker}


def main() -> None:
    """Check the role that is the only argument."""
    role = ROLES.get(sys.argv[1] if len(sys.argv) == 2 else "")
    if role is None:
        sys.exit("Usage: python -m bearman.health web|grpc|worker")
    try:
        role()
    except Exception as error:  # whatever it is, it is not well
        sys.exit(f"{sys.argv[1]} is not well: {error}")


def _channel(target: str, certificate: str) -> Any:
    import grpc as library  # noqa: PLC0415

    if not certificate:
        return library.insecure_channel(target)
    from cryptography import x509  # noqa: PLC0415

    from bearman.lib.tls.certificates import hosts_of  # noqa: PLC0415

    pem = Path(certificate).read_bytes()
    name = sorted(hosts_of(x509.load_pem_x509_certificate(pem)))[0]
    # It is our own server: its certificate is the one that is trusted, by whatever name.
    options = [("grpc.ssl_target_name_override", name)]
    return library.secure_channel(target, library.ssl_channel_credentials(pem), options)


if __name__ == "__main__":
    main()
