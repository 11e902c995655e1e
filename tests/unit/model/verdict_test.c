#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/verdict.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const struct {
    int code;
    const char *status;
    const char *text;
    enum verdict verdict;
} replies[] = {
    /* exact codes */
    {250, NULL, "2.0.0 Ok: queued as 4ZxYz", VERDICT_ACCEPTED},
    {250, NULL, NULL, VERDICT_ACCEPTED},
    {252, NULL, "user unknown, but taken", VERDICT_ACCEPTED},
    {421, "4.7.0", "Try again later", VERDICT_RELAY_RESTS},
    {454, "4.7.0", "TLS not available", VERDICT_RELAY_RESTS},
    {530, "5.7.0", "Must issue a STARTTLS command first", VERDICT_OPERATOR},
    {530, NULL, "Authentication required", VERDICT_OPERATOR},
    {534, "5.7.9", "Application-specific password required", VERDICT_OPERATOR},
    {535, "5.7.8", "Error: authentication failed", VERDICT_OPERATOR},
    {538, NULL, NULL, VERDICT_OPERATOR},
    {525, "5.7.13", "User Account Disabled", VERDICT_OPERATOR},
    {550, "5.7.8", NULL, VERDICT_OPERATOR},
    {550, "5.1.1", NULL, VERDICT_HARD},
    {550, "5.1.1", "Requested action not taken: mailbox unavailable", VERDICT_HARD},
    {550, NULL, "5.1.1 <reader@example.org>: Recipient address rejected: User unknown in virtual mailbox table",
     VERDICT_HARD_SURE},
    {550, NULL, "#5.1.1 no such user here", VERDICT_HARD_SURE},
    {550, "5.1.1", "The email account that you tried to reach does not exist.", VERDICT_HARD_SURE},
    {550, "5.1.2", NULL, VERDICT_HARD},
    {501, "5.1.3", "Bad recipient address syntax", VERDICT_HARD},
    {551, "5.1.6", NULL, VERDICT_HARD},
    {550, "5.1.10", "Recipient not found", VERDICT_HARD},
    {556, "5.1.10", "Domain does not accept mail (nullMX)", VERDICT_HARD},
    {556, NULL, NULL, VERDICT_HARD},
    {550, "5.7.13", NULL, VERDICT_HARD},
    {550, "5.7.17", NULL, VERDICT_HARD},
    {550, "5.7.18", NULL, VERDICT_HARD},
    {550, "5.4.1", "Recipient address rejected: Access denied. [x.prod.example.com]", VERDICT_HARD},
    {550, "5.4.1", "No answer from host", VERDICT_LATER},
    {550, "5.4.4", "Host or domain name not found. Name service error for name=nowhere.example", VERDICT_HARD},
    {550, "5.4.4", "Unable to route", VERDICT_LATER},
    {501, "5.1.7", NULL, VERDICT_OPERATOR},
    {553, "5.1.8", "Domain of sender address news@example.org does not exist", VERDICT_OPERATOR},
    {550, "5.7.27", "Sender address has null MX", VERDICT_OPERATOR},

    /* mailbox full, disabled */
    {452, "4.2.2", "Mailbox full", VERDICT_SOFT_LATER},
    {450, NULL, "4.2.2 over quota", VERDICT_SOFT_LATER},
    {452, NULL, "mailbox is full", VERDICT_SOFT_LATER},
    {552, "5.2.2", "Mailbox full", VERDICT_SOFT_PERMANENT},
    {550, "5.2.2", NULL, VERDICT_SOFT_PERMANENT},
    {552, NULL, "Quota exceeded", VERDICT_SOFT_PERMANENT},
    {554, NULL, "The mailbox of the user is full", VERDICT_SOFT_PERMANENT},
    {552, NULL, "Mailbox size limit exceeded", VERDICT_SOFT_PERMANENT},
    {552, NULL, "Requested mail action aborted: exceeded storage allocation", VERDICT_SOFT_LATER},
    {552, NULL, NULL, VERDICT_SOFT_LATER},
    {550, "5.2.1", "Mailbox disabled", VERDICT_SOFT_PERMANENT},
    {550, "5.2.1", "mailbox disabled, not accepting messages", VERDICT_SOFT_PERMANENT},
    {550, "5.2.1", "User unknown", VERDICT_HARD},
    {554, NULL, "This account has been disabled or discontinued", VERDICT_SOFT_PERMANENT},

    /* temporary though it looks final */
    {552, NULL, "Too many recipients", VERDICT_LATER},
    {452, NULL, "4.5.3 Too many recipients", VERDICT_LATER},
    {452, "4.3.1", "Insufficient system storage", VERDICT_LATER},
    {450, "4.1.1", "User unknown", VERDICT_LATER},
    {450, "4.7.1", "Greylisted, come back later", VERDICT_LATER},
    {451, NULL, "blocked using a list", VERDICT_LATER},
    {550, "5.3.0", "Other mail system problem", VERDICT_LATER},
    {554, "5.4.6", "Too many hops", VERDICT_LATER},

    /* too big */
    {552, "5.3.4", "Message size exceeds fixed limit", VERDICT_TOO_BIG},
    {550, "5.2.3", NULL, VERDICT_TOO_BIG},
    {552, NULL, "Message size exceeds maximum permitted", VERDICT_TOO_BIG},
    {554, NULL, "Message too large", VERDICT_TOO_BIG},

    /* policy */
    {550, "5.7.1", NULL, VERDICT_POLICY},
    {550, "5.7.515", "Access denied, sending domain example.org does not meet the required authentication level",
     VERDICT_POLICY},
    {550, NULL, "5.7.26 This mail has been blocked because the sender is unauthenticated", VERDICT_POLICY},
    {554, NULL, "Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org", VERDICT_POLICY},
    {554, NULL, "Rejected: 192.0.2.1 found in dul.dnsbl.sorbs.net", VERDICT_POLICY},
    {554, "5.7.1", "<unknown[192.0.2.1]>: Client host rejected: Access denied", VERDICT_POLICY},
    {554, NULL, "<unknown[192.0.2.1]>: Client host rejected: Access denied", VERDICT_POLICY},
    {450, NULL, "<unknown[192.0.2.1]>: Client host rejected", VERDICT_LATER},
    {550, NULL, "Message rejected as spam", VERDICT_POLICY},
    {550, NULL, "SPF check failed: domain does not exist in the list", VERDICT_POLICY},
    {550, "5.6.0", NULL, VERDICT_POLICY},
    {550, "5.7.1", "User unknown", VERDICT_HARD},
    {554, "5.7.1", "<reader@example.org>: Relay access denied", VERDICT_POLICY},
    {552, "5.7.0", "This message was blocked because its content presents a risk", VERDICT_POLICY},

    /* the operator's error */
    {550, NULL, "<news@example.org>: Sender address rejected: Domain not found", VERDICT_OPERATOR},
    {550, NULL, "Sender verify failed: no such user", VERDICT_OPERATOR},
    {503, NULL, "Bad sequence of commands", VERDICT_OPERATOR},
    {555, NULL, "parameters not recognized", VERDICT_OPERATOR},
    {501, "5.5.4", NULL, VERDICT_OPERATOR},

    /* the words of a dead address */
    {550, NULL, "No such user here", VERDICT_HARD},
    {550, NULL, "No Such User", VERDICT_HARD},
    {550, NULL, "<reader@example.org>... User unknown", VERDICT_HARD},
    {550, NULL, "unknown user", VERDICT_HARD},
    {550, NULL, "Unknown local part", VERDICT_HARD},
    {550, NULL, "unknown or illegal alias", VERDICT_HARD},
    {550, NULL, "this mailbox doesn't exist", VERDICT_HARD},
    {550, NULL, "Mailbox not found", VERDICT_HARD},
    {550, NULL, "Sorry, no mailbox here by that name.", VERDICT_HARD},
    {553, NULL, "Invalid recipient reader@example.org", VERDICT_HARD},
    {550, NULL, "non-existent user", VERDICT_HARD},
    {550, NULL, "reader@example.org is not a valid mailbox", VERDICT_HARD},
    {550, NULL, "The account no longer exists", VERDICT_HARD},
    {550, NULL, "Unrouteable address", VERDICT_HARD},
    {550, NULL, "unknown domain", VERDICT_HARD},
    {550, NULL, "Host unknown", VERDICT_HARD},
    {550, NULL, "Adresse inconnue", VERDICT_HARD},
    {550, NULL, "Unbekannter Fehler", VERDICT_SOFT_PERMANENT},
    {550, "5.0.0", "#5.1.0 Address rejected.", VERDICT_HARD},
    {550, NULL, "550-5.1.1 The account you tried\r\n550-5.1.1 to reach does not\r\n550 5.1.1 exist", VERDICT_HARD_SURE},

    /* ... and not those of one: "unknown" of something else, words in an address, a host or a URL */
    {550, NULL, "unknown error", VERDICT_SOFT_PERMANENT},
    {550, NULL, "user: unknown error", VERDICT_SOFT_PERMANENT},
    {550, NULL, "unknown[192.0.2.1] refused", VERDICT_SOFT_PERMANENT},
    {550, NULL, "Unknown command for user", VERDICT_SOFT_PERMANENT},
    {550, NULL, "<user.unknown@example.org> refused", VERDICT_SOFT_PERMANENT},
    {550, NULL, "<spam@example.org>: no such user", VERDICT_HARD},
    {550, NULL, "no such user at spam.example.org", VERDICT_HARD},
    {550, NULL, "refused, see https://mail.example.org/no/such/user", VERDICT_SOFT_PERMANENT},
    {550, NULL, "Refused for the user. Unknown is the cause", VERDICT_SOFT_PERMANENT},

    /* ambiguous */
    {550, NULL, NULL, VERDICT_SOFT_PERMANENT},
    {550, "5.0.0", NULL, VERDICT_SOFT_PERMANENT},
    {550, "5.5.0", "Requested action not taken: mailbox unavailable", VERDICT_SOFT_PERMANENT},
    {554, NULL, "Transaction failed", VERDICT_SOFT_PERMANENT},
    {501, NULL, "Syntax error in parameters", VERDICT_SOFT_PERMANENT},

    /* a report, without a code */
    {0, "5.1.1", NULL, VERDICT_HARD},
    {0, "4.4.1", "connection timed out", VERDICT_LATER},
    {0, "5.0.0", "550 5.7.1 refused", VERDICT_POLICY},
    {0, NULL, "550 5.1.1 User unknown", VERDICT_HARD_SURE},
    {0, NULL, "user unknown", VERDICT_HARD},
    {0, "2.0.0", NULL, VERDICT_ACCEPTED},
    {0, "nonsense", "", VERDICT_SOFT_PERMANENT},

    /* nothing that RFC 5321 knows here */
    {354, NULL, "go on", VERDICT_LATER},
    {99, NULL, NULL, VERDICT_LATER},
    {600, NULL, "user unknown", VERDICT_LATER},
    {-1, NULL, NULL, VERDICT_LATER},
};

static void test_replies(void **state) {
    (void)state;
    int wrong = 0;
    for (size_t i = 0; i < COUNT(replies); i++) {
        struct judgement j = verdict_judge(replies[i].code, str_from(replies[i].status), str_from(replies[i].text));
        if (j.verdict != replies[i].verdict) {
            wrong++;
            print_error("%d %s %s: %s (%s, %s), wanted %s\n", replies[i].code,
                        replies[i].status ? replies[i].status : "", replies[i].text ? replies[i].text : "",
                        verdict_name(j.verdict), j.reason, j.source, verdict_name(replies[i].verdict));
        }
        assert_int_equal(verdict_of_reply(replies[i].code, str_from(replies[i].status), str_from(replies[i].text)),
                         j.verdict);
        assert_non_null(j.reason);
        assert_non_null(j.source);
    }
    assert_int_equal(wrong, 0);
}

static void test_reasons(void **state) {
    (void)state;
    assert_string_equal(verdict_judge(550, STR("5.1.1"), STR("User unknown")).reason, "userunknown");
    assert_string_equal(verdict_judge(552, STR("5.2.2"), STR_NONE).reason, "mailboxfull");
    assert_string_equal(verdict_judge(550, STR("5.1.2"), STR_NONE).reason, "hostunknown");
    assert_string_equal(verdict_judge(550, STR_NONE, STR("SPF failed")).reason, "authfailure");
}

static void test_mail(void **state) {
    (void)state;
    assert_int_equal(verdict_of_mail_reply(250, STR_NONE, STR("ok")), VERDICT_ACCEPTED);
    assert_int_equal(verdict_of_mail_reply(451, STR_NONE, STR("later")), VERDICT_RELAY_RESTS);
    assert_int_equal(verdict_of_mail_reply(452, STR("4.2.2"), STR("full")), VERDICT_RELAY_RESTS);
    assert_int_equal(verdict_of_mail_reply(550, STR("5.1.1"), STR("user unknown")), VERDICT_OPERATOR);
    assert_int_equal(verdict_of_mail_reply(550, STR("5.7.1"), STR("spam")), VERDICT_OPERATOR);
    assert_int_equal(verdict_of_mail_reply(552, STR("5.3.4"), STR_NONE), VERDICT_TOO_BIG);
    assert_int_equal(verdict_of_mail_reply(552, STR_NONE, STR_NONE), VERDICT_TOO_BIG);
    assert_int_equal(verdict_of_mail_reply(354, STR_NONE, STR_NONE), VERDICT_LATER);
}

static void check_parse(const char *line, int code, int a, int b, int c, const char *text) {
    struct reply r = reply_parse(str_from(line));
    assert_int_equal(r.code, code);
    assert_int_equal(r.status[0], a);
    assert_int_equal(r.status[1], b);
    assert_int_equal(r.status[2], c);
    assert_true(str_eq(r.text, str_from(text)));
}

static void test_parse(void **state) {
    (void)state;
    check_parse("550 5.1.1 No user", 550, 5, 1, 1, "No user");
    check_parse("550-5.7.26 more", 550, 5, 7, 26, "more");
    check_parse("550", 550, 0, 0, 0, "");
    check_parse("250 ", 250, 0, 0, 0, "");
    check_parse("5.1.10", 0, 5, 1, 10, "");
    check_parse(" 4.7.515\ttext ", 0, 4, 7, 515, "text");
    check_parse("550 #5.1.0 Address", 550, 5, 1, 0, "Address");
    check_parse("text", 0, 0, 0, 0, "text");
    check_parse("", 0, 0, 0, 0, "");
    check_parse("192.0.2.1 refused", 0, 0, 0, 0, "192.0.2.1 refused");
    check_parse("5.1.1.2 refused", 0, 0, 0, 0, "5.1.1.2 refused");
    check_parse("3.1.1 x", 0, 0, 0, 0, "3.1.1 x");
    check_parse("5.1000.1 x", 0, 0, 0, 0, "5.1000.1 x");
    check_parse("5.1.1000 x", 0, 0, 0, 0, "5.1.1000 x");
    check_parse("5.1", 0, 0, 0, 0, "5.1");
    check_parse("5505 x", 0, 0, 0, 0, "5505 x");
    check_parse("199 x", 0, 0, 0, 0, "199 x");
    check_parse("600 x", 0, 0, 0, 0, "600 x");
    struct reply none = reply_parse(STR_NONE);
    assert_int_equal(none.code + none.status[0], 0);
}

static void test_long(void **state) {
    (void)state;
    static char text[100000];
    memset(text, 'a', sizeof text);
    for (size_t i = 0; i < sizeof text; i += 2) {
        text[i] = ' ';
    }
    assert_int_equal(verdict_of_reply(550, STR_NONE, (struct str){text, sizeof text}), VERDICT_SOFT_PERMANENT);
    memcpy(text + 300, " user unknown ", 14);
    assert_int_equal(verdict_of_reply(550, STR_NONE, (struct str){text, sizeof text}), VERDICT_HARD);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replies), cmocka_unit_test(test_reasons), cmocka_unit_test(test_mail),
        cmocka_unit_test(test_parse),   cmocka_unit_test(test_long),
    };
    return cmocka_run_group_tests_name("model/verdict", tests, NULL, NULL);
}
