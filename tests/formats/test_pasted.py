"""Texts as people paste them, of documentation and of projects, and what is understood of them."""

from contextlib import suppress
from typing import Any

import pytest

from smtp_workbench.formats.registry import by_id, recognise
from smtp_workbench.settings.checks import check
from smtp_workbench.settings.secret import Secret
from smtp_workbench.settings.transport import Protocol, Security, TlsVersion, Transport, Trust

IMPLICIT, STARTTLS = Security.IMPLICIT_TLS, Security.STARTTLS
OFFERED, PLAINTEXT = Security.STARTTLS_IF_OFFERED, Security.PLAINTEXT

PASTED: list[tuple[str, str, dict[str, Any], str | None]] = [
    (
        "nodemailer",
        """
        const transporter = nodemailer.createTransport({
          host: "my.smtp.host",
          port: 465,
          secure: true, // use TLS
          auth: {
            user: "username",
            pass: 'pa//ss',
          },
          tls: {
            // do not fail on invalid certs
            rejectUnauthorized: false,
          },
        });
        """,
        {"host": "my.smtp.host", "port": 465, "security": IMPLICIT, "auth.user": "username",
         "tls.trust": Trust.NONE},
        "pa//ss",
    ),
    (
        "nodemailer",
        """
        import { createTransport } from 'nodemailer';
        /* typed */ export const mailer = createTransport({
            host: process.env.SMTP_HOST ?? `smtp.example.com`,
            port: Number(process.env.PORT || 587),
            secure: false, requireTLS: !0,
            auth: { type: 'OAuth2', user: 'u', accessToken: process.env.TOKEN! },
            tls: { minVersion: 'TLSv1.3', ca: [fs.readFileSync('ca.pem')] },
            connectionTimeout: 30 * 1000,
        } as SMTPTransport.Options, { from: 'Me <me@example.com>' });
        """,
        {"host": "smtp.example.com", "port": 587, "auth.user": "u", "auth.mechanism": "XOAUTH2",
         "tls.minimum_version": TlsVersion.TLS_1_3, "tls.ca_file": "ca.pem",
         "tls.trust": Trust.CA_FILE, "timeouts.connect": 30.0, "sender": "Me <me@example.com>"},
        "${TOKEN}",
    ),
    (
        "nodemailer",
        """module.exports = { mail: { transport: { host: 'h', port: 25, ignoreTLS: true,
        auth: { user, pass: config.get('x') } } } }""",
        {"host": "h", "port": 25, "security": PLAINTEXT},
        None,
    ),
    (
        "nodemailer",
        "var x = nodemailer.createTransport({ service: 'Gmail', auth: { user: 'a', pass: 'b' } })",
        {"host": "smtp.gmail.com", "auth.user": "a"},
        "b",
    ),
    (
        "nodemailer-url",
        "let poolConfig = nodemailer.createTransport('smtps://username:password@smtp.example.com/?pool=true');",
        {"host": "smtp.example.com", "security": IMPLICIT, "pool.enabled": True},
        "password",
    ),
    (
        "smtplib",
        """
        import smtplib
        from email.message import EmailMessage

        sender = "me@gmail.com"
        password = os.environ.get("GMAIL_PASSWORD")
        server = smtplib.SMTP('smtp.gmail.com', 587)
        server.starttls()
        server.login(sender, password)
        server.sendmail(sender, to, msg.as_string())
        server.quit()
        """,
        {"host": "smtp.gmail.com", "port": 587, "security": STARTTLS, "auth.user": "me@gmail.com"},
        "${GMAIL_PASSWORD}",
    ),
    (
        "smtplib",
        """
        port = 465
        context = ssl.create_default_context()
        with smtplib.SMTP_SSL("smtp.example.com", port, context=context) as server:
            server.login(user="u", password="p")
        """,
        {"host": "smtp.example.com", "port": 465, "security": IMPLICIT, "auth.user": "u"},
        "p",
    ),
    (
        "aiosmtplib",
        """
        await aiosmtplib.send(message, hostname="127.0.0.1", port=1025, use_tls=False,
                              start_tls=False, username="u", password=getenv("P", "x"))
        """,
        {"host": "127.0.0.1", "port": 1025, "security": PLAINTEXT, "auth.user": "u"},
        "${P}",
    ),
    (
        "phpmailer",
        """
        $mail = new PHPMailer(true);
        try {
            $mail->SMTPDebug = SMTP::DEBUG_SERVER;                 // Enable verbose debug output
            $mail->isSMTP();
            $mail->Host       = 'smtp.example.com';                # the server
            $mail->SMTPAuth   = true;
            $mail->Username   = 'user@example.com';
            $mail->Password   = 'se\\'cret$x';
            $mail->SMTPSecure = PHPMailer::ENCRYPTION_SMTPS;
            $mail->Port       = 465;
            $mail->SMTPOptions = array('ssl' => array('verify_peer' => false));
            $mail->setFrom('from@example.com', 'Mailer');
        """,
        {"host": "smtp.example.com", "port": 465, "security": IMPLICIT, "tls.trust": Trust.NONE,
         "sender": "from@example.com"},
        "se'cret$x",
    ),
    (
        "symfony",
        'MAILER_DSN="smtp://user:p%40ss@smtp.example.com:25?verify_peer=0"',
        {"host": "smtp.example.com", "port": 25, "security": OFFERED, "tls.trust": Trust.NONE},
        "p@ss",
    ),
    (
        "go-net-smtp",
        """
        import "net/smtp"
        func main() {
            auth := smtp.PlainAuth("", "me@gmail.com", "extremely_secret", "smtp.gmail.com")
            err := smtp.SendMail("smtp.gmail.com:587", auth, from, to, msg)
        }
        """,
        {"host": "smtp.gmail.com", "port": 587, "security": OFFERED, "auth.mechanism": "PLAIN"},
        "extremely_secret",
    ),
    (
        "go-mail",
        """
        client, err := mail.NewClient("smtp.example.com", mail.WithTLSPortPolicy(mail.TLSMandatory),
            mail.WithSMTPAuth(mail.SMTPAuthLogin), mail.WithUsername("u"),
            mail.WithPassword(os.Getenv("SMTP_PASS")), mail.WithTimeout(time.Second*10))
        """,
        {"host": "smtp.example.com", "port": 587, "security": STARTTLS, "auth.mechanism": "LOGIN",
         "timeouts.socket": 10.0},
        "${SMTP_PASS}",
    ),
    (
        "mailkit",
        """
        using (var client = new SmtpClient()) {
            client.ServerCertificateValidationCallback = (s, c, h, e) => true;
            await client.ConnectAsync("smtp.friends.com", 587, SecureSocketOptions.StartTls);
            await client.AuthenticateAsync("joey", @"pass""word");
        }
        """,
        {"host": "smtp.friends.com", "port": 587, "security": STARTTLS, "tls.trust": Trust.NONE},
        'pass"word',
    ),
    (
        "jakarta-mail",
        """
        # session
        mail.transport.protocol = smtps
        mail.smtps.host : mail.example.com
        mail.smtps.auth = true
        mail.smtps.user = me
        """,
        {"host": "mail.example.com", "port": 465, "security": IMPLICIT, "auth.user": "me"},
        None,
    ),
    (
        "ruby-net-smtp",
        """
        Net::SMTP.start('your.smtp.server', 25, 'mail.from.domain', 'Your Account',
                        'Your Password', :cram_md5) do |smtp|
        """,
        {"host": "your.smtp.server", "port": 25, "security": OFFERED, "auth.user": "Your Account",
         "ehlo_name": "mail.from.domain", "auth.mechanism": "CRAM-MD5"},
        "Your Password",
    ),
    (
        "ruby-mail",
        """
        options = { :address => "smtp.gmail.com", :port => 587, :user_name => '<username>' }
        Mail.defaults do
          delivery_method :smtp, options
        end
        """,
        {"host": "smtp.gmail.com", "port": 587, "auth.user": "<username>", "security": OFFERED},
        None,
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


@pytest.mark.parametrize(("format_id", "text", "fields", "secret"), PASTED)
def test_a_pasted_text_is_recognised_and_understood(
    format_id: str, text: str, fields: dict[str, Any], secret: str | None
) -> None:
    best, _ = recognise(text)[0]
    assert best.id == format_id
    assert best.read
    change = best.read(text).change
    assert {name: change.fields.get(name) for name in fields} == fields
    assert change.secret == (Secret(secret) if secret else None)
    change.apply(Transport())


def read(format_id: str, text: str) -> Any:
    found = by_id(format_id)
    assert found
    assert found.read
    return found.read(text)


def test_a_wrong_combination_is_taken_as_it_stands_and_the_checks_speak_of_it() -> None:
    text = "nodemailer.createTransport({host: 'smtp.gmail.com', port: 587, secure: true})"
    transport = read("nodemailer", text).change.apply(Transport())
    assert (transport.port, transport.security) == (587, IMPLICIT)
    assert "port_wants_starttls" in {found.label for found in check(transport)}


def test_what_means_nothing_here_and_what_is_not_known_is_told() -> None:
    found = read(
        "nodemailer",
        "createTransport({host: process.env.H, port: 'abc', dkim: {}, debug: true, lmtp: true,"
        " auth: {user: f(x), pass: `p${x}`}})",
    )
    assert set(found.ignored) >= {"dkim", "debug", "port"}
    assert found.change.secret is None
    assert found.change.fields["protocol"] is Protocol.LMTP
    notes = " ".join(found.notes)
    assert "host comes from the environment variable H" in notes
    assert "auth.user is computed" in notes
    assert "auth.pass is computed" in notes


def test_a_certificate_in_the_text_is_no_file_name() -> None:
    text = "createTransport({host: 'h', secure: true, tls: {ca: '-----BEGIN CERTIFICATE-----'}})"
    found = read("nodemailer", text)
    assert "tls.ca_file" not in found.change.fields
    assert "save it as a file" in found.notes[0]


@pytest.mark.parametrize("text", ["", "hello", "{}", "[]", "a: 1", "x = 1", "<a/>", "port=25\n"])
def test_other_texts_are_recognised_as_nothing(text: str) -> None:
    assert recognise(text) == []


@pytest.mark.parametrize(
    ("format_id", "text"),
    [
        ("smtplib", "smtplib.SMTP(__import__('os').system('touch run'), 25).login('u', eval('1'))"),
        ("django", "EMAIL_HOST = open('run', 'w')\nEMAIL_PORT = 25"),
        (
            "spring-yaml",
            "spring:\n  mail:\n    host: !!python/object/apply:os.system ['touch run']",
        ),
        (
            "nodemailer",
            "createTransport({host: require('fs').writeFileSync('run', ''), secure: 1})",
        ),
        ("rails", "config.action_mailer.smtp_settings = { address: `touch run`, port: 25 }"),
    ],
)
def test_nothing_is_run(
    format_id: str, text: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    try:
        assert "host" not in read(format_id, text).change.fields
    except ValueError as error:
        assert "YAML" in str(error)  # noqa: PT017  # a tag of Python's is refused
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, '{"a":' * 50_000, "createTransport(" + "{a:" * 50_000, "\n" * 100_000,
     "EMAIL_HOST = " + "(" * 5_000, "spring:\n  mail: " + "[" * 20_000, "'" * 100_000,
     'MAIL_MAILER="' + "\\" * 100_000],
    ids=["lists", "json", "objects", "lines", "python", "yaml", "quotes", "backslashes"],
)  # fmt: skip
@pytest.mark.timeout(20)
def test_a_hostile_text_is_done_with_soon(text: str) -> None:
    for found, _ in recognise(text):
        assert found.read
        with suppress(ValueError):
            found.read(text)
