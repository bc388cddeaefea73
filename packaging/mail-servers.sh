# The real mail servers and the name server that tests/e2e talks to, none of which starts by itself, the
# programs that take the exports in tests/formats, and a keyring. Sourced by `test` after system.sh; needs
# $root. What can't be brought is no failure here: the tests say what they miss, and on CI they fail.

: "${HOME:=$(getent passwd "$(id -u)" | cut -d: -f6)}"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/smtp-workbench-tests

bring_mail_servers() {
    exec 9<"$root/packaging/mail-servers.sh"
    flock 9
    mkdir -p "$cache"
    if can_install; then
        # One by one: a conflict of one must not keep the others away.
        bring_dovecot || :
        bring_postfix || :
        bring_exim || :
        bring_nsd || :
        command -v npm >/dev/null || need_packages 'the tests with smtp-server' nodejs npm || :
        bring_consumers
        need_packages 'the tests with a keyring' gnome-keyring dbus || :
    fi
    bring_smtp_server || :
    exec 9<&-
}

# One language after the other: what one lacks must not keep the others away.
bring_consumers() {
    for packages in \
        'php-cli php-mbstring libphp-phpmailer' \
        'php-symfony-mailer php-symfony-dotenv php-vlucas-phpdotenv' \
        'ruby ruby-mail' 'elixir' 'libmail-java' \
        'golang-go golang-gopkg-ini.v1-dev golang-gopkg-mail.v2-dev' \
        'curl openssl msmtp neomutt libgnutls-openssl27 libsasl2-modules' \
        'git-email libmailtools-perl' \
        'swaks libnet-ssleay-perl libauthen-sasl-perl libio-socket-ssl-perl'; do
        # shellcheck disable=SC2086
        need_packages 'the tests of exports' $packages || :
    done
    need_packages 'the tests of shared profiles' age || :
    # Mail servers, of which Debian installs one at a time, and a daemon.
    [ -x "$cache/nullmailer/usr/sbin/nullmailer-send" ] ||
        unpack nullmailer "$cache/nullmailer" || :
    [ -x "$cache/ssmtp/usr/sbin/ssmtp" ] || unpack ssmtp "$cache/ssmtp" || :
    alertmanager=$cache/prometheus-alertmanager
    [ -x "$alertmanager/usr/bin/amtool" ] ||
        unpack prometheus-alertmanager "$alertmanager" || :
    # With its compiler, as the tests hand it source text.
    command -v javac >/dev/null || need_packages 'the tests of exports' default-jdk-headless || :
}

bring_dovecot() {
    set -- dovecot-core dovecot-lmtpd dovecot-submissiond dovecot-imapd
    [ -n "$(lacking "$@")" ] || return 0
    ours=$(lacking dovecot-core)
    without_starting need_packages 'the tests with Dovecot' "$@" || return
    [ -z "$ours" ] || never_at_boot dovecot
}

bring_nsd() {
    [ -n "$(lacking nsd)" ] || return 0
    without_starting need_packages 'the tests with a name server' nsd || return
    never_at_boot nsd
}

never_at_boot() {
    command -v systemctl >/dev/null || return 0
    logged "could not disable $1" systemctl disable "$1" || :
}

bring_postfix() {
    [ -n "$(lacking postfix)" ] || return 0
    # Without a configuration of its own it starts at no boot either.
    echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections
    without_starting need_packages 'the tests with Postfix' postfix
}

# Debian installs one mail server at a time, so Exim is unpacked into the cache. It was compiled to
# become the user that its package would have made.
bring_exim() {
    need_packages 'the tests with Exim' \
        libdb5.3 libgnutls-dane0 libidn12 libnsl2 libpcre2-8-0 || return
    if ! id Debian-exim >/dev/null 2>&1; then
        say 'making the system user Debian-exim for the tests with Exim'
        useradd --system --user-group --no-create-home --home-dir /nonexistent \
            --shell /usr/sbin/nologin Debian-exim || return
    fi
    [ -x "$cache/exim4/usr/sbin/exim4" ] || unpack exim4-daemon-light "$cache/exim4"
}

unpack() {
    say "unpacking $1 into $2"
    logged "could not download $1" unpack_or_update_first "$1" "$2"
}

unpack_or_update_first() {
    work=$(mktemp -d)
    (
        cd "$work"
        set -- "$@" -o APT::Sandbox::User=root
        { apt download "$1" || { apt update && apt download "$1"; }; } &&
            mkdir -p "$2" && dpkg-deb --extract ./*.deb "$2"
    )
    status=$?
    rm -rf "$work"
    return $status
}

bring_smtp_server() {
    modules=$cache/smtp-server
    lock=$root/tests/support/servers/package-lock.json
    cmp -s "$lock" "$modules/package-lock.json" && [ -e "$modules/installed" ] && return
    command -v npm >/dev/null || return
    say "installing npm's smtp-server into $modules"
    rm -rf "$modules"
    mkdir "$modules"
    cp "${lock%-lock.json}.json" "$lock" "$modules"
    logged 'npm could not install smtp-server' npm --prefix "$modules" ci --omit=optional \
        --ignore-scripts --no-audit --no-fund --no-update-notifier && : >"$modules/installed"
}

# without_starting COMMAND...: runs it while no package may start a daemon.
without_starting() {
    policy=/usr/sbin/policy-rc.d
    kept=$policy.kept-by-smtp-workbench
    # A run that was killed has left both.
    [ -e "$kept" ] || [ ! -e "$policy" ] || mv "$policy" "$kept"
    trap restore_policy EXIT
    trap 'exit 130' HUP INT TERM
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    status=0
    "$@" || status=$?
    restore_policy
    trap - EXIT HUP INT TERM
    return $status
}

restore_policy() {
    rm -f "$policy"
    [ ! -e "$kept" ] || mv "$kept" "$policy"
}
