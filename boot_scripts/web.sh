# shellcheck shell=sh
# What Bearman's boot scripts share: asking it over HTTP, waiting for it, reading what it answers.
# Sourced after lib.sh, never run.

MAX_ANSWER=1048576       # bytes; the scripts are a few kB
CERTIFICATE_PATIENCE=300 # seconds in which the machine's clock may still be set
# Of storages that sign addresses, too; without what curl, its file of options or a shell take for
# their own: quotes, blanks, backslashes, braces, $, *, !, (, ), <, >, |, #.
# shellcheck disable=SC2034 # for the scripts that source this
URL_FORM='https?://[][A-Za-z0-9._~:/?&=%+@,;-]+'
ADDRESS_FORM='[0-9A-Fa-f:.]{2,45}'

# Print address $1 without the query at its end, which is half a secret where the storage signs it.
without_query() {
    printf '%s' "${1%%\?*}"
    case $1 in *\?*) printf '?...' ;; esac
}

# Likewise, for all addresses in a text on standard input.
without_queries() {
    sed 's/?[^ ]*/?.../g'
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

# Print the seconds to wait for a Bearman that is away: only some where its certificate is refused.
patience() {
    if [ "$(code_in "$RUN/problem-issue")" = BOOT-012 ] && [ "$BEARMAN_PATIENCE" -gt "$CERTIFICATE_PATIENCE" ]; then
        echo "$CERTIFICATE_PATIENCE"
    else
        echo "$BEARMAN_PATIENCE"
    fi
}

# Run a command until it ends with a code other than AWAY, for as long as `patience` says, with
# growing pauses. The command leaves its reason in $RUN/problem. Call it as a condition.
retry_while_away() {
    asked_at=$(uptime_seconds)
    pause=1
    while :; do
        away_code=0
        "$@" || away_code=$?
        [ "$away_code" -eq "$AWAY" ] || return "$away_code"
        [ $(($(uptime_seconds) - asked_at)) -lt "$(patience)" ] || return "$AWAY"
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

# Fail with code $1 of `get` or of bearman-cli and with the reason in $RUN/problem. Advice $2 and code
# $3 of the issue catalogue count where Bearman has told none of its own.
fail_for() {
    problem=$(words_of "$RUN/problem" 900)
    told=$(code_in "$RUN/problem-issue")
    told_advice=$(words_of "$RUN/problem-advice" 900)
    case $1:$told in
        "$AWAY":BOOT-012) fail "$1" "$problem" "$told_advice" BOOT-012 ;;
        "$AWAY":*) fail "$1" "Bearman did not answer for $BEARMAN_PATIENCE s: $problem" \
            "See that Bearman runs and can be reached from here; links up: $(links_up | one_line 200)." \
            BOOT-001 ;;
        "$DENIED":) fail "$1" "$problem" \
            "Switch this machine off and on again: each network boot gets a new boot token." BOOT-002 ;;
        *) fail "$1" "$problem" "${told_advice:-$2}" "${told:-$3}" ;;
    esac
}

# Forget why the last call was refused.
forget_problem() {
    rm -f "$RUN/problem" "$RUN/problem-advice" "$RUN/problem-issue"
}

# Have curl ask for $1 and put the answer, of at most $3 bytes, into file $2; `token` as $4 shows the
# boot token. What follows are options of curl. Prints "STATUS LOCAL_ADDRESS", ends with curl's code.
# curl reads its secrets from a pipe: arguments are there for all to read.
http() {
    {
        printf 'url = "%s"\n' "$1"
        if [ "$4" = token ]; then
            printf 'header = "Authorization: Bearer %s"\n' "$BEARMAN_TOKEN"
            [ -z "$BEARMAN_NONCE" ] || printf 'header = "X-Bearman-Nonce: %s"\n' "$BEARMAN_NONCE"
        fi
    } | (
        http_file=$2 http_limit=$3
        shift 4
        # The system's own CAs say nothing of a Bearman whose CA is in the image.
        [ -z "$CA" ] || set -- --cacert "$CA" --capath /dev/null "$@"
        ulimit -f $(((http_limit + 511) / 512)) # for an answer that does not tell its length
        exec curl -q -sS -g --noproxy '*' --proto '=http,https' --connect-timeout 10 \
            --max-time 60 --max-filesize "$http_limit" -o "$http_file" \
            -w '%{http_code} %{local_ip}\n' "$@" -K -
    )
}

# As `http`, for an answer of at most MAX_ANSWER bytes, but 0 only for a whole one with status 200.
# AWAY where asking again may help, else DENIED or REFUSED; $RUN/problem says why. Keeps the address
# that this machine has towards $1.
ask() {
    ask_url=$1 ask_file=$2 ask_as=$3
    shift 3
    ask_code=0
    forget_problem
    : >"$ask_file"
    http "$ask_url" "$ask_file" "$MAX_ANSWER" "$ask_as" -D "$RUN/headers" "$@" \
        >"$RUN/http" 2>"$RUN/problem" || ask_code=$?
    case $ask_code in
        0) ;;
        23 | 63 | 153) # curl could not write, --max-filesize, SIGXFSZ from the ulimit
            echo "the answer of $(without_query "$ask_url") is over $MAX_ANSWER bytes" >"$RUN/problem"
            return "$REFUSED"
            ;;
        *)
            explain_certificate "$ask_code" "$ask_url"
            return "$AWAY"
            ;;
    esac
    read -r http_status own_address <"$RUN/http"
    ! matches "$own_address" "$ADDRESS_FORM" || printf '%s\n' "$own_address" >"$RUN/address"
    [ "$http_status" != 200 ] || return 0
    why_refused >"$RUN/problem"
    [ "$ask_as" != token ] || issue_in_headers >"$RUN/problem-issue"
    code_of_status "$http_status"
}

# Print why $ask_url answered $http_status. What a storage says of an address that it has signed repeats
# a part of the secret, so only Bearman's own words are told.
why_refused() {
    case $ask_as:$ask_url in
        :*\?*) printf '%s answered %s\n' "$(without_query "$ask_url")" "$http_status" ;;
        *) printf '%s answered %s: %s\n' "$(without_query "$ask_url")" "$http_status" "$(words_of "$ask_file" 300)" ;;
    esac
}

# Print the code of the catalogue that Bearman has put into the header X-Bearman-Issue.
issue_in_headers() {
    head -c 65536 "$RUN/headers" | tr -d '\r' |
        sed -n "s/^[Xx]-[Bb]earman-[Ii]ssue: *\([A-Z]\{2,5\}-[0-9]\{3\}\)\$/\1/p" | head -n 1
}

# Where curl's code $1 means that the certificate of $2 is not trusted, say in $RUN/problem why, and what
# to do beside it. curl's own words are in $RUN/problem.
explain_certificate() {
    case $1 in
        51 | 60) # does not verify; 51 is an old curl's code for a wrong name (curl(1), EXIT CODES)
            server=${2#*://}
            server=${server%%/*}
            refusal=$(sed -n 's/^curl: ([0-9]*) //p' "$RUN/problem" | one_line 150)
            certificate_advice "$refusal" "$server" >"$RUN/problem-advice"
            printf '%s\n' "the certificate of $server is not trusted: $refusal; the clock of this machine \
says $(date -u '+%Y-%m-%d %H:%M') UTC" >"$RUN/problem"
            ;;
        77)
            echo "$CA cannot be read as a file of certificates" >"$RUN/problem"
            echo "Put the CA's certificate (PEM) there, in the image, and boot again." >"$RUN/problem-advice"
            ;;
        *) return 0 ;;
    esac
    echo BOOT-012 >"$RUN/problem-issue"
}

# Print what to do where the certificate of $2 is refused with curl's (OpenSSL's) words $1.
certificate_advice() {
    case $1 in
        *'not yet valid'*) echo "Set this machine's clock (date -s; give it a time server): it is behind." ;;
        *expired*) echo "Give $2 a new certificate. If its own is still good, set this machine's clock." ;;
        *'subject name'* | *'host name'* | *hostname*)
            echo "Give $2 a certificate for this name, or have Bearman name itself as the certificate does \
(BEARMAN_PUBLIC_URL)."
            ;;
        *) echo "Is it Bearman that answers? Then put the CA of its certificate into the image, as \
/etc/bearman/ca.pem; $2 has one of a CA that ${CA:-this system} does not know." ;;
    esac
}

# Return what a refusal with HTTP status $1 means: whether asking again may help.
code_of_status() {
    case $1 in
        401 | 403) return "$DENIED" ;;
        408 | 429 | 5??) return "$AWAY" ;;
        *) return "$REFUSED" ;;
    esac
}

# GET $1 into file $2; `token` as $3 shows the boot token. Codes as for `ask`.
get() {
    ask "$1" "$2" "${3:-}"
}

# POST to $1 with the boot token, the answer into file $2. What follows are the form's fields, as
# curl takes them. Codes as for `ask`.
post() {
    post_url=$1 post_file=$2
    shift 2
    ask "$post_url" "$post_file" token --max-time 30 -H 'Expect:' --data '' "$@"
}

# Step `network`: wait until Bearman answers, and learn the address that this machine has towards it.
wait_for_network() {
    network_code=0
    retry_while_away get "$BEARMAN_URL/healthz" "$RUN/healthz" || network_code=$?
    [ "$network_code" -eq 0 ] || fail_for "$network_code" "See that $BEARMAN_URL is Bearman." BOOT-001
    say "Bearman answers; this machine is $(words_of "$RUN/address" 45)"
}

# --- reading -------------------------------------------------------------------------------------

# Fail unless file $1, an answer of lines `KEY VALUE`, is free of control characters.
check_lines() {
    [ "$(tr -d '\n\040-\176\200-\377' <"$1" | wc -c)" -eq 0 ] || unusable_answer "$1" text
}

# Print the values of key $2 in answer $1, a line for each; each must match $3.
values_in() {
    sed -n -e "s/^$2 //p" -e t -e "s/^$2\$//p" "$1" >"$RUN/values"
    ! grep -Evqx -e "$3" "$RUN/values" || unusable_answer "$1" "$2"
    cat "$RUN/values"
}

# As values_in, for a key that must be there once, or at most once where $4 is `optional`.
value_in() {
    value_count=$(grep -c -E "^$2( |\$)" "$1") || :
    case $value_count:${4:-} in
        1:* | 0:optional) values_in "$1" "$2" "$3" ;;
        *) unusable_answer "$1" "$2" ;;
    esac
}

# Fail because of what Bearman answered about $2, kept in file $1.
unusable_answer() {
    fail "$FAILED" "Bearman's ${1##*/} has no usable $2" \
        "Look at $1 and at Bearman's log. Are Bearman and its boot scripts of one version?" BOOT-006
}

# Print what the driver of interface $1 says of itself, at most 4 KiB; into a file, see `bounded`.
ask_driver() (
    ulimit -f 8
    bounded 20 ethtool -i "$1"
)

# Print the names of the physical interfaces, but no name that could be anything else.
physical_interfaces() {
    for device in "$ROOT"/sys/class/net/*/device; do
        interface=${device%/device}
        interface=${interface##*/}
        # 15 characters: IFNAMSIZ less NUL
        ! matches "$interface" '[A-Za-z0-9_][A-Za-z0-9_.@-]{0,14}' || printf '%s\n' "$interface"
    done
}
