"""Mail, to a real server."""

from collections.abc import Iterator
from email.message import Message

import pytest
from pytest_django import Settings

from bearman.lib.issues import bmc
from bearman.notices.models import Notice
from bearman.notices.states import State
from tests.notices.rig import come_good, deliver, fail, later, registering
from tests.notices.smtp import MailServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def mail(settings: Settings, quick: None) -> Iterator[MailServer]:
    with MailServer() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_TIMEOUT = 2
        settings.MAIL_TO = ["ops@example.org", "night@example.org"]
        settings.MAIL_FROM = "bearman@example.org"
        settings.NOTICE_GATHER_SECONDS = 0
        yield server


def body(message: Message) -> str:
    return str(message.get_payload(decode=True).decode())  # type: ignore[union-attr]


def test_a_failure_is_a_mail_and_its_end_an_answer_to_it(mail: MailServer) -> None:
    node = registering(2, rack="r07", unit=3, address="10.1.0.9")
    fail(node)
    deliver()
    come_good(node)
    deliver()
    first, second = mail.received
    assert first["Subject"] == f"[Bearman] {bmc.SILENT}"
    assert first["To"] == "ops@example.org, night@example.org"
    assert first["From"] == "bearman@example.org"
    assert first["Auto-Submitted"] == "auto-generated"
    for words in (bmc.SILENT.code, node.serial, "rack r07 unit 3", "ssh root@10.1.0.9"):
        assert words in body(first)
    assert second["Subject"] == f"Re: {first['Subject']}"
    assert second["In-Reply-To"] == second["References"] == first["Message-ID"]
    assert "it is READY" in body(second)
    assert len(mail.recipients) == 4


def test_what_a_machine_says_cannot_make_a_header(mail: MailServer) -> None:
    node = registering(1, serial="X\r\nBcc: eve@example.org")
    fail(node, reason="line\r\n.\r\nRSET")
    deliver()
    (message,) = mail.received
    assert message["Bcc"] is None
    assert "eve@example.org" not in " ".join(mail.recipients)


@pytest.mark.parametrize(
    "answer",
    [
        ("MAIL", "451 later"),
        ("RCPT", "550 nobody"),
        ("DATA", "554 no"),
        ("EHLO", "421 busy"),
    ],
)
def test_a_mail_that_was_refused_is_sent_later(mail: MailServer, answer: tuple[str, str]) -> None:
    mail.refuse = [answer, answer]
    fail(registering())
    for _ in range(4):
        deliver()
        later(3700)
    assert len(mail.received) == 1
    assert Notice.objects.get().state == State.SENT


def test_a_mail_that_may_have_arrived_is_sent_again_under_the_same_name(mail: MailServer) -> None:
    mail.drop_after_data = 1
    fail(registering())
    assert deliver() == 0
    later(3700)
    assert deliver() == 1
    first, second = mail.received
    assert first["Message-ID"] == second["Message-ID"]
