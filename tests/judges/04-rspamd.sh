# Goal: rspamd, with its rules and a name server that knows our keys alone, finds both signatures right and no symbol
# with a positive score that is about the form of a mail; its score is not asked for.
. "$(dirname "$0")/../cli/lib.sh"
scratch
out=$BUILD/judges
names=$(free_port) port=$(free_port)
chmod 711 "$S"
cp -r /etc/rspamd conf
# nothing that asks other machines
(cd conf/modules.d && rm -f fuzzy_check.conf rbl.conf surbl.conf phishing.conf neural.conf asn.conf url_redirector.conf spamtrap.conf hfilter.conf \
    clickhouse.conf elastic.conf redis.conf history_redis.conf greylist.conf ratelimit.conf reputation.conf replies.conf mx_check.conf \
    maps_stats.conf whitelist.conf spf.conf dmarc.conf arc.conf rspamd_update.conf)
mkdir run && chmod 777 run
cat >conf/own.conf <<CONF
.include "\$CONFDIR/common.conf"
options {
    filters = "chartable,dkim,regexp";
    pidfile = "$S/run/pid";
    control_socket = "$S/run/control mode=0600";
    dns { timeout = 1s; retransmits = 1; nameserver = ["127.0.0.1:$names"]; }
    local_addrs = [];
    rrd = "";
}
logging { type = "file"; filename = "$S/run/log"; level = "notice"; }
worker "normal" { bind_socket = "127.0.0.1:$port"; count = 1; }
CONF
chmod -R a+rX conf
python3 "$root/tests/judges/dnsstub.py" "$out/dkim.txt" "$names" &
started $!
rspamd -f -i -u _rspamd -g _rspamd --var=CONFDIR="$S/conf" --var=LOCAL_CONFDIR="$S/conf" -c "$S/conf/own.conf" >rspamd.out 2>&1 &
started $!
wait_for 180 "rspamd" python3 -c "import socket; socket.create_connection(('127.0.0.1', $port))"
# the way it came; and base64 where it is the smaller encoding
not_form='^(RCVD_|PREVIOUSLY_DELIVERED|R_SPF|DMARC|ARC_|HFILTER|MIME_BASE64_TEXT|R_DKIM|DATE_IN_)'
n=0
for f in "$out"/mail/*.eml; do
    rspamc -h "127.0.0.1:$port" -i 192.0.2.25 --hostname mail.example.org --helo news.example.org -F news@example.org <"$f" >report 2>&1 || die "$(cat report)"
    like "$(basename "$f"): both signatures" "$(cat report)" 'R_DKIM_ALLOW .*s=rsa.*s=ed'
    points=$(sed -n 's/^Symbol: \([A-Z0-9_]*\) (\([0-9.-]*\)).*/\1 \2/p' report | awk '$2 > 0' | grep -Ev "$not_form" || true)
    # takes letters with marks for a mixture of alphabets: no matter of form when a bare mail of the same words has it too
    if grep -q '^R_MIXED_CHARSET ' <<<"$points"; then
        python3 - "$f" <<'PY' >bare.eml
import email, email.message, email.policy, sys
m = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.SMTP)
text = m.get_body(("plain",)).get_content()
b = email.message.EmailMessage(policy=email.policy.SMTP)
b["From"], b["To"], b["Subject"], b["Date"], b["Message-ID"] = "a@example.org", "b@example.net", "x", m["Date"], "<1@example.org>"
b.set_content(text)
sys.stdout.buffer.write(b.as_bytes())
PY
        if rspamc -h "127.0.0.1:$port" <bare.eml | grep -q '^Symbol: R_MIXED_CHARSET'; then
            points=$(grep -v '^R_MIXED_CHARSET ' <<<"$points" || true)
        fi
    fi
    [ -z "$points" ] || printf '%s: %s\n' "$(basename "$f")" "$points" >>points
    n=$((n + 1))
done
is "points for a mail's form" "$(cat points 2>/dev/null)" ""
is "there were mails" "$((n > 5))" 1
