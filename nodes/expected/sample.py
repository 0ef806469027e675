"""A small list of expected machines, to begin with; no Django here."""

SAMPLE = """\
serial,vendor,model,rack,unit,flavor,zone,memory,mac,asset_tag,due,note
8XK2T13,Dell,PowerEdge R650,R12,4,,,16x32,,,2026-12-01,order 4711
8XK2T14,Dell,PowerEdge R650,R12,5,,,16x32,,,2026-12-01,order 4711
CZJ94206QK,HPE,*DL360*,R12,8,,,12x64,b0:26:28:12:34:56,IT-0815,,
"""
