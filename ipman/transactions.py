"""What keeps IPman's answers true for whoever gets them."""

from django.db import transaction


def refuse_inside_transaction() -> None:
    """Raise RuntimeError where the caller has a transaction open.

    IPman commits by itself: a remote one must, and a near one would else keep other allocators
    waiting, and take back on a rollback what the caller may have told a machine.
    """
    with transaction.atomic(durable=True):
        pass  # it is empty, and so costs no round trip
