"""Every format, in the order of the screen, and which of them a text looks like."""

from typing import Final

from smtp_workbench.formats import (
    alertmanager,
    courier,
    curl,
    django,
    docker_mailserver,
    environment,
    exim,
    flask_mail,
    git_send_email,
    gitea,
    gitlab,
    go_mail,
    go_smtp,
    grafana,
    jakarta,
    keycloak,
    laravel,
    mailkit,
    msmtp,
    mutt,
    nodemailer,
    nullmailer,
    phpmailer,
    postfix,
    powershell,
    python_aiosmtplib,
    python_smtplib,
    ruby_mail,
    ruby_smtp,
    s_client,
    smtp_url,
    spring,
    ssmtp,
    swaks,
    swoosh,
    symfony,
    thunderbird,
    wordpress,
    workflow_provider,
)
from smtp_workbench.formats.format import Format

FORMATS: Final[tuple[Format, ...]] = (
    # Code
    *nodemailer.FORMATS,
    python_smtplib.FORMAT,
    python_aiosmtplib.FORMAT,
    phpmailer.FORMAT,
    symfony.FORMAT,
    go_smtp.FORMAT,
    go_mail.FORMAT,
    mailkit.FORMAT,
    jakarta.FORMAT,
    ruby_smtp.FORMAT,
    ruby_mail.FORMAT,
    # Frameworks
    django.FORMAT,
    flask_mail.FORMAT,
    ruby_mail.RAILS,
    laravel.FORMAT,
    spring.PROPERTIES,
    spring.YAML,
    wordpress.FORMAT,
    swoosh.FORMAT,
    # Services
    courier.FORMAT,
    workflow_provider.FORMAT,
    environment.FORMAT,
    grafana.FORMAT,
    gitlab.FORMAT,
    gitea.FORMAT,
    keycloak.FORMAT,
    alertmanager.FORMAT,
    docker_mailserver.FORMAT,
    # Tools
    smtp_url.FORMAT,
    swaks.FORMAT,
    curl.FORMAT,
    s_client.FORMAT,
    msmtp.FORMAT,
    postfix.FORMAT,
    exim.FORMAT,
    ssmtp.FORMAT,
    nullmailer.FORMAT,
    git_send_email.FORMAT,
    mutt.FORMAT,
    thunderbird.FORMAT,
    powershell.FORMAT,
)

LONGEST: Final = 200_000
"""Characters of a text that is looked at; settings are shorter, a dump pasted by mistake is not."""


def by_id(format_id: str) -> Format | None:
    """Return the format with this id."""
    return next((item for item in FORMATS if item.id == format_id.lower()), None)


def recognise(text: str) -> list[tuple[Format, float]]:
    """Return the formats that *text* looks like, the likeliest first, with how much, above 0 to 1.

    Those that it looks like equally stand in the order of the screen; of a text longer than
    `LONGEST` nothing is said.
    """
    if len(text) > LONGEST:
        return []
    scores = [(item, item.resemblance(text)) for item in FORMATS if item.resemblance]
    return sorted((pair for pair in scores if pair[1] > 0), key=lambda pair: -pair[1])
