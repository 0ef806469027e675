"""Work in the background."""

from procrastinate.contrib.django import app

from ipman.services.alerts import pool_alerts_raise


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="ipman.watch_pools")
def watch_pools(timestamp: int) -> None:
    """Warn of pools that run dry, every minute; `timestamp` is when it was due."""
    pool_alerts_raise()
