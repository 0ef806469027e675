"""What is in trouble, and the messages that tell of it: an outbox."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from bearman.notices.states import UNSENT, Kind, Outcome, State


class Thread(models.Model):
    """Troubles of one group that came close together: they are told in one conversation."""

    group = models.CharField(max_length=200)
    code = models.CharField(max_length=12)
    title = models.CharField(max_length=200)
    noun = models.CharField(max_length=40)
    cause = models.CharField(max_length=200, blank=True)
    opened_at = models.DateTimeField()
    last_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "notice"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["group"], condition=Q(closed_at=None), name="notices_thread_open"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class Trouble(models.Model):
    """A node, a deployment or a pool from when it failed until it needs nobody any more.

    Written in the transaction in which it fails; it gets its thread afterwards, from the worker.
    """

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, null=True, related_name="troubles")
    subject = models.CharField(max_length=100)
    group = models.CharField(max_length=200)
    code = models.CharField(max_length=12)
    noun = models.CharField(max_length=40)
    cause = models.CharField(max_length=200, blank=True)
    facts = models.JSONField()
    failed_at = models.DateTimeField(db_default=Now())
    times = models.PositiveIntegerField(default=1, db_default=1)
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(
        max_length=5, blank=True, choices=[(o.value, o.value) for o in Outcome]
    )
    end_words = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["subject"], condition=Q(ended_at=None), name="notices_trouble_one"
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(thread=None), name="notices_trouble_new"),
        ]

    def __str__(self) -> str:
        return str(self.facts.get("name") or self.subject)


class Conversation(models.Model):
    """A thread as one channel has it: the name of its head there, and how much was said."""

    thread = models.ForeignKey(
        Thread, on_delete=models.CASCADE, related_name="conversations", db_index=False
    )
    channel = models.CharField(max_length=20)
    remote_id = models.CharField(max_length=200, blank=True)
    told_failed = models.PositiveIntegerField(null=True)
    told_ended = models.PositiveIntegerField(null=True)
    told_at = models.DateTimeField(null=True)
    # With these numbers there was nothing left to say; only with others it is looked at again.
    settled_failed = models.PositiveIntegerField(null=True)
    settled_ended = models.PositiveIntegerField(null=True)
    done = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["thread", "channel"], name="notices_conversation_one"),
        ]
        indexes = [
            models.Index(
                fields=["channel"], condition=Q(done=False), name="notices_conversation_going"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.thread} in {self.channel}"


class Notice(models.Model):
    """One message in one channel."""

    # What the channel is given to know the message again by.
    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=8, choices=[(kind.value, kind.value) for kind in Kind])
    trouble = models.ForeignKey(
        Trouble, on_delete=models.CASCADE, null=True, blank=True, related_name="notices"
    )
    payload = models.JSONField(default=dict)
    state = models.CharField(
        max_length=8, choices=[(s.value, s.value) for s in State], default=State.WAITING.value
    )
    attempts = models.PositiveIntegerField(default=0)
    # Whether an attempt ended without anybody knowing whether the message arrived.
    unsure = models.BooleanField(default=False)
    next_at = models.DateTimeField(db_default=Now())
    claimed_until = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=500, blank=True)
    made_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True, blank=True)
    remote_id = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = "message"
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["conversation", "id"],
                condition=Q(state__in=sorted(state.value for state in UNSENT)),
                name="notices_notice_unsent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.conversation}"


class ChannelState(models.Model):
    """How a channel is: when it may be used next, and how it went last."""

    name = models.CharField(max_length=20, primary_key=True)
    free_at = models.DateTimeField(db_default=Now())
    failures = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=500, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    # The channel's own name for itself, where it told one.
    remote_id = models.CharField(max_length=100, blank=True)

    def __str__(self) -> str:
        return self.name
