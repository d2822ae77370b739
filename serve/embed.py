#!/usr/bin/env python3
"""Writes files into the C table that serve/assets.h declares.

    embed.py OUTPUT PATH=FILE...
"""

import os
import sys

TYPES = {'.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8',
         '.css': 'text/css; charset=utf-8', '.json': 'application/json', '.svg': 'image/svg+xml'}


def main(output, *assets):
    arrays, rows = [], []
    for number, asset in enumerate(assets):
        path, name = asset.split('=', 1)
        with open(name, 'rb') as f:
            data = f.read()
        # As signed numbers: bytes of 128 and more do not fit a char otherwise.
        numbers = [str(byte if byte < 128 else byte - 256) for byte in data]
        lines = [', '.join(numbers[i:i + 24]) for i in range(0, len(numbers), 24)]
        arrays.append(f'static const char file_{number}[] = {{\n' + ',\n'.join(lines) + '\n};\n')
        rows.append(f'    {{"{path}", "{TYPES[os.path.splitext(name)[1]]}", file_{number}, '
                    f'sizeof file_{number}}},\n')
    with open(output, 'w', encoding='ascii') as f:
        f.write('#include "serve/assets.h"\n\n' + '\n'.join(arrays) +
                '\nconst struct asset assets[] = {\n' + ''.join(rows) + '};\n' +
                'const unsigned asset_count = sizeof assets / sizeof assets[0];\n')


if __name__ == '__main__':
    main(*sys.argv[1:])
