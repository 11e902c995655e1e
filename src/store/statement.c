#include "store/statement.h"

#define ARTICLE_HEAD                                                                                                   \
    "SELECT a.id, s.name, a.source_id, a.arrival, a.title, a.url, a.published_at, a.updated_at, a.language, a.author," \
    " a.topic, a.summary, a.body_format, a.image_url, a.image_alt, a.withdrawn_at, a.pinned, a.excluded, "
#define SUBSCRIBER_HEAD                                                                                                \
    "SELECT id, email, email_key, name, given_name, language, timezone, format, generation, attributes, status,"       \
    " merged_into, created_at, updated_at FROM subscriber "
#define SUBSCRIPTION_HEAD                                                                                              \
    "SELECT n.id, n.name, s.subscriber, s.status, s.status_at, s.cadence, s.topics, s.language, s.format, "            \
    "s.joined_at,"                                                                                                     \
    " s.joined_arrival, s.source_joined_at, o.name, s.body, s.paused_until FROM newsletter n"                          \
    " JOIN subscription s ON s.newsletter = n.id LEFT JOIN source o ON o.id = s.source "

/* ?5, ?6: bits of the person's and the subscription's status, of which either will do; ?7: something is said of a
 * subscription. Numbers of newsletters are few: with them the key of subscription is used whole. */
#define SPEAKS(column)                                                                                                 \
    "instr(',' || lower(" column ") || ',', ',' || lower(?10) || ',') OR instr(',' || lower(" column ")"               \
    ", ',' || lower(?10) || '-')"
#define SEARCH_WHERE                                                                                                   \
    "WHERE p.id > ?1 AND p.status <> 3 AND (?3 OR p.status <> 2 OR ?5 & 4)"                                            \
    " AND (?4 IS NULL OR instr(p.email_key, lower(?4)))"                                                               \
    " AND (?11 IS NULL OR EXISTS (SELECT 1 FROM json_each(p.attributes) j WHERE j.key = ?11"                           \
    "  AND (?12 IS NULL OR CAST(j.value AS TEXT) = ?12)))"                                                             \
    " AND (?10 IS NULL OR " SPEAKS(                                                                                    \
        "p.language") " OR EXISTS (SELECT 1 FROM subscription s"                                                       \
                      "  WHERE s.newsletter IN (SELECT id FROM newsletter) AND s.subscriber = p.id AND (" SPEAKS(      \
                          "s.language") ")))"                                                                          \
                                        " AND (?5 = 0 AND ?6 = 0 AND NOT ?7 OR (?5 >> p.status) & 1 AND NOT ?7 OR "    \
                                        "EXISTS (SELECT 1 FROM subscription s"                                         \
                                        "  WHERE s.newsletter IN (SELECT id FROM newsletter WHERE ?8 IN (0, id)) AND " \
                                        "s.subscriber = p.id"                                                          \
                                        "  AND (?5 = 0 AND ?6 = 0 OR (?5 >> p.status) & 1 OR p.status = 0 AND (?6 >> " \
                                        "s.status) & 1)"                                                               \
                                        "  AND (?9 IS NULL OR instr(',' || lower(s.topics) || ',', ',' || lower(?9) "  \
                                        "|| ','))"                                                                     \
                                        "  AND coalesce(s.source_joined_at, s.joined_at) >= ?13 AND "                  \
                                        "coalesce(s.source_joined_at, s.joined_at) < ?14))"

#define GRAVER                                                                                                         \
    "CASE excluded.reason WHEN 0 THEN 0 WHEN 3 THEN 1 WHEN 1 THEN 2 ELSE 3 END"                                        \
    " > CASE suppression.reason WHEN 0 THEN 0 WHEN 3 THEN 1 WHEN 1 THEN 2 ELSE 3 END"

#define CONSENT_ROW                                                                                                    \
    "n.name, c.how, c.origin, c.actor, c.at, c.expires_at, c.answered_at, c.answered_by, c.ended_at, c.generation,"    \
    " lower(hex(t.hash)) AS text_hash, t.language AS text_language, t.content AS text "
#define CONSENT_HEAD                                                                                                   \
    "SELECT c.id, c.subscriber, c.newsletter, " CONSENT_ROW "FROM consent c LEFT JOIN newsletter n"                    \
    " ON n.id = c.newsletter LEFT JOIN consent_text t ON t.hash = c.text "

#define CONSENT_ALL                                                                                                    \
    CONSENT_HEAD "WHERE c.subscriber = ?1 UNION ALL SELECT c.id, ?1, n.id, " CONSENT_ROW                               \
                 "FROM newsletter n CROSS JOIN subscription s ON s.newsletter = n.id AND s.subscriber = ?1"            \
                 " JOIN consent c ON c.id = s.consent LEFT JOIN consent_text t ON t.hash = c.text"                     \
                 " UNION ALL SELECT 0, ?1, n.id, n.name, 'source', o.name, 'source ' || o.name,"                       \
                 " coalesce(s.source_joined_at, s.joined_at), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL"          \
                 " FROM newsletter n CROSS JOIN subscription s ON s.newsletter = n.id AND s.subscriber = ?1"           \
                 " JOIN source o ON o.id = s.source ORDER BY 8, 1"

#define FIGURES_HEAD                                                                                                   \
    "SELECT s.newsletter, s.status, p.status, s.cadence, coalesce(s.format, p.format), coalesce(s.language,"           \
    " p.language), s.joined_at, s.status_at FROM subscription s CROSS JOIN subscriber p ON p.id = s.subscriber"

#define AUDIT_HEAD                                                                                                     \
    "SELECT a.id, a.at, a.actor, a.action, a.subscriber, p.email, a.detail FROM audit a"                               \
    " LEFT JOIN subscriber p ON p.id = a.subscriber "

const char *const statement_texts[STATEMENTS] = {
    [STMT_META_GET] = "SELECT value FROM meta WHERE key = ?1",
    [STMT_META_SET] = "INSERT INTO meta VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    [STMT_META_RAISE] = "INSERT INTO meta VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
                        " WHERE excluded.value > value",
    [STMT_NEWSLETTER_FIND] = "SELECT id, seen_at FROM newsletter WHERE name = ?1",
    [STMT_NEWSLETTER_ADD] = "INSERT INTO newsletter (name, seen_at) VALUES (?1, ?2)",
    [STMT_NEWSLETTER_NAME] = "SELECT name FROM newsletter WHERE id = ?1",
    [STMT_SEQUENCE_RAISE] = "UPDATE sqlite_sequence SET seq = max(seq, ?2) WHERE name = ?1",
    [STMT_SEQUENCE_ADD] = "INSERT INTO sqlite_sequence (name, seq) SELECT ?1, ?2"
                          " WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?1)",

    [STMT_ARTICLES_WAITING] = "SELECT 1 FROM article WHERE arrival IS NULL AND withdrawn_at IS NULL"
                              " AND (published_at IS NULL OR published_at <= ?1) LIMIT 1",
    [STMT_ARTICLES_ARRIVE] =
        "UPDATE article SET arrival = ?2 + due.n, published_at = coalesce(published_at, ?1)"
        " FROM (SELECT id, row_number() OVER (ORDER BY coalesce(published_at, ?1), id) AS n FROM article"
        "  WHERE arrival IS NULL AND withdrawn_at IS NULL AND (published_at IS NULL OR published_at <= ?1)) AS due"
        " WHERE article.id = due.id",
    [STMT_ARTICLE_GET] = ARTICLE_HEAD "a.body FROM article a LEFT JOIN source s ON s.id = a.source WHERE a.id = ?1",
    [STMT_ARTICLE_LIST] = ARTICLE_HEAD "NULL FROM article a LEFT JOIN source s ON s.id = a.source"
                                       " WHERE a.id > ?1 AND (?3 OR a.withdrawn_at IS NULL) ORDER BY a.id LIMIT ?2",
    [STMT_ARTICLE_PIN] = "UPDATE article SET pinned = ?2 WHERE id = ?1",
    [STMT_ARTICLE_EXCLUDE] = "UPDATE article SET excluded = ?2 WHERE id = ?1",
    [STMT_ARTICLE_WITHDRAW] = "UPDATE article SET withdrawn_at = iif(?2, ?3, NULL), withdrawn_by = iif(?2, 1, NULL)"
                              " WHERE id = ?1",

    [STMT_SUBSCRIBER_GET] = SUBSCRIBER_HEAD "WHERE id = ?1",
    [STMT_SUBSCRIBER_BY_KEY] = SUBSCRIBER_HEAD "WHERE email_key = ?1",
    [STMT_SUBSCRIBER_LIST] = SUBSCRIBER_HEAD "WHERE id > ?1 AND (?3 OR status < 2) ORDER BY id LIMIT ?2",
    [STMT_SUBSCRIBER_COUNT] = "SELECT count(*) FROM subscriber WHERE status = 0",
    [STMT_SUBSCRIBER_ZONE] = "SELECT min(timezone) FROM subscriber WHERE timezone IS NOT NULL AND timezone > ?1",
    [STMT_SUBSCRIBER_LANGUAGES] = "SELECT coalesce(language, ''), count(*) FROM subscriber WHERE status = 0 GROUP BY 1"
                                  " ORDER BY 2 DESC, 1 LIMIT 200",
    /* what is set by hand is its own (own): no source changes it; 1024: the address */
    [STMT_PERSON_NEW] =
        "INSERT INTO subscriber (email, email_key, name, given_name, language, format, timezone, attributes, own,"
        " status, created_at, updated_at) VALUES (?10, ?11, ?3, ?4, ?5, ?6, ?7, nullif(json_patch('{}',"
        " coalesce(?8, '{}')), '{}'), ?2, EXISTS (SELECT 1 FROM suppression WHERE key = ?11), ?9, ?9)",
    [STMT_PERSON_SET] =
        "UPDATE subscriber SET name = iif(?2 & 1, ?3, name), given_name = iif(?2 & 2, ?4, given_name),"
        " language = iif(?2 & 4, ?5, language), format = iif(?2 & 8, ?6, format),"
        " timezone = iif(?2 & 16, ?7, timezone), attributes = iif(?2 & 32, nullif(json_patch(coalesce(attributes,"
        " '{}'), coalesce(?8, '{}')), '{}'), attributes), own = own | ?2, updated_at = ?9"
        " WHERE id = ?1 AND status < 2 AND (own | ?2 <> own OR (?2 & 1 AND name IS NOT ?3)"
        " OR (?2 & 2 AND given_name IS NOT ?4) OR (?2 & 4 AND language IS NOT ?5) OR (?2 & 8 AND format IS NOT ?6)"
        " OR (?2 & 16 AND timezone IS NOT ?7) OR (?2 & 32 AND json_patch(coalesce(attributes, '{}'),"
        " coalesce(?8, '{}')) IS NOT coalesce(attributes, '{}')))",
    [STMT_PERSON_MOVE] =
        "UPDATE subscriber SET email = ?2, generation = generation + (email_key IS NOT ?3), own = own | 1024,"
        " status = EXISTS (SELECT 1 FROM suppression WHERE key = ?3), email_key = ?3, updated_at = ?4"
        " WHERE id = ?1 AND status < 2 AND email IS NOT ?2",
    /* ?1 into ?2: whose word is the later one; on the same second to leave, else the survivor's */
    [STMT_MERGE_EARLIER] = "DELETE FROM subscription WHERE subscriber = ?2 AND newsletter IN (SELECT o.newsletter"
                           " FROM subscription o JOIN subscription s ON s.newsletter = o.newsletter"
                           " AND s.subscriber = ?2 WHERE o.subscriber = ?1 AND (o.status_at > s.status_at"
                           " OR (o.status_at = s.status_at AND o.status = 3)))",
    [STMT_MERGE_TAKE] = "UPDATE subscription SET subscriber = ?2 WHERE subscriber = ?1 AND newsletter NOT IN"
                        " (SELECT newsletter FROM subscription WHERE subscriber = ?2)",
    [STMT_MERGE_END] = "UPDATE subscription SET status = 3, status_at = ?3, source = NULL, returns_to = NULL"
                       " WHERE subscriber = ?1 AND ?2 AND status <> 3",
    [STMT_MERGE_CONSENT] = "UPDATE consent SET subscriber = ?2 WHERE subscriber = ?1",
    [STMT_MERGE_SOURCES] = "UPDATE source_person SET subscriber = ?2 WHERE subscriber = ?1",
    [STMT_MERGE_ROW] = "UPDATE subscriber SET email_key = NULL, merged_into = ?2, status = 3, updated_at = ?3"
                       " WHERE id = ?1",
    /* who is there already is looked at only then: a list has a million of these */
    [STMT_ROLL_INSERT] =
        "INSERT OR IGNORE INTO subscriber (email, email_key, name, given_name, language, format, timezone, attributes,"
        " status, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?10, ?9, ?9)",
    [STMT_ROLL_KNOWN] = "SELECT id, email, email_key, name, given_name, language, timezone, format, generation,"
                        " attributes, status, merged_into, created_at, updated_at, own FROM subscriber"
                        " WHERE email_key = ?1",
    [STMT_ROLL_PERSON] = "UPDATE subscriber SET name = ?2, given_name = ?3, language = ?4, format = ?5, timezone = ?6,"
                         " attributes = ?7, updated_at = ?8 WHERE id = ?1",
    [STMT_ROLL_JOIN] = "INSERT INTO subscription (newsletter, subscriber, status, status_at, cadence, topics, language,"
                       " format, body, paused_until, joined_at, joined_arrival, source_joined_at, consent)"
                       " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
    [STMT_ROLL_SUBSCRIPTION] = "SELECT status, topics, language, cadence, format, body, source_joined_at, own"
                               " FROM subscription WHERE newsletter = ?1 AND subscriber = ?2",
    /* ?11: joined now; ?13: the end of a pause that begins now. Who comes back by a list belongs to no source */
    [STMT_ROLL_CHANGE] =
        "UPDATE subscription SET source = iif(status <> ?3 AND ?3 = 1, NULL, source), returns_to = iif(status <> ?3,"
        " NULL, returns_to), paused_until = iif(status <> ?3, ?13, paused_until), status_at = iif(status <> ?3, ?10,"
        " status_at), joined_at = iif(?11, ?10, joined_at), joined_arrival = iif(?11, ?12, joined_arrival),"
        " status = ?3, topics = ?4, language = ?5, cadence = ?6, format = ?7, body = ?8, source_joined_at = ?9"
        " WHERE newsletter = ?1 AND subscriber = ?2",
    [STMT_SEARCH_PAGE] = "SELECT p.id, p.email, p.email_key, p.name, p.given_name, p.language, p.timezone, p.format,"
                         " p.generation, p.attributes, p.status, p.merged_into, p.created_at, p.updated_at"
                         " FROM subscriber p " SEARCH_WHERE " ORDER BY p.id LIMIT ?2",
    /* in order of address, so that an export has the same order wherever it was imported */
    [STMT_SEARCH_BY_KEY] = "SELECT p.id, p.email, p.email_key, p.name, p.given_name, p.language, p.timezone, p.format,"
                           " p.generation, p.attributes, p.status, p.merged_into, p.created_at, p.updated_at"
                           " FROM subscriber p INDEXED BY sqlite_autoindex_subscriber_1 " SEARCH_WHERE
                           " AND p.email_key > ?15 ORDER BY p.email_key LIMIT ?2",
    /* ORDER BY in the same SELECT would sort every attribute of everybody, in memory */
    [STMT_SEARCH_ATTRIBUTES] =
        "WITH names(name) AS MATERIALIZED (SELECT DISTINCT j.key FROM subscriber p, json_each(p.attributes) j"
        " WHERE p.attributes IS NOT NULL AND p.status < 2) SELECT name FROM names ORDER BY 1 LIMIT ?1",
    [STMT_SEARCH_COUNT] = "SELECT count(*) FROM subscriber p " SEARCH_WHERE,
    [STMT_SUBSCRIBER_DELIVERY] =
        "SELECT p.status, p.merged_into, p.generation, coalesce(s.format, p.format), s.status, p.email, p.name,"
        " p.given_name, p.timezone, p.attributes, coalesce(s.language, p.language) FROM subscriber p"
        " LEFT JOIN subscription s ON s.newsletter = ?2 AND s.subscriber = p.id WHERE p.id = ?1",

    [STMT_SUBSCRIPTION_SCAN] = "SELECT s.subscriber, s.cadence, s.topics, coalesce(s.language, p.language), p.timezone,"
                               " coalesce(s.format, p.format), s.joined_at, s.joined_arrival, s.body FROM"
                               " subscription s CROSS JOIN subscriber p ON p.id = s.subscriber"
                               " WHERE s.newsletter = ?1 AND s.subscriber > ?2 AND s.status = 1 AND p.status = 0"
                               " ORDER BY s.subscriber LIMIT ?3",
    [STMT_SUBSCRIPTION_LIST] = SUBSCRIPTION_HEAD "WHERE s.subscriber = ?1 ORDER BY n.name",
    [STMT_SUBSCRIPTION_GET] = SUBSCRIPTION_HEAD "WHERE n.id = ?1 AND s.subscriber = ?2",
    [STMT_SUBSCRIPTION_COUNT] = "SELECT count(*) FROM subscription s JOIN subscriber p ON p.id = s.subscriber"
                                " WHERE s.newsletter = ?1 AND s.status = 1 AND p.status = 0",
    [STMT_SUBSCRIPTION_PUT] =
        "INSERT INTO subscription (newsletter, subscriber, status, status_at, joined_at, joined_arrival)"
        " VALUES (?1, ?2, ?3, ?4, ?4, ?5) ON CONFLICT (newsletter, subscriber) DO UPDATE SET status = ?3,"
        " status_at = ?4, joined_at = ?4, joined_arrival = ?5, source = NULL, returns_to = NULL, paused_until = NULL",
    [STMT_SUBSCRIPTION_STATUS] =
        "UPDATE subscription SET status_at = iif(status = ?3, status_at, ?4), status = ?3, returns_to = NULL,"
        " paused_until = NULL, source = iif(?5, NULL, source) WHERE newsletter = ?1 AND subscriber = ?2",
    [STMT_SUBSCRIPTION_PAUSE] =
        "UPDATE subscription SET status_at = iif(status = 2, status_at, ?3), status = 2, paused_until = ?4"
        " WHERE newsletter = ?1 AND subscriber = ?2 AND (status = 1 OR (status = 2 AND paused_until IS NOT ?4))",
    [STMT_SUBSCRIPTION_LAPSED] = "SELECT newsletter, subscriber FROM subscription WHERE paused_until <= ?1"
                                 " AND status = 2 LIMIT 1",
    /* ?3: the bits of what is told; from now on no source changes it */
    [STMT_SUBSCRIPTION_PREFER] =
        "UPDATE subscription SET own = own | ?3, cadence = iif(?3 & 64, ?4, cadence), topics = iif(?3 & 128, ?5,"
        " topics), language = iif(?3 & 4, ?6, language), format = iif(?3 & 8, ?7, format),"
        " body = iif(?3 & 512, ?8, body) WHERE newsletter = ?1 AND subscriber = ?2",

    /* graver reasons win: hard, by-hand, complaint, erased in rising order; "until" never comes nearer */
    [STMT_SUPPRESSION_PUT] =
        "INSERT INTO suppression VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (key) DO UPDATE SET"
        " reason = iif(" GRAVER ", excluded.reason, reason), at = iif(" GRAVER ", excluded.at, at),"
        " note = iif(" GRAVER ", excluded.note, note), until = iif(until IS NULL OR excluded.until"
        " IS NULL, NULL, max(until, excluded.until)) WHERE " GRAVER " OR until IS NOT NULL",
    [STMT_SUPPRESSION_DELETE] = "DELETE FROM suppression WHERE key = ?1",
    [STMT_SUPPRESSION_GET] = "SELECT key, reason, at, until, note FROM suppression WHERE key = ?1",
    [STMT_SUPPRESSION_LIST] = "SELECT key, reason, at, until, note FROM suppression WHERE key > ?1"
                              " AND (?3 IS NULL OR instr(key, lower(?3))) AND (?4 = 0 OR (?4 >> reason) & 1)"
                              " ORDER BY key LIMIT ?2",
    [STMT_SUPPRESSION_LAPSED] = "SELECT key FROM suppression WHERE until <= ?1 LIMIT 1",
    [STMT_SUPPRESSION_ANY] = "SELECT 1 FROM suppression LIMIT 1",
    [STMT_SUPPRESSION_ERASED] = "SELECT 1 FROM suppression WHERE key >= 'h:' AND key < 'h;' LIMIT 1",
    [STMT_SUBSCRIBER_SUPPRESS] = "UPDATE subscriber SET status = 1, updated_at = ?2 WHERE email_key = ?1"
                                 " AND status = 0 RETURNING id",
    [STMT_SUBSCRIBER_RELEASE] = "UPDATE subscriber SET status = 0, updated_at = ?2 WHERE email_key = ?1"
                                " AND status = 1 RETURNING id",

    [STMT_EVENT_ADD] = "INSERT OR IGNORE INTO event_done VALUES (?1, ?2)",
    [STMT_EVENT_SUBSCRIBER] = "SELECT email_key FROM subscriber WHERE id = ?1 AND generation = ?2",
    [STMT_EVENT_FORGET] = "DELETE FROM event_done WHERE at < ?1",
    [STMT_AUDIT_ADD] = "INSERT INTO audit (at, actor, action, subscriber, detail) VALUES (?1, ?2, ?3, ?4, ?5)",

    [STMT_FIGURES_ALL] = FIGURES_HEAD,
    [STMT_FIGURES_OF] = FIGURES_HEAD " WHERE s.newsletter = ?1",
    [STMT_FIGURES_SUPPRESSED] = "SELECT reason, at FROM suppression",
    [STMT_FIGURES_SUPPRESSED_OF] = "SELECT x.reason, x.at FROM suppression x JOIN subscriber p ON p.email_key = x.key"
                                   " JOIN subscription s ON s.newsletter = ?1 AND s.subscriber = p.id",

    [STMT_AUDIT_LIST] =
        AUDIT_HEAD "WHERE a.id > ?1 AND a.at >= ?3 AND (?4 IS NULL OR a.action = ?4) ORDER BY a.id LIMIT ?2",
    [STMT_AUDIT_OF] =
        AUDIT_HEAD "WHERE a.subscriber = ?5 AND a.id > ?1 AND a.at >= ?3 AND (?4 IS NULL OR a.action = ?4)"
                   " ORDER BY a.id LIMIT ?2",
    [STMT_RETENTION_NEWSLETTER] = "SELECT min(id) FROM newsletter WHERE id > ?1",
    [STMT_RETENTION_FORMER] = "SELECT subscriber FROM subscription WHERE newsletter = ?1 AND subscriber > ?2"
                              " AND status IN (3, 4) AND status_at < ?3 ORDER BY subscriber LIMIT ?4",
    /* who reads nothing, in no newsletter, and left the last one before ?2 */
    [STMT_RETENTION_EMPTY] =
        "UPDATE subscriber SET name = NULL, given_name = NULL, timezone = NULL, attributes = NULL WHERE id = ?1"
        " AND status < 2 AND coalesce(name, given_name, timezone, attributes) IS NOT NULL AND NOT EXISTS"
        " (SELECT 1 FROM newsletter n CROSS JOIN subscription s ON s.newsletter = n.id AND s.subscriber = ?1"
        " WHERE s.status IN (0, 1, 2) OR s.status_at >= ?2)",
    [STMT_RETENTION_AUDIT] = "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < ?1 ORDER BY id LIMIT ?2)",
    [STMT_RETENTION_TEXTS] = "DELETE FROM consent_text WHERE NOT EXISTS (SELECT 1 FROM consent WHERE text = hash)",

    [STMT_SOURCE_FIND] = "SELECT id, stamp, synced_at, people, articles, held, held_at FROM source WHERE name = ?1",
    [STMT_SOURCE_ADD] = "INSERT INTO source (name) VALUES (?1)",
    [STMT_SOURCE_NEWSLETTER] = "UPDATE source SET newsletter = ?2 WHERE id = ?1 AND newsletter IS NOT ?2",
    [STMT_SOURCE_APPLIED] = "UPDATE source SET stamp = ?2, synced_at = ?3, people = ?4, articles = ?5, held = NULL,"
                            " held_at = NULL WHERE id = ?1",
    [STMT_SOURCE_HELD] = "UPDATE source SET stamp = ?2, held_at = iif(held IS ?4, held_at, ?3), held = ?4"
                         " WHERE id = ?1",

    [STMT_PERSON_COUNT] = "SELECT count(*) FROM source_person WHERE source = ?1 AND gone_at IS NULL",
    [STMT_PERSON_KNOWN] = "SELECT subscriber, hash, gone_at IS NOT NULL FROM source_person"
                          " WHERE source = ?1 AND source_id = ?2",
    /* without ON CONFLICT: an upsert costs a savepoint, and a first import has a million of these */
    [STMT_PERSON_ADD] = "INSERT INTO source_person VALUES (?1, ?2, ?3, ?4, NULL)",
    [STMT_PERSON_PUT] = "INSERT INTO source_person VALUES (?1, ?2, ?3, ?4, NULL) ON CONFLICT (source, source_id)"
                        " DO UPDATE SET subscriber = ?3, hash = ?4, gone_at = NULL",
    [STMT_PERSON_DROP] = "DELETE FROM source_person WHERE source = ?1 AND source_id = ?2",
    [STMT_PERSON_OTHERS] = "DELETE FROM source_person WHERE subscriber = ?3 AND source = ?1 AND source_id <> ?2",
    [STMT_PERSON_SCAN] = "SELECT source_id, subscriber FROM source_person WHERE source = ?1 AND gone_at IS NULL",
    [STMT_PERSON_GONE] = "UPDATE source_person SET gone_at = ?3 WHERE source = ?1 AND source_id = ?2",
    [STMT_PERSON_ELSEWHERE] =
        "SELECT p.source FROM source_person p JOIN source o ON o.id = p.source WHERE p.subscriber = ?1"
        " AND p.source <> ?2 AND p.gone_at IS NULL AND o.newsletter = ?3 ORDER BY p.source LIMIT 1",

    [STMT_IMPORT_BY_KEY] = "SELECT id FROM subscriber WHERE email_key = ?1",
    [STMT_IMPORT_INSERT] =
        "INSERT INTO subscriber (email, email_key, name, given_name, language, format, timezone, attributes, status,"
        " created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?10, ?9, ?9)",
    /* ?2: the bits of what the source tells; what reader or administrator set (own) is left */
    [STMT_IMPORT_UPDATE] =
        "UPDATE subscriber SET name = iif(?2 & ~own & 1, ?3, name),"
        " given_name = iif(?2 & ~own & 2, ?4, given_name), language = iif(?2 & ~own & 4, ?5, language),"
        " format = iif(?2 & ~own & 8, ?6, format), timezone = iif(?2 & ~own & 16, ?7, timezone),"
        " attributes = iif(?2 & ~own & 32, ?8, attributes), updated_at = ?9"
        " WHERE id = ?1 AND status < 2 AND ((?2 & ~own & 1 AND name IS NOT ?3)"
        " OR (?2 & ~own & 2 AND given_name IS NOT ?4) OR (?2 & ~own & 4 AND language IS NOT ?5)"
        " OR (?2 & ~own & 8 AND format IS NOT ?6) OR (?2 & ~own & 16 AND timezone IS NOT ?7)"
        " OR (?2 & ~own & 32 AND attributes IS NOT ?8))",
    /* another address: suppressed only if that one is */
    [STMT_IMPORT_MOVE] =
        "UPDATE subscriber SET email = ?2, email_key = ?3, generation = generation + 1,"
        " status = EXISTS (SELECT 1 FROM suppression WHERE key = ?3), updated_at = ?4 WHERE id = ?1 AND status < 2"
        " AND NOT own & 1024",
    [STMT_IMPORT_OWN_ADDRESS] = "SELECT 1 FROM subscriber WHERE id = ?1 AND status < 2 AND own & 1024",
    [STMT_IMPORT_JOIN] = "INSERT INTO subscription (newsletter, subscriber, status, status_at, cadence, topics,"
                         " joined_at, joined_arrival, source_joined_at, source, body)"
                         " VALUES (?1, ?2, 1, ?3, ?6, ?7, ?3, ?4, ?8, ?5, ?10)",
    /* pending joins, removed-by-source comes back; active, paused and left stay as they are */
    [STMT_IMPORT_SUBSCRIBE] =
        "INSERT INTO subscription (newsletter, subscriber, status, status_at, cadence, topics, joined_at,"
        " joined_arrival, source_joined_at, source, body) VALUES (?1, ?2, 1, ?3, ?6, ?7, ?3, ?4, ?8, ?5, ?10)"
        " ON CONFLICT (newsletter, subscriber) DO UPDATE SET"
        " status = CASE status WHEN 0 THEN 1 WHEN 4 THEN coalesce(returns_to, 1) ELSE status END,"
        " status_at = iif(status IN (0, 4), ?3, status_at), joined_at = iif(status = 0, ?3, joined_at),"
        " joined_arrival = iif(status = 0, ?4, joined_arrival), source = iif(status IN (0, 4), ?5, source),"
        " returns_to = NULL, cadence = iif(?9 & ~own & 64, ?6, cadence), topics = iif(?9 & ~own & 128, ?7, topics),"
        " body = iif(?9 & ~own & 512, ?10, body), source_joined_at = iif(?9 & 256, ?8, source_joined_at)"
        " WHERE status IN (0, 4) OR (?9 & ~own & 64 AND cadence IS NOT ?6) OR (?9 & ~own & 128 AND topics IS NOT ?7)"
        " OR (?9 & ~own & 512 AND body IS NOT ?10) OR (?9 & 256 AND source_joined_at IS NOT ?8)",
    [STMT_IMPORT_REMOVE] = "UPDATE subscription SET returns_to = iif(status = 2, 2, 1), status = 4, status_at = ?4"
                           " WHERE newsletter = ?1 AND subscriber = ?2 AND source = ?3 AND status IN (0, 1, 2)",
    [STMT_IMPORT_HAND_OVER] = "UPDATE subscription SET source = ?4 WHERE newsletter = ?1 AND subscriber = ?2"
                              " AND source = ?3",

    [STMT_ARTICLE_KNOWN] = "SELECT id, hash, withdrawn_at IS NOT NULL AND withdrawn_by IS NOT 1, arrival IS NOT NULL"
                           " FROM article WHERE source IS ?1 AND source_id = ?2",
    [STMT_ARTICLE_INSERT] =
        "INSERT INTO article (source, source_id, hash, title, url, published_at, updated_at, language, author, topic,"
        " summary, body, body_format, image_url, image_alt, created_at)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
    [STMT_ARTICLE_UPDATE] =
        "UPDATE article SET withdrawn_at = iif(withdrawn_by = 1, withdrawn_at, NULL),"
        " withdrawn_by = iif(withdrawn_by = 1, 1, NULL), hash = ?3, title = ?4, url = ?5,"
        " published_at = iif(?6 IS NULL AND arrival IS NOT NULL, published_at, ?6), updated_at = ?7, language = ?8,"
        " author = ?9, topic = ?10, summary = ?11, body = ?12, body_format = ?13, image_url = ?14, image_alt = ?15"
        " WHERE source IS ?1 AND source_id = ?2",
    [STMT_ARTICLE_SCAN] = "SELECT id FROM article WHERE source = ?1 AND withdrawn_at IS NULL",
    [STMT_ARTICLE_NAMESAKE] = "SELECT id FROM article WHERE url = ?1 AND source = ?2 AND arrival IS NOT NULL"
                              " AND published_at < ?3 ORDER BY id LIMIT 1",
    [STMT_ARTICLE_GONE] = "UPDATE article SET withdrawn_at = ?2, withdrawn_by = 0 WHERE id = ?1",

    [STMT_REFUSED_ANY] = "SELECT 1 FROM refused WHERE source = ?1 LIMIT 1",
    [STMT_REFUSED_KNOWN] = "SELECT n, hash, reason FROM refused WHERE source = ?1 AND kind = ?2 AND id = ?3",
    [STMT_REFUSED_PUT] = "INSERT INTO refused (source, kind, id, hash, reason) VALUES (?1, ?2, ?3, ?4, ?5)"
                         " ON CONFLICT (source, kind, id) DO UPDATE SET hash = ?4, reason = ?5 RETURNING n",
    [STMT_REFUSED_DROP] = "DELETE FROM refused WHERE source = ?1 AND kind = ?2 AND id = ?3",
    [STMT_REFUSED_SCAN] = "SELECT n FROM refused WHERE source = ?1 AND kind = ?2",
    [STMT_REFUSED_DELETE] = "DELETE FROM refused WHERE n = ?1",
    [STMT_REFUSED_LIST] = "SELECT r.n, r.kind, r.id, r.reason FROM refused r JOIN source o ON o.id = r.source"
                          " WHERE o.name = ?1 AND r.n > ?2 ORDER BY r.n LIMIT ?3",

    /* ?1 and every row that merging joined to it */
    [STMT_ERASE_SAME] = "WITH RECURSIVE up (id) AS (SELECT ?1 UNION SELECT p.merged_into FROM subscriber p JOIN up"
                        " ON p.id = up.id WHERE p.merged_into IS NOT NULL), same (id) AS (SELECT id FROM up"
                        " UNION SELECT p.id FROM subscriber p JOIN same ON p.merged_into = same.id)"
                        " SELECT p.id, p.email, p.email_key FROM subscriber p JOIN same USING (id) ORDER BY p.id",
    [STMT_ERASE_REFUSED] =
        "DELETE FROM refused WHERE (source, id) IN (SELECT source, CAST(source_id AS TEXT) FROM source_person"
        " WHERE subscriber = ?1) OR (?2 <> '' AND (instr(lower(id), lower(?2)) OR instr(lower(reason), lower(?2))))",
    [STMT_ERASE_PERSON] = "DELETE FROM source_person WHERE subscriber = ?1",
    [STMT_ERASE_SUBSCRIPTION] = "UPDATE subscription SET status_at = iif(status = 3, status_at, ?2), status = 3,"
                                " cadence = NULL, topics = NULL, language = NULL, format = NULL, body = NULL,"
                                " own = 0, paused_until = NULL, source_joined_at = NULL, source = NULL, returns_to = "
                                "NULL, consent = NULL WHERE subscriber = ?1",
    [STMT_ERASE_SUBSCRIBER] =
        "UPDATE subscriber SET email = NULL, email_key = NULL, name = NULL, given_name = NULL, language = NULL,"
        " format = NULL, timezone = NULL, attributes = NULL, own = 0, generation = generation + 1,"
        " status = iif(status = 3, 3, 2), updated_at = ?2 WHERE id = ?1",

    /* all columns, whatever a later version adds; the numbers of the first ones in words */
    [STMT_HELD_PERSON] =
        "SELECT CASE status WHEN 0 THEN 'active' WHEN 1 THEN 'suppressed' WHEN 2 THEN 'erased'"
        " ELSE 'merged' END AS status, CASE format WHEN 1 THEN 'html' WHEN 2 THEN 'text' END AS format,"
        " * FROM subscriber WHERE id = ?1",
    [STMT_HELD_SUBSCRIPTIONS] =
        "SELECT n.name AS newsletter, CASE s.status WHEN 0 THEN 'pending' WHEN 1 THEN 'active' WHEN 2 THEN 'paused'"
        " WHEN 3 THEN 'left' ELSE 'removed-by-source' END AS status, CASE s.cadence WHEN 0 THEN 'daily' WHEN 1 THEN"
        " 'weekly' WHEN 2 THEN 'monthly' WHEN 3 THEN 'immediately' END AS cadence, CASE s.format WHEN 1 THEN 'html'"
        " WHEN 2 THEN 'text' END AS format, CASE s.body WHEN 0 THEN 'full' WHEN 1 THEN 'summary' WHEN 2 THEN 'titles'"
        " END AS body, o.name AS source, s.* FROM subscription s JOIN newsletter n ON n.id ="
        " s.newsletter LEFT JOIN source o ON o.id = s.source WHERE s.subscriber = ?1 ORDER BY n.name",
    [STMT_HELD_SOURCES] = "SELECT o.name AS source, p.* FROM source_person p JOIN source o ON o.id = p.source"
                          " WHERE p.subscriber = ?1 ORDER BY o.name",
    [STMT_HELD_SUPPRESSIONS] = "SELECT CASE reason WHEN 0 THEN 'hard' WHEN 1 THEN 'complaint' WHEN 2 THEN 'erased'"
                               " ELSE 'by-hand' END AS reason, * FROM suppression WHERE key = ?1",
    [STMT_HELD_REFUSED] = "SELECT o.name AS source, r.id, r.reason FROM refused r JOIN source o ON o.id = r.source"
                          " WHERE r.kind = 1 AND (instr(lower(r.id), lower(?1)) OR instr(lower(r.reason), lower(?1)))",
    [STMT_HELD_CONSENT] =
        "SELECT name AS newsletter, how, origin, actor, at, expires_at, answered_at, answered_by, ended_at,"
        " text_language, text_hash, text FROM (" CONSENT_ALL ")",
    [STMT_HELD_AUDIT] = "SELECT at, actor, action, detail FROM audit WHERE subscriber = ?1 ORDER BY id",

    [STMT_CONSENT_TEXT_PUT] = "INSERT OR IGNORE INTO consent_text VALUES (?1, ?2, ?3)",
    [STMT_CONSENT_ADD] =
        "INSERT INTO consent (subscriber, newsletter, how, origin, actor, at, expires_at, answered_at, answered_by,"
        " ended_at, generation, before, text) VALUES (nullif(?1, 0), nullif(?2, 0), ?3, ?4, ?5, ?6, nullif(?7, 0),"
        " nullif(?8, 0), ?9, nullif(?10, 0), nullif(?11, 0), nullif(?12, -1), ?13)",
    [STMT_CONSENT_GET] = CONSENT_HEAD "WHERE c.id = ?1",
    /* what was recorded of the person; of an import that brought the person; what a source tells */
    [STMT_CONSENT_LIST] = CONSENT_ALL,
    [STMT_CONSENT_MAILED] = "UPDATE consent SET mailed = 1 WHERE id = ?1",
    [STMT_CONSENT_LAST_ASKED] = "SELECT max(at) FROM consent WHERE subscriber = ?1 AND mailed",
    [STMT_CONSENT_STATUS] = "SELECT status FROM subscription WHERE newsletter = ?1 AND subscriber = ?2",
    [STMT_CONSENT_BEFORE] = "SELECT before FROM consent WHERE subscriber = ?1 AND newsletter = ?2"
                            " AND ended_at IS NULL AND expires_at IS NOT NULL ORDER BY id DESC LIMIT 1",
    [STMT_CONSENT_BEFORE_ID] = "SELECT coalesce(before, -1) FROM consent WHERE id = ?1",
    [STMT_CONSENT_CLOSE] = "UPDATE consent SET ended_at = ?3 WHERE subscriber = ?1 AND newsletter = ?2"
                           " AND ended_at IS NULL AND expires_at IS NOT NULL",
    [STMT_CONSENT_ANSWER] = "UPDATE consent SET answered_at = ?2, answered_by = ?3, ended_at = ?2 WHERE id = ?1",
    [STMT_CONSENT_EXPIRED] = CONSENT_HEAD "WHERE c.ended_at IS NULL AND c.expires_at IS NOT NULL AND c.expires_at <= ?1"
                                          " AND c.at <= ?1 - 86400 ORDER BY c.expires_at LIMIT ?2",
    /* nothing else is known of the person, nothing else refers to the row */
    [STMT_CONSENT_ALONE] =
        "SELECT 1 FROM subscriber p WHERE p.id = ?1 AND p.status < 2 AND p.merged_into IS NULL"
        " AND EXISTS (SELECT 1 FROM subscription WHERE newsletter = ?2 AND subscriber = ?1 AND status = 0)"
        " AND NOT EXISTS (SELECT 1 FROM newsletter n CROSS JOIN subscription s ON s.newsletter = n.id AND"
        " s.subscriber = ?1 WHERE n.id <> ?2) AND NOT EXISTS (SELECT 1 FROM source_person WHERE subscriber = ?1)"
        " AND NOT EXISTS (SELECT 1 FROM subscriber WHERE merged_into = ?1)",
    [STMT_CONSENT_DROP_QUESTION] = "DELETE FROM subscription WHERE newsletter = ?2 AND subscriber = ?1 AND status = 0",
    [STMT_CONSENT_DROP_RECORDS] = "DELETE FROM consent WHERE subscriber = ?1",
    [STMT_CONSENT_DROP_PERSON] = "DELETE FROM subscriber WHERE id = ?1",
    [STMT_CONSENT_BACK] = "UPDATE subscription SET status = (SELECT before FROM consent WHERE id = ?3), status_at = ?4"
                          " WHERE newsletter = ?2 AND subscriber = ?1 AND status = 0"
                          " AND (SELECT before FROM consent WHERE id = ?3) IS NOT NULL",
    [STMT_CONSENT_DROP_UNASKED] = "DELETE FROM subscription WHERE newsletter = ?2 AND subscriber = ?1 AND status = 0"
                                  " AND (SELECT before FROM consent WHERE id = ?3) IS NULL",
};

sqlite3_stmt *statement_get(struct store *s, enum statement i) {
    return sql_stmt(s->sql, (size_t)i);
}

enum status statement_begin(struct store *s, bool *own, struct error *err) {
    *own = sqlite3_get_autocommit(sql_handle(s->sql)) != 0;
    return *own ? sql_begin(s->sql, err) : OK;
}

enum status statement_end(struct store *s, bool own, enum status st, struct error *err) {
    if (!own) {
        return st;
    }
    if (st == OK) {
        st = sql_commit(s->sql, err);
    }
    if (st != OK) {
        sql_rollback(s->sql);
    }
    return st;
}

int statement_changes(struct store *s) {
    return sqlite3_changes(sql_handle(s->sql));
}

struct str statement_text(sqlite3_stmt *st, int col, struct arena *a) {
    return arena_str(a, sql_str(st, col));
}

int64_t statement_int_or(sqlite3_stmt *st, int col, int64_t absent) {
    return sqlite3_column_type(st, col) == SQLITE_NULL ? absent : sqlite3_column_int64(st, col);
}
