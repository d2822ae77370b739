/* The published schema of scenario files, made from the same tables that the parser walks. */
#pragma once

/* JSON Schema 2020-12, indented, with a final newline; free() it. NULL: no memory. */
char *scenario_schema_text(void);
