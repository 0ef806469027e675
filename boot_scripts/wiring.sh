# shellcheck shell=sh
# Step `wiring` of register.sh: what the machine sees of its cables goes to Bearman, which compares it
# with the wiring plan. Sourced after web.sh, never run.

WIRING=$RUN/wiring
LLDP_SECONDS=${BEARMAN_LLDP_SECONDS:-45} # a switch says who it is every 30 s
CARRIER_SECONDS=12                       # for a link that was switched on here
MAX_LLDP=524288                          # bytes
MAX_LINKS=262144
MAX_SETTINGS=16384 # cards of 100 Gb/s and more list their link modes before their speed
MAX_MODULE=16384
MAX_COMPLAINT=1024
MOST_INTERFACES=48

# Keep in file $1 what a program prints within 20 seconds and $2 bytes, and in $1_error what it complains
# of. One that fails, hangs or is not there has still said what it has said: Bearman judges it.
glean() {
    gleaned=$1 glean_limit=$2
    shift 2
    glean_code=0
    (
        ulimit -f $((glean_limit / 512))
        bounded 20 "$@"
    ) </dev/null >"$gleaned" 2>"$gleaned.complaint" || glean_code=$?
    [ "$glean_code" -eq 0 ] || echo "$1 ended with code $glean_code: $(words_of "$gleaned.complaint" 200)"
    case $glean_code in
        # The complaints of `timeout` (125 to 127) and of a program that was killed say nothing of a link.
        0 | 12[4-7] | 13? | 153) : >"${gleaned}_error" ;;
        *) head -c "$MAX_COMPLAINT" "$gleaned.complaint" >"${gleaned}_error" ;;
    esac
    rm -f "$gleaned.complaint"
}

# True if interface $1 is switched off, so that it can have no link (IFF_UP in Linux's if.h).
is_down() {
    flags=$(words_of "$ROOT/sys/class/net/$1/flags" 12)
    matches "$flags" '0x[0-9a-f]{1,8}' && [ $((flags & 1)) -eq 0 ]
}

has_carrier() {
    [ "$(words_of "$ROOT/sys/class/net/$1/carrier" 4 2>/dev/null)" = 1 ]
}

# Switch every physical interface on that is off; their names are in $WIRING/raised.
raise_links() {
    : >"$WIRING/raised"
    may_use ip || return 0
    for interface in $(physical_interfaces); do
        is_down "$interface" || continue
        say "switching $interface on"
        bounded 20 ip link set dev "$interface" up || continue
        echo "$interface" >>"$WIRING/raised"
    done
}

# True if a link that was switched on here may still come up after $1 seconds.
carrier_may_come() {
    [ "$1" -lt "$CARRIER_SECONDS" ] || return 1
    while read -r raised_interface; do
        has_carrier "$raised_interface" || return 0
    done <"$WIRING/raised"
    return 1
}

# True if some link has carrier and no neighbour in what lldpcli has printed last.
neighbour_is_missing() {
    for interface in $(physical_interfaces); do
        has_carrier "$interface" || continue
        grep -Fq "\"$interface\":" "$WIRING/lldp" || return 0
    done
    return 1
}

# Ask lldpd for the neighbours until each link with carrier has one, for LLDP_SECONDS at most.
await_neighbours() {
    waited=0
    wait_began=$(uptime_seconds)
    while :; do
        glean "$WIRING/lldp" "$MAX_LLDP" lldpcli -f json show neighbors details
        carrier_may_come "$waited" || neighbour_is_missing || return 0
        [ "$waited" -lt "$LLDP_SECONDS" ] &&
            [ $(($(uptime_seconds) - wait_began)) -lt "$LLDP_SECONDS" ] || return 0
        [ "$waited" -ne 0 ] || say "waiting up to $LLDP_SECONDS s for what the switches say"
        sleep 3
        waited=$((waited + 3))
    done
}

# Ask each interface for its speed and for what its module says of the light.
glean_links() {
    rm -rf "$WIRING/links"
    mkdir "$WIRING/links"
    for interface in $(physical_interfaces | head -n "$MOST_INTERFACES"); do
        mkdir "$WIRING/links/$interface"
        glean "$WIRING/links/$interface/settings" "$MAX_SETTINGS" ethtool "$interface"
        glean "$WIRING/links/$interface/module" "$MAX_MODULE" ethtool -m "$interface"
        rm -f "$WIRING/links/$interface/settings_error"
    done
}

# Have Bearman compare the cables with the plan. Where that ends the registration it says why.
check_wiring() {
    matches "$LLDP_SECONDS" '[0-9]{1,3}' || fail "$UNUSABLE" \
        "BEARMAN_LLDP_SECONDS is not a number of seconds" "Unset it: 45 is the default." BOOT-003
    rm -rf "$WIRING"
    mkdir "$WIRING"
    raise_links
    await_neighbours
    glean "$WIRING/ip-link" "$MAX_LINKS" ip -json -details link
    glean_links
    wiring_code=0
    ask_bearman "$TOLD" check-wiring --lldp "$WIRING/lldp" --ip-link "$WIRING/ip-link" \
        --links "$WIRING/links" || wiring_code=$?
    [ "$wiring_code" -eq 0 ] || fail_for "$wiring_code" \
        "Put the cables right and try again with --from wiring." BOOT-010
    say "the cables are as Bearman wants them"
}
