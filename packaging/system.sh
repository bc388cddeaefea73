# What the system has to have besides Python: named, or installed by apt-get where root asks.
# Sourced after environment.sh; needs $root.

# dpkg and ldconfig live there, and not every root has it in PATH.
PATH=$PATH:/usr/sbin:/sbin

can_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

# lacking PACKAGE...: prints those that are not installed.
lacking() {
    for package in "$@"; do
        case $(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) in
            installed) ;;
            *) printf '%s ' "$package" ;;
        esac
    done
}

apt() {
    DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@"
}

# --no-remove: a mail server that this machine has is not replaced.
apt_install() {
    apt install --yes --no-install-recommends --no-remove "$@"
}

# Package lists may be missing, or too old to find the files.
install_or_update_first() {
    apt_install "$@" || { apt update && apt_install "$@"; }
}

# need_packages PURPOSE PACKAGE...: has them installed, or says what is missing for PURPOSE.
need_packages() {
    purpose=$1
    shift
    missing=$(lacking "$@")
    [ -n "$missing" ] || return 0
    if ! can_install; then
        say "missing for $purpose; as root: apt-get install ${missing% }"
        return 1
    fi
    say "installing for $purpose: ${missing% }"
    # shellcheck disable=SC2086
    logged "apt-get could not install ${missing% }" install_or_update_first $missing
}

# The libraries that Qt loads even when it draws offscreen, and Debian's packages of them.
qt_libraries='libEGL.so.1 libegl1
libGL.so.1 libgl1
libglib-2.0.so.0 libglib2.0-0
libfontconfig.so.1 libfontconfig1
libdbus-1.so.3 libdbus-1-3
libxkbcommon.so.0 libxkbcommon0'

# Those of a window on a screen. Qt blames xcb-cursor whichever one is missing.
x_libraries='libxcb-cursor.so.0 libxcb-cursor0
libxcb-icccm.so.4 libxcb-icccm4
libxcb-keysyms.so.1 libxcb-keysyms1
libxcb-shape.so.0 libxcb-shape0
libxkbcommon-x11.so.0 libxkbcommon-x11-0'

# need_qt_libraries LIST: lines of a library and the package it is in.
need_qt_libraries() {
    # macOS has them in the packages of Qt itself.
    command -v ldconfig >/dev/null || return 0
    present=$(ldconfig -p) || :
    absent=$(
        echo "$1" | while read -r library package; do
            case $present in
                *"$library"*) ;;
                *) echo "$package" ;;
            esac
        done
    )
    # shellcheck disable=SC2086
    [ -z "$absent" ] || need_packages Qt $absent
}
