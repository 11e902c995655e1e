# Goal: readers may all want something else. 20,000 readers with 10,000 choices of topics get exactly 10,000 renditions,
# each shared by those who chose alike, and sending 1,500 different ones stays within rendition_cache: the peak memory is
# that of sending one and the same to as many readers, and some MiB. What each gets is what was chosen.
. "$(dirname "$0")/lib.sh"
need_courant
scratch

# site READERS CHOICES [PREFIX]: 14 topics with an article each; reader N's choice is the topics that are bits of N % CHOICES + 1
site() {
    rm -f site.db
    python3 - "$1" "$2" "${3:-r}" <<'PY'
import sqlite3, sys
readers, choices = map(int, sys.argv[1:3])
db = sqlite3.connect("site.db")
db.execute("CREATE TABLE article(id, title, url, published_at, topic, body)")
db.execute("CREATE TABLE reader(id, email, topics)")
text = "The gauge at the old bridge is read every hour, and the figures go up on the board. " * 6
for i in range(14):
    db.execute("INSERT INTO article VALUES(?,?,?,?,?,?)", (i + 1, "Title of t%d" % i, "https://news.example.org/%d" % i,
        "2026-11-22T%02d:00:00Z" % i, "t%d" % i, "<p>%s<a href='/%d'>More</a> of it.</p>" % (text, i)))
for i in range(readers):
    k = i % choices + 1
    topics = ",".join("t%d" % b for b in range(14) if k >> b & 1)
    db.execute("INSERT INTO reader VALUES(?,?,?)", (i + 1, "%s%d@example.net" % (sys.argv[3], i), topics))
db.commit()
PY
}

# configured FOLDER [HOLD]: a site's databases in FOLDER, its readers in
configured() {
    mkdir "$1"
    mv site.db "$1"
    config "$SINK_PORT" >whole.ini
    sed '/^\[source/,$d' whole.ini >"$1/courant.ini"
    set_key "$1/courant.ini" queue rendition_cache 2M
    set_key "$1/courant.ini" newsletter.weekly body full
    set_key "$1/courant.ini" newsletter.weekly hold "${2:-0s}"
    cat >>"$1/courant.ini" <<INI
[source.site]
type = sqlite
path = site.db
newsletter = weekly
articles = SELECT id, title, url, published_at, topic, body FROM article
subscribers = SELECT id, email, topics FROM reader
INI
    mkdir -p "$1/queue"
    (cd "$1" && "$COURANT" --now 2026-11-22T20:00:00Z init && "$COURANT" --now 2026-11-22T20:00:00Z source sync) >/dev/null
}

# peak FOLDER: sends what is due there and prints the peak memory in MiB
peak() {
    (cd "$1" && python3 - "$COURANT" <<'PY'
import json, resource, subprocess, sys
said = subprocess.run([sys.argv[1], "--json", "--now", "2026-11-23T07:05:00Z", "run"], stdout=subprocess.PIPE, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024, json.loads(said.stdout)["sent"])
PY
    )
}

sink --record out.jsonl --bodies

site 20000 10000
configured many 1h
(cd many && ok "release" courant --now 2026-11-23T07:05:00Z run)
is "released, held" "$(sqlite3 many/queue/queue.db 'SELECT count(*) FROM delivery WHERE issue > 0 AND state = 0')" 20000
is "one rendition a choice" "$(sqlite3 many/queue/queue.db 'SELECT count(*), count(DISTINCT key) FROM rendition')" "10000|10000"
is "each for two readers" "$(sqlite3 many/queue/queue.db 'SELECT min(n), max(n) FROM
    (SELECT count(*) n FROM delivery WHERE issue > 0 GROUP BY rendition)')" "2|2"

site 1500 1 one
configured one
read -r one sent < <(peak one)
is "one rendition is sent" "$sent" 1500
site 1500 1500
configured all
read -r all sent < <(peak all)
is "1,500 renditions are sent" "$sent" 1500
is "so many there are" "$(sqlite3 all/queue/queue.db 'SELECT count(*) FROM rendition')" 1500
# a sanitizer keeps what was freed
ldd "$COURANT" | grep -q "lib[at]san" || [ "$all" -le $((one + 12)) ] || die "1,500 renditions take $all MiB, one takes $one"
python3 - >wrong <<'PY'
import email, email.policy, json, re
n = 0
for line in open("out.jsonl"):
    r = json.loads(line)
    to = re.match(r"r(\d+)@", r["to"][0])
    if not to:
        continue
    k = int(to.group(1)) + 1
    text = email.message_from_bytes(r["data"].encode("latin-1"), policy=email.policy.SMTP).get_body(("plain",)).get_content()
    got = set(map(int, re.findall(r"Title of t(\d+)\b", text)))
    n += 1
    if got != {b for b in range(14) if k >> b & 1}:
        print("r%d" % (k - 1), sorted(got))
print(n)
PY
is "each gets what was chosen" "$(cat wrong)" 1500
echo "# $one MiB with one rendition, $all MiB with 1,500"
