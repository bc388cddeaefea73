// Nodemailer's verify, timed by Node itself. Started by verify_speed.py, which installs Nodemailer.
// For each line on standard input, a number, it verifies that often and answers with a JSON list of
// milliseconds.

"use strict";

const fs = require("node:fs");
const readline = require("node:readline");
const tls = require("node:tls");
const nodemailer = require("nodemailer");

const { host, port, name, user, password, caFile } = JSON.parse(process.argv[2]);
const ca = fs.readFileSync(caFile);
const transporter = nodemailer.createTransport({
  host,
  port,
  name,
  secure: false,
  requireTLS: true,
  // Made once, as the other clients of this bench reuse theirs too.
  tls: { ca, secureContext: tls.createSecureContext({ ca }) },
  authMethod: "PLAIN",
  auth: { user, pass: password },
});

async function measure(count) {
  const took = [];
  for (let run = 0; run < count; run += 1) {
    const began = performance.now();
    await transporter.verify();
    took.push(performance.now() - began);
  }
  return took;
}

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await measure(Number(line))));
  }
})();
