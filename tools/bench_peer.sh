#!/bin/bash
# What a user would do instead: load the log into SQLite and ask for the per-account aggregate that
# rules work on. Times it beside `stillwatch detect` on the same file and prints the ratio.
#
#   tools/bench_peer.sh [EVENTS]   (default 200000)
#
# DuckDB is timed too where its Python package is there or can be installed (into build/peer).
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

events=${1:-200000}
folder=$(mktemp -d "${TMPDIR:-/tmp}/stillwatch-peer-XXXXXX")
trap 'rm -rf "$folder"' EXIT

# Exchanges, addresses, tokens and the spread of the gaps, per account.
aggregate='SELECT account, count(*), count(DISTINCT ip), sum(output_tokens), avg(gap * gap) -
    avg(gap) * avg(gap) FROM (SELECT *, ts - lag(ts) OVER (PARTITION BY account ORDER BY ts) AS gap
    FROM event) GROUP BY account ORDER BY 2 DESC LIMIT 20;'

sqlite_run() {
    # No separator occurs in the lines: each becomes one column.
    sqlite3 "$folder/peer.db" >"$folder/sqlite.txt" <<EOF
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE line (json TEXT);
.mode ascii
.separator "\037" "\n"
.import $1 line
CREATE TABLE event AS SELECT json_extract(json, '$.ts') AS ts, json_extract(json, '$.account') AS
    account, json_extract(json, '$.ip') AS ip, json_extract(json, '$.output_tokens') AS output_tokens
    FROM line;
$aggregate
EOF
    rm -f "$folder/peer.db"
}

duckdb_run() {
    python3 - "$1" "$aggregate" >"$folder/duckdb.txt" <<'EOF'
import sys, duckdb
db = duckdb.connect()
db.execute("""CREATE TABLE event AS SELECT ts, account, ip, output_tokens FROM read_ndjson(?, columns =
    {ts: 'BIGINT', account: 'VARCHAR', ip: 'VARCHAR', output_tokens: 'BIGINT'})""", [sys.argv[1]])
print(db.execute(sys.argv[2]).fetchall())
EOF
}

duckdb_there() {
    export PYTHONPATH=$PWD/build/peer
    python3 -c 'import duckdb' 2>/dev/null ||
        { timeout 120 python3 -m pip install -q --target build/peer duckdb &&
            python3 -c 'import duckdb'; } >/dev/null 2>&1
}

detect_run() {
    build/stillwatch detect "$1" --out "$folder/out" >/dev/null 2>&1
    rm -rf "$folder/out"
}

# seconds COMMAND...: wall time of the median of three runs.
seconds() {
    local i start
    for i in 1 2 3; do
        start=$(date +%s%N)
        "$@"
        echo $((($(date +%s%N) - start) / 1000))
    done | sort -n | sed -n 2p | awk '{ printf "%.3f", $1 / 1e6 }'
}

# compare NAME COMMAND: one row for each file.
compare() {
    local sort peer
    for sort in plain prompts; do
        peer=$(seconds "$2" "$folder/$sort.jsonl")
        awk -v name="$1" -v sort="$sort" -v n="$events" -v peer="$peer" -v ours="${ours[$sort]}" \
            'BEGIN { printf "%-8s %-8s %8.2f s %9.3f M/s   detect %8.2f s %9.3f M/s   %7.1f x\n", name,
                sort, peer, n / peer / 1e6, ours, n / ours / 1e6, peer / ours }'
    done
}

build/tools/stillwatch_bench --events "$events" --write "$folder"
declare -A ours
for sort in plain prompts; do
    cat "$folder/$sort.jsonl" >/dev/null
    ours[$sort]=$(seconds detect_run "$folder/$sort.jsonl")
done
if command -v sqlite3 >/dev/null; then
    compare SQLite sqlite_run
else
    echo "bench_peer: no sqlite3 here, SQLite is left out" >&2
fi
if duckdb_there; then
    compare DuckDB duckdb_run
else
    echo "bench_peer: DuckDB is not there and cannot be installed, it is left out" >&2
fi
