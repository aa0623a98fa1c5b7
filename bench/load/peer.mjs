// What a user would write: Node's http, undici and jsonwebtoken; checks the bearer, posts to one carrier, answers 200.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import jsonwebtoken from "jsonwebtoken";
import { Pool } from "undici";

const { PORT, SECRET, AUDIENCE, SUBJECT, CARRIER, CA } = process.env;
const pool = new Pool(CARRIER, { connections: 64, connect: { ca: readFileSync(CA) } });

async function body(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
}

async function send({ recipient, body: content, sender }) {
  const answer = await pool.request({
    method: "POST",
    path: "/clickatell/v1/message",
    headers: { "content-type": "application/json", authorization: "key" },
    body: JSON.stringify({ messages: [{ channel: "sms", to: recipient.slice(1), content, from: sender }] }),
  });
  const said = await answer.body.json();
  return answer.statusCode === 202 && said.messages[0].accepted;
}

createServer(async (request, response) => {
  let status = 500;
  try {
    const token = (request.headers.authorization ?? "").replace(/^Bearer /, "");
    const options = { algorithms: ["HS256"], audience: AUDIENCE, subject: SUBJECT };
    jsonwebtoken.verify(token, SECRET, options);
    status = (await send(await body(request))) ? 200 : 502;
  } catch (error) {
    status = error instanceof jsonwebtoken.JsonWebTokenError ? 401 : 500;
  }
  response.writeHead(status, { "content-type": "application/json" });
  response.end("{}");
}).listen(Number(PORT), "127.0.0.1");
