// Nodemailer's sends, timed by Node itself. Started by send_speed.py, which installs Nodemailer.
// For each line on standard input, `many COUNT CONNECTIONS` or `big FILE`, it answers with the
// milliseconds that it took.

"use strict";

const readline = require("node:readline");
const nodemailer = require("nodemailer");

const { host, port, name, text } = JSON.parse(process.argv[2]);
const common = { host, port, name, secure: false, ignoreTLS: true };
const message = { from: "me@example.org", to: "you@example.org", subject: "bench", text };

async function many(count, connections) {
  const transporter = nodemailer.createTransport({
    ...common,
    pool: true,
    maxConnections: connections,
    maxMessages: Infinity,
  });
  const began = performance.now();
  await Promise.all(Array.from({ length: count }, () => transporter.sendMail(message)));
  const took = performance.now() - began;
  transporter.close();
  return took;
}

async function big(path) {
  const transporter = nodemailer.createTransport(common);
  const began = performance.now();
  await transporter.sendMail({ ...message, attachments: [{ filename: "big.bin", path }] });
  return performance.now() - began;
}

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const [what, first, second] = line.split(" ");
    console.log(await (what === "many" ? many(Number(first), Number(second)) : big(first)));
  }
})();
