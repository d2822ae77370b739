#include "truth_write.h"

#include "base/json_write.h"
#include "tools/out_file.h"
#include "tools/truth.h"

enum { PIECE_SIZE = 1 << 20 };

static void label_write(struct json_write *w, const struct world_truth *t)
{
    json_write_open(w, NULL, '{');
    json_write_text(w, "account", t->account);
    json_write_text(w, "population", t->population);
    json_write_text(w, "truth", truth_word[t->truth]);
    if (t->campaign)
        json_write_text(w, "campaign", t->campaign);
    if (t->truth == TRUTH_BENIGN)
        json_write_text(w, "stratum", stratum_word[t->stratum]);
    json_write_close(w, '}');
    json_write_line(w);
}

int truth_write(const struct world *world, const char *path, struct err *err)
{
    AUTO(out_file_free) struct out_file *file = NULL;
    struct json_write w;
    uint64_t count = world_account_count(world);
    int r = out_file_new(path, &file, err);

    json_write_init(&w, NULL);
    for (uint64_t i = 0; i < count && r == 0; i++) {
        struct world_truth truth;

        world_account_truth(world, i, &truth);
        label_write(&w, &truth);
        if (w.error)
            r = err_set(err, w.error, "%s: out of memory", path);
        if (r == 0 && (w.size >= PIECE_SIZE || i + 1 == count)) {
            r = out_file_write(file, w.text, w.size, err);
            w.size = 0;
        }
    }
    json_write_deinit(&w);
    return r < 0 ? r : out_file_finish(file, err);
}
