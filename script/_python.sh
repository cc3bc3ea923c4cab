# Sourced by the scripts beside it: finds the project and a Python that can make a venv.
# Sets $root and $python; ends with a plain word where something is missing.

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P) || exit 1
cd -- "$root" || exit 1
# Some machines forbid Python to keep what it has compiled. Then every process compiles
# 1,500 modules anew, 5 s each time, and the tests start hundreds of processes.
unset PYTHONDONTWRITEBYTECODE

say() { printf '%s\n' "$*" >&2; }

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

can_make_venv() {
    "$1" -c 'import ensurepip, venv' >/dev/null 2>&1
}

find_python() {
    without_venv=''
    if [ -n "${PYTHON:-}" ]; then
        set -- "$PYTHON"
    else
        set -- python3.14 python3.13 python3.12 python3.11 python3
    fi
    for name in "$@"; do
        found=$(command -v "$name" 2>/dev/null) || continue
        new_enough "$found" || continue
        if can_make_venv "$found"; then
            python=$found
            return 0
        fi
        without_venv=${without_venv:-$found}
    done
    if [ -n "$without_venv" ]; then
        version=$("$without_venv" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        say "Python $version is here, but its venv module is not."
        say "On Debian and Ubuntu, as root: apt-get install python$version-venv"
    elif found=$(command -v "${PYTHON:-python3}" 2>/dev/null); then
        say "Perennial needs Python 3.11 or newer; $found is $("$found" -V 2>&1 | cut -d' ' -f2)."
        say "PYTHON=/path/to/python names another one."
    else
        say "Perennial needs Python 3.11 or newer, and there is no python3 here."
    fi
    return 1
}

# install server|test: the packages, unless they are there as locked.
install() {
    venv=$root/.venv/bin/python
    # Looking for a Python of the machine takes longer than to see that all is there.
    if ! { [ -x "$venv" ] && "$venv" -I script/_install.py "$1" --look; }; then
        find_python || exit 1
        "$python" -I script/_install.py "$1" || exit 1
    fi
    python=$venv
}
