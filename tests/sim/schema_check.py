#!/usr/bin/env python3
"""Holds scenarios/*.json to scenarios/schema.json, and tests/data/scenarios/refused/*.json against it.

    tests/sim/schema_check.py ROOT

The parser is held to the same files by test_scenario_presets.c: schema and parser agree on them.
Exit 77 (skipped) where the Debian package python3-jsonschema is not installed.
"""

import glob
import json
import os
import sys

try:
    import jsonschema
except ImportError:
    # Another Python may come first in the path; the package belongs to Debian's.
    if sys.executable != '/usr/bin/python3' and os.path.exists('/usr/bin/python3'):
        os.execv('/usr/bin/python3', ['/usr/bin/python3', *sys.argv])
    sys.exit(77)


def load(path):
    with open(path, encoding='utf-8') as f:
        return json.load(f)


def main(root):
    schema = load(os.path.join(root, 'scenarios/schema.json'))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    good = sorted(set(glob.glob(root + '/scenarios/*.json')) - {root + '/scenarios/schema.json'})
    bad = sorted(glob.glob(root + '/tests/data/scenarios/refused/*.json'))
    wrong = 0
    for path in good:
        for error in validator.iter_errors(load(path)):
            print(f'{path}: {error.json_path}: {error.message[:200]}')
            wrong += 1
    for path in bad:
        if validator.is_valid(load(path)):
            print(f'{path}: the schema accepts what the parser refuses')
            wrong += 1
    print(f'{len(good)} scenarios valid, {len(bad)} bad files refused, {wrong} wrong')
    return 1 if wrong or not good or not bad else 0


sys.exit(main(os.path.abspath(sys.argv[1])))
