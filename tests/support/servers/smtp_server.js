// Nodemailer's smtp-server, one instance a role. Argument: JSON with user, password, key, cert and
// for each role its port and options. Reads and drops every message.
"use strict";
const fs = require("fs");
const { SMTPServer } = require("smtp-server");

const given = JSON.parse(process.argv[2]);
const common = {
  key: fs.readFileSync(given.key),
  cert: fs.readFileSync(given.certificate),
  disableReverseLookup: true,
  authMethods: ["PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2"],
  onAuth(auth, session, done) {
    const known = auth.username === given.user;
    if (auth.method === "XOAUTH2") {
      return known && auth.accessToken === given.token
        ? done(null, { user: auth.username })
        : done(null, { data: { status: "401", schemes: "bearer mac", scope: "mail" } });
    }
    const right =
      auth.method === "CRAM-MD5"
        ? auth.validatePassword(given.password)
        : auth.password === given.password;
    return known && right
      ? done(null, { user: auth.username })
      : done(new Error("Invalid username or password"));
  },
  onRcptTo(address, session, done) {
    const refusal = new Error(`${address.address}: no such user here`);
    refusal.responseCode = 550;
    return address.address.startsWith("nobody@") ? done(refusal) : done();
  },
  onData(stream, session, done) {
    stream.on("end", () => done(null, "taken and dropped"));
    stream.resume();
  },
};

for (const [role, options] of Object.entries(given.roles)) {
  const server = new SMTPServer({ ...common, ...options });
  server.on("error", (error) => console.error(role, error.message));
  server.listen(given.ports[role], "127.0.0.1");
}
