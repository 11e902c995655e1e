# Goal: TLS and AUTH through the command line, with a real Postfix and with a scripted relay: what is right arrives, with
# every other certificate nothing leaves and the sentence says which it is; a password never goes over clear text.
. "$(dirname "$0")/lib.sh"
. "$here/postfix.sh"
need_courant
scratch
site_db site.db
only_readers site.db 3

# authority NAME, then leaf NAME AUTHORITY DNS-NAME [OPTION...]
authority() {
    openssl req -x509 -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.pem" -days 9 -subj "/CN=$1" \
        -addext basicConstraints=critical,CA:TRUE -addext keyUsage=keyCertSign 2>/dev/null
}
leaf() {
    local name=$1 by=$2 dns=$3
    shift 3
    openssl req -newkey rsa:2048 -nodes -keyout "$name.key" -out "$name.csr" -subj "/CN=$dns" 2>/dev/null
    printf 'subjectAltName=DNS:%s\n' "$dns" >"$name.ext"
    openssl x509 -req -in "$name.csr" -CA "$by.pem" -CAkey "$by.key" -CAcreateserial -out "$name.pem" \
        -extfile "$name.ext" "$@" 2>/dev/null || die "openssl signed no $name"
    chmod 600 "$name.key"
}
authority ca
authority other
leaf good ca localhost -days 5
leaf wrong ca mail.example.com -days 5
leaf expired ca localhost -days -1
leaf untrusted other localhost -days 5

# fresh PORT MODE [CA]: a new site with one relay
fresh() {
    rm -rf courant.db* queue secret
    config "$1" 2 localhost >courant.ini
    set_key courant.ini relay.main tls "$2"
    [ -z "${3:-}" ] || set_key courant.ini relay.main ca_file "$3"
    init
}

# ---- Postfix: STARTTLS and TLS from the first byte ----
postfix_start "$S/good.pem" "$S/good.key"
fresh "$POSTFIX_PORT" starttls ca.pem
ok "STARTTLS with Postfix" at 07:05 run
wait_for 20 "three messages" has_mail "$POSTFIX_MAILDIR" 3
is "all by TLS" "$(cat "$POSTFIX_MAILDIR"/new/* | grep -c 'using TLSv1.3')" 3
fresh "$POSTFIX_TLS_PORT" implicit ca.pem
ok "implicit TLS with Postfix" at 07:05 run
wait_for 20 "three more" has_mail "$POSTFIX_MAILDIR" 6
is "all by TLS" "$(cat "$POSTFIX_MAILDIR"/new/* | grep -c 'using TLSv1.3')" 6
# the system's authorities do not know this one
fresh "$POSTFIX_PORT" starttls
fails 75 "an authority that the system does not know" at 07:05 run
like "Postfix: it says so" "$(cat .err)" "certificate.*(not trusted|untrusted|authorit|self.signed|issuer)"
is "Postfix got nothing" "$(find "$POSTFIX_MAILDIR/new" -type f | wc -l)" 6
postfix_stop
rm -rf postfix
for bad in wrong expired; do
    postfix_start "$S/$bad.pem" "$S/$bad.key"
    for mode in starttls implicit; do
        port=$POSTFIX_PORT
        [ $mode = starttls ] || port=$POSTFIX_TLS_PORT
        fresh "$port" $mode ca.pem
        fails 75 "$bad certificate, $mode" at 07:05 run
        case $bad in
        wrong) like "$mode: it says that the name is wrong" "$(cat .err)" "not for .?localhost|name|another host" ;;
        expired) like "$mode: it says that it expired" "$(cat .err)" "expired" ;;
        esac
    done
    is "$bad: nothing arrived" "$(find "$POSTFIX_MAILDIR/new" -type f 2>/dev/null | wc -l)" 0
    postfix_stop
    rm -rf postfix
done

# ---- each version alone; our own sink ----
for v in 1.2 1.3; do
    for mode in starttls implicit; do
        how=
        [ $mode = starttls ] || how=--implicit
        sink --record "$S/rec" --cert good.pem --key good.key --tls-min $v --tls-max $v $how
        fresh $SINK_PORT $mode ca.pem
        ok "TLS $v, $mode" at 07:05 run
        stop_sink
        is "TLS $v, $mode: all by it" "$(jsonl rec "[len(d), sorted({x['tls'] for x in d})]")" "[3, [\"TLSv$v\"]]"
        rm rec
    done
done

# ---- every way to be wrong: nothing leaves, not even the sender's name ----
# refused NAME REGEX MODE SINK-OPTION...
refused() {
    local what=$1 said=$2 mode=$3
    shift 3
    rm -f rec ev
    sink --record "$S/rec" --events "$S/ev" "$@"
    fresh $SINK_PORT $mode ca.pem
    fails 75 "$what" at 07:05 run
    like "$what: the sentence" "$(cat .err)" "$said"
    ok "queue" at 07:05 --json queue status
    cp .out status
    is "$what: all wait, nobody is charged" "$(json status "[d['queued'], d['deferred'], d['sent']]")" "[3, 0, 0]"
    isnt "$what: the relay does not work" "$(json status "d['relays'][0]['state']")" ready
    stop_sink
    is "$what: nothing was accepted" "$(wc -l <rec)" 0
}
refused untrusted "certificate" starttls --cert untrusted.pem --key untrusted.key
refused expired "expired" starttls --cert expired.pem --key expired.key
refused "wrongly named" "localhost" starttls --cert wrong.pem --key wrong.key
refused "untrusted, implicit" "certificate" implicit --cert untrusted.pem --key untrusted.key --implicit
refused "expired, implicit" "expired" implicit --cert expired.pem --key expired.key --implicit
refused "wrongly named, implicit" "localhost" implicit --cert wrong.pem --key wrong.key --implicit
refused "not offered" "STARTTLS" starttls
refused "injected replies" "STARTTLS|clear" starttls --cert good.pem --key good.key --inject

# ---- AUTH ----
printf 'open sesame\n' >password
chmod 600 password
login() {
    fresh "$1" "$2" ca.pem
    set_key courant.ini relay.main user news
    set_key courant.ini relay.main password_file password
}
for only in "" PLAIN LOGIN; do
    rm -f rec
    if [ -z "$only" ]; then
        sink --record "$S/rec" --auth 'news:open sesame' --auth-required --cert good.pem --key good.key
    else
        sink --record "$S/rec" --auth 'news:open sesame' --auth-required --cert good.pem --key good.key --without AUTH \
            --with "AUTH $only"
    fi
    login $SINK_PORT starttls
    ok "AUTH ${only:-PLAIN LOGIN}" at 07:05 run
    stop_sink
    is "AUTH ${only:-PLAIN LOGIN}: all logged in" "$(jsonl rec "[x['auth'] for x in d]")" '[true, true, true]'
done
rm -f rec
sink --record "$S/rec" --auth 'news:something else' --auth-required --cert good.pem --key good.key
login $SINK_PORT starttls
fails 75 "a refused password" at 07:05 run
like "refused: the sentence" "$(cat .err)" "AUTH|login|password|authent"
unlike "refused: without the password" "$(cat .err)" sesame
ok "queue status" at 07:05 --json queue status
cp .out status
is "the relay is stopped, all wait" "$(json status "[d['relays'][0]['state'], d['queued']]")" '["stopped", 3]'
stop_sink
is "refused: nothing was mailed without" "$(wc -l <rec)" 0

# clear text to this host is allowed, to another it is not even for a moment
sink --record "$S/rec" --auth 'news:open sesame' --auth-required
login $SINK_PORT none
ok "AUTH in clear on loopback" at 07:05 run
stop_sink
is "they arrived" "$(wc -l <rec)" 3
elsewhere=$(hostname -I 2>/dev/null | tr ' ' '\n' | grep -v : | grep -v '^127\.' | head -1)
if [ -n "$elsewhere" ]; then
    rm -f rec
    sink --host "$elsewhere" --record "$S/rec" --events "$S/ev" --auth 'news:open sesame'
    for mode in none opportunistic; do
        login $SINK_PORT $mode
        set_key courant.ini relay.main host "$elsewhere"
        # a configuration error or a relay that is not used: in no case a password in clear
        rc=0
        at 07:05 --force run >.out 2>.err || rc=$?
        isnt "AUTH in clear to another host, $mode" $rc 0
        like "it says why" "$(cat .err)" "password|login|AUTH|clear|TLS"
    done
    stop_sink
    unlike "no login was seen" "$(cat ev)" '"auth'
    is "and no mail" "$(wc -l <rec)" 0
fi

# ---- CHUNKING without PIPELINING and refused recipients: no byte of one reader's message reaches another ----
only_readers site.db 60
rm -f rec
sink --record "$S/rec" --bodies --events "$S/ev" --chunking-only --rcpt r1=550\ 5.1.1\ unknown --rcpt 'r3=450 4.2.0 later' \
    --rcpt 'r5=550 5.7.1 no'
fresh $SINK_PORT none
ok "CHUNKING alone" at 07:05 run
stop_sink
refused_n=$(seq 60 | grep -Ec '^[135]')
is "who was not refused got it" "$(wc -l <rec)" $((60 - refused_n))
is "the library never sees the offer: nothing by BDAT" "$(jsonl rec "any(x['chunked'] for x in d)")" false
is "each message is whole and its reader's own" "$(jsonl rec "[x['to'] for x in d if ('\n' + x['data']).count('\nTo: ') != 1 or
    x['to'][0] not in x['data'].split('\r\n\r\n')[0] or x['data'].count('\nMIME-Version:') != 1 or
    sum('r%d@' % i in x['data'] for i in range(1, 61)) != 1]")" "[]"
