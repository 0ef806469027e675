"""The machines that wait for a decision on who they are."""

from nodes.models.node import Node


class QuarantinedNode(Node):
    """A node as the identity desk lists it; the same row, with pages of its own."""

    class Meta:
        proxy = True
        verbose_name = "quarantined machine"
        verbose_name_plural = "identity desk"
        ordering = ["first_seen", "id"]
