# shellcheck shell=sh
# What Bearman's boot scripts share: settings, console text, steps. Sourced, never run.
#
# ROOT is a folder that stands in for "/"; it is empty on a real machine.
# POSIX sh has no local variables: each function's names are its own.

LC_ALL=C
export LC_ALL
umask 077
ROOT=${ROOT:-}
RUN=$ROOT/run/bearman
BEARMAN_PATIENCE=${BEARMAN_PATIENCE:-1800} # seconds to wait for a Bearman that is away
SEED=                                      # file of settings; empty: the kernel command line
LIGHT=                                     # not empty: a failure switches the identify light on
KNOWN=                                     # not empty: Bearman has a row to put reports on
USAGE='[--from STEP]'
CODE_FORM='[A-Z]{2,5}-[0-9]{3}' # of the issue catalogue
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
NOT_PASSED=12 # Bearman itself has ended the registration

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

# Print the code of the issue catalogue in file $1; nothing where there is none.
code_in() {
    code_text=$(words_of "$1" 20)
    ! matches "$code_text" "$CODE_FORM" || printf '%s\n' "$code_text"
}

# End the step: exit code $1, reason $2, advice $3 (each a sentence for a person), and $4, the code
# that the failure has in the issue catalogue.
fail() {
    printf '%s\n' "$2" | one_line 900 >"$RUN/reason"
    printf '%s\n' "$3" | one_line 900 >"$RUN/advice"
    printf '%s\n' "$4" | one_line 9 >"$RUN/issue"
    printf 'failed: %s %s\n' "$(cat "$RUN/issue")" "$(cat "$RUN/reason")" >&2
    exit "$1"
}

# --- settings ------------------------------------------------------------------------------------

# Print setting $1: from the seed, or bearman.$1 on the kernel command line. The last one counts, as
# for the kernel.
setting() {
    if [ -n "$SEED" ]; then
        head -c 8192 "$SEED" 2>/dev/null | sed -n "s/^$1 //p" | tail -n 1
    else
        # No program is called for this: autorun asks seven times, and each would cost a boot its time.
        setting_value=
        read -r setting_line <"$ROOT/proc/cmdline" || :
        set -f
        for setting_word in $setting_line; do
            case $setting_word in "bearman.$1="*) setting_value=${setting_word#*=} ;; esac
        done
        set +f
        printf '%s\n' "$setting_value"
    fi
}

# Take each setting from the environment or else from where `setting` finds it. Scripts that this
# one starts get them, but an install script gets no secret.
read_settings() {
    BEARMAN_URL=${BEARMAN_URL:-$(setting url)}
    BEARMAN_URL=${BEARMAN_URL%/}
    BEARMAN_GRPC=${BEARMAN_GRPC:-$(setting grpc)}
    BEARMAN_UUID=${BEARMAN_UUID:-$(setting uuid)}
    BEARMAN_TOKEN=${BEARMAN_TOKEN:-$(setting token)}
    BEARMAN_NONCE=
    [ -z "$SEED" ] || BEARMAN_NONCE=$(setting nonce)
    BEARMAN_PLAINTEXT=${BEARMAN_PLAINTEXT:-$(setting plaintext)}
    find_ca
    [ -z "$SEED" ] || return 0
    export BEARMAN_URL BEARMAN_GRPC BEARMAN_UUID BEARMAN_TOKEN
    export_trust
}

# Find the file of the CAs that are trusted: the image's own, of which nothing is left out where it
# is there; else the system's are.
find_ca() {
    CA=${BEARMAN_CA:-}
    if [ -z "$CA" ] && [ -e "$ROOT/etc/bearman/ca.pem" ]; then CA=$ROOT/etc/bearman/ca.pem; fi
}

# Give bearman-cli the same trust; it takes no CA together with the leave to do without TLS.
export_trust() {
    unset BEARMAN_CA
    if [ -n "$BEARMAN_PLAINTEXT" ]; then
        export BEARMAN_PLAINTEXT
    elif [ -n "$CA" ]; then
        BEARMAN_CA=$CA
        export BEARMAN_CA
    else
        case $BEARMAN_URL in https://*) export BEARMAN_TLS=1 ;; esac
    fi
}

# Fail unless setting $1 has a value $2 of the form $3. The value is never shown: one is secret.
check_setting() {
    setting_place='on the kernel command line'
    [ -z "$SEED" ] || setting_place="in $SEED"
    [ -n "$2" ] || fail "$UNUSABLE" "bearman.$1 is not $setting_place" \
        "Boot this machine over the network: Bearman gives the setting." BOOT-003
    matches "$2" "$3" || fail "$UNUSABLE" "bearman.$1 $setting_place is malformed" \
        "Look at the iPXE script that Bearman gives this machine, and at its stage-one settings." \
        BOOT-003
}

# Fail unless every setting is of its form.
check_settings() {
    host='([A-Za-z0-9][A-Za-z0-9.-]{0,252}|\[[0-9A-Fa-f:.]{2,45}\])'
    check_setting url "$BEARMAN_URL" "https?://$host(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]{0,200})?"
    check_setting grpc "$BEARMAN_GRPC" "$host:[0-9]{1,5}"
    check_setting uuid "$BEARMAN_UUID" '[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}'
    check_setting token "$BEARMAN_TOKEN" '[A-Za-z0-9._~+/=-]{8,512}'
    check_setting plaintext "${BEARMAN_PLAINTEXT:-1}" 1
    [ -z "$SEED" ] || check_setting nonce "$BEARMAN_NONCE" '[A-Za-z0-9_-]{16,64}'
    matches "$BEARMAN_PATIENCE" '[0-9]{1,6}' || fail "$UNUSABLE" \
        "BEARMAN_PATIENCE is not a number of seconds" "Unset it: half an hour is the default." \
        BOOT-003
}

# --- telling -------------------------------------------------------------------------------------

# Report step $1 with outcome $2 and message $3 to Bearman, trying for at most $4 seconds; $5 is the
# code of what failed and $6 what to do about it, if there are any. The form is that of POST /report;
# why it did not arrive is the last line of the log.
report() (
    exec >"$RUN/log/report.log" 2>&1 3>/dev/null
    [ "$4" -gt "$BEARMAN_PATIENCE" ] || BEARMAN_PATIENCE=$4
    issue=${5:-}
    advice=${6:-}
    set -- --data-urlencode "step=$1" --data-urlencode "outcome=$2" --data-urlencode "message=$3"
    [ -z "$issue" ] || set -- "$@" --data-urlencode "issue=$issue"
    [ -z "$advice" ] || set -- "$@" --data-urlencode "advice=$advice"
    [ ! -s "$RUN/log-tail" ] || set -- "$@" --data-urlencode "log_tail@$RUN/log-tail"
    [ ! -e "$RUN/lit" ] || set -- "$@" --data-urlencode light=on
    [ ! -s "$RUN/address" ] || set -- "$@" --data-urlencode "address=$(words_of "$RUN/address" 45)"
    retry_while_away post "$BEARMAN_URL/report/$BEARMAN_UUID" "$RUN/report" "$@" || {
        words_of "$RUN/problem" 400
        exit 1
    }
)

# Write reason, advice and code for step $1 (exit code $2) if the step ended without words of its own;
# $3 is the code that stands for its failure.
find_words() {
    last_words=$(tail -n 1 "$RUN/log/$1.log" | one_line 300)
    [ -s "$RUN/reason" ] || echo "it ended with code $2: $last_words" >"$RUN/reason"
    [ -s "$RUN/advice" ] || echo "Read the log, put right what it says, and try again." >"$RUN/advice"
    [ -n "$(code_in "$RUN/issue")" ] || printf '%s\n' "$3" >"$RUN/issue"
}

# Show the failure of step $1 (code $2, else issue $3), light the machine up, tell Bearman, and end
# with that code.
give_up() {
    find_words "$1" "$2" "$3"
    : >"$RUN/given-up"
    show_failure "$1"
    [ -z "$LIGHT" ] || identify force
    # Bearman itself put the machine in quarantine, and knows the reason better than this script.
    [ "$2" -ne "$QUARANTINED" ] || exit "$2"
    tail -n 60 "$RUN/log/$1.log" | tail -c 12288 | tr -d '\000' >"$RUN/log-tail"
    if [ -z "$TELLABLE" ]; then
        tell "Bearman cannot be told with these settings"
    elif report "$1" failed "$(words_of "$RUN/reason" 900)" 90 "$(code_in "$RUN/issue")" \
        "$(words_of "$RUN/advice" 900)"; then
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
    TELLABLE=
    run_step settings check_settings BOOT-003
    TELLABLE=1
}

# As `begin`, for a list of steps. Understands `--from STEP`, and waits for a run that is still
# under way: a step of a killed run goes on until its end, and two must not set the same BMC.
begin_steps() {
    FROM=
    case $#:${1:-} in
        0:) ;;
        2:--from) FROM=$2 ;;
        *)
            echo "usage: ${0##*/} $USAGE" >&2
            exit "$UNUSABLE"
            ;;
    esac
    mkdir -p "$RUN"
    exec 9>"$RUN/lock"
    if ! flock -n 9; then
        echo "bearman: waiting for the step that an earlier run is still in"
        flock -w 180 9 || {
            echo "bearman: it still runs, or a program that it has started; see $RUN/log and try again"
            exit "$UNUSABLE"
        }
    fi
    PASSED=
    begin
}

# Run function $2 as step $1: in a subshell, with its own log. A failure is shown, told and final; $3
# is its code in the issue catalogue where the function names none.
run_step() {
    rm -f "$RUN/reason" "$RUN/advice" "$RUN/issue" "$RUN/log-tail"
    rm -f "$RUN/problem" "$RUN/problem-advice" "$RUN/problem-issue"
    set +e
    (
        set -e
        "$2"
    ) >"$RUN/log/$1.log" 2>&1
    step_code=$?
    set -e
    [ "$step_code" -eq 0 ] || give_up "$1" "$step_code" "$3"
}

# Run step $1 with function $2 and code $3 (see run_step), or pass over it if `--from` names a later one and it has passed before.
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
        run_step "$1" "$2" "$3"
    fi
    PASSED=$PASSED$1$NEWLINE
}

# Tell Bearman that step $1 begins. Before the machine is registered there is no node to tell it
# of, and a report that is lost must not stop the step.
tell_progress() {
    [ -n "$KNOWN" ] || [ -s "$RUN/node/node_id" ] || return 0
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

# Run a program for $1 seconds at most; what follows are its words. One that hangs in the kernel (state D,
# which no signal ends) is left behind a few seconds later: else a broken card or disk would hold the whole
# step. It gets neither console nor lock, which what it leaves behind would keep. Ends with its code; 124
# or 137 where it did not end in time. Its output should be a file: a pipe waits for what is left behind.
bounded() {
    bounded_seconds=$1
    shift
    timeout -k 2 $((bounded_seconds + 5)) timeout -k 2 "$bounded_seconds" "$@" 3>&- 9>&-
}

# True if program $1 may change this machine. In a rehearsal (ROOT is set) only a stand-in may.
may_use() {
    [ -n "$ROOT" ] || return 0
    case $(command -v "$1") in
        '' | /bin/* | /sbin/* | /usr/*) return 1 ;;
    esac
}

# Fail where program $1 may not be used.
refuse_in_rehearsal() {
    may_use "$1" || fail "$UNUSABLE" "ROOT is set, but PATH has no stand-in for $1" \
        "Put one in front of PATH, or unset ROOT." BOOT-003
}
