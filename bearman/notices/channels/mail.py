"""E-mail, through Django's own mail.

Replies are tied to the first message by In-Reply-To and References (RFC 5322 section 3.6.4). A
message that is sent again after an unknown outcome has the same Message-ID, by which mail programs
know it.
"""

import smtplib
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import formatdate

from django.core.mail import EmailMessage, get_connection

from bearman.lib.text import clean
from bearman.notices.channels import plain
from bearman.notices.channels.base import Message, NotSent, Sent
from bearman.notices.states import Kind

MAX_SUBJECT = 150


@dataclass(frozen=True, slots=True)
class Mail:
    """Sends mail to some people; Django's EMAIL_ settings say through which server."""

    to: Sequence[str]
    sender: str
    domain: str
    name: str = "mail"
    title: str = "E-mail"
    threads: bool = False

    def send(self, message: Message) -> Sent:
        """Send it as a mail of its own, or as an answer to the thread's first one."""
        own = f"<{message.key}@{self.domain}>"
        subject = clean(message.topic)[:MAX_SUBJECT]
        headers = {
            "Message-ID": own,
            "Date": formatdate(),
            "Auto-Submitted": "auto-generated",  # RFC 3834: no machine answers it
        }
        if message.head and message.kind is not Kind.OPEN:
            subject = f"Re: {subject}"
            headers |= {"In-Reply-To": message.head, "References": message.head}
        mail = EmailMessage(
            subject, plain.text(message.document), self.sender, list(self.to), headers=headers
        )
        _deliver(mail)
        return Sent(own)

    def find(self, message: Message) -> Sent | None:
        """Return None: nobody can look into people's mail."""
        return None


def _deliver(mail: EmailMessage) -> None:
    """Hand it to the mail server; raises NotSent, with no word of the server's in it."""
    connection = get_connection()
    try:
        connection.open()
    except smtplib.SMTPAuthenticationError:
        raise NotSent(
            "The mail server refuses BEARMAN_MAIL_USER and BEARMAN_MAIL_PASSWORD."
        ) from None
    except (smtplib.SMTPException, OSError) as error:
        raise NotSent(f"The mail server cannot be reached ({type(error).__name__}).") from None
    try:
        connection.send_messages([mail])
    except smtplib.SMTPRecipientsRefused:
        raise NotSent("The mail server refuses all of BEARMAN_MAIL_TO.") from None
    except smtplib.SMTPResponseException as error:
        raise NotSent(f"The mail server answered {error.smtp_code}.") from None
    except (smtplib.SMTPException, OSError) as error:
        words = f"The mail server's connection ended ({type(error).__name__})."
        raise NotSent(words, unsure=True) from None
    finally:
        connection.close()
