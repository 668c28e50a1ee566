"""A repository that accepts Kerberos tickets, as little of it as a sign-in needs. Prints the port it listens on.

The argument says how it behaves:
  mutual     as it should: it accepts the ticket and proves itself
  silent     it accepts the ticket and does not prove itself
  forged     it accepts the ticket and proves nothing with a made-up token
  refusing   it accepts no ticket
  basic      it wants a password
  ntlm       it wants NTLM
"""

import base64
import http.server
import json
import sys
import uuid

import gssapi

MODE = sys.argv[1]
tokens = {}
log = []


class Repository(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, status, body=None, challenges=()):
        payload = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        for challenge in challenges:
            self.send_header("WWW-Authenticate", challenge)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def proof(self):
        scheme, _, value = self.headers.get("Authorization", "").partition(" ")
        return scheme, value

    def login(self):
        scheme, value = self.proof()
        return tokens.get(value) if scheme == "token" else None

    def do_HEAD(self):
        self.answer(200)

    def do_GET(self):
        if self.path == "/log":
            return self.answer(200, log)
        if self.path == "/api/authentication-type":
            return self.answer(200, {"authentication_type": "kerberos"})
        if self.path == "/api/user" and self.login():
            return self.answer(200, {"login": self.login(), "user_type": "user"})
        return self.answer(404, {"error": "not found"})

    def do_DELETE(self):
        login = self.login()
        log.append(f"DELETE {self.path} by {login}")
        if not login:
            return self.answer(401, {"error": "not signed in"})
        del tokens[self.proof()[1]]
        return self.answer(201)

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        scheme, value = self.proof()
        log.append(f"POST {self.path} with {scheme}")
        if MODE == "basic":
            return self.answer(401, {"error": "password wanted"}, ['Basic realm="repository"'])
        if scheme != "Negotiate":
            return self.answer(401, {"error": "ticket wanted"}, ["Negotiate"])
        if MODE == "refusing":
            return self.answer(401, {"error": "not for you"}, ["Negotiate"])
        if MODE == "ntlm":
            challenge = base64.b64encode(b"NTLMSSP\0\x02\0\0\0" + bytes(48)).decode()
            return self.answer(401, {"error": "ntlm wanted"}, ["Negotiate " + challenge])
        context = gssapi.SecurityContext(usage="accept", creds=gssapi.Credentials(usage="accept"))
        reply = context.step(base64.b64decode(value))
        assert context.complete
        login = str(context.initiator_name).partition("@")[0]
        token = f"{login[:2]}-{uuid.uuid4()}"
        tokens[token] = login
        log.append(f"made {body['note']} for {login}")
        proof = {
            "mutual": ["Negotiate " + base64.b64encode(reply or b"").decode()],
            "silent": [],
            "forged": ["Negotiate " + base64.b64encode(b"\xa1\x14\x30\x12" + bytes(18)).decode()],
        }
        return self.answer(200, {"token": token}, proof[MODE])


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Repository)
print(server.server_address[1], flush=True)
server.serve_forever()
