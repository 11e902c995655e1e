/* courant issue: what an editor does with an edition. */
#ifndef CMD_ISSUE_H
#define CMD_ISSUE_H

#include "cmd/context.h"

enum status issue_build_run(struct context *c, struct error *err);
enum status issue_preview_run(struct context *c, struct error *err);
enum status issue_prove_run(struct context *c, struct error *err);
enum status issue_test_run(struct context *c, struct error *err);
enum status issue_approve_run(struct context *c, struct error *err);
enum status issue_drop_run(struct context *c, struct error *err);
enum status issue_pause_run(struct context *c, struct error *err);
enum status issue_resume_run(struct context *c, struct error *err);
enum status issue_cancel_run(struct context *c, struct error *err);
enum status issue_list_run(struct context *c, struct error *err);
enum status issue_show_run(struct context *c, struct error *err);

#endif
