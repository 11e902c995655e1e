# Goal: `courant init` makes the secret and both databases, readable by their owner alone, in WAL with STRICT tables, a
# reason beside each column and a migration number; run again it changes nothing; run as root in a service user's
# folder, all belongs to that user; without a configuration it writes the example.
. "$(dirname "$0")/lib.sh"
need_courant
scratch
site_db site.db
config 25 >courant.ini

# mode FILE
mode() {
    stat -c %a "$1"
}

umask 022
fails 66 "before init, a command says what to do" at 07:05 run
like "it names init" "$(cat "$S/.err")" "courant init"
is "it left nothing" "$(ls)" "$(printf 'courant.ini\nsite.db')"

ok "init" at $INIT_TIME init
for f in secret courant.db queue/queue.db; do
    like "it says what it made" "$(cat "$S/.out")" "made .*/$f\$"
    is "the mode of $f" "$(mode $f)" 600
done
is "the mode of queue" "$(mode queue)" 700
for f in courant.db queue/queue.db; do
    is "WAL in $f" "$(sqlite3 $f 'PRAGMA journal_mode')" wal
    is "a migration number in $f" "$(sqlite3 $f 'SELECT user_version > 0 FROM pragma_user_version')" 1
    is "auto_vacuum is incremental in $f" "$(sqlite3 $f 'PRAGMA auto_vacuum')" 2
    is "only STRICT tables in $f" "$(sqlite3 $f "SELECT group_concat(name) FROM pragma_table_list
        WHERE schema = 'main' AND type = 'table' AND NOT strict AND name NOT LIKE 'sqlite_%'")" ""
    is "$f is sound" "$(sqlite3 $f 'PRAGMA integrity_check; PRAGMA foreign_key_check')" ok
    like "reasons beside the columns of $f" "$(sqlite3 $f 'SELECT sql FROM sqlite_schema')" '-- [a-z]'
done
is "ids of people are never used again" "$(sqlite3 courant.db "SELECT instr(sql, 'AUTOINCREMENT') > 0
    FROM sqlite_schema WHERE name = 'subscriber'")" 1

# ---- again ----
# what a database holds, as text: opening one may touch its -shm and -wal
contents() {
    sha256sum secret
    sqlite3 courant.db .dump
    sqlite3 queue/queue.db .dump
}
contents >before
ok "init again" at 2026-11-21T12:00:00Z init
is "it says so" "$(cat "$S/.out")" "all is there already"
contents >after
is "nothing changed" "$(diff before after)" ""

# A secret that others could read is not used.
chmod 644 secret
fails 77 "a secret open to others" at 07:05 issue preview weekly
like "what to do" "$(cat "$S/.err")" 'secret.*(chmod|others|mode)'
chmod 600 secret

# ---- without a configuration ----
mkdir example
cd example
ok "init in an empty folder" "$COURANT" --now $INIT_TIME init
is "the example is there" "$(mode courant.ini)" 644
like "it says so" "$(cat "$S/.out")" 'wrote courant.ini'
ok "the example is accepted as it is" "$COURANT" --now $INIT_TIME newsletter list
cp courant.ini kept
ok "init leaves a configuration alone" "$COURANT" --now $INIT_TIME init
is "not a byte of it" "$(cmp courant.ini kept && echo same)" same
cd ..

# ---- as root for a service user ----
if [ "$(id -u)" = 0 ]; then
    chmod 711 "$S"
    mkdir service
    config 25 >service/courant.ini
    cp site.db service
    chown -R nobody service
    cd service
    ok "init as root in a folder of nobody" at $INIT_TIME init
    is "all belongs to nobody" "$(find . ! -user nobody)" ""
    ok "a sync as root" at $INIT_TIME source sync
    is "still" "$(find . ! -user nobody)" ""
    ok "an issue as root" at 07:05 issue build weekly
    is "and then" "$(find . ! -user nobody)" ""
fi
