"""Why a link is down, and light that is too weak."""

from bearman.lib.issues import Found, Issue
from bearman.lib.issues import wiring as issues
from nodes.wiring.case import Case, listed
from nodes.wiring.module import Lane, Module, Presence
from nodes.wiring.plan import End
from nodes.wiring.readings import Reading


def no_link(case: Case, reading: Reading, end: End | None) -> Found:
    """Return what keeps an interface without a link, as far as driver and module tell."""
    issue, why, advice = _cause(reading, end)
    target = f" It must lead to {end} ({end.source})." if end else ""
    peer = case.occupant(end) if end and issue is issues.NO_CABLE else None
    there = f" {peer} was seen on that port last." if peer else ""
    detail = f" Its driver says: {reading.link.detail}." if reading.link.detail else ""
    words = f"{case.at(reading.name)} has no link: {why}.{target}{there}{detail}"
    return Found(issue, reading.name, words, advice)


def _cause(reading: Reading, end: End | None) -> tuple[Issue, str, str]:
    """Return the issue, why in words, and an advice that knows more than the issue's."""
    module = reading.module
    far_end = f"at {end}" if end else "at the switch"
    if reading.on is False:
        return issues.INTERFACE_OFF, "the interface is switched off", ""
    if module.presence is Presence.ABSENT:
        return issues.NO_MODULE, "there is no module in its socket", ""
    if module.presence is Presence.UNKNOWN:
        why = "no cable is plugged in, or the far end is off"
        advice = f"Plug the cable in {far_end} and at {reading.name}, or switch the port on."
        return issues.NO_CABLE, why, advice
    if module.copper:
        why = f"its copper cable ({module}) gets no answer"
        advice = (
            f"Plug the cable in {far_end}. If it is, compare speed, FEC and auto-negotiation, and "
            "try another cable."
        )
        return issues.COPPER_DOWN, why, advice
    return _light(reading.name, module, far_end)


def _light(name: str, module: Module, far_end: str) -> tuple[Issue, str, str]:
    known = [lane for lane in module.lanes if lane.tx_dbm is not None]
    if known and not any(lane.sends for lane in known):
        return issues.LASER_OFF, f"its module ({module}) sends no light itself", ""
    lanes = [lane for lane in module.lanes if lane.sends is not False and lane.rx_dbm is not None]
    if not lanes:
        why = f"its module ({module}) does not measure light"
        advice = f"Check the fibre {far_end} and at {name}, and try to swap its two fibres."
        return issues.NO_CABLE, why, advice
    dark = [lane for lane in lanes if not lane.sees]
    if dark:
        sends = f"sends light ({_level(module.tx_dbm)}) but sees none" if known else "sees no light"
        why = f"its module ({module}) {sends}{_on_lanes(dark, lanes)}"
        advice = f"Swap the two fibres of this pair at {name}, or check the far end {far_end}."
        return issues.NO_LIGHT, why, advice
    level, least = module.rx_dbm, module.rx_low_dbm
    if level is not None and least is not None and level < least:
        why = f"its module ({module}) sees only {_level(level)}, and {_level(least)} is its least"
        return issues.TOO_WEAK, why, ""
    why = f"its module ({module}) sees light ({_level(level)})"
    advice = f"Compare speed, FEC and auto-negotiation of {name} with those {far_end}."
    return issues.LIGHT_NO_LINK, why, advice


def weak_light(case: Case, reading: Reading) -> Found | None:
    """Return a finding where a link is up with less light than its module calls good."""
    module, least = reading.module, reading.module.rx_low_dbm
    if module.copper or least is None:
        return None
    used = [lane for lane in module.lanes if lane.sees and lane.sends is not False]
    weak = [lane for lane in used if lane.rx_dbm is not None and lane.rx_dbm < least]
    if not weak:
        return None
    level = min(lane.rx_dbm for lane in weak if lane.rx_dbm is not None)
    words = (
        f"{case.at(reading.name)} sees only {_level(level)}{_on_lanes(weak, used)}; "
        f"{_level(least)} is the least that its module ({module}) calls good."
    )
    return Found(issues.WEAK_LIGHT, reading.name, words)


def _on_lanes(some: list[Lane], every: list[Lane]) -> str:
    if len(every) == 1 or len(some) == len(every):
        return ""
    return f" on lane {listed(str(lane.number) for lane in some)} of {len(every)}"


def _level(dbm: float | None) -> str:
    return "unknown" if dbm is None else f"{dbm:.1f} dBm"
