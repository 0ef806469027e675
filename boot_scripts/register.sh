#!/bin/sh
# Registers this machine with Bearman, has its cables and firmware checked, gives its BMC an address and
# a credential, and switches off.
# The list of steps is at the end. To go on in the middle: register.sh --from STEP.
# shellcheck disable=SC2329 # steps are called by their names
set -eu

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "${0%/*}/lib.sh" # bearman: inline
# shellcheck source-path=SCRIPTDIR source=screen.sh
. "${0%/*}/screen.sh" # bearman: inline
# shellcheck source-path=SCRIPTDIR source=web.sh
. "${0%/*}/web.sh" # bearman: inline
# shellcheck source-path=SCRIPTDIR source=fetch.sh
. "${0%/*}/fetch.sh" # bearman: inline
# shellcheck source-path=SCRIPTDIR source=wiring.sh
. "${0%/*}/wiring.sh" # bearman: inline
# shellcheck source-path=SCRIPTDIR source=firmware.sh
. "${0%/*}/firmware.sh" # bearman: inline
# shellcheck source-path=SCRIPTDIR source=firmware/fwupdmgr.sh
. "${0%/*}/firmware/fwupdmgr.sh" # bearman: inline
# shellcheck source-path=SCRIPTDIR source=firmware/vendor.sh
. "${0%/*}/firmware/vendor.sh" # bearman: inline
# shellcheck source-path=SCRIPTDIR source=firmware/mstflint.sh
. "${0%/*}/firmware/mstflint.sh" # bearman: inline
# shellcheck source-path=SCRIPTDIR source=firmware/command.sh
. "${0%/*}/firmware/command.sh" # bearman: inline

INVENTORY=$RUN/inventory
NODE=$RUN/node     # what Bearman answered, a file for each value
TOLD=$RUN/told     # what it answered to the last of the other calls
MAX_OUTPUT=1048576 # bytes of one program; Bearman takes 2 MiB in all
LIGHT=1            # a failure switches the identify light on

# Run bearman-cli with the answer into folder $1. All it says goes to the log; why it was refused goes
# to $RUN/problem, with Bearman's advice and the code of the catalogue beside it.
cli() {
    told_in=$1
    shift
    cli_code=0
    forget_problem
    timeout 900 bearman-cli "$@" --output-dir "$told_in" 2>"$RUN/cli.err" || cli_code=$?
    cat "$RUN/cli.err"
    [ "$cli_code" -ne 124 ] || cli_code=$AWAY # ended by `timeout`
    [ "$cli_code" -ne 0 ] || return 0
    tail -n 1 "$RUN/cli.err" | sed 's/^bearman-cli: //' | one_line 900 >"$RUN/problem"
    if [ -s "$told_in/reason" ]; then
        words_of "$told_in/reason" 900 >"$RUN/problem"
        words_of "$told_in/advice" 900 >"$RUN/problem-advice"
        code_in "$told_in/issue" >"$RUN/problem-issue"
    fi
    return "$cli_code"
}

# As `cli`, and again while Bearman is away: the console says what this machine waits for.
ask_bearman() {
    ask_folder=$1
    shift
    retry_while_away cli "$ask_folder" --retry-for 0 "$@"
}

# Print value $2 of an answer in folder $1, which must match $3.
value_of() {
    value_text=$(head -c 4096 "$1/$2" 2>/dev/null) || value_text='there is no such file'
    matches "$value_text" "$3" || unusable "$1" "$2"
    printf '%s' "$value_text"
}

# Fail because of value $2 of Bearman's answer in folder $1.
unusable() {
    fail "$FAILED" "Bearman's answer has no usable $2" \
        "Look at $1 and at Bearman's log. Are Bearman and its boot scripts of one version?" BOOT-006
}

# --- inventory -----------------------------------------------------------------------------------

# Keep in file $1 what a program prints, if it ends within a minute and MAX_OUTPUT bytes.
collect() {
    kept=$INVENTORY/$1
    shift
    collect_code=0
    (
        ulimit -f $((MAX_OUTPUT / 512))
        bounded 60 "$@"
    ) >"$kept.part" 2>"$RUN/complaint" || collect_code=$?
    case $collect_code in
        0) mv "$kept.part" "$kept" ;;
        124 | 137) fail "$FAILED" "$1 did not end within a minute" \
            "Run $1 by hand to see where it hangs, and look at the kernel's messages (dmesg)." REG-003 ;;
        153) fail "$FAILED" "$1 printed more than $MAX_OUTPUT bytes" "Run $1 by hand to see why." \
            REG-004 ;;
        *) fail "$FAILED" "$1 ended with code $collect_code: $(words_of "$RUN/complaint" 300)" \
            "Run $1 by hand. Is it part of the stage-one image?" REG-005 ;;
    esac
}

# Ask the driver of each physical interface about itself. Not every driver has an answer.
collect_drivers() {
    rm -rf "$INVENTORY/ethtool"
    mkdir "$INVENTORY/ethtool"
    for interface in $(physical_interfaces); do
        ask_driver "$interface" >"$INVENTORY/ethtool/$interface" || :
        [ -s "$INVENTORY/ethtool/$interface" ] || rm "$INVENTORY/ethtool/$interface"
    done
}

collect_inventory() {
    mkdir -p "$INVENTORY"
    collect dmidecode dmidecode
    collect lsblk lsblk --json --bytes --output-all
    collect ip-link ip -json -details link
    collect_drivers
}

# --- register ------------------------------------------------------------------------------------

# Send the inventory. Bearman answers with the node's number and how its BMC must be set.
register_node() {
    set -- --dmidecode "$INVENTORY/dmidecode" --lsblk "$INVENTORY/lsblk" \
        --ip-link "$INVENTORY/ip-link" --ethtool "$INVENTORY/ethtool"
    [ ! -s "$RUN/address" ] || set -- "$@" --address "$(cat "$RUN/address")"
    rm -rf "$NODE"
    register_code=0
    ask_bearman "$NODE" register "$@" || register_code=$?
    case $register_code in
        0) say "registered as node $(words_of "$NODE/node_id" 60)" ;;
        "$QUARANTINED") fail "$register_code" \
            "This machine is quarantined: $(words_of "$NODE/reason" 700)" \
            "$(words_of "$NODE/advice" 900)" "$(code_in "$NODE/issue")" ;;
        *) fail_for "$register_code" "Do what the reason says, in Bearman's Admin, and try again." \
            BOOT-010 ;;
    esac
}

# --- bmc -----------------------------------------------------------------------------------------

OCTET='(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])'
IPV4="$OCTET(\.$OCTET){3}"

# Print value $1 of the BMC's settings, which must match $2.
bmc_value() {
    value_of "$NODE" "bmc_$1" "$2"
}

# True if the password is one line without blank, quote, # or ~, which ipmitool's `exec` takes for
# its own. It stays in its file: out of variables, of arguments, and of what `sh -x` shows.
password_is_usable() {
    [ "$(grep -c '' "$NODE/bmc_password")" = 1 ] &&
        grep -Eqx '[A-Za-z0-9!%*+,./:=?@^_-]{1,16}' "$NODE/bmc_password"
}

# Read Bearman's answer, or fail before the BMC is touched.
read_bmc_settings() {
    address=$(bmc_value address "$IPV4")
    netmask=$(bmc_value netmask "$IPV4")
    gateway=$(bmc_value gateway "($IPV4)?")
    vlan=$(bmc_value vlan_id '0|[1-9][0-9]{0,3}')
    channel=$(bmc_value channel '[1-9]|1[01]')            # IPMI 2.0 section 6.3
    slot=$(bmc_value user_slot '[2-9]|[1-5][0-9]|6[0-3]') # 1 is the anonymous user
    username=$(bmc_value username '[A-Za-z0-9][A-Za-z0-9._-]{0,15}')
    password_is_usable || unusable "$NODE" bmc_password
}

# Speak to the local BMC through the kernel. A BMC that hangs must not hang this script.
ipmi() {
    timeout 60 ipmitool "$@" 9>&-
}

# As `ipmi`, for the line "$1 PASSWORD $2", which ipmitool reads from a pipe: arguments are there
# for all to read.
ipmi_with_password() {
    {
        printf '%s ' "$1"
        tr -d '\n' <"$NODE/bmc_password"
        printf ' %s\n' "$2"
    } | ipmi exec /dev/stdin
}

# Read what the BMC has now into $RUN/lan, $RUN/users and $RUN/access. Where ipmitool stumbles over
# a part that some BMCs lack, the rest still counts; the later comparison finds what is missing.
read_bmc() {
    ipmi lan print "$channel" 2>&1 | grep -v '^SNMP Community String' >"$RUN/lan" || :
    grep -q '^IP Address  *:' "$RUN/lan" || fail "$FAILED" \
        "no BMC answers on LAN channel $channel: $(words_of "$RUN/lan" 300)" \
        "Switch the BMC on in the firmware setup, see that /dev/ipmi0 exists, and try again." BMC-006
    ipmi -c user list "$channel" >"$RUN/users" || :
    ipmi channel info "$channel" >"$RUN/access" || :
}

# Print the value that `lan print` gave for label $1.
lan_field() {
    sed -n "s/^$1  *: *//p" "$RUN/lan" | head -n 1 | sed 's/ *$//'
}

# Print field $1 of the row that `-c user list` gave for Bearman's slot:
# 2 name, 3 call-in, 4 link authentication, 5 IPMI messaging, 6 privilege.
user_field() {
    grep "^$slot," "$RUN/users" | head -n 1 | cut -d , -f "$1"
}

# Print the modes of access that `channel info` gave (volatile and kept), each once.
access_modes() {
    sed -n 's/^ *Access Mode *: *//p' "$RUN/access" | sort -u
}

# Call function $1 with the label and the wanted value of each setting of the channel, and with the
# words after `lan set CHANNEL` that set it. The source is first: a BMC on DHCP takes no address.
each_lan_setting() {
    "$1" 'IP Address Source' 'Static Address' ipsrc static
    "$1" 'IP Address' "$address" ipaddr "$address"
    "$1" 'Subnet Mask' "$netmask" netmask "$netmask"
    "$1" 'Default Gateway IP' "${gateway:-0.0.0.0}" defgw ipaddr "${gateway:-0.0.0.0}"
    if [ "$vlan" -ne 0 ]; then
        "$1" '802.1q VLAN ID' "$vlan" vlan id "$vlan"
    elif grep -q '^802.1q VLAN ID' "$RUN/lan"; then
        "$1" '802.1q VLAN ID' Disabled vlan id off
    fi
}

# Print a difference in words: $1 should be $2 and is $3.
differ() {
    [ "$2" = "$3" ] || printf '%s: wanted %s, the BMC has %s\n' "$1" "$2" "${3:-nothing}"
}

compare_lan_setting() {
    differ "$1" "$2" "$(lan_field "$1")"
}

apply_lan_setting() {
    if [ "$2" != "$(lan_field "$1")" ]; then
        shift 2
        ipmi lan set "$channel" "$@" || echo "refused: lan set $channel $*"
    fi
}

# Print each difference between what the BMC has and what it should have, a line for each.
differences() {
    differ "name of user $slot" "$username" "$(user_field 2)"
    differ "IPMI messaging of user $slot" true "$(user_field 5)"
    differ "privilege of user $slot" ADMINISTRATOR "$(user_field 6)"
    each_lan_setting compare_lan_setting
    [ ! -s "$RUN/access" ] || differ "access over LAN channel $channel" 'always available' \
        "$(access_modes | one_line 60)"
}

# Set what differs. The credential comes before the address, so that the BMC is never on the network
# with a stranger's. A password cannot be read back, so it is always set. $RUN/refused gets what
# no later reading could show.
apply_differences() {
    : >"$RUN/refused"
    [ "$(user_field 2)" = "$username" ] || ipmi user set name "$slot" "$username" || :
    ipmi_with_password "user set password $slot" 16 ||
        echo "password of user $slot: the BMC refuses it" >>"$RUN/refused"
    [ "$(user_field 4-6)" = true,true,ADMINISTRATOR ] ||
        ipmi channel setaccess "$channel" "$slot" callin=on ipmi=on link=on privilege=4 || :
    ipmi user enable "$slot" || echo "user $slot: the BMC refuses to enable it" >>"$RUN/refused"
    each_lan_setting apply_lan_setting
    [ "$(access_modes)" = 'always available' ] || ipmi lan set "$channel" access on || :
}

# True once the BMC shows what was set; some need seconds for it. The rest is in $RUN/differences.
settles() {
    for _ in 1 2 3 4 5; do
        read_bmc
        differences >"$RUN/differences"
        [ -s "$RUN/differences" ] || break
        sleep 3
    done
    cat "$RUN/refused" >>"$RUN/differences"
    # Not every BMC can test a password, so only a clear no counts.
    ipmi_with_password "user test $slot 16" '' >"$RUN/test" 2>&1 || :
    if grep -q 'password incorrect\|wrong password' "$RUN/test"; then
        echo "password of user $slot: the BMC did not keep the one that was set" >>"$RUN/differences"
    fi
    [ ! -s "$RUN/differences" ]
}

# A name can be in one slot only. Another's account is not ours to take away.
refuse_name_clash() {
    taken=$(awk -F , -v slot="$slot" -v name="$username" \
        '$1 != slot && $2 == name { print $1; exit }' "$RUN/users" | one_line 10)
    [ -z "$taken" ] || fail "$FAILED" \
        "user $taken of the BMC already has the name $username, which Bearman wants for user $slot" \
        "If nobody needs user $taken: ipmitool user disable $taken; ipmitool user set name $taken ''" \
        BMC-008
}

# Give the BMC its address and credential, and read back that it took them.
configure_bmc() {
    refuse_in_rehearsal ipmitool
    read_bmc_settings
    read_bmc
    refuse_name_clash
    for _ in 1 2 3; do
        apply_differences
        if settles; then
            say "the BMC is at $address, user $username"
            return
        fi
        cat "$RUN/lan" "$RUN/users" "$RUN/differences"
    done
    fail "$FAILED" "the BMC did not take its settings: $(sed '$!s/$/;/' "$RUN/differences")" \
        "Cold-reset the BMC (ipmitool mc reset cold), wait two minutes, and try again." BMC-007
}

# --- confirm -------------------------------------------------------------------------------------

# Have Bearman log in to the BMC over the network and read the power status.
confirm_bmc() {
    say "Bearman logs in to the BMC at $(words_of "$NODE/bmc_address" 40); this can take minutes"
    confirm_code=0
    retry_while_away cli "$TOLD" bmc-configured || confirm_code=$?
    [ "$confirm_code" -eq 0 ] || fail_for "$confirm_code" \
        "Look at the cable of the BMC's own port, its switch port and its VLAN, and try again." BMC-001
    say "Bearman controls this machine over the network"
}

# --- power_off -----------------------------------------------------------------------------------

# Only a machine that Bearman can switch on again may go dark.
power_off() {
    refuse_in_rehearsal poweroff
    grep -Fqx confirm "$RUN/passed" ||
        fail "$FAILED" "step confirm has not passed" "Run the steps from the first." REG-001
    identify 0
    say "registered; switching off"
    sync
    poweroff
}

# --- the list ------------------------------------------------------------------------------------

begin_steps "$@"
step network wait_for_network BOOT-001
step inventory collect_inventory REG-005
step register register_node REG-001
step wiring check_wiring REG-001
step firmware update_firmware FW-004
if [ -e "$RESTARTING" ]; then
    tell "the machine restarts; its registration goes on then"
    exit 0
fi
if [ -e "$UPDATED" ]; then
    # Bearman shows what the machine has now.
    step inventory collect_inventory REG-005
    step register register_node REG-001
    rm -f "$UPDATED"
fi
step bmc configure_bmc BMC-007
step confirm confirm_bmc BMC-001
step power_off power_off REG-009
end_steps
