#include "source/feed_document.h"

#include "source/feed_atom.h"
#include "source/feed_json.h"
#include "source/feed_rss.h"

enum status feed_parse(struct feed *f, struct str bytes, struct str charset, feed_entry_fn *fn, void *ctx,
                       struct error *err) {
    struct feed_node *root;
    struct str start = str_sub(bytes, str_starts(bytes, STR("\xef\xbb\xbf")) ? 3 : 0, bytes.len);
    start = str_trim(start);
    if (start.len == 0) {
        return error_set(err, ERR_DATA, "the feed is empty");
    }
    if (start.ptr[0] == '{') { /* JSON is UTF-8 (RFC 8259) */
        return bytes.len > FEED_XML_MAX ? error_set(err, ERR_DATA, "the feed is larger than %d MB", FEED_XML_MAX >> 20)
                                        : feed_json(f, start, fn, ctx, err);
    }
    enum status st = feed_xml_parse(bytes, charset, f->url.len ? f->url : f->site, f->a, &root, err);
    if (st != OK) {
        return st;
    }
    if (str_eq_nocase(root->name, STR("html"))) {
        return error_set(err, ERR_DATA, "that is a web page, not a feed; its <link rel=\"alternate\"> may name one");
    }
    if (root->ns == NS_ATOM && (str_eq_nocase(root->name, STR("feed")) || str_eq(root->name, STR("entry")))) {
        return feed_atom(f, root, fn, ctx, err);
    }
    if (str_eq_nocase(root->name, STR("rss")) || str_eq_nocase(root->name, STR("rdf")) ||
        str_eq_nocase(root->name, STR("channel"))) {
        return feed_rss(f, root, fn, ctx, err);
    }
    return error_set(err, ERR_DATA, "that is no feed: it begins with <%.*s>, not with rss, feed or RDF",
                     STR_ARG(str_sub(root->name, 0, 60)));
}
