/* The schema of queue.db and the statements that run on it: the only SQL of queue/. */
#ifndef QUEUE_SCHEMA_H
#define QUEUE_SCHEMA_H

/* Migrations by user_version, each run in one transaction. */
extern const char *const queue_migrations[];
extern const int queue_migrations_n;

#define QUEUE_ISSUE                                                                                                    \
    "i.id, i.newsletter, n.name, i.cadence, i.due_at, i.number, i.state, i.built_at, i.released_at, i.arrival_to,"     \
    " i.subject, i.language, i.articles, i.hold_until, i.released_to, i.released, i.relays, i.done_at, i.claimed_to,"  \
    " i.release_at, i.deadline, i.mailed_at, i.reminded_at, i.approved, i.revision, i.corrects, i.arrival_from"        \
    " FROM issue i JOIN newsletter n ON n.id = i.newsletter"

#define QUEUE_STATEMENTS(X)                                                                                            \
    X(META_GET, "SELECT value FROM meta WHERE key = ?1")                                                               \
    X(META_SET, "INSERT INTO meta(key, value) VALUES(?1, ?2) ON CONFLICT(key) DO UPDATE SET value = excluded.value")   \
    X(NEWSLETTER_GET, "SELECT id, configured_at, first_built_at, since, numbers FROM newsletter WHERE name = ?1")      \
    X(NEWSLETTER_ADD, "INSERT INTO newsletter(name, configured_at) VALUES(?1, ?2) ON CONFLICT(name) DO NOTHING")       \
    X(NEWSLETTER_BUILT,                                                                                                \
      "UPDATE newsletter SET first_built_at = coalesce(first_built_at, ?2), since = coalesce(since, ?3),"              \
      " numbers = numbers + 1 WHERE id = ?1")                                                                          \
    X(NEWSLETTER_NUMBERS, "SELECT numbers FROM newsletter WHERE id = ?1")                                              \
    X(NEWSLETTER_NAME, "SELECT name FROM newsletter WHERE id = ?1")                                                    \
    X(CADENCE_GET, "SELECT done_until FROM cadence WHERE newsletter = ?1 AND cadence = ?2")                            \
    X(CADENCE_SET,                                                                                                     \
      "INSERT INTO cadence(newsletter, cadence, done_until) VALUES(?1, ?2, ?3)"                                        \
      " ON CONFLICT(newsletter, cadence) DO UPDATE SET done_until = max(done_until, excluded.done_until)")             \
    X(RELAY_GET, "SELECT id, rest_until, rest_s, losses, stopped, easing, eased_at, bucket_at, bucket, boot, day,"     \
                 " day_count, hour, hour_count FROM relay WHERE name = ?1")                                            \
    X(RELAY_ADD, "INSERT INTO relay(name) VALUES(?1) ON CONFLICT(name) DO NOTHING")                                    \
    X(RELAY_SET,                                                                                                       \
      "UPDATE relay SET rest_until = ?2, rest_s = ?3, losses = ?4, stopped = ?5, easing = ?6, eased_at = ?7,"          \
      " bucket_at = ?8, bucket = ?9, boot = ?10, day = ?11, day_count = ?12, hour = ?13, hour_count = ?14"             \
      " WHERE id = ?1")                                                                                                \
    X(RELAY_NAME, "SELECT name FROM relay WHERE id = ?1")                                                              \
    X(PACE_GET, "SELECT easing, eased_at, bucket_at, bucket, boot, day, day_count, hour, hour_count"                   \
                " FROM pace WHERE domain = ?1")                                                                        \
    X(PACE_SET,                                                                                                        \
      "INSERT INTO pace(domain, easing, eased_at, bucket_at, bucket, boot, day, day_count, hour, hour_count)"          \
      " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT(domain) DO UPDATE SET"                             \
      " easing = excluded.easing, eased_at = excluded.eased_at, bucket_at = excluded.bucket_at,"                       \
      " bucket = excluded.bucket, boot = excluded.boot, day = excluded.day, day_count = excluded.day_count,"           \
      " hour = excluded.hour, hour_count = excluded.hour_count")                                                       \
    X(PACE_LIST, "SELECT domain, easing FROM pace WHERE easing > 1.0 AND domain > ?1 ORDER BY domain LIMIT 100")       \
    X(ISSUE_ADD, "INSERT INTO issue(newsletter, cadence, due_at, number, state, built_at, arrival_to, subject,"        \
                 " language, articles, hold_until, relays, release_at, deadline, arrival_from)"                        \
                 " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)")                          \
    X(ISSUE_BY_DUE, "SELECT id FROM issue WHERE newsletter = ?1 AND cadence = ?2 AND due_at = ?3")                     \
    X(ISSUE_UNRELEASED, "SELECT id FROM issue WHERE newsletter = ?1 AND cadence = ?2 AND state IN (0, 1, 2)")          \
    X(ISSUE_GET, "SELECT " QUEUE_ISSUE " WHERE i.id = ?1")                                                             \
    X(ISSUE_LIST, "SELECT " QUEUE_ISSUE " WHERE i.id > ?1 ORDER BY i.id LIMIT 100")                                    \
    X(ISSUE_OPEN, "SELECT " QUEUE_ISSUE " WHERE i.state IN (0, 1, 2, 3, 4) ORDER BY i.id LIMIT 1000")                  \
    X(ISSUE_STATE, "UPDATE issue SET state = ?2 WHERE id = ?1 AND state = ?3")                                         \
    X(ISSUE_RELEASING, "UPDATE issue SET state = 2, released_at = ?2, hold_until = coalesce(?3, hold_until)"           \
                       " WHERE id = ?1 AND state = 1")                                                                 \
    X(ISSUE_APPROVE, "UPDATE issue SET state = 1, approved = ?2 WHERE id = ?1 AND state IN (0, 1)")                    \
    X(ISSUE_EDITED, "UPDATE issue SET state = 0, subject = ?2, articles = ?3, approved = NULL, mailed_at = NULL"       \
                    " WHERE id = ?1")                                                                                  \
    X(ISSUE_REBUILT, "UPDATE issue SET state = ?2, built_at = ?3, arrival_to = ?4, subject = ?5, articles = ?6,"       \
                     " arrival_from = ?7, approved = NULL, mailed_at = NULL WHERE id = ?1")                            \
    X(ISSUE_UNAPPROVE, "UPDATE issue SET state = 0, approved = NULL, mailed_at = NULL WHERE id = ?1 AND state = 1")    \
    X(ISSUE_MAILED, "UPDATE issue SET mailed_at = ?2 WHERE id = ?1")                                                   \
    X(ISSUE_REMINDED, "UPDATE issue SET reminded_at = ?2 WHERE id = ?1")                                               \
    X(ISSUE_RELEASED_TO, "UPDATE issue SET released_to = ?2 WHERE id = ?1")                                            \
    X(ISSUE_RELEASED, "UPDATE issue SET released = 1, state = CASE state WHEN 2 THEN 3 ELSE state END WHERE id = ?1")  \
    X(ISSUE_DONE, "UPDATE issue SET state = 5, done_at = ?2 WHERE id = ?1 AND state = 3 AND released = 1"              \
                  " AND NOT EXISTS (SELECT 1 FROM issue_count WHERE issue = ?1 AND state < 5 AND n > 0)")              \
    X(ISSUE_REOPEN, "UPDATE issue SET state = 3, done_at = NULL WHERE id = ?1 AND state = 5")                          \
    X(ISSUE_CLAIMED_TO, "UPDATE issue SET claimed_to = ?2 WHERE id = ?1")                                              \
    X(ISSUE_CLAIM_FROM, "UPDATE issue SET claimed_to = ?2 WHERE id = ?1 AND claimed_to > ?2")                          \
    X(ISSUE_DROP, "DELETE FROM issue WHERE id = ?1 AND state IN (0, 1)")                                               \
    X(ISSUE_LAST, "SELECT max(built_at) FROM issue")                                                                   \
    X(FROZEN_ADD, "INSERT INTO frozen(hash, content) VALUES(?1, ?2) ON CONFLICT(hash) DO NOTHING")                     \
    X(INPUT_ADD, "INSERT INTO issue_input(issue, kind, position, name, hash) VALUES(?1, ?2, ?3, ?4, ?5)")              \
    X(INPUT_CUT, "DELETE FROM issue_input WHERE issue = ?1 AND kind = ?2 AND position = ?3")                           \
    X(INPUT_LIST, "SELECT i.kind, i.position, i.name, f.content FROM issue_input i JOIN frozen f ON f.hash = i.hash"   \
                  " WHERE i.issue = ?1 ORDER BY i.kind, i.position")                                                   \
    X(REVISION_ADD,                                                                                                    \
      "INSERT INTO revision_input(issue, revision, kind, position, name, hash) VALUES(?1, ?6, ?2, ?3, ?4, ?5)")        \
    X(REVISION_LIST,                                                                                                   \
      "SELECT i.kind, i.position, i.name, f.content FROM revision_input i JOIN frozen f ON f.hash = i.hash"            \
      " WHERE i.issue = ?1 AND i.revision = ?2 ORDER BY i.kind, i.position")                                           \
    X(ISSUE_REVISION, "SELECT revision FROM issue WHERE id = ?1")                                                      \
    X(ISSUE_CORRECTED, "UPDATE issue SET revision = ?2, subject = ?3 WHERE id = ?1")                                   \
    X(RENDITION_MAX, "SELECT max(number) FROM rendition WHERE issue = ?1")                                             \
    X(RENDITION_COPY, "INSERT INTO rendition(issue, number, key, revision) VALUES(?1, ?2, ?3, ?4)")                    \
    X(DELIVERIES_CORRECT, "UPDATE delivery SET rendition = rendition + ?2 WHERE issue = ?1 AND state IN (0, 3)"        \
                          " AND NOT EXISTS (SELECT 1 FROM trouble t WHERE t.issue = delivery.issue AND"                \
                          " t.subscriber = delivery.subscriber AND (t.attempts > 0 OR t.unknowns > 0))")               \
    X(CORRECTION_ADD,                                                                                                  \
      "INSERT INTO issue(newsletter, cadence, due_at, number, state, built_at, released_at, arrival_from, arrival_to," \
      " subject, language, articles, hold_until, released, relays, corrects) SELECT newsletter, cadence, ?2, number, " \
      "3,"                                                                                                             \
      " ?3, ?3, arrival_to, arrival_to, ?4, language, ?5, ?6, 1, relays, id FROM issue WHERE id = ?1")                 \
    X(CORRECTION_READERS, "INSERT INTO delivery(issue, subscriber, state, rendition, from_arrival, flags)"             \
                          " SELECT ?2, subscriber, 0, rendition, ?3, 0 FROM delivery WHERE issue = ?1 AND state = 5")  \
    X(RENDITION_ALL, "SELECT number, key FROM rendition WHERE issue = ?1 ORDER BY number")                             \
    X(REVISION_DROP, "DELETE FROM revision_input WHERE issue = ?1")                                                    \
    X(INPUT_HASHES, "SELECT kind, position, name, hash FROM issue_input WHERE issue = ?1 ORDER BY kind, position")     \
    X(INPUT_DROP, "DELETE FROM issue_input WHERE issue = ?1")                                                          \
    X(RENDITION_ADD, "INSERT INTO rendition(issue, number, key, revision) VALUES(?1, ?2, ?3,"                          \
                     " (SELECT revision FROM issue WHERE id = ?1))")                                                   \
    X(RENDITION_LIST, "SELECT number, key FROM rendition WHERE issue = ?1 AND revision ="                              \
                      " (SELECT revision FROM issue WHERE id = ?1) ORDER BY number")                                   \
    X(RENDITION_GET, "SELECT key, hash, revision FROM rendition WHERE issue = ?1 AND number = ?2")                     \
    X(RENDITION_HASH, "UPDATE rendition SET hash = ?3 WHERE issue = ?1 AND number = ?2 AND hash IS NULL")              \
    X(MARK_RANGE, "SELECT subscriber, upto FROM mark WHERE newsletter = ?1 AND subscriber BETWEEN ?2 AND ?3"           \
                  " ORDER BY subscriber")                                                                              \
    X(MARKS_SET, "INSERT INTO mark(newsletter, subscriber, upto) SELECT ?2, a, ?3 FROM rows(?1) WHERE true"            \
                 " ON CONFLICT(newsletter, subscriber) DO UPDATE SET upto = max(upto, excluded.upto)")                 \
    X(DELIVERIES_ADD, "INSERT INTO delivery(issue, subscriber, state, rendition, from_arrival, flags) SELECT ?2, a, "  \
                      "0, b, c, d & 33 FROM rows(?1)")                                                                 \
    X(OWED_RANGE, "SELECT subscriber, from_arrival, to_arrival FROM owed WHERE newsletter = ?1"                        \
                  " AND subscriber BETWEEN ?2 AND ?3 AND issue IS NULL ORDER BY subscriber, from_arrival")             \
    X(OWED_ANY, "SELECT 1 FROM owed WHERE newsletter = ?1 AND issue IS NULL LIMIT 1")                                  \
    X(OWED_ADD, "INSERT INTO owed(newsletter, subscriber, from_arrival, to_arrival, issue)"                            \
                " VALUES(?1, ?2, ?3, ?4, NULL) ON CONFLICT(newsletter, subscriber, from_arrival) DO UPDATE SET"        \
                " to_arrival = max(to_arrival, excluded.to_arrival), issue = NULL, carried = NULL")                    \
    X(OWED_TAKE, "UPDATE owed SET issue = ?3 WHERE newsletter = ?1 AND subscriber = ?2 AND issue IS NULL"              \
                 " AND from_arrival >= ?4")                                                                            \
    X(OWED_BACK,                                                                                                       \
      "UPDATE owed SET carried = issue, issue = NULL WHERE newsletter = ?1 AND subscriber = ?2 AND issue = ?3")        \
    X(OWED_AGAIN,                                                                                                      \
      "UPDATE owed SET issue = ?3 WHERE newsletter = ?1 AND subscriber = ?2 AND carried = ?3 AND issue IS NULL")       \
    X(OWED_PAID, "DELETE FROM owed WHERE newsletter = ?1 AND subscriber = ?2 AND issue = ?3")                          \
    X(OWED_FORGET, "DELETE FROM owed WHERE newsletter = ?1 AND subscriber = ?2")                                       \
    X(OWED_DROP, "DELETE FROM owed WHERE newsletter IN (SELECT id FROM newsletter) AND subscriber = ?1"                \
                 " AND issue IS NULL")                                                                                 \
    X(RAISE_IDS, "UPDATE sqlite_sequence SET seq = seq + 1000000 WHERE name IN ('issue', 'transactional')")            \
    X(SEEN, "SELECT (SELECT max(json_extract(CAST(f.content AS TEXT), '$.id')) FROM issue_input i"                     \
            " JOIN frozen f ON f.hash = i.hash WHERE i.kind = 3), (SELECT max(s) FROM (SELECT max(subscriber) s FROM"  \
            " mark UNION ALL SELECT max(subscriber) FROM owed UNION ALL SELECT max(subscriber) FROM transactional"     \
            " UNION ALL SELECT max(subscriber) FROM delivery WHERE issue > 0)), (SELECT max(a) FROM (SELECT max(upto)" \
            " a FROM mark UNION ALL SELECT max(arrival_to) FROM issue))")                                              \
    X(OWED_UNOWE, "DELETE FROM owed WHERE newsletter = ?1 AND subscriber = ?2 AND from_arrival = ?3"                   \
                  " AND to_arrival <= ?4 AND issue IS NULL")                                                           \
    X(ISSUE_SPAN,                                                                                                      \
      "SELECT newsletter, arrival_to, (state = 6 AND dropped) OR corrects IS NOT NULL FROM issue WHERE id = ?1")       \
    X(DELIVERY_ADD, "INSERT INTO delivery(issue, subscriber, state, rendition, from_arrival, flags)"                   \
                    " VALUES(?1, ?2, 0, ?3, ?4, ?5)")                                                                  \
    X(DELIVERY_GET, "SELECT state, rendition, from_arrival, flags, relay FROM delivery WHERE issue = ?1"               \
                    " AND subscriber = ?2")                                                                            \
    X(DELIVERY_FIRST, "SELECT subscriber, rendition, flags FROM delivery WHERE issue = ?1 AND subscriber > ?2"         \
                      " AND state = 0 AND flags & 40 = 0 ORDER BY subscriber LIMIT ?3")                                \
    X(DELIVERY_DUE, "SELECT d.subscriber, d.rendition, d.state, d.flags, t.attempts, t.unknowns FROM trouble t"        \
                    " JOIN delivery d ON d.issue = t.issue AND d.subscriber = t.subscriber WHERE t.issue = ?1"         \
                    " AND t.due_at <= max(?2, ?5) AND t.due_at <= CASE WHEN d.flags & 8 THEN ?5 ELSE ?2 END"           \
                    " AND (d.state IN (0, 2) OR (d.state = 4 AND ?3)) ORDER BY t.due_at LIMIT ?4")                     \
    X(DELIVERY_CLAIM, "UPDATE delivery SET state = 1, flags = flags & 1 WHERE issue = ?1 AND subscriber = ?2")         \
    X(DELIVERY_SENT, "UPDATE delivery SET state = 5, at = ?3, code = ?4, relay = ?5, queue_id = ?6"                    \
                     " WHERE issue = ?1 AND subscriber = ?2")                                                          \
    X(DELIVERY_STATE, "UPDATE delivery SET state = ?3, flags = ?4, at = ?5 WHERE issue = ?1 AND subscriber = ?2")      \
    X(DELIVERY_CLAIMED, "SELECT subscriber FROM delivery WHERE issue = ?1 AND state = 1 AND subscriber > ?2"           \
                        " ORDER BY subscriber LIMIT 1000")                                                             \
    X(DELIVERY_NEXT, "SELECT d.subscriber, d.state, d.rendition, d.flags, d.at, d.code, d.relay, d.queue_id,"          \
                     " t.due_at, t.attempts, t.unknowns, t.cause, t.code, t.status, t.reply, t.relay"                  \
                     " FROM delivery d LEFT JOIN trouble t ON t.issue = d.issue AND t.subscriber = d.subscriber"       \
                     " WHERE d.issue = ?1 AND d.subscriber > ?2 AND ((1 << d.state) & ?3) ORDER BY d.subscriber"       \
                     " LIMIT ?4")                                                                                      \
    X(TROUBLE_GET, "SELECT attempts, age, unknowns, dots, due_at FROM trouble WHERE issue = ?1 AND subscriber = ?2")   \
    X(TROUBLE_SET,                                                                                                     \
      "INSERT INTO trouble(issue, subscriber, due_at, attempts, age, unknowns, dots, cause, code, status, reply,"      \
      " relay) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) ON CONFLICT(issue, subscriber) DO UPDATE"     \
      " SET due_at = excluded.due_at, attempts = excluded.attempts, age = excluded.age, unknowns = excluded.unknowns," \
      " dots = excluded.dots, cause = excluded.cause, code = coalesce(excluded.code, code),"                           \
      " status = coalesce(excluded.status, status), reply = coalesce(excluded.reply, reply),"                          \
      " relay = coalesce(excluded.relay, relay)")                                                                      \
    X(TROUBLE_DUE, "UPDATE trouble SET due_at = ?3 WHERE issue = ?1 AND subscriber = ?2")                              \
    X(TROUBLE_NEXT_DUE, "SELECT min(due_at) FROM trouble WHERE issue = ?1 AND due_at IS NOT NULL")                     \
    X(PACED_NEXT_DUE, "SELECT t.due_at FROM trouble t JOIN delivery d ON d.issue = t.issue AND d.subscriber ="         \
                      " t.subscriber WHERE t.issue = ?1 AND t.due_at IS NOT NULL AND d.state = 0 AND d.flags & 8"      \
                      " ORDER BY t.due_at LIMIT 1")                                                                    \
    X(TROUBLE_LAST_DUE, "SELECT max(due_at) FROM trouble WHERE issue = ?1 AND due_at IS NOT NULL")                     \
    X(ATTEMPT_ADD, "INSERT INTO attempt(issue, subscriber, at, outcome, code, status, reply, relay)"                   \
                   " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")                                                          \
    X(ATTEMPT_LIST, "SELECT a.at, a.outcome, a.code, a.status, a.reply, r.name FROM attempt a"                         \
                    " LEFT JOIN relay r ON r.id = a.relay WHERE a.issue = ?1 AND a.subscriber = ?2 ORDER BY a.id"      \
                    " LIMIT 100")                                                                                      \
    X(COUNT_ADD, "INSERT INTO issue_count(issue, state, n) VALUES(?1, ?2, ?3) ON CONFLICT(issue, state)"               \
                 " DO UPDATE SET n = n + excluded.n")                                                                  \
    X(COUNT_GET, "SELECT state, n FROM issue_count WHERE issue = ?1")                                                  \
    X(COUNT_ALL, "SELECT c.state, sum(c.n) FROM issue_count c JOIN issue i ON i.id = c.issue WHERE i.purged = 0 "      \
                 "GROUP BY c.state")                                                                                   \
    X(TRANSACTIONAL_ADD,                                                                                               \
      "INSERT INTO transactional(kind, created_at, subscriber, mail_to, mail_from, message, relays, frozen, fields)"   \
      " VALUES(?1, ?2, nullif(?3, 0), ?4, ?5, ?6, ?7, ?8, ?9)")                                                        \
    X(TRANSACTIONAL_GET,                                                                                               \
      "SELECT t.kind, t.mail_to, t.mail_from, t.message, t.relays, t.subscriber, t.created_at, f.content, t.fields "   \
      "FROM transactional t LEFT JOIN frozen f ON f.hash = t.frozen WHERE t.id = ?1")                                  \
    X(TRANSACTIONAL_FORGET,                                                                                            \
      "UPDATE transactional SET message = NULL, mail_to = NULL, frozen = NULL, fields = NULL WHERE id = ?1")           \
    X(PURGE_ISSUES, "SELECT id FROM issue WHERE state IN (5, 6) AND done_at < ?1 AND purged = 0 LIMIT 10")             \
    X(PURGE_DELIVERIES, "DELETE FROM delivery WHERE issue = ?1 AND subscriber IN (SELECT subscriber FROM delivery"     \
                        " WHERE issue = ?1 ORDER BY subscriber LIMIT 5000)")                                           \
    X(PURGE_TROUBLE, "DELETE FROM trouble WHERE issue = ?1")                                                           \
    X(PURGE_ATTEMPTS, "DELETE FROM attempt WHERE issue = ?1")                                                          \
    X(PURGE_RENDITIONS, "DELETE FROM rendition WHERE issue = ?1")                                                      \
    X(PURGE_FROZEN,                                                                                                    \
      "DELETE FROM frozen WHERE hash NOT IN (SELECT hash FROM issue_input UNION ALL"                                   \
      " SELECT hash FROM revision_input UNION ALL SELECT frozen FROM transactional WHERE frozen IS NOT NULL)")         \
    X(PURGE_MESSAGES, "SELECT d.subscriber FROM delivery d JOIN transactional t ON t.id = d.subscriber WHERE d.issue " \
                      "= 0 AND d.state >= 5 AND t.created_at < ?1 LIMIT 1000")                                         \
    X(PURGE_MESSAGE_DELIVERY, "DELETE FROM delivery WHERE issue = 0 AND subscriber = ?1")                              \
    X(PURGE_MESSAGE_TROUBLE, "DELETE FROM trouble WHERE issue = 0 AND subscriber = ?1")                                \
    X(PURGE_MESSAGE_ATTEMPTS, "DELETE FROM attempt WHERE issue = 0 AND subscriber = ?1")                               \
    X(PURGE_MESSAGE, "DELETE FROM transactional WHERE id = ?1")                                                        \
    X(PURGE_DONE, "UPDATE issue SET purged = 1 WHERE id = ?1")                                                         \
    X(ISSUE_CANCEL, "UPDATE issue SET state = 6, done_at = ?2, dropped = ?3 WHERE id = ?1 AND state BETWEEN 0 AND 4")  \
    X(ISSUE_CANCELLED_OPEN, "SELECT i.id, i.dropped FROM issue i WHERE i.state = 6 AND EXISTS"                         \
                            " (SELECT 1 FROM issue_count c WHERE c.issue = i.id AND c.state IN (0, 2, 3, 4) AND"       \
                            " c.n > 0) LIMIT 1")                                                                       \
    X(HELD_MARKS, "SELECT n.name AS newsletter, m.upto FROM mark m JOIN newsletter n ON n.id = m.newsletter"           \
                  " WHERE m.subscriber = ?1 ORDER BY n.name")                                                          \
    X(HELD_OWED, "SELECT n.name AS newsletter, o.from_arrival, o.to_arrival FROM owed o JOIN newsletter n"             \
                 " ON n.id = o.newsletter WHERE o.subscriber = ?1 ORDER BY n.name, o.from_arrival")                    \
    X(HELD_DELIVERIES,                                                                                                 \
      "SELECT i.id AS issue, n.name AS newsletter, i.subject, CASE d.state WHEN 0 THEN 'queued' WHEN 1 THEN 'claimed'" \
      " WHEN 2 THEN 'deferred' WHEN 3 THEN 'held' WHEN 4 THEN 'unknown' WHEN 5 THEN 'sent' WHEN 6 THEN 'failed'"       \
      " ELSE 'cancelled' END AS state, d.at, coalesce(d.code, t.code) AS code, t.status, t.reply, r.name AS relay,"    \
      " d.queue_id FROM issue i JOIN delivery d ON d.issue = i.id AND d.subscriber = ?1 JOIN newsletter n"             \
      " ON n.id = i.newsletter LEFT JOIN trouble t ON t.issue = i.id AND t.subscriber = ?1 LEFT JOIN relay r"          \
      " ON r.id = coalesce(d.relay, t.relay) ORDER BY i.id")                                                           \
    X(HELD_ATTEMPTS,                                                                                                   \
      "SELECT a.issue, a.at, CASE a.outcome WHEN 0 THEN 'accepted' WHEN 1 THEN 'later' WHEN 2 THEN 'never'"            \
      " WHEN 3 THEN 'unknown' ELSE 'other' END AS outcome, a.code, a.status, a.reply, r.name AS relay FROM attempt a"  \
      " LEFT JOIN relay r ON r.id = a.relay WHERE a.issue > 0 AND a.subscriber = ?1 ORDER BY a.id")                    \
    X(HELD_MESSAGES, "SELECT kind, created_at, mail_to FROM transactional WHERE subscriber = ?1"                       \
                     " OR lower(mail_to) = lower(?2) ORDER BY id")                                                     \
    X(ERASE_TROUBLE, "UPDATE trouble SET reply = NULL WHERE subscriber = ?1 AND issue > 0 AND reply IS NOT NULL")      \
    X(ERASE_ATTEMPTS, "UPDATE attempt SET reply = NULL WHERE subscriber = ?1 AND issue > 0 AND reply IS NOT NULL")     \
    X(ERASE_REPLIES, "UPDATE attempt SET reply = NULL WHERE issue = 0 AND subscriber IN"                               \
                     " (SELECT id FROM transactional WHERE subscriber = ?1 OR lower(mail_to) = lower(?2))")            \
    X(ERASE_TROUBLES, "UPDATE trouble SET reply = NULL WHERE issue = 0 AND subscriber IN"                              \
                      " (SELECT id FROM transactional WHERE subscriber = ?1 OR lower(mail_to) = lower(?2))")           \
    X(ERASE_TRANSACTIONAL,                                                                                             \
      "UPDATE transactional SET message = NULL, mail_to = NULL, frozen = NULL, fields = NULL"                          \
      " WHERE coalesce(mail_to, frozen) IS NOT NULL AND (subscriber = ?1 OR lower(mail_to) = lower(?2))")              \
    X(ERASE_OWED, "DELETE FROM owed WHERE subscriber = ?1")                                                            \
    X(MERGE_OWED, "UPDATE OR REPLACE owed SET subscriber = ?2 WHERE subscriber = ?1 AND from_arrival >= coalesce("     \
                  "(SELECT m.upto FROM mark m WHERE m.newsletter = owed.newsletter AND m.subscriber = ?2), 0)")        \
    X(MERGE_OWED_END, "DELETE FROM owed WHERE subscriber = ?1 AND ?2")                                                 \
    X(MERGE_MARK, "INSERT INTO mark(newsletter, subscriber, upto) SELECT newsletter, ?2, upto FROM mark"               \
                  " WHERE subscriber = ?1 AND newsletter IN (SELECT id FROM newsletter) ON CONFLICT(newsletter,"       \
                  " subscriber) DO UPDATE SET upto = max(upto, excluded.upto)")                                        \
    X(DELIVERY_OPEN, "SELECT subscriber, state, flags FROM delivery WHERE issue = ?1 AND subscriber > ?2"              \
                     " AND state < 5 ORDER BY subscriber LIMIT 1000")

enum queue_statement {
#define X(name, text) Q_##name,
    QUEUE_STATEMENTS(X)
#undef X
        Q_COUNT
};

extern const char *const queue_statements[Q_COUNT];

#endif
