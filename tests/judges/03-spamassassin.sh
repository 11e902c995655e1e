# Goal: SpamAssassin's own rules give no mail, as it was delivered, a point for its form.
. "$(dirname "$0")/../cli/lib.sh"
scratch
# what is about the test's network, not about the form
about_the_test='^(NO_RELAYS|NO_RECEIVED|RDNS_NONE|HELO_|RCVD_|ALL_TRUSTED|DKIM_|T_DKIM|T_SPF|SPF_|UNPARSEABLE_RELAY|DATE_IN_)'
n=0
for f in "$BUILD"/judges/mail/*.eml; do
    spamassassin -t -L -x <"$f" 2>err | sed -n '/^Content analysis details/,$p' >report || die "spamassassin: $(tail -1 err)"
    like "$(basename "$f"): a verdict" "$(cat report)" 'points,'
    points=$(awk '$1 ~ /^[0-9.-]+$/ && $1 > 0 {print $2, $1}' report | grep -Ev "$about_the_test" || true)
    # a count of the words' Cyrillic and Latin letters: Russian with some English is taken for a disguise, in any form
    case $(basename "$f") in ru.eml | mn.eml) points=$(grep -v '^MIXED_ES ' <<<"$points" || true) ;; esac
    is "$(basename "$f"): points for its form" "$points" ""
    n=$((n + 1))
done
is "there were mails" "$((n > 5))" 1
{
    sed '/^$/q' "$BUILD/judges/mail/en.eml" | grep -v '^Subject\|^Message-ID\|^Date'
    printf 'Subject: \r\n\r\nMAKE MONEY FAST\r\n'
} >bad.eml
spamassassin -t -L -x <bad.eml 2>/dev/null | sed -n '/^Content analysis details/,$p' >report
isnt "it is awake" "$(awk '$1 ~ /^[0-9.-]+$/ && $1 > 0 {print $2}' report)" ""
