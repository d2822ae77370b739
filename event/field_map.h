/* Field maps: other people's logs, JSON lines or CSV, read as the event contract. A map is a small
 * JSON file (docs/field-maps.md; event/maps/ holds the shipped ones): for each contract field a
 * list of candidate source paths, a time format, constants, vocabulary translations, and which
 * values are hashed at the door. */
#pragma once

#include "base/errmsg.h"
#include "event/api_event.h"

struct field_map;
struct field_map_reader; /* per thread: scratch memory, CSV header */

/* 0: *out is new. -EINVAL: err->text is "file:line: path: message" with "did you mean". */
int field_map_load(const char *path, struct field_map **out, struct err *err);
void field_map_free(struct field_map *map);

const char *field_map_name(const struct field_map *map);

/* True when the map hashes some value at the door: refused lines must then not be quoted, for they
 * hold the secret in the clear. */
bool field_map_hides(const struct field_map *map);

/* True for CSV, whose first line is the header: pass it to every reader first. */
bool field_map_has_header(const struct field_map *map);

/* `secret` keys the hashes made at the door. 0, or -ENOMEM. */
int field_map_reader_new(const struct field_map *map, uint64_t secret,
                         struct field_map_reader **out);
void field_map_reader_free(struct field_map_reader *reader);

/* NULL, or a static sentence: the header lacks what the map requires. */
const char *field_map_header(struct field_map_reader *reader, struct str line);

/* Reads one source record. One line may hold several records (an OpenTelemetry export with many
 * spans): *more is set while the same line has another; call again with the same line. Returns NULL
 * and fills *ev (text valid until the next call), or a static sentence: the record is refused, or
 * FIELD_MAP_SKIP when the map's filter says that it is no exchange (a health check). */
const char *field_map_read(struct field_map_reader *reader, struct str line, struct api_event *ev,
                           bool *more);
extern const char FIELD_MAP_SKIP[];

/* Whether the line read last was JSON at all; false also after CSV. */
bool field_map_is_json(const struct field_map_reader *reader);

/* Which of its candidate paths gave field `f` of the record read last: as the map writes it,
 * "constant", or NULL. */
const char *field_map_source(const struct field_map_reader *reader, enum field f);

/* Texts cut at 64 KiB so far by this reader. */
uint64_t field_map_cut_count(const struct field_map_reader *reader);
