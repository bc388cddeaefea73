"""Texts as people paste them, of frameworks: the format, the text, what is taken, the secret."""

from typing import Any

from smtp_workbench.settings.transport import Security

Pasted = tuple[str, str, dict[str, Any], str | None]
IMPLICIT, STARTTLS = Security.IMPLICIT_TLS, Security.STARTTLS
OFFERED, PLAINTEXT = Security.STARTTLS_IF_OFFERED, Security.PLAINTEXT

PASTED: list[Pasted] = [
    (
        "django",
        """
        MAILERS = {
            "default": {
                "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
                "OPTIONS": {"host": "h", "port": 465, "use_ssl": True, "username": "u",
                            "password": os.environ["P"]},
            },
        }
        """,
        {"host": "h", "port": 465, "security": IMPLICIT, "auth.user": "u"},
        "${P}",
    ),
    (
        "rails",
        """
        config.action_mailer.smtp_settings = {
          address:         "smtp.gmail.com",
          port:            587,
          domain:          "example.com",
          user_name:       Rails.application.credentials.dig(:smtp, :user_name),
          password:        ENV["SMTP_PASS"],
          authentication:  "plain",
          enable_starttls: true,
          open_timeout:    5,
          read_timeout:    5 }
        """,
        {"host": "smtp.gmail.com", "port": 587, "ehlo_name": "example.com", "security": STARTTLS,
         "auth.mechanism": "PLAIN", "timeouts.socket": 5.0},
        "${SMTP_PASS}",
    ),
    (
        "django",
        """
        EMAIL_BACKEND = 'django.core.mail.backends.smtp.EmailBackend'
        EMAIL_HOST = env('EMAIL_HOST', default='smtp.sendgrid.net')
        EMAIL_PORT = int(os.getenv('EMAIL_PORT', 587))
        EMAIL_USE_TLS = True
        EMAIL_HOST_USER = 'apikey'  # this is exactly the value 'apikey'
        EMAIL_HOST_PASSWORD = os.environ['SENDGRID_API_KEY']
        """,
        {"host": "smtp.sendgrid.net", "port": 587, "security": STARTTLS, "auth.user": "apikey"},
        "${SENDGRID_API_KEY}",
    ),
    (
        "flask-mail",
        """
        app.config['MAIL_SERVER'] = 'smtp.googlemail.com'
        app.config['MAIL_PORT'] = 465
        app.config['MAIL_USE_SSL'] = True
        app.config['MAIL_USERNAME'] = 'u'
        app.config['MAIL_PASSWORD'] = 'p'
        app.config['MAIL_DEFAULT_SENDER'] = ('Me', 'me@example.com')
        """,
        {"host": "smtp.googlemail.com", "port": 465, "security": IMPLICIT,
         "sender": "me@example.com"},
        "p",
    ),
    (
        "flask-mail",
        "app.config.update(MAIL_SERVER='h', MAIL_PORT=587, MAIL_USE_TLS=True, MAIL_PASSWORD='p')",
        {"host": "h", "port": 587, "security": STARTTLS},
        "p",
    ),
    (
        "laravel",
        """
        APP_NAME=Laravel
        MAIL_MAILER=smtp
        MAIL_HOST=smtp.mailtrap.io
        MAIL_PORT=2525
        MAIL_USERNAME=null
        MAIL_PASSWORD='it#s'
        MAIL_ENCRYPTION=tls # old
        MAIL_FROM_ADDRESS="hello@example.com"
        MAIL_FROM_NAME="${APP_NAME}"
        """,
        {"host": "smtp.mailtrap.io", "port": 2525, "security": STARTTLS,
         "sender": "hello@example.com"},
        "it#s",
    ),
    (
        "spring-properties",
        """
        spring.mail.host=smtp.gmail.com
        spring.mail.port=587
        spring.mail.username=me
        spring.mail.password=${MAIL_PASS:none}
        spring.mail.properties.mail.smtp.auth=true
        spring.mail.properties.mail.smtp.starttls.enable=true
        spring.mail.properties[mail.smtp.timeout]=3000
        """,
        {"host": "smtp.gmail.com", "port": 587, "security": OFFERED, "timeouts.socket": 3.0},
        "${MAIL_PASS}",
    ),
    (
        "spring-yaml",
        """
server:
  port: 8080
spring:
  mail:
    host: smtp.gmail.com
    port: 465
    password: "0123"
    properties:
      mail:
        smtp:
          ssl:
            enable: true
""",
        {"host": "smtp.gmail.com", "port": 465, "security": IMPLICIT},
        "0123",
    ),
    (
        "wordpress",
        """
        define( 'WPMS_ON', true ); // True turns on the whole constants support
        define( 'WPMS_SMTP_HOST', 'localhost' ); // The SMTP mail host.
        define( 'WPMS_SMTP_PORT', 25 );
        define( 'WPMS_SSL', '' ); // Possible values '', 'ssl', 'tls'
        define( 'WPMS_SMTP_AUTOTLS', false );
        define( 'WPMS_SMTP_USER', 'username' );
        define( 'WPMS_SMTP_PASS', 'password' );
        """,
        {"host": "localhost", "port": 25, "security": PLAINTEXT, "auth.user": "username"},
        "password",
    ),
    (
        "swoosh",
        """
        config :sample, Sample.Mailer,
          adapter: Swoosh.Adapters.SMTP,
          relay: "smtp.avengers.com",
          username: "tonystark",
          password: System.get_env("IRONMAN"),
          ssl: false,
          tls: :always,
          port: 1025,
          dkim: [s: "default", d: "domain.com"]
        """,
        {"host": "smtp.avengers.com", "port": 1025, "security": STARTTLS, "auth.user": "tonystark"},
        "${IRONMAN}",
    ),
]  # fmt: skip
