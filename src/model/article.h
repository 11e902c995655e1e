/* What an article's body is written in. The numbers stand in courant.db. */
#ifndef MODEL_ARTICLE_H
#define MODEL_ARTICLE_H

enum article_format { ARTICLE_HTML = 0, ARTICLE_MARKDOWN = 1, ARTICLE_TEXT = 2 };

#endif
