"""The machines that wait for a decision on who they are."""

from nodes.models.node import Node


class QuarantinedNode(Node):
    """A node as the identity desk lists it; the same row, with pages of its own."""

    class Meta:
        proxy = True
        verbose_name = "machine at the identity desk"
        verbose_name_plural = "machines at the identity desk"
        ordering = ["first_seen", "id"]
