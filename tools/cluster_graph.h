/* What holds a group together: the values that its members share, as hubs, and the members as nodes
 * around them, those that show the same of these values taken together. So the picture is exact and
 * stays readable however large the group is. */
#pragma once

#include "base/json_write.h"
#include "detector/detector.h"

enum {
    GRAPH_HUBS_MAX = 9,
    GRAPH_HUBS_OF_KIND = 3, /* of templates one: its phrases come together */
    GRAPH_NODES_MAX = 20,   /* more combinations are counted, not listed */
};

/* Gathers it from the members and writes it as the member "graph" of an object:
 *
 *   shared: the hubs, those that hold the most together first: kind, value, members that show it,
 *           accounts of the platform that do (of templates an estimate), weight (nats that two
 * accounts' sharing it weighs) nodes:  members of one combination: how many, shows (indices into
 * shared), account (one of them), the largest first others: combinations left out, and members in
 * them
 *
 * 0, or -ENOMEM. `cluster` is as detector_cluster_view() gave it. */
int cluster_graph_write(struct json_write *w, const struct detector *detector,
                        const struct cluster_view *cluster);
