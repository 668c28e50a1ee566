"""A web page that remembers whose tickets it was shown. Prints the port it listens on.

A browser that shows no ticket gets a page that says so, and asks again by itself: Chromium loads GSSAPI only after its
first request was refused.
"""

import base64
import http.server
import json

import gssapi

AGAIN = b"""<html><body>no ticket<script>
const asked = Number(location.search.slice(1) || 0)
if (asked < 3) location.replace("/?" + (asked + 1))
</script></body></html>"""


shown = []


class Page(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body, challenge=None):
        self.send_response(status)
        if challenge:
            self.send_header("WWW-Authenticate", challenge)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/log":
            return self.answer(200, json.dumps(shown).encode())
        if self.path.partition("?")[0] != "/":
            return self.answer(404, b"")
        scheme, _, value = self.headers.get("Authorization", "").partition(" ")
        if scheme != "Negotiate":
            return self.answer(401, AGAIN, "Negotiate")
        context = gssapi.SecurityContext(usage="accept", creds=gssapi.Credentials(usage="accept"))
        reply = context.step(base64.b64decode(value))
        shown.append(str(context.initiator_name))
        return self.answer(200, b"<html><body>welcome</body></html>",
                           "Negotiate " + base64.b64encode(reply or b"").decode())


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
print(server.server_address[1], flush=True)
server.serve_forever()
