# The virtual environment in `.venv`, made and kept up to date. Sourced by `run`, `test` and `lock`;
# needs $root, the clone's folder. Nothing here prints to standard output or reads standard input.

say() { printf 'smtp-workbench: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# find_python: prints the Python to build with, behind version managers and active environments.
find_python() {
    for candidate in ${PYTHON:+"$PYTHON"} python3.13 python3.12 python3.11 python3; do
        "$candidate" -c 'import sys
sys.version_info >= (3, 11) and print(sys._base_executable)' 2>/dev/null | grep . && return
        [ -z "${PYTHON:-}" ] || die "PYTHON=$PYTHON is not Python 3.11 or newer"
    done
    die 'Python 3.11 or newer is needed, and none is in PATH (Debian: apt-get install python3)'
}

# logged FAILURE COMMAND...: runs it in silence; if it fails, says FAILURE, the last error and where
# all its output is.
logged() {
    failure=$1
    shift
    log=$(mktemp "${TMPDIR:-/tmp}/smtp-workbench-XXXXXX.log")
    if "$@" >"$log" 2>&1 </dev/null; then
        rm -f "$log"
    else
        error=$(grep -E '^ *(ERROR|E:|npm ERR|npm error)' "$log" || cat "$log")
        say "$failure; $log tells more: $(printf %s "$error" | tail -n 1)"
        return 1
    fi
}

# prepare_environment runtime|dev: makes $python the environment's, with all packages in it.
prepare_environment() {
    python=$root/.venv/bin/python
    base=$(find_python)
    wanted=$(
        { cat "$root/pyproject.toml" "$root/packaging/constraints.txt"
          printf '%s\n' "$root" "$base"
          "$base" -V; } | cksum
    )
    up_to_date "$1" && return
    # Of two at the same time, one builds. The lock is on a file that is there anyway.
    exec 9<"$root/pyproject.toml"
    flock 9
    if ! up_to_date "$1"; then
        build_environment "$1"
        # What serves the tests serves a run too.
        for purpose in runtime "$1"; do
            printf '%s\n' "$wanted" >"$root/.venv/$purpose.stamp"
        done
    fi
    exec 9<&-
}

up_to_date() {
    stamp=$root/.venv/$1.stamp
    [ -x "$python" ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]
}

build_environment() {
    say "setting up $root/.venv, once; this takes a minute"
    # The tests' packages come on top of those for a run.
    up_to_date runtime || make_environment
    case $1 in
        dev) what='.[dev]' ;;
        *) what=. ;;
    esac
    # As a variable the constraints hold for the build's own packages too; the path is relative,
    # since pip splits the variable at blanks.
    (
        cd "$root"
        PIP_CONSTRAINT=packaging/constraints.txt
        export PIP_CONSTRAINT
        logged 'could not install the Python packages' \
            "$python" -m pip install --quiet --no-input --disable-pip-version-check \
            --editable "$what"
    ) || exit 1
}

make_environment() {
    if ! "$base" -c 'import ensurepip' 2>/dev/null; then
        version=$("$base" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        . "$root/packaging/system.sh"
        need_packages "a virtual environment of $base" "python$version-venv" || exit 1
    fi
    logged "could not make a virtual environment in $root/.venv" \
        "$base" -m venv --clear "$root/.venv" || exit 1
}
