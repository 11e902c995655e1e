-- The database of a small newsroom's website, as its content system keeps it: what `make demo` takes articles and
-- readers from. Everything in it is made up; the texts may be copied freely.
BEGIN;
CREATE TABLE section (id INTEGER PRIMARY KEY, slug TEXT NOT NULL, name TEXT NOT NULL);
INSERT INTO section VALUES (1, 'city', 'The city'), (2, 'river', 'The river'), (3, 'books', 'Books');

CREATE TABLE page (
  id INTEGER PRIMARY KEY, section INTEGER, slug TEXT NOT NULL, title TEXT NOT NULL, byline TEXT, lang TEXT NOT NULL,
  published TEXT, live INTEGER NOT NULL, lead TEXT, format TEXT NOT NULL, body TEXT NOT NULL);
INSERT INTO page VALUES
(1, 1, 'tram-line', 'The night tram comes back', 'City desk', 'en', '2026-11-21T08:00:00Z', 1, NULL, 'markdown',
'From Friday on the *night tram* runs again, once an hour, from the harbour to the upper town.

It had stopped four winters ago, when the bridge was closed. Since then whoever worked late walked, or waited for the first bus at five. “We counted the people on the stairs,” says the transport office. “There were more at three in the morning than at three in the afternoon.”

- every hour from midnight to four
- all ordinary tickets are good
- [the timetable](https://news.example.org/city/tram-line/timetable) hangs at each stop
'),
(2, 2, 'gauge', 'How high is the river, and who reads the gauge?', 'Water desk', 'en', '2026-11-20T15:30:00Z', 1,
'The gauge at the old bridge is read every hour, by hand, and has been for a hundred and forty years.', 'html',
'<p>The gauge at the old bridge is read every hour, by hand, and has been for a hundred and forty years. The books stand in a cupboard on the first floor.</p>
<h2>What the figures mean</h2><table><tr><th>Level</th><th>What follows</th></tr><tr><td>below 200</td><td>nothing</td></tr><tr><td>200 to 250</td><td>the lower path is closed</td></tr><tr><td>above 250</td><td>sand bags</td></tr></table>
<p onclick="steal()">The highest figure ever written down is 371. Someone has drawn a small boat beside it.</p><script>document.write("this must not arrive")</script>'),
(3, 3, 'reading-room', 'དཔེ་མཛོད་ཁང་གི་ཀློག་ཁང་གསར་པ།', NULL, 'bo', '2026-11-19T09:00:00Z', 1, NULL, 'html',
'<p>དེ་རིང་དཔེ་མཛོད་ཁང་གི་ཀློག་ཁང་གསར་པ་སྒོ་འབྱེད་གནང་སོང༌། ཀློག་ཁང་ནང་ལ་ཅོག་ཙེ་བཞི་བཅུ་ཡོད། བྱིས་པ་རྣམས་ལ་དམིགས་བསལ་གྱི་ཁང་པ་ཞིག་ཀྱང་ཡོད།</p>'),
(4, 3, 'kutupxana', 'كۇتۇپخانا قايتا ئېچىلدى', NULL, 'ug', '2026-11-19T10:00:00Z', 1, NULL, 'html',
'<p>ئون بىر ئايلىق خىزمەتتىن كېيىن كۇتۇپخانىنىڭ ئوقۇش زالى قايتا ئېچىلدى. زالدا قىرىق ئۈستەل بار. كىرىش ھەقسىز.</p>'),
(5, 3, 'yuelanshi', '图书馆阅览室重新开放', NULL, 'zh-Hans', '2026-11-19T11:00:00Z', 1, NULL, 'html',
'<p>经过十一个月的施工，图书馆的阅览室重新开放了。阅览室有四十张书桌，每张桌上都有一盏灯。</p><p>“我们留下了那座老钟，”馆员说，“它慢了四分钟，可是谁也不想修它。”</p>'),
(6, 1, 'markt', 'Der Markt zieht um', 'Stadtredaktion', 'de', '2026-11-18T07:00:00Z', 1, NULL, 'markdown',
'Ab Dezember steht der Wochenmarkt auf dem **Hafenplatz**. Der alte Platz wird neu gepflastert; das dauert bis Ostern.

Die Händlerinnen sind geteilter Meinung. Am Hafen sei mehr Raum, sagt die eine. Am Hafen sei mehr Wind, sagt die andere.'),
(7, 1, 'hours', 'The desk is closed on two days', NULL, 'en', '2026-11-22T18:00:00Z', 1, NULL, 'text',
'We are closed on the 25th and the 26th of December.

Letters that come on these days are answered on the 28th.'),
(8, 2, 'dam', 'Last year: how the dam was built', 'Water desk', 'en', '2025-10-01T08:00:00Z', 1, NULL, 'text',
'Old, and not in this digest.'),
(9, 1, 'budget', 'Not finished: the council''s budget', 'City desk', 'en', '2026-11-22T08:00:00Z', 0, NULL, 'text',
'A draft, and not in this digest either.');

CREATE TABLE contact (
  id INTEGER PRIMARY KEY, address TEXT NOT NULL, name TEXT, lang TEXT, joined TEXT, newsletter INTEGER NOT NULL);
INSERT INTO contact VALUES
(1, 'mara@example.org', 'Mara', 'en', '2026-03-02', 1),
(2, 'jonas@example.org', 'Jonas', 'de', '2026-03-02', 1),
(3, 'dolma@example.net', 'Dolma', 'bo', '2026-04-11', 1),
(4, 'aynur@example.net', 'Aynur', 'ug', '2026-04-12', 1),
(5, 'mei@example.net', 'Mei', 'zh-Hans', '2026-05-01', 1),
(6, 'SAM@Example.net', 'Sam', 'en', '2026-05-20', 1),
(7, 'sam@example.net', 'Sam, once more', 'en', '2026-05-21', 1),
(8, 'no.name@example.net', NULL, NULL, '2026-06-01', 1),
(9, 'ruth+news@example.org', 'Ruth', 'en', '2026-06-30', 1),
(10, 'nobody@example.net', 'Whose mailbox is gone', 'en', '2026-07-07', 1),
(11, 'later@example.net', 'Whose server says: later', 'en', '2026-07-07', 1),
(12, 'comma@example,org', 'Whose address cannot be', 'en', '2026-08-08', 1),
(13, 'left@example.net', 'Who does not want it', 'en', '2026-08-09', 0);
COMMIT;
