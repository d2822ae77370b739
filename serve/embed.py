#!/usr/bin/env python3
"""Writes files into a C table: serve/assets.h.

    embed.py OUTPUT PATH=FILE...
"""

import hashlib
import os
import sys

TYPES = {'.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8',
         '.css': 'text/css; charset=utf-8', '.json': 'application/json'}


def main(output, *assets):
    arrays, rows = [], []
    for number, asset in enumerate(assets):
        path, name = asset.split('=', 1)
        with open(name, 'rb') as f:
            data = f.read()
        lines = [', '.join(str(byte) for byte in data[i:i + 24]) for i in range(0, len(data), 24)]
        arrays.append(f'static const unsigned char bytes_{number}[] = {{\n' + ',\n'.join(lines) + '\n};\n')
        rows.append(f'    {{"{path}", "{TYPES[os.path.splitext(name)[1]]}", '
                    f'"\\"{hashlib.sha256(data).hexdigest()[:16]}\\"", bytes_{number}, {len(data)}}},\n')
    with open(output, 'w', encoding='ascii') as f:
        f.write('#include "serve/assets.h"\n\nextern const struct asset asset_table[];\n\n' +
                '\n'.join(arrays) + '\nconst struct asset asset_table[] = {\n' + ''.join(rows) +
                '    {NULL, NULL, NULL, NULL, 0},\n};\n')


if __name__ == '__main__':
    main(*sys.argv[1:])
