# shellcheck shell=sh
# What Bearman's boot scripts share: settings, console text, retries, steps. Sourced, never run.
#
# ROOT is a folder that stands in for "/"; it is empty on a real machine.
# POSIX sh has no local variables: each function's names are its own.

LC_ALL=C
export LC_ALL
umask 077
ROOT=${ROOT:-}
RUN=$ROOT/run/bearman
BEARMAN_PATIENCE=${BEARMAN_PATIENCE:-1800} # seconds to wait for a Bearman that is away
MAX_DOWNLOAD=1048576                       # bytes; the scripts are a few kB
NEWLINE='
'

# Exit codes: 1 and 2 are the scripts' own, the others are those of bearman-cli, passed on.
# shellcheck disable=SC2034 # for the scripts that source this
FAILED=1
UNUSABLE=2 # settings or arguments
AWAY=3
DENIED=4
REFUSED=6
QUARANTINED=7

# --- words ---------------------------------------------------------------------------------------

# Say something on the console, which is descriptor 3.
tell() {
    printf 'bearman: %s\n' "$*" >&3
}

# Say something on the console and in the log of the step.
say() {
    tell "$@"
    printf '%s\n' "$*"
}

# Keep what is printable of standard input, as one line of at most $1 characters.
one_line() {
    head -c 65536 | tr -s '\t\r\n' '   ' | tr -cd '[:print:]' | cut -c "1-$1" | sed 's/ *$//'
}

# Print file $1 as one line of at most $2 characters; nothing where there is no file.
words_of() {
    [ ! -f "$1" ] || one_line "$2" <"$1"
}

# True if $1, the whole of it, is one line that matches extended regular expression $2.
matches() {
    case $1 in *"$NEWLINE"*) return 1 ;; esac
    printf '%s\n' "$1" | grep -Eqx -e "$2"
}

# End the step: exit code $1, reason $2, advice $3 (each a sentence for a person).
fail() {
    printf '%s\n' "$2" | one_line 900 >"$RUN/reason"
    printf '%s\n' "$3" | one_line 900 >"$RUN/advice"
    printf 'failed: %s\n' "$(cat "$RUN/reason")" >&2
    exit "$1"
}

# --- settings ------------------------------------------------------------------------------------

# Print the value of bearman.$1 on the kernel command line; the last one counts, as for the kernel.
kernel_argument() {
    head -c 8192 "$ROOT/proc/cmdline" 2>/dev/null | tr '[:blank:]' '\n' |
        sed -n "s/^bearman\.$1=//p" | tail -n 1
}

# Take each setting from the environment or else from the kernel command line.
read_settings() {
    BEARMAN_URL=${BEARMAN_URL:-$(kernel_argument url)}
    BEARMAN_URL=${BEARMAN_URL%/}
    BEARMAN_GRPC=${BEARMAN_GRPC:-$(kernel_argument grpc)}
    BEARMAN_UUID=${BEARMAN_UUID:-$(kernel_argument uuid)}
    BEARMAN_TOKEN=${BEARMAN_TOKEN:-$(kernel_argument token)}
    export BEARMAN_URL BEARMAN_GRPC BEARMAN_UUID BEARMAN_TOKEN
    BEARMAN_PLAINTEXT=${BEARMAN_PLAINTEXT:-$(kernel_argument plaintext)}
    [ -z "$BEARMAN_PLAINTEXT" ] || export BEARMAN_PLAINTEXT
}

# Fail unless setting $1 has a value $2 of the form $3. The value is never shown: one is secret.
check_setting() {
    [ -n "$2" ] || fail "$UNUSABLE" "bearman.$1 is not on the kernel command line" \
        "Boot this machine over the network: Bearman's iPXE script gives the setting."
    matches "$2" "$3" || fail "$UNUSABLE" "bearman.$1 on the kernel command line is malformed" \
        "Look at the iPXE script that Bearman gives this machine, and at its stage-one settings."
}

# Fail unless every setting is of its form.
check_settings() {
    host='([A-Za-z0-9][A-Za-z0-9.-]{0,252}|\[[0-9A-Fa-f:.]{2,45}\])'
    check_setting url "$BEARMAN_URL" "https?://$host(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]{0,200})?"
    check_setting grpc "$BEARMAN_GRPC" "$host:[0-9]{1,5}"
    check_setting uuid "$BEARMAN_UUID" '[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}'
    check_setting token "$BEARMAN_TOKEN" '[A-Za-z0-9._~+/=-]{8,512}'
    check_setting plaintext "${BEARMAN_PLAINTEXT:-1}" 1
    matches "$BEARMAN_PATIENCE" '[0-9]{1,6}' || fail "$UNUSABLE" \
        "BEARMAN_PATIENCE is not a number of seconds" "Unset it: half an hour is the default."
}

# --- waiting for Bearman -------------------------------------------------------------------------

# Print the seconds since the kernel started; unlike the date they never jump.
uptime_seconds() {
    cut -d . -f 1 /proc/uptime
}

# Print a random number from 0 to $1 - 1, so that a whole rack does not ask in the same second.
random_below() {
    echo $(($(od -An -N2 -tu2 /dev/urandom) % $1))
}

# Run a command until it ends with a code other than AWAY, for at most BEARMAN_PATIENCE seconds,
# with growing pauses. The command leaves its reason in $RUN/problem. Call it as a condition.
retry_while_away() {
    asked_at=$(uptime_seconds)
    pause=1
    while :; do
        away_code=0
        "$@" || away_code=$?
        [ "$away_code" -eq "$AWAY" ] || return "$away_code"
        [ $(($(uptime_seconds) - asked_at)) -lt "$BEARMAN_PATIENCE" ] || return "$AWAY"
        this_pause=$((pause + $(random_below "$((pause + 1))")))
        say "waiting for Bearman ($(words_of "$RUN/problem" 200)); next try in $this_pause s"
        sleep "$this_pause"
        pause=$((pause * 2))
        [ "$pause" -le 30 ] || pause=30
    done
}

# Print the names of the interfaces that have a link.
links_up() {
    for link_state in "$ROOT"/sys/class/net/*/operstate; do
        [ "$(words_of "$link_state" 10)" = up ] || continue
        link_name=${link_state%/operstate}
        printf '%s ' "${link_name##*/}" | one_line 40
    done
}

# Fail with code $1 of `get` or of bearman-cli and with the reason in $RUN/problem; advice $2 where
# the code has none of its own.
fail_for() {
    problem=$(words_of "$RUN/problem" 600)
    case $1 in
        "$AWAY") fail "$1" "Bearman did not answer for $BEARMAN_PATIENCE s: $problem" \
            "See that Bearman runs and can be reached from here; links up: $(links_up | one_line 200)." ;;
        "$DENIED") fail "$1" "$problem" \
            "Switch this machine off and on again: each network boot gets a new boot token." ;;
        *) fail "$1" "$problem" "$2" ;;
    esac
}

# GET $1 into file $2; with `token` as $3 show the boot token. Prints "STATUS LOCAL_ADDRESS" and
# ends with curl's code. curl reads its secrets from a pipe: arguments are there for all to read.
http_get() {
    {
        printf 'url = "%s"\n' "$1"
        [ "${3:-}" != token ] || printf 'header = "Authorization: Bearer %s"\n' "$BEARMAN_TOKEN"
    } | (
        ulimit -f $((MAX_DOWNLOAD / 512)) # for an answer that does not tell its length
        exec curl -q -sS -g --noproxy '*' --proto '=http,https' --connect-timeout 10 \
            --max-time 60 --max-filesize "$MAX_DOWNLOAD" -o "$2" \
            -w '%{http_code} %{local_ip}\n' -K -
    )
}

# As http_get, but 0 only for a whole answer with status 200. AWAY where asking again may help, else
# DENIED or REFUSED; $RUN/problem says why. Keeps the address that this machine has towards $1.
get() {
    get_code=0
    : >"$2"
    http_get "$@" >"$RUN/http" 2>"$RUN/problem" || get_code=$?
    case $get_code in
        0) ;;
        23 | 63 | 153) # curl could not write, --max-filesize, SIGXFSZ from the ulimit
            echo "the answer of $1 is over $MAX_DOWNLOAD bytes" >"$RUN/problem"
            return "$REFUSED"
            ;;
        *) return "$AWAY" ;;
    esac
    read -r http_status own_address <"$RUN/http"
    ! matches "$own_address" '[0-9A-Fa-f:.]{2,45}' || printf '%s\n' "$own_address" >"$RUN/address"
    [ "$http_status" != 200 ] || return 0
    echo "$1 answered $http_status: $(words_of "$2" 300)" >"$RUN/problem"
    case $http_status in
        401 | 403) return "$DENIED" ;;
        408 | 429 | 5??) return "$AWAY" ;;
        *) return "$REFUSED" ;;
    esac
}

# --- telling -------------------------------------------------------------------------------------

# Report step $1 with outcome $2 and message $3 to Bearman, with $4 seconds for retries.
report() {
    report_limit=$4
    set -- --step "$1" --outcome "$2" --message "$3"
    [ ! -s "$RUN/log-tail" ] || set -- "$@" --log-tail-file "$RUN/log-tail"
    [ ! -s "$RUN/address" ] || set -- "$@" --address "$(cat "$RUN/address")"
    timeout "$((report_limit + 40))" bearman-cli --retry-for "$report_limit" report "$@" \
        >"$RUN/log/report.log" 2>&1
}

# Print what the firmware calls $1 (a name in /sys/class/dmi/id).
dmi() {
    dmi_value=$(words_of "$ROOT/sys/class/dmi/id/$1" 60)
    printf '%s' "${dmi_value:-unknown}"
}

# Print label $1 with text $2 folded beside it.
field() {
    printf '%s\n' "${2:-unknown}" | fold -s -w 62 |
        sed "1s/^/$(printf '  %-14s' "$1")/; 2,\$s/^/                /; s/ *\$//"
}

# Print what a person finds on the screen of a machine that stays lit because of step $1.
failure_screen() {
    line='=============================================================================='
    login='at this console; the machine has no address towards Bearman yet'
    [ ! -s "$RUN/address" ] || login="ssh root@$(words_of "$RUN/address" 45)"
    printf '\n%s\n  BEARMAN: THIS MACHINE NEEDS A LOOK. IT STAYS ON.\n\n' "$line"
    field Machine "$(dmi sys_vendor) $(dmi product_name), serial $(dmi product_serial)"
    field UUID "$(printf '%s\n' "$BEARMAN_UUID" | one_line 36)"
    field Step "$1"
    field Reason "$(words_of "$RUN/reason" 900)"
    field 'What to do' "$(words_of "$RUN/advice" 900)"
    field 'Log in' "$login"
    # Not folded: these are for copying.
    printf '  %-14s%s\n' Log "$RUN/log/$1.log" 'Try again' "$AGAIN"
    printf '%s\n\n' "$line"
}

# Write reason and advice for step $1 (exit code $2) if the step ended without words of its own.
find_words() {
    last_words=$(tail -n 1 "$RUN/log/$1.log" | one_line 300)
    [ -s "$RUN/reason" ] || echo "it ended with code $2: $last_words" >"$RUN/reason"
    [ -s "$RUN/advice" ] || echo "Read the log, put right what it says, and try again." >"$RUN/advice"
}

# Show the failure of step $1 (code $2) on the console and above the login prompts, tell Bearman,
# and end with that code.
give_up() {
    find_words "$1" "$2"
    : >"$RUN/given-up"
    failure_screen "$1" >"$RUN/screen"
    cat "$RUN/screen" >&3
    mkdir -p "$ROOT/run/issue.d"
    sed 's|\\|/|g' "$RUN/screen" >"$ROOT/run/issue.d/bearman.issue" # agetty expands backslashes
    # Bearman itself put the machine in quarantine, and knows the reason better than this script.
    [ "$2" -ne "$QUARANTINED" ] || exit "$2"
    tail -n 60 "$RUN/log/$1.log" | tail -c 12288 >"$RUN/log-tail"
    if report "$1" failed "$(words_of "$RUN/reason" 900)" 90; then
        tell "Bearman has been told"
    else
        tell "Bearman could not be told: $(tail -n 1 "$RUN/log/report.log" | one_line 200)"
    fi
    exit "$2"
}

# --- steps ---------------------------------------------------------------------------------------

# Make the run folder (on a tmpfs: it goes with the boot), open the console, read the settings.
begin() {
    exec 3>&1
    mkdir -p "$RUN/log"
    chmod 700 "$RUN"
    SELF=$(readlink -f "$0")
    AGAIN=$SELF
    rm -f "$RUN/given-up" "$RUN/screen" "$ROOT/run/issue.d/bearman.issue"
    read_settings
    run_step settings check_settings
}

# As `begin`, for a list of steps. Understands `--from STEP`, and waits for a run that is still
# under way: a step of a killed run goes on until its end, and two must not set the same BMC.
begin_steps() {
    FROM=
    case $#:${1:-} in
        0:) ;;
        2:--from) FROM=$2 ;;
        *)
            echo "usage: ${0##*/} [--from STEP]" >&2
            exit "$UNUSABLE"
            ;;
    esac
    mkdir -p "$RUN"
    exec 9>"$RUN/lock"
    if ! flock -n 9; then
        echo "bearman: waiting for the step that an earlier run is still in"
        flock -w 180 9 || exit "$UNUSABLE"
    fi
    PASSED=
    begin
}

# Run function $2 as step $1: in a subshell, with its own log. A failure is shown, told and final.
run_step() {
    rm -f "$RUN/reason" "$RUN/advice" "$RUN/problem" "$RUN/log-tail"
    set +e
    (
        set -e
        "$2"
    ) >"$RUN/log/$1.log" 2>&1
    step_code=$?
    set -e
    [ "$step_code" -eq 0 ] || give_up "$1" "$step_code"
}

# Run step $1, or pass over it if `--from` names a later one and it has passed before.
# $RUN/passed holds the steps that passed before the one that runs, and no others.
step() {
    if [ -n "$FROM" ] && [ "$FROM" != "$1" ]; then
        if ! grep -Fqx -e "$1" "$RUN/passed"; then
            tell "step $1 has not passed since this machine started; leave --from out"
            exit "$UNUSABLE"
        fi
    else
        FROM=
        AGAIN="$SELF --from $1"
        printf '%s' "$PASSED" >"$RUN/passed"
        tell "step $1"
        tell_progress "$1"
        run_step "$1" "$2"
    fi
    PASSED=$PASSED$1$NEWLINE
}

# Tell Bearman that step $1 begins. Before the machine is registered there is no node to tell it
# of, and a report that is lost must not stop the step.
tell_progress() {
    [ -s "$RUN/node/node_id" ] || return 0
    rm -f "$RUN/log-tail"
    report "$1" progress "step $1 begins" 10 ||
        tell "progress not reported: $(tail -n 1 "$RUN/log/report.log" | one_line 200)"
}

# Say so if `--from` named no step at all.
end_steps() {
    [ -z "$FROM" ] || {
        tell "there is no step called $(printf '%s\n' "$FROM" | one_line 40)"
        exit "$UNUSABLE"
    }
}

# In a rehearsal (ROOT is set) refuse the machine's own $1: only a stand-in may be changed there.
refuse_in_rehearsal() {
    [ -n "$ROOT" ] || return 0
    case $(command -v "$1") in
        '' | /bin/* | /sbin/* | /usr/*) fail "$UNUSABLE" \
            "ROOT is set, but PATH has no stand-in for $1" "Put one in front of PATH, or unset ROOT." ;;
    esac
}
