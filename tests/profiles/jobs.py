"""What the worker would do next for images."""

from procrastinate.contrib.django.models import ProcrastinateJob

from profiles.services.removal import TASK
from profiles.tasks import remove_files


def files_removed() -> int:
    """Remove the files of versions that were deleted; returns of how many versions."""
    jobs = list(ProcrastinateJob.objects.filter(task_name=TASK, status="todo"))
    for job in jobs:
        remove_files(**job.args)
    return len(jobs)
