"""How each real consumer is made to send one message with an export: what is added, how it runs.

A consumer takes the export, a folder of its own and the file of the authority to trust. It ends
with the message accepted, or with what the program printed.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from smtp_workbench.formats.format import Export
from support.needed import need
from support.servers.smtp_server import MODULES

SENDER, RECIPIENT = "sender@example.com", "recipient@example.com"
PHP_MAILER = Path("/usr/share/php/libphp-phpmailer/autoload.php")
SYMFONY = Path("/usr/share/php/Symfony/Component/Mailer/autoload.php")
SYMFONY_DOTENV = Path("/usr/share/php/Symfony/Component/Dotenv/autoload.php")
PHP_DOTENV = Path("/usr/share/php/Dotenv/autoload.php")
JAVA_MAIL = tuple(
    Path("/usr/share/java", name) for name in ("javax.mail.jar", "javax.activation.jar")
)
SNAKE_YAML = Path("/usr/share/java/snakeyaml.jar")


def run(*command: str | Path, folder: Path, environment: Mapping[str, str] | None = None) -> str:
    """Run *command* in *folder* and return what it printed; failing is failing the test."""
    done = subprocess.run(
        list(map(str, command)),
        cwd=folder,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def program(name: str, package: str, *files: Path) -> str:
    """Return the path of *name*; skip the test where it or one of *files* is missing."""
    found = shutil.which(name)
    need(package, there=found is not None and all(file.exists() for file in files))
    return found or ""


def node(export: Export, folder: Path, ca_file: Path) -> None:
    """Send with Nodemailer; JSON is handed to it by a line of program."""
    need("npm's nodemailer", there=(MODULES / "nodemailer").is_dir())
    text = export.text
    if export.files[0].name.endswith(".json"):
        (folder / "mail.json").write_text(text, "utf-8")
        text = 'const transporter = require("nodemailer").createTransport(require("./mail.json"));'
    text += f"""
const message = {{ from: "{SENDER}", to: "{RECIPIENT}", text: "x" }};
transporter.sendMail(message).then(() => transporter.close(), (error) => {{
  console.error(error);
  process.exit(1);
}});
"""
    (folder / "mail.js").write_text(text, "utf-8")
    environment = {"NODE_PATH": str(MODULES), "NODE_EXTRA_CA_CERTS": str(ca_file)}
    run(program("node", "nodejs"), "mail.js", folder=folder, environment=environment)


def python(export: Export, folder: Path, ca_file: Path) -> None:
    """Send with smtplib or aiosmtplib: the exported program itself, sending where it says NOOP."""
    sent = f'smtp.sendmail("{SENDER}", ["{RECIPIENT}"], "Subject: x\\n\\nx\\n")'
    text = export.text.replace("smtp.noop()", sent)
    assert sent in text
    (folder / "send.py").write_text(text, "utf-8")
    run(sys.executable, "send.py", folder=folder, environment={"SSL_CERT_FILE": str(ca_file)})


def django(export: Export, folder: Path, ca_file: Path) -> None:
    """Send with Django."""
    (folder / "settings.py").write_text(export.text, "utf-8")
    text = f"""
import django
from django.core.mail import send_mail

django.setup()
assert send_mail("x", "x", "{SENDER}", ["{RECIPIENT}"]) == 1
"""
    (folder / "send.py").write_text(text, "utf-8")
    environment = {"SSL_CERT_FILE": str(ca_file), "DJANGO_SETTINGS_MODULE": "settings"}
    run(sys.executable, "send.py", folder=folder, environment=environment)


def flask_mail(export: Export, folder: Path, ca_file: Path) -> None:
    """Send with Flask-Mail."""
    (folder / "config.py").write_text(export.text, "utf-8")
    text = f"""
import flask
from flask_mail import Mail, Message

app = flask.Flask("x")
app.config.from_pyfile("config.py")
with app.app_context():
    Mail(app).send(Message("x", ["{RECIPIENT}"], "x", sender="{SENDER}"))
"""
    (folder / "send.py").write_text(text, "utf-8")
    run(sys.executable, "send.py", folder=folder, environment={"SSL_CERT_FILE": str(ca_file)})


def phpmailer(export: Export, folder: Path, ca_file: Path) -> None:
    """Send with PHPMailer; Composer's autoloader is one that loads Debian's package."""
    _php_with_phpmailer(export.text + _PHP_SEND, folder, ca_file)


_PHP_SEND = f"""
$mail->setFrom('{SENDER}');
$mail->addAddress('{RECIPIENT}');
$mail->Subject = 'x';
$mail->Body = 'x';
$mail->send();
"""


def _php_with_phpmailer(text: str, folder: Path, ca_file: Path) -> None:
    php = program("php", "php-cli, libphp-phpmailer", PHP_MAILER)
    (folder / "vendor").mkdir()
    (folder / "vendor/autoload.php").write_text(f"<?php require '{PHP_MAILER}';\n")
    (folder / "mail.php").write_text(text, "utf-8")
    run(php, "-d", f"openssl.cafile={ca_file}", "mail.php", folder=folder)


def wordpress(export: Export, folder: Path, ca_file: Path) -> None:
    """Send as WP Mail SMTP does: its constants set what PHPMailer is told."""
    text = (
        export.text
        + """
use PHPMailer\\PHPMailer\\PHPMailer;
require 'vendor/autoload.php';
$mail = new PHPMailer(true);
$mail->isSMTP();
$mail->Host = WPMS_SMTP_HOST;
$mail->Port = WPMS_SMTP_PORT;
$mail->SMTPSecure = WPMS_SSL;
$mail->SMTPAutoTLS = WPMS_SMTP_AUTOTLS;
$mail->SMTPAuth = WPMS_SMTP_AUTH;
$mail->Username = WPMS_SMTP_USER;
$mail->Password = WPMS_SMTP_PASS;
"""
        + _PHP_SEND
    )
    _php_with_phpmailer(text, folder, ca_file)


_SYMFONY_SEND = f"""
$mailer = new Symfony\\Component\\Mailer\\Mailer($transport);
$mailer->send((new Symfony\\Component\\Mime\\Email())
    ->from('{SENDER}')->to('{RECIPIENT}')->subject('x')->text('x'));
"""


def symfony(export: Export, folder: Path, ca_file: Path) -> None:
    """Send with Symfony Mailer, the DSN read by Symfony's own Dotenv."""
    php = program("php", "php-symfony-mailer, php-symfony-dotenv", SYMFONY, SYMFONY_DOTENV)
    (folder / ".env").write_text(export.text, "utf-8")
    text = f"""<?php
require '{SYMFONY}';
require '{SYMFONY_DOTENV}';
(new Symfony\\Component\\Dotenv\\Dotenv())->load(__DIR__ . '/.env');
$transport = Symfony\\Component\\Mailer\\Transport::fromDsn($_ENV['MAILER_DSN']);
{_SYMFONY_SEND}"""
    (folder / "mail.php").write_text(text, "utf-8")
    run(php, "-d", f"openssl.cafile={ca_file}", "mail.php", folder=folder)


def laravel(export: Export, folder: Path, ca_file: Path) -> None:
    """Send as Laravel does: phpdotenv reads the file, Symfony's factory makes the transport."""
    php = program("php", "php-symfony-mailer, php-vlucas-phpdotenv", SYMFONY, PHP_DOTENV)
    (folder / ".env").write_text(export.text, "utf-8")
    text = f"""<?php
require '{SYMFONY}';
require '{PHP_DOTENV}';
$env = Dotenv\\Dotenv::createArrayBacked(__DIR__)->load();
$transport = (new Symfony\\Component\\Mailer\\Transport\\Smtp\\EsmtpTransportFactory())->create(
    new Symfony\\Component\\Mailer\\Transport\\Dsn(
        $env['MAIL_SCHEME'], $env['MAIL_HOST'], $env['MAIL_USERNAME'], $env['MAIL_PASSWORD'],
        (int) $env['MAIL_PORT']));
{_SYMFONY_SEND}"""
    (folder / "mail.php").write_text(text, "utf-8")
    run(php, "-d", f"openssl.cafile={ca_file}", "mail.php", folder=folder)


def ruby_smtp(export: Export, folder: Path, ca_file: Path) -> None:
    """Send with Net::SMTP."""
    sent = f'session.send_message "Subject: x\\n\\nx\\n", "{SENDER}", "{RECIPIENT}"'
    text = export.text.replace("puts session.capable_auth_types", sent)
    assert sent in text
    _ruby(text, folder, ca_file)


_RUBY_SEND = f"""
Mail.deliver do
  from "{SENDER}"
  to "{RECIPIENT}"
  body "x"
end
"""


def ruby_mail(export: Export, folder: Path, ca_file: Path) -> None:
    """Send with the Mail gem."""
    _ruby(export.text + _RUBY_SEND, folder, ca_file)


def rails(export: Export, folder: Path, ca_file: Path) -> None:
    """Send with the Mail gem, to which ActionMailer hands its settings."""
    head = """
require "mail"
module Rails
  Mailer = Struct.new(:delivery_method, :smtp_settings, :default_options)
  Config = Struct.new(:action_mailer)
  CONFIG = Config.new(Mailer.new)
  class Application
    def config = CONFIG
    def configure(&block) = instance_eval(&block)
  end
  def self.application = Application.new
end
"""
    tail = """
Mail.defaults { delivery_method :smtp, Rails::CONFIG.action_mailer.smtp_settings }
"""
    _ruby(head + export.text + tail + _RUBY_SEND, folder, ca_file)


def _ruby(text: str, folder: Path, ca_file: Path) -> None:
    library = Path("/usr/lib/ruby/vendor_ruby/mail.rb")
    ruby = program("ruby", "ruby, ruby-mail", library)
    (folder / "mail_test.rb").write_text(text, "utf-8")
    run(ruby, "mail_test.rb", folder=folder, environment={"SSL_CERT_FILE": str(ca_file)})


def go_smtp(export: Export, folder: Path, ca_file: Path) -> None:
    """Compile the program with Go and send where it says NOOP."""
    go = program("go", "golang-go")
    sent = f"""check(client.Mail("{SENDER}"))
	check(client.Rcpt("{RECIPIENT}"))
	body, err := client.Data()
	check(err)
	_, err = body.Write([]byte("Subject: x\\r\\n\\r\\nx\\r\\n"))
	check(err)
	check(body.Close())"""
    text = export.text.replace("check(client.Noop())", sent)
    assert sent in text
    (folder / "main.go").write_text(text, "utf-8")
    environment = {"SSL_CERT_FILE": str(ca_file), "GOFLAGS": "-mod=mod", "GO111MODULE": "off"}
    run(go, "run", "main.go", folder=folder, environment=environment)


def jakarta(export: Export, folder: Path, ca_file: Path) -> None:
    """Send with JavaMail, whose properties `java.util.Properties` reads."""
    java = program("java", "default-jdk-headless, libmail-java", *JAVA_MAIL)
    keytool = program("keytool", "default-jdk-headless")
    (folder / "mail.properties").write_text(export.text, "utf-8")
    (folder / "Send.java").write_text(_JAVA, "utf-8")
    store = ["-keystore", "trust.p12", "-storepass", "changeit"]
    run(keytool, "-importcert", "-noprompt", "-file", ca_file, *store, folder=folder)
    trust = ["-Djavax.net.ssl.trustStore=trust.p12", "-Djavax.net.ssl.trustStorePassword=changeit"]
    path = ":".join(map(str, JAVA_MAIL))
    run(java, *trust, "-cp", path, "Send.java", folder=folder)


_JAVA = f"""
import java.io.FileInputStream;
import java.util.Properties;
import javax.mail.*;
import javax.mail.internet.*;

class Send {{
    public static void main(String[] arguments) throws Exception {{
        Properties properties = new Properties();
        properties.load(new FileInputStream("mail.properties"));
        Session session = Session.getInstance(properties, new Authenticator() {{
            protected PasswordAuthentication getPasswordAuthentication() {{
                return new PasswordAuthentication(properties.getProperty("mail.smtp.user"),
                    properties.getProperty("mail.smtp.password"));
            }}
        }});
        MimeMessage message = new MimeMessage(session);
        message.setFrom(new InternetAddress("{SENDER}"));
        message.setRecipients(Message.RecipientType.TO, "{RECIPIENT}");
        message.setSubject("x");
        message.setText("x");
        Transport.send(message);
    }}
}}
"""
