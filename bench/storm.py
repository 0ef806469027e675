"""The power comes back: a room full of machines asks at once what to boot and who it is."""

from collections.abc import Iterator
from dataclasses import replace

from bench import fleet, inuse
from bench.crowd import crowd
from bench.harness import Aim, Measure, best
from bench.machine import token_of, uuid_of
from bench.sizes import Sizes
from bench.stack import Stack
from bench.web import request_for

AIM = Aim(max_ms=2000)
BARE = "/healthz"


def run(stack: Stack, sizes: Sizes) -> list[Measure]:
    """Measure each question of a boot with all machines at once; beside it an empty view."""
    rounds = [list(_measures(stack, sizes.crowd)) for _ in range(sizes.runs)]
    return [best(measures) for measures in zip(*rounds, strict=True)]


def _measures(stack: Stack, count: int) -> Iterator[Measure]:
    nonces = inuse.install(count)
    with stack.web() as bind:

        def all_at_once(name: str, words: bytes, path: str, method: str = "GET") -> Measure:
            requests = [_request(bind, method, path, n, nonce) for n, nonce in enumerate(nonces)]
            return crowd(name, bind, requests, words=words, cpu=stack.cpu_seconds)

        all_at_once("warm-up", b"ok", BARE)
        yield all_at_once(BARE, b"ok", BARE)
        asked = (
            ("/profile", b"hello", "/profile/{uuid}", "GET"),
            ("/detail", b"hostname", "/detail/{uuid}?format=lines", "GET"),
            ("/installed", b"INSTALLED", "/installed/{uuid}", "POST"),
            ("/seed", b"bearman/seed", "/seed/{uuid}", "GET"),
            ("/ipxe, machines in use", b"/seed/", "/ipxe/{uuid}", ""),
        )
        for name, words, path, method in asked:
            yield replace(all_at_once(name, words, path, method), bare=BARE, aim=AIM)
        fleet.empty()
        name, words = "/ipxe, machines that register", b"bearman.token="
        yield replace(all_at_once(name, words, "/ipxe/{uuid}", ""), bare=BARE, aim=AIM)


def _request(bind: str, method: str, path: str, number: int, nonce: str) -> bytes:
    """Return a request of a machine; firmware, which has no token, has no method given here."""
    found = request_for(bind, path.format(uuid=uuid_of(number)), keep=False)
    if not method:
        return found
    secret = f"Authorization: Bearer {token_of(number)}\r\nX-Bearman-Nonce: {nonce}\r\n\r\n"
    head = found.removesuffix(b"\r\n").replace(b"GET", method.encode(), 1)
    return head + secret.encode()
