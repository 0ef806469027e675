# shellcheck shell=sh
# Step `firmware` of register.sh: does the updates that Bearman plans, in its order, and reads back what
# came of them. Sourced after fetch.sh, never run. A plug-in firmware/TOOL.sh has two functions, which
# are called with the arguments of the update, and find in variables what it is about:
#   TOOL_apply     applies file $artefact to $target through `run_tool`
#   TOOL_version   prints the version that the component has, as its first line

FIRMWARE=$RUN/firmware
RESTARTING=$RUN/restarting # there once the machine is told to restart
UPDATED=$RUN/updated       # there once something is updated that needs no restart
MAX_READING=65536          # bytes
MAX_UNPACKED=268435456     # bytes of a file that a reader may write
MAX_TOOL_LOG=1048576       # bytes that are kept of what a tool prints
# Exit codes that Bearman is told beside those of a tool: its file could not be had, it could not be run.
NOT_FETCHED=125
NOT_RUN=126
STUCK_SECONDS=20 # beyond those of a tool: what KILL has not ended then hangs in the kernel

# Ask Bearman which updates are due, with what the machine says of itself now.
plan_firmware() {
    collect_inventory
    glean_mc_info
    plan_code=0
    ask_bearman "$FIRMWARE/plan" firmware-plan --dmidecode "$INVENTORY/dmidecode" \
        --lsblk "$INVENTORY/lsblk" --ip-link "$INVENTORY/ip-link" --ethtool "$INVENTORY/ethtool" \
        --mc-info "$FIRMWARE/mc-info" || plan_code=$?
    [ "$plan_code" -eq 0 ] || fail_for "$plan_code" \
        "Look at the node's firmware in Bearman's Admin and try again." BOOT-010
}

# Keep what the BMC says of its own firmware; a machine without one says nothing.
glean_mc_info() {
    : >"$FIRMWARE/mc-info"
    ! may_use ipmitool || glean "$FIRMWARE/mc-info" "$MAX_READING" ipmitool mc info
}

# Read update $update of the plan into variables, each checked.
read_update() {
    update_id=$(value_of "$update" id '[1-9][0-9]{0,18}')
    target=$(value_of "$update" target '([A-Za-z0-9_][A-Za-z0-9_.@:-]{0,31})?')
    title=$(words_of "$update/title" 200)
    from_version=$(words_of "$update/from_version" 200)
    wanted_version=$(words_of "$update/wanted_version" 200)
    tool=$(value_of "$update" tool 'fwupdmgr|vendor|mstflint|command')
    artefact_url=$(value_of "$update" artefact_url "($URL_FORM)?")
    artefact_sha256=$(value_of "$update" artefact_sha256 '([0-9a-f]{64})?')
    artefact_size=$(value_of "$update" artefact_size '([1-9][0-9]{0,12})?')
    read_with=$(value_of "$update" read_with 'dmidecode|ipmitool|ethtool|lsblk|tool')
    read_first=$(value_of "$update" read_first 'true|false')
    reboot=$(value_of "$update" reboot 'true|false')
    timeout_seconds=$(value_of "$update" timeout_seconds '[1-9][0-9]{0,4}')
    ! grep -Evqx -e '[ -~]{1,500}' "$update/arguments" || unusable "$update" arguments
}

# Call function $1 with the arguments of the update, each a word of its own.
with_arguments() {
    while IFS= read -r argument; do
        set -- "$@" "$argument"
    done <"$update/arguments"
    "$@"
}

# Tell Bearman outcome $1 of the update; what follows goes with it. True if the tool is to run.
tell_outcome() {
    outcome=$1
    shift
    outcome_code=0
    ask_bearman "$TOLD" firmware-report "$update_id" --outcome "$outcome" "$@" || outcome_code=$?
    [ "$outcome_code" -ne "$NOT_PASSED" ] || [ -z "$not_begun" ] || echo "$not_begun" >"$RUN/problem"
    [ "$outcome_code" -eq 0 ] || fail_for "$outcome_code" \
        "Look at the node's firmware in Bearman's Admin and try again." BOOT-010
    applies=$(value_of "$TOLD" apply 'true|false') || exit "$FAILED"
    [ "$applies" = true ]
}

# End the update: its tool has failed with code $1, or its file could not be fetched (NOT_FETCHED, with
# the reason in $not_begun). Bearman says whether the registration ends with it.
update_failed() {
    tell_outcome failed --exit-code "$1" --log-tail "$FIRMWARE/tool.log" || :
    say "$title was not updated; Bearman lets the registration go on"
}

# Fetch what the tool applies, if there is anything, and compare its SHA-256.
fetch_artefact() {
    artefact=
    [ -n "$artefact_url" ] || return 0
    artefact=$FIRMWARE/artefact-$update_id
    fetch_file "$artefact" "$artefact_sha256 $artefact_size $artefact_url" firmware || {
        not_begun="$title: the update could not be fetched: $(words_of "$RUN/problem" 400)"
        printf '%s\n' "$not_begun" >"$FIRMWARE/tool.log"
        return 1
    }
}

# Print what the reader of this update says.
print_version() {
    case $read_with in
        dmidecode) bounded 60 dmidecode -t bios ;;
        ipmitool) bounded 60 ipmitool mc info ;;
        ethtool) bounded 60 ethtool -i "$target" ;;
        lsblk) bounded 60 lsblk --json --bytes --output-all "/dev/$target" ;;
        tool) with_arguments "${tool}_version" ;;
    esac
}

# Keep what the reader says in $FIRMWARE/reading. One that fails has said nothing that can be read.
read_version() {
    # The limit is for each file that is written, and a tool may unpack itself. Others' programs get no
    # secret, and no lock that what they leave behind would keep.
    (
        unset BEARMAN_TOKEN
        ulimit -f $((MAX_UNPACKED / 512))
        print_version
    ) </dev/null >"$FIRMWARE/said" 2>"$FIRMWARE/complaint" 3>&- 9>&- || say \
        "the version cannot be read with $read_with: $(words_of "$FIRMWARE/complaint" 200)"
    head -c "$MAX_READING" "$FIRMWARE/said" >"$FIRMWARE/reading"
    rm -f "$FIRMWARE/said"
}

# Run a program of the update for timeout_seconds at most. Then it and all that it has started, as long
# as it stays in its session, are killed. Ends with its code; 124 where it did not end in time, also
# where not even KILL ends it. The one that waits for it keeps the lock, even if this script is killed: no
# other run may begin while the tool writes. The tool itself does not, nor does what it leaves behind.
run_tool() {
    tool_began=$(uptime_seconds)
    tool_code=0
    rm -f "$FIRMWARE/tool-pid"
    (
        unset BEARMAN_TOKEN
        BEARMAN_FIRMWARE_TARGET=$target
        export BEARMAN_FIRMWARE_TARGET
        timeout -k 5 $((timeout_seconds + STUCK_SECONDS)) sh -c '
            echo "$$" >"$1"
            shift
            exec setsid timeout -k 10 "$@"
        ' sh "$FIRMWARE/tool-pid" "$timeout_seconds" "$@" 9>&- || exit # not its last word: it waits
    ) </dev/null 3>&- &
    wait "$!" || tool_code=$?
    case $tool_code in
        124 | 137) # 137 is KILL, which `timeout` had to use, or another did
            [ ! -s "$FIRMWARE/tool-pid" ] || kill -KILL -- "-$(cat "$FIRMWARE/tool-pid")" 2>/dev/null || :
            tool_lasted=$(($(uptime_seconds) - tool_began))
            [ "$tool_lasted" -lt "$timeout_seconds" ] || tool_code=124
            [ "$tool_lasted" -lt $((timeout_seconds + STUCK_SECONDS)) ] ||
                echo "it hangs in the kernel, where nothing ends it; it was left behind"
            ;;
        125) tool_code=$NOT_RUN ;; # of `timeout` itself
    esac
    return "$tool_code"
}

# Apply the update. The first MAX_TOOL_LOG bytes that the tool prints are kept, and the others read: a
# tool that writes firmware must never be stopped by what it writes about it.
apply_update() {
    rm -f "$FIRMWARE/pipe"
    mkfifo "$FIRMWARE/pipe"
    {
        (
            ulimit -f $((MAX_TOOL_LOG / 512))
            exec cat
        ) || :
        cat >/dev/null
    } <"$FIRMWARE/pipe" >"$FIRMWARE/tool.log" 3>&- 9>&- &
    keeper=$!
    apply_code=0
    with_arguments "${tool}_apply" >"$FIRMWARE/pipe" 2>&1 || apply_code=$?
    # A process that has left the tool's session may hold the pipe open for ever.
    {
        sleep 3
        kill "$keeper"
    } >/dev/null 2>&1 3>&- 9>&- &
    wait "$keeper" || :
    kill "$!" 2>/dev/null || :
    tail -c 16384 "$FIRMWARE/tool.log"
    return "$apply_code"
}

# Restart the machine; the next boot goes on with what Bearman plans then.
restart() {
    tell_outcome rebooting || :
    say "restarting, so that $title takes effect"
    sync
    reboot || fail "$FAILED" "the machine does not restart: reboot ended with code $?" \
        "Restart the machine and let it boot from the network; its registration goes on there." FW-015
    : >"$RESTARTING"
}

# Do update $update of the plan, as far as Bearman lets it.
do_update() {
    read_update
    say "$title: $wanted_version instead of ${from_version:-what it has}, with $tool, at most $timeout_seconds s"
    : >"$FIRMWARE/tool.log"
    not_begun=
    fetch_artefact || {
        update_failed "$NOT_FETCHED"
        return
    }
    if [ "$read_first" = true ]; then
        read_version
        tell_outcome read --reading "$FIRMWARE/reading" || {
            say "$title is as it should be"
            return
        }
    fi
    tell_outcome started || {
        say "Bearman does not want $title updated any more"
        return
    }
    update_code=0
    apply_update || update_code=$?
    if [ "$update_code" -ne 0 ]; then
        update_failed "$update_code"
    elif [ "$reboot" = true ]; then
        restart
    else
        read_version
        : >"$UPDATED"
        tell_outcome applied --reading "$FIRMWARE/reading" || :
        say "$title is updated"
    fi
    [ -z "$artefact" ] || rm -f "$artefact" # the run folder is memory
}

# Do what is due. After a restart or a power cut in the middle, Bearman judges by the fresh versions
# what is done and what comes again.
update_firmware() {
    rm -rf "$FIRMWARE" "$RESTARTING"
    mkdir "$FIRMWARE"
    plan_firmware
    for update in "$FIRMWARE"/plan/updates/[0-9][0-9][0-9]; do
        [ -d "$update" ] || continue
        do_update
        [ ! -e "$RESTARTING" ] || return 0
    done
    say "the firmware is as Bearman wants it"
}
