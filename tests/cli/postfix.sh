# A Postfix of the test's own, as relay and as judge: sourced after lib.sh. It needs root (its daemons change user) and
# the package; the system's own Postfix need not run and is not touched.
#   postfix_start [CERT KEY]   -> POSTFIX_PORT (STARTTLS when a certificate is given), POSTFIX_TLS_PORT (TLS from the
#                                 first byte), POSTFIX_MAILDIR (all readers), POSTFIX_BOUNCES (what came to bounces@)
#   postfix_wait [SECONDS]        until nothing is left to deliver (deferred mail apart)
#   postfix_stop
# What becomes of a recipient at example.org, .net or .com: nobody* is refused with 550, full* with 452 and grey* with
# 450 at RCPT; gone* is taken and then bounced with a real delivery report; slow* is taken and stays in its queue; the
# rest arrives in POSTFIX_MAILDIR, each with X-Original-To.
postfix_start() {
    local dir=$S/postfix cert=${1:-} key=${2:-} daemons ids remote
    [ "$(id -u)" = 0 ] || skip "Postfix needs root"
    command -v postfix >/dev/null || PATH=$PATH:/usr/sbin
    command -v postfix >/dev/null || skip "Postfix is not installed"
    daemons=$(postconf -d -h daemon_directory)
    ids=$(id -u nobody):$(id -g nobody)
    [ -z "${POSTFIX_DIR:-}" ] || die "one Postfix at a time"
    mkdir -p "$dir/etc" "$dir/queue" "$dir/data" "$dir/mail"
    chmod 711 "$S" "$dir"
    chmod 755 "$dir/etc"
    chown postfix "$dir/data"
    chown "$ids" "$dir/mail"
    POSTFIX_PORT=$(free_port)
    POSTFIX_TLS_PORT=
    remote=$(free_port) # plays the readers' server, which refuses
    cat >"$dir/etc/main.cf" <<CF
compatibility_level = 3.6
queue_directory = $dir/queue
data_directory = $dir/data
daemon_directory = $daemons
maillog_file = $dir/log
maillog_file_prefixes = $dir
myhostname = mx.example.org
mydestination =
alias_maps =
alias_database =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_peername_lookup = no
smtp_host_lookup = native
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions = check_recipient_access regexp:$dir/etc/refused, permit_mynetworks, reject
smtpd_error_sleep_time = 0
smtpd_hard_error_limit = 10000
smtpd_soft_error_limit = 10000
in_flow_delay = 0
recipient_delimiter = +
virtual_mailbox_domains = example.org, example.net, example.com
virtual_mailbox_base = $dir/mail
virtual_mailbox_maps = regexp:$dir/etc/mailboxes
virtual_uid_maps = static:${ids%:*}
virtual_gid_maps = static:${ids#*:}
virtual_mailbox_limit = 0
transport_maps = regexp:$dir/etc/transport
local_transport = error:5.1.1 there are no local users
default_transport = error:5.1.2 no mail leaves this host
relay_transport = error:5.1.2 no mail leaves this host
notify_classes =
maximal_queue_lifetime = 1h
bounce_queue_lifetime = 1h
CF
    cat >"$dir/etc/refused" <<'CF'
/^full/ 452 4.2.2 mailbox full
/^grey/ 450 4.2.0 greylisted, try later
CF
    cat >"$dir/etc/mailboxes" <<'CF'
/^bounces(\+.*)?@/ bounces/
if !/^nobody/
/@/ all/
endif
CF
    cat >"$dir/etc/transport" <<CF
/^gone/ smtp:[127.0.0.1]:$remote
/^slow/ smtp:[127.0.0.1]:1
CF
    cat >"$dir/etc/master.cf" <<CF
127.0.0.1:$POSTFIX_PORT inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
smtp unix - - n - - smtp
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
127.0.0.1:$remote inet n - n - - smtpd
  -o myhostname=remote.example.com
  -o { smtpd_recipient_restrictions = check_recipient_access static:{550 5.1.1 the user is unknown} }
CF
    if [ -n "$cert" ]; then
        POSTFIX_TLS_PORT=$(free_port)
        cat >>"$dir/etc/main.cf" <<CF
smtpd_tls_chain_files = $(realpath "$key"), $(realpath "$cert")
smtpd_tls_security_level = may
smtpd_tls_received_header = yes
smtpd_tls_loglevel = 1
CF
        cat >>"$dir/etc/master.cf" <<CF
127.0.0.1:$POSTFIX_TLS_PORT inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
CF
    fi
    POSTFIX_DIR=$dir
    POSTFIX_MAILDIR=$dir/mail/all
    POSTFIX_BOUNCES=$dir/mail/bounces
    postfix -c "$dir/etc" start >"$dir/start.log" 2>&1 || die "Postfix did not start: $(tail -n 3 "$dir/start.log" "$dir/log" 2>/dev/null)"
    wait_for 10 "Postfix answers" python3 -c "
import smtplib
smtplib.SMTP('127.0.0.1', $POSTFIX_PORT).quit()"
}

postfix_idle() {
    [ -z "$(find "$POSTFIX_DIR/queue/maildrop" "$POSTFIX_DIR/queue/incoming" "$POSTFIX_DIR/queue/active" -type f 2>/dev/null | head -1)" ]
}

postfix_wait() {
    wait_for "${1:-30}" "Postfix's queue is empty" postfix_idle
}

postfix_stop() {
    local pid i
    [ -n "${POSTFIX_DIR:-}" ] || return 0
    pid=$(tr -d ' ' <"$POSTFIX_DIR/queue/pid/master.pid" 2>/dev/null || true)
    postfix -c "$POSTFIX_DIR/etc" stop >>"$POSTFIX_DIR/start.log" 2>&1 || true
    for i in $(seq 100); do
        [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null || break
        [ "$i" != 60 ] || kill -9 "$pid" 2>/dev/null || true
        sleep 0.05
    done
    POSTFIX_DIR=
}
