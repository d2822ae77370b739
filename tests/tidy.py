#!/usr/bin/env python3
"""The conventions and the layering (HACKING.md) that a machine can check.

    tests/tidy.py [ROOT] [--lib sim=FILE --lib detector=FILE ...] [--no-compile]
    tests/tidy.py --self-test

Prints file:line: rule: what is wrong, one per line, and exits 1 if there was any. With --lib the
static libraries are looked at too: a call that hides behind a macro still shows as a symbol.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

LAYERS = {  # layer -> layers it may include
    'base': {'base'},
    'event': {'base', 'event'},
    'sim': {'base', 'event', 'sim'},
    'detector': {'base', 'event', 'detector'},
    'tools': {'base', 'event', 'sim', 'detector', 'tools'},
    'serve': {'base', 'event', 'detector', 'tools', 'serve'},
    'tests': {'base', 'event', 'sim', 'detector', 'tools', 'serve', 'tests'},
}

# Library header -> prefixes of the files that may include it.
HEADER_HOMES = {
    'jansson.h': ('event/field_map', 'sim/scenario', 'tools/', 'serve/', 'tests/'),
    'pthread.h': ('event/event_source', 'tools/', 'serve/', 'tests/'),
    'threads.h': (),
    'event2/': ('serve/',),  # the daemon's edge only
    'openssl/': ('serve/',),
    'curl/': ('tools/replay', 'serve/', 'tests/'),
    'zstd.h': ('event/', 'tools/', 'serve/', 'tests/'),
    'zlib.h': ('event/', 'tools/', 'serve/', 'tests/'),
    'time.h': ('event/event_source', 'tools/', 'serve/', 'tests/'),
    'sys/time.h': ('tools/', 'tests/'),
}

# Functions that make a core impure -> prefixes of the files that may call them.
CLOCKS = ('time', 'clock', 'clock_gettime', 'gettimeofday', 'localtime', 'localtime_r', 'mktime',
          'gmtime', 'gmtime_r', 'strftime', 'ftime')
CHANCE = ('rand', 'srand', 'random', 'srandom', 'drand48', 'getrandom', 'getentropy', 'arc4random')
FILES = ('fopen', 'fdopen', 'freopen', 'open', 'openat', 'creat', 'opendir', 'fread', 'getline', 'fgets',
         'socket', 'tmpfile')
PRINTS = ('printf', 'fprintf', 'vfprintf', 'vprintf', 'dprintf', 'puts', 'fputs', 'putchar', 'fputc',
          'fwrite', 'perror')
ENDS = ('exit', '_exit', 'quick_exit', 'system', 'fork', 'popen', 'setlocale')
THREADS = ('pthread_create', 'pthread_mutex_lock', 'thrd_create')
CALL_HOMES = {
    CLOCKS: ('tools/', 'serve/', 'tests/'),
    CHANCE: ('serve/', 'tests/'),  # secrets and request ids
    FILES: ('event/event_source', 'event/input', 'event/rejected', 'event/field_map', 'sim/scenario',
            'tools/', 'serve/', 'tests/'),
    PRINTS: ('base/json_write', 'event/event_source', 'tools/', 'serve/', 'tests/'),
    ENDS: ('tools/', 'serve/', 'tests/'),
    THREADS: ('event/event_source', 'tools/', 'serve/', 'tests/'),
}

# The detector allocates at construction only: in functions that say so in their name.
ALLOCATES = re.compile(r'\b(malloc|calloc|aligned_alloc|posix_memalign|strdup|strndup)\s*\(')
GROWS = re.compile(r'\b(realloc|reallocarray)\s*\(')
CONSTRUCTS = re.compile(r'(_|\b)(new|init|alloc|create|build)(_|\b)')

SYSTEM_HEADERS = set('''aio alloca argp argz assert byteswap complex cpio crypt ctype dirent dlfcn elf
    endian envz err errno error execinfo fcntl features fenv float fmtmsg fnmatch fstab fts ftw gconv
    getopt glob grp iconv inttypes iso646 langinfo libgen limits link locale malloc math mcheck memory
    monetary mqueue netdb nl_types obstack paths poll pthread pwd regex regexp resolv sched search
    semaphore setjmp sgtty signal spawn stab stdalign stdarg stdatomic stdbool stddef stdint stdio
    stdlib stdnoreturn string strings stropts syscall syslog tar termio termios tgmath threads time
    ttyent uchar ucontext ulimit unistd utime utmp utmpx values wait wchar wctype wordexp event
    jansson zlib zstd xxhash cmocka'''.split())

FUNCTION_LINES_MAX = 70
COLUMNS_MAX = 100
TEXT_ENDINGS = ('.c', '.h', '.py', '.sh', '.build', '.md', '.json', '.txt', '.yml', '.csv', '.jsonl')
# Split, so that this file does not name what it forbids.
FORBIDDEN_WORDS = re.compile(r'\b(TO' r'DO|FIX' r'ME|X' r'XX)\b')
MACHINE_PATH = re.compile(r'(?<![\w.}/-])/(wor' r'k|roo' r't|hom' r'e/\w+)/')
TEMP_PATH = re.compile(r'(?<![\w.}])/tm' r'p\b')


def at_home(path, homes):
    return any(path.startswith(home) for home in homes)


def is_c(path):
    return path.endswith(('.c', '.h'))


def layer_of(path):
    return path.split('/')[0]


def code_only(text):
    """The text with comments and literals blanked, line by line as it was."""
    pattern = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
    return pattern.sub(lambda m: re.sub(r'[^\n]', ' ', m.group()), text)


def matches(pattern, text):
    for m in re.finditer(pattern, text, re.M):
        yield text.count('\n', 0, m.start()) + 1, m


def functions(text):
    """(name, first line, last line) of each body: its braces stand alone in column 0."""
    lines = code_only(text).split('\n')
    start = None
    for number, line in enumerate(lines, 1):
        if line.rstrip() == '{':
            start = number
        elif line.rstrip() == '}' and start:
            head = ' '.join(lines[max(0, start - 8):start - 1])
            names = re.findall(r'([A-Za-z_]\w*)\s*\(', head)
            yield (names[-1] if names else '?'), start, number
            start = None


# ---- rules: each takes (path, text) and yields (line, message) ------------------------------------

def rule_layer(path, text):
    """A file includes only what its layer may see."""
    if not is_c(path) or layer_of(path) not in LAYERS:
        return
    for line, m in matches(r'^\s*#\s*include\s+["<]([^">]+)[">]', text):
        target = m.group(1)
        other = target.split('/')[0]
        if '..' in target.split('/'):
            yield line, f'include {target} from the project\'s folder, not with ..'
        if '/' in target and other in LAYERS and other not in LAYERS[layer_of(path)]:
            yield line, f'{layer_of(path)}/ may not include {target}'
        for header, homes in HEADER_HOMES.items():
            if (target == header or header.endswith('/') and target.startswith(header)) \
                    and not at_home(path, homes):
                yield line, f'{target} is not for {path}'


def rule_pure(path, text):
    """Clocks, chance, files, output and threads stay where the architecture puts them."""
    if not is_c(path):
        return
    code = code_only(text)
    for names, homes in CALL_HOMES.items():
        if at_home(path, homes):
            continue
        for line, m in matches(r'(?<![\w.>])(' + '|'.join(names) + r')\s*\(', code):
            yield line, f'{m.group(1)}() is not for {path}'


def rule_allocation(path, text):
    """The detector allocates while it is constructed, never later."""
    if layer_of(path) != 'detector' or not path.endswith('.c'):
        return
    code = code_only(text)
    bodies = list(functions(text))
    for line, m in matches(GROWS.pattern, code):
        yield line, f'{m.group(1)}() in the detector: capacities come from the configuration'
    for line, m in matches(ALLOCATES.pattern, code):
        owner = next((name for name, first, last in bodies if first <= line <= last), '?')
        if not CONSTRUCTS.search(owner):
            yield line, f'{m.group(1)}() in {owner}(): only constructors allocate (…_new, …_init)'


def rule_length(path, text):
    """No function is longer than a screen."""
    if not path.endswith(('.c', '.h')):
        return
    for name, first, last in functions(text):
        if last - first + 1 > FUNCTION_LINES_MAX:
            yield first, f'{name}() has {last - first + 1} lines, the limit is {FUNCTION_LINES_MAX}'


def rule_columns(path, text):
    """Lines fit, are indented with spaces and end in something visible."""
    if not path.endswith(('.c', '.h', '.py')):
        return
    for number, line in enumerate(text.split('\n'), 1):
        if len(line) > COLUMNS_MAX and is_c(path):
            yield number, f'{len(line)} columns, the limit is {COLUMNS_MAX}'
        if '\t' in line:
            yield number, 'a tab'
        if line != line.rstrip():
            yield number, 'white space at the end'
    if not text.endswith('\n') or text.endswith('\n\n'):
        yield text.count('\n'), 'the file must end in exactly one newline'


def rule_header(path, text):
    """A header guards itself, and no name shadows a system header."""
    if not path.endswith('.h'):
        return
    if not re.search(r'^#pragma once$', text, re.M):
        yield 1, 'no #pragma once'
    if os.path.basename(path)[:-2] in SYSTEM_HEADERS:
        yield 1, f'{os.path.basename(path)} is named like a system header'


def rule_opening(path, text):
    """A module's first comment says why it exists: in its header, or in a .c that has none."""
    if path.endswith('.h') and not text.startswith('/*'):
        yield 1, 'no opening comment'


def rule_names(path, text):
    """Structs keep their keyword; reserved and foreign names are left alone."""
    if not is_c(path):
        return
    code = code_only(text)
    for line, _ in matches(r'\btypedef\s+(struct|union|enum)\b', code):
        yield line, 'a typedef of a struct, union or enum'
    for line, m in matches(r'\bstruct\s+event\b(?!_)', '' if path.startswith('serve/') else code):
        yield line, 'struct event is libevent\'s'
    for line, m in matches(r'^\s*#\s*define\s+(SIG[A-Z]\w*|E[A-Z0-9]+)\b', code):
        if m.group(1).startswith('SIG') and m.group(1).startswith('SIGNAL_'):
            continue  # no C library has SIGNAL_
        if re.match(r'E[A-Z0-9]+$', m.group(1)):
            yield line, f'{m.group(1)}: names that start with E and a capital belong to errno.h'
    for line, _ in matches(r'\b(strcpy|strcat|sprintf|gets|strtok)\s*\(', code):
        yield line, 'an unbounded or stateful string function'


def rule_includes(path, text):
    """Inside a block, includes are sorted; a .c file includes its own header first."""
    if not is_c(path):
        return
    block, own = [], os.path.basename(path)[:-2] + '.h'
    first = True
    for number, line in enumerate(text.split('\n') + [''], 1):
        m = re.match(r'#include\s+["<]([^">]+)[">]', line)
        if m:
            if not first and path.endswith('.c') and m.group(1) == own and '"' in line:
                yield number, f'{own} comes first'
            first = False
            block.append((m.group(1), number))
            continue
        for (a, _), (b, at) in zip(block, block[1:]):
            if a > b:
                yield at, f'{b} stands after {a}'
        block = []


def rule_unfinished(path, text):
    """Nothing says that it is unfinished."""
    for number, line in enumerate(text.split('\n'), 1):
        if FORBIDDEN_WORDS.search(line):
            yield number, f'"{FORBIDDEN_WORDS.search(line).group()}"'


def rule_machine(path, text):
    """No path of somebody's machine; temporary files go where TMPDIR says."""
    lines = text.split('\n')
    for number, line in enumerate(lines, 1):
        if MACHINE_PATH.search(line):
            yield number, 'a path of one machine'
        if TEMP_PATH.search(line) and not any('TMPDIR' in near for near in lines[:number][-8:]) \
                and path.endswith(('.c', '.h', '.py', '.sh', '.build', 'tools/dev', '.ci/run')):
            yield number, 'a temporary path without TMPDIR'


RULES = {name[5:]: rule for name, rule in sorted(globals().items()) if name.startswith('rule_')}


def check_text(path, text):
    for name, rule in RULES.items():
        for line, message in rule(path, text):
            yield f'{path}:{line}: {name}: {message}'


# ---- libraries ------------------------------------------------------------------------------------

def symbols(library, defined):
    """(object file, symbol) pairs of a static library."""
    option = '--defined-only' if defined else '--undefined-only'
    out = subprocess.run(['nm', '-A', '--extern-only', option, library], check=True, text=True,
                         capture_output=True).stdout
    for line in out.split('\n'):
        m = re.match(r'.*?([^:/]+\.o):.*\s(\S+)$', line)
        if m:
            yield m.group(1), m.group(2)


def plain_name(symbol):
    """printf for __printf_chk and the like."""
    m = re.match(r'_*(?:isoc99_)?(\w+?)_chk$', symbol)
    return m.group(1) if m else symbol


def check_libraries(library):
    """Neither core calls into the other, nor into what its layer may not touch."""
    for user, other in (('sim', 'detector'), ('detector', 'sim')):
        if user not in library or other not in library:
            continue
        theirs = {s for _, s in symbols(library[other], True) if not s.startswith('__odr_asan')}
        for obj, symbol in sorted(set(symbols(library[user], False))):
            if symbol in theirs:
                yield f'{user} library: {obj} uses {symbol} of {other}'
    for user, path in sorted(library.items()):
        for obj, symbol in sorted(set(symbols(path, False))):
            source = f'{user}/{obj}'  # meson writes folder/x.c as folder_x.c.o: prefixes still fit
            for names, homes in CALL_HOMES.items():
                if plain_name(symbol) in names and not at_home(source, homes):
                    yield f'{user} library: {obj} uses {plain_name(symbol)}()'


def check_headers_alone(root, headers):
    """Each header compiles by itself: its own includes are complete."""
    compiler = os.environ.get('CC', 'cc').split()
    if not shutil.which(compiler[0]):
        return
    for header in headers:
        run = subprocess.run([*compiler, '-std=gnu11', '-D_GNU_SOURCE', '-fsyntax-only', '-I', root,
                              '-include', os.path.join(root, header), '-x', 'c', os.devnull],
                             capture_output=True, text=True)
        if run.returncode:
            yield f'{header}: alone: {run.stderr.strip().splitlines()[0]}'


# ---- the tree -------------------------------------------------------------------------------------

def tracked(root):
    """Files of the project: git's list, or without git every file that is in no build folder."""
    try:
        out = subprocess.run(['git', '-C', root, 'ls-files', '-co', '--exclude-standard'], check=True,
                             text=True, capture_output=True).stdout
        return sorted(p for p in out.split('\n') if p and os.path.isfile(os.path.join(root, p)))
    except (OSError, subprocess.CalledProcessError):
        pass
    found = []
    for folder, subfolders, names in os.walk(root):
        subfolders[:] = [s for s in subfolders if not s.startswith(('build', '.git'))
                         and not os.path.exists(os.path.join(folder, s, 'build.ninja'))]
        found += [os.path.relpath(os.path.join(folder, n), root) for n in names]
    return sorted(found)


def check_tree(root, library, compile_headers):
    paths = [p for p in tracked(root) if p.endswith(TEXT_ENDINGS) or p in ('tools/dev', '.ci/run')]
    for path in paths:
        try:
            with open(os.path.join(root, path), encoding='utf-8') as f:
                text = f.read()
        except UnicodeDecodeError:
            if path.endswith(('.c', '.h', '.py', '.md', '.build')):
                yield f'{path}:1: text: not UTF-8'
            continue  # a sample of bad input
        if '/corpus/' in path or len(text) > 4 << 20:
            continue  # fuzzing seeds and data are not prose
        yield from check_text(path, text)
    yield from check_libraries(library)
    if compile_headers:
        yield from check_headers_alone(root, [p for p in paths if p.endswith('.h')])


# ---- self-test: a bad piece per rule must be caught, its good twin must pass ------------------------

LONG = 'int f(void)\n{\n' + '    g();\n' * (FUNCTION_LINES_MAX - 1) + '}\n'
FITS = 'int f(void)\n{\n' + '    g();\n' * (FUNCTION_LINES_MAX - 2) + '}\n'
CASES = [  # rule, path, bad, good
    ('layer', 'sim/a.c', '#include "detector/detector.h"\n', '#include "event/digest.h"\n'),
    ('layer', 'detector/a.c', '#include "sim/world.h"\n', '#include "detector/config.h"\n'),
    ('layer', 'base/a.c', '#include "event/digest.h"\n', '#include "base/str.h"\n'),
    ('layer', 'event/a.c', '#include "detector/config.h"\n', '#include "base/str.h"\n'),
    ('layer', 'event/a.c', '#include "../sim/world.h"\n', '#include "a.h"\n'),
    ('layer', 'detector/a.c', '#include <jansson.h>\n', '#include <math.h>\n'),
    ('layer', 'event/digest.c', '#include <jansson.h>\n', '#include <string.h>\n'),
    ('layer', 'sim/world.c', '#include <pthread.h>\n', '#include <math.h>\n'),
    ('layer', 'tools/a.c', '#include <event2/event.h>\n', '#include <jansson.h>\n'),
    ('pure', 'detector/a.c', 'x = time(NULL);\n', 'x = at->time; /* time() */ call("time(1)");\n'),
    ('pure', 'sim/a.c', 'x = rand();\n', 'x = rng_rand();\n'),
    ('pure', 'detector/a.c', 'printf("x");\n', 'snprintf(a, 1, "x");\n'),
    ('pure', 'sim/world.c', 'f = fopen(p, "r");\n', 'f = world_open(p);\n'),
    ('pure', 'event/digest.c', 'clock_gettime(0, &t);\n', 'get(&t);\n'),
    ('pure', 'base/a.c', 'exit(1);\n', 'return 1;\n'),
    ('pure', 'event/digest.c', 'pthread_create(&t, 0, f, 0);\n', 'f(0);\n'),
    ('allocation', 'detector/a.c', 'int a_feed(void)\n{\n    p = calloc(1, 2);\n}\n',
     'int a_new(void)\n{\n    p = calloc(1, 2);\n}\n'),
    ('allocation', 'detector/a.c', 'int a_new(void)\n{\n    p = realloc(p, 2);\n}\n', 'int a;\n'),
    ('length', 'sim/a.c', LONG, FITS),
    ('columns', 'sim/a.c', 'x' * (COLUMNS_MAX + 1) + '\n', 'x' * COLUMNS_MAX + '\n'),
    ('columns', 'sim/a.c', '\tint x;\n', '    int x;\n'),
    ('columns', 'sim/a.c', 'int x; \n', 'int x;\n'),
    ('columns', 'sim/a.c', 'int x;', 'int x;\n'),
    ('header', 'sim/a.h', '/* A. */\nint x;\n', '/* A. */\n#pragma once\n'),
    ('header', 'detector/signal.h', '/* A. */\n#pragma once\n', 'x'),
    ('opening', 'sim/a.h', '#pragma once\n', '/* What a is. */\n#pragma once\n'),
    ('names', 'sim/a.h', 'typedef struct a a;\n', 'typedef int64_t a_t;\n'),
    ('names', 'sim/a.h', 'struct event *e;\n', 'struct event_source *e;\n'),
    ('names', 'sim/a.c', 'strcpy(a, b);\n', 'my_strcpy(a, b);\n'),
    ('names', 'sim/a.c', '#define EBAD 1\n', '#define EVENT_BAD 1\n'),
    ('includes', 'sim/a.c', '#include <b.h>\n#include <a.h>\n', '#include <b.h>\n\n#include <a.h>\n'),
    ('includes', 'sim/a.c', '#include <b.h>\n\n#include "a.h"\n', '#include "a.h"\n\n#include <b.h>\n'),
    ('unfinished', 'sim/a.c', '/* TO' 'DO */\n', '/* to do */\n'),
    ('machine', 'docs/a.md', 'see /wor' 'k/shared/x\n', 'see runs/wor' 'k/x\n'),
    ('machine', 'tools/a.c', 'f("/tm' 'p/x");\n', 'f(getenv("TMPDIR"), "/tm' 'p");\n'),
]


def self_test_libraries():
    """The link check on two small libraries, one of which cheats."""
    if not (shutil.which('cc') and shutil.which('ar') and shutil.which('nm')):
        return []
    with tempfile.TemporaryDirectory() as folder:
        library = {}
        for name, code in (('sim', 'long time(long *); long sim_x(void) { return time(0); }'),
                           ('detector', 'long sim_x(void); long det_x(void) { return sim_x(); }')):
            source, obj = os.path.join(folder, name + '_x.c'), os.path.join(folder, name + '_x.c.o')
            with open(source, 'w', encoding='utf-8') as f:
                f.write(code)
            library[name] = os.path.join(folder, f'lib{name}.a')
            subprocess.run(['cc', '-c', source, '-o', obj], check=True)
            subprocess.run(['ar', 'rc', library[name], obj], check=True)
        found = '\n'.join(check_libraries(library))
        return [text for text in ('uses sim_x of sim', 'uses time()') if text not in found]


def self_test():
    failures = []
    for rule, path, bad, good in CASES:
        if not list(RULES[rule](path, bad)):
            failures.append(f'{rule} does not see {bad[:60]!r} in {path}')
        if good != 'x' and list(RULES[rule](path, good)):
            failures.append(f'{rule} refuses {good[:60]!r} in {path}')
    failures += [f'no case for rule {rule}' for rule in RULES if rule not in {c[0] for c in CASES}]
    failures += [f'the link check misses: {text}' for text in self_test_libraries()]
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('root', nargs='?', default=os.path.dirname(os.path.dirname(
        os.path.abspath(__file__))))
    parser.add_argument('--lib', action='append', default=[], metavar='LAYER=FILE')
    parser.add_argument('--no-compile', action='store_true', help='skip compiling each header alone')
    parser.add_argument('--self-test', action='store_true')
    args = parser.parse_args()
    if args.self_test:
        found = self_test()
    else:
        library = dict(item.split('=', 1) for item in args.lib)
        found = list(check_tree(args.root, library, not args.no_compile))
    for line in found:
        print(line)
    print(f'{len(found)} found' if found else 'tidy', file=sys.stderr)
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
