/* The detector's state as JSON, for the API and the dashboard. On the engine's thread. */
#pragma once

#include "serve/engine.h"

enum { MEMBERS_MAX = 200 }; /* of a group that one answer shows */

/* Fills query->out and query->status. */
void views_answer(struct pipeline *pipeline, struct labels *labels, struct query *query);
