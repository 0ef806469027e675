"""The pages on what was told to people, and what could not be."""

from bearman.notices.admin.notice import NoticeAdmin
from bearman.notices.admin.thread import ThreadAdmin

__all__ = ["NoticeAdmin", "ThreadAdmin"]
