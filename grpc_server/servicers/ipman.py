"""ipman.v1.IpmanService: addresses for programs."""

import grpc

from bearman.lib.addresses import address_or_none
from bearman.lib.errors import Invalid
from grpc_server.caller import operator
from ipman.selectors import AddressFilter, addresses_page, pool_usages
from ipman.services import (
    AllocatedAddress,
    address_allocate,
    address_release,
    address_reserve,
)
from ipman.wire import address_out, pool_out, purpose_in
from protos.ipman.v1 import ipman_pb2 as pb
from protos.ipman.v1 import ipman_pb2_grpc

_PAGE = 100
_MAX_PAGE = 1000


class IpmanServicer(ipman_pb2_grpc.IpmanServiceServicer):
    """Each method is documented in protos/ipman/v1/ipman.proto."""

    def Allocate(
        self, request: pb.AllocateRequest, context: grpc.ServicerContext
    ) -> pb.AllocateResponse:
        """See ipman.services.address_allocate."""
        user = operator(context, "ipman.allocate_address")
        given = address_allocate(
            zone=request.zone,
            purpose=purpose_in(request.purpose),
            owner=request.owner,
            key=request.key,
            family=request.family,
            pool=request.pool,
            actor=user.get_username(),
        )
        return pb.AllocateResponse(address=address_out(given), created=given.created)

    def Release(
        self, request: pb.ReleaseRequest, context: grpc.ServicerContext
    ) -> pb.ReleaseResponse:
        """See ipman.services.address_release."""
        user = operator(context, "ipman.release_address")
        released = address_release(owner=request.owner, key=request.key, actor=user.get_username())
        return pb.ReleaseResponse(addresses=released)

    def Reserve(
        self, request: pb.ReserveRequest, context: grpc.ServicerContext
    ) -> pb.ReserveResponse:
        """See ipman.services.address_reserve."""
        user = operator(context, "ipman.allocate_address")
        given = address_reserve(
            address=request.address,
            owner=request.owner,
            key=request.key,
            actor=user.get_username(),
        )
        return pb.ReserveResponse(address=address_out(given), created=given.created)

    def ListAddresses(
        self, request: pb.ListAddressesRequest, context: grpc.ServicerContext
    ) -> pb.ListAddressesResponse:
        """See ipman.selectors.addresses_page."""
        operator(context, "ipman.view_address")
        rows, following = addresses_page(
            wanted=AddressFilter(
                pool=request.pool,
                zone=request.zone,
                purpose=purpose_in(request.purpose),
                owner=request.owner,
            ),
            after=_after(request.page_token),
            limit=min(request.page_size or _PAGE, _MAX_PAGE),
        )
        given = [AllocatedAddress.of(row, created=False) for row in rows]
        return pb.ListAddressesResponse(
            addresses=[address_out(one) for one in given], next_page_token=following
        )

    def ListPools(
        self, request: pb.ListPoolsRequest, context: grpc.ServicerContext
    ) -> pb.ListPoolsResponse:
        """See ipman.selectors.pool_usages."""
        operator(context, "ipman.view_pool")
        usages = pool_usages(zone=request.zone, purpose=purpose_in(request.purpose))
        return pb.ListPoolsResponse(pools=[pool_out(usage) for usage in usages])


def _after(page_token: str) -> str:
    """Return the address behind a token: the last one of the page before."""
    after = address_or_none(page_token) if page_token else ""
    if after is None:
        raise Invalid("`page_token` is none that ListAddresses gave.")
    return after
