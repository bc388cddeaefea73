"""Texts as people paste them, of code: the format, the text, what is taken, the secret."""

from typing import Any

from smtp_workbench.settings.transport import Security, TlsVersion, Trust

Pasted = tuple[str, str, dict[str, Any], str | None]
IMPLICIT, STARTTLS = Security.IMPLICIT_TLS, Security.STARTTLS
OFFERED, PLAINTEXT = Security.STARTTLS_IF_OFFERED, Security.PLAINTEXT

PASTED: list[Pasted] = [
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
]  # fmt: skip
