# Goal: the harness itself can be believed. smtp_sink records what it took and nothing else; the judge passes a sound
# message and notices each planted defect; Postfix starts, delivers, refuses, reports and stops, twice in a row.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/postfix.sh"
scratch
send() {
    python3 "$here/send.py" "$@"
}

# ---- the sink ----
sink --record out.jsonl --bodies --events events.jsonl --maildir box --rcpt 'nobody=550 5.1.1 no such user' \
    --rcpt 'grey@1=450 4.2.0 greylisted' --dot 'full=452 4.2.2 mailbox full'
is "replies" "$(send "$SINK_PORT" --to one@example.net --to nobody@example.net --to grey@example.net \
    --to grey@example.net --to full@example.net | tr '\n' ' ')" "250 550 450 250 452 "
stop_sink
is "who is on record" "$(jsonl out.jsonl '[r["to"][0] for r in d]')" '["one@example.net", "grey@example.net"]'
is "who is in the Maildir" "$(grep -h '^To:' box/new/* | tr -d '\r' | sort | tr '\n' ' ')" "To: grey@example.net To: one@example.net "
is "what it refused" "$(jsonl events.jsonl '[(r["event"], r["code"]) for r in d if "code" in r]')" \
    '[["rcpt", 550], ["rcpt", 450], ["dot", 452]]'
is "no breach of the protocol" "$(jsonl events.jsonl '[r for r in d if r["event"] == "violation"]')" '[]'
is "the same bytes in both" "$(jsonl out.jsonl 'd[0]["sha256"]')" "$(grep -l 'To: one@' box/new/* | xargs sha256sum | cut -d' ' -f1)"
printf '%s\n' one@example.net grey@example.net >want
judge --record out.jsonl --to want --count 2
judge --maildir box --to want --count 2
printf '%s\n' one@example.net missing@example.net >want
fails 1 "the judge misses a reader, and one too many" python3 "$here/judge.py" --record out.jsonl --to want
like "it says so" "$(cat "$S/.out")" '1 of 2 readers got nothing, such as missing@example.net'
like "it says so" "$(cat "$S/.out")" '1 of 2 readers got it and should not, such as grey@example.net'

# A client that dies within a message leaves no record; one whose dot is not answered is on record as such.
rm -f out.jsonl
sink --record out.jsonl --events died.jsonl --dot 'lost=accept-drop'
python3 - "$SINK_PORT" <<'PY'
import socket, sys
for body in (b"Subject: half\r\n\r\nno end", b"Subject: half\r\n\r\nalmost\r\n.\r", b"a\n.\n", b""):
    c = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    c.sendall(b"EHLO dying.example.org\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<half@example.net>\r\nDATA\r\n")
    got = b""
    while b"354" not in got:
        got += c.recv(4096)
    c.sendall(body)
    c.close()
PY
send "$SINK_PORT" --to lost@example.net >/dev/null 2>&1 || true
wait_for 5 "the sink saw them go" grep -q '"accepted"' died.jsonl
stop_sink
is "only the dot that was seen" "$(jsonl out.jsonl '[(r["to"][0], r["answered"]) for r in d]')" '[["lost@example.net", false]]'
is "the others" "$(jsonl died.jsonl 'len([r for r in d if r["event"] == "client-gone"])')" 4

# TLS both ways, and AUTH is asked for.
certificate tls
rm -f out.jsonl
for how in --starttls --ssl; do
    if [ $how = --ssl ]; then more=--implicit; else more=; fi
    # shellcheck disable=SC2086
    sink --record out.jsonl --cert tls.pem --key tls.key $more
    is "$how" "$(send "$SINK_PORT" $how --ca tls.pem --to one@example.net)" 250
    stop_sink
done
is "TLS is on record" "$(jsonl out.jsonl '[r["tls"] for r in d]')" '["TLSv1.3", "TLSv1.3"]'

# Faults depend on the seed alone: what was accepted is what the clients were told, and the same again.
for i in 1 2; do
    sink --record faults$i.jsonl --events events$i.jsonl --faults 11 --fault all=0 --fault rcpt-4xx=.2 --fault dot-5xx=.1
    to=$(seq -f '--to r%g@example.net' 200)
    # shellcheck disable=SC2086
    send "$SINK_PORT" $to | sort | uniq -c >codes$i
    stop_sink
    is "accepted" "$(awk '$2 == 250 { print $1 }' codes$i)" "$(wc -l <faults$i.jsonl | tr -d ' ')"
    is "refused" "$(awk '$2 != 250 { n += $1 } END { print n }' codes$i)" \
        "$(jsonl events$i.jsonl 'len([r for r in d if r["event"] in ("rcpt", "dot")])')"
done
is "two runs" "$(cat codes1)" "$(cat codes2)"
is "the same readers" "$(jsonl faults1.jsonl '[r["to"] for r in d]')" "$(jsonl faults2.jsonl '[r["to"] for r in d]')"

# ---- the judge ----
for defect in two-to bcc order long-line eight-bit script no-unsubscribe base64 other-to same-id header-line boundary bare-lf; do
    rm -f bad.jsonl
    sink --record bad.jsonl --bodies --with 8BITMIME
    send "$SINK_PORT" --defect $defect --to one@example.net --to two@example.net >/dev/null
    stop_sink
    is "$defect arrived" "$(jsonl bad.jsonl 'len(d)')" 2
    fails 1 "the judge lets '$defect' pass" python3 "$here/judge.py" --record bad.jsonl
done

# ---- Postfix ----
for round in 1 2; do
    if [ $round = 2 ]; then postfix_start tls.pem tls.key; else postfix_start; fi
    is "replies of Postfix" "$(send "$POSTFIX_PORT" --to one@example.net --to nobody@example.net --to full@example.org \
        --to two+tag@example.org --to gone@example.net --to slow@example.net | tr '\n' ' ')" "250 550 452 250 250 250 "
    if [ $round = 2 ]; then
        is "STARTTLS to Postfix" "$(send "$POSTFIX_PORT" --starttls --ca tls.pem --to three@example.net)" 250
        is "TLS from the first byte" "$(send "$POSTFIX_TLS_PORT" --ssl --ca tls.pem --to four@example.net)" 250
    fi
    wait_for 20 "a delivery report" has_mail "$POSTFIX_BOUNCES" 1
    postfix_wait
    printf '%s\n' one@example.net two+tag@example.org >want
    [ $round = 1 ] || printf '%s\n' three@example.net four@example.net >>want
    judge --maildir "$POSTFIX_MAILDIR" --to want
    like "the report" "$(cat "$POSTFIX_BOUNCES"/new/*)" '^Status: 5.1.1'
    like "its address" "$(cat "$POSTFIX_BOUNCES"/new/*)" '^X-Original-To: bounces\+t0k3n@example.org'
    pid=$(tr -d ' ' <"$POSTFIX_DIR/queue/pid/master.pid")
    postfix_stop
    fails 1 "Postfix is gone" kill -0 "$pid"
    rm -rf "$S/postfix"
done
