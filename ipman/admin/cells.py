"""How the pages show use and states."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

from bearman.pages import badge
from ipman.models import Address
from ipman.selectors import PoolUsage

_TONES = {"in use": "good", "resting": "warn", "free": "mute"}


def use_bar(usage: PoolUsage) -> SafeString:
    """Return a bar that is green below the alert threshold, yellow above, and red at the end."""
    words = f"{usage.used:,} in use, {usage.resting:,} resting, {usage.free:,} free"
    return format_html(
        '<span title="{}" style="white-space: nowrap">'
        '<meter min="0" max="100" optimum="0" low="{}" high="99" value="{}"></meter> {}&nbsp;%'
        "</span>",
        words,
        usage.alert_percent - 1,  # the browser counts `low` itself as low
        usage.percent,
        usage.percent,
    )


def use_badge(usage: PoolUsage) -> SafeString:
    """Return in a word whether somebody has to do something about the pool."""
    if not usage.pool.enabled:
        return badge("off", "mute", title="Hands nothing out.")
    if usage.exhausted:
        return badge("exhausted", "bad", title="Release addresses, widen it, or add a pool.")
    if usage.nearly_full:
        threshold = f"At or over its alert threshold of {usage.alert_percent} %."
        return badge("nearly full", "warn", title=threshold)
    return badge("ok", "good", title=f"Under its alert threshold of {usage.alert_percent} %.")


def state_badge(address: Address) -> SafeString:
    """Return an address's state as a label."""
    return badge(address.state, _TONES[address.state])
