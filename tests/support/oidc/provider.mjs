// A real OpenID provider on the loopback. It writes its issuer as one line of JSON and ends when its input does.
//
// The person at the browser is played by the test: every question ends on /interaction/<id>, and a POST to
// /interaction/<id>/approve or /interaction/<id>/decline answers it. A POST to /test/expire-device-codes lets the time
// of every device code run out, one to /test/until-pending is answered once a machine was told to wait for its person.

import { createServer } from 'node:http';

import Provider from 'oidc-provider';

// Standard output is for the issuer alone.
console.log = console.info = console.error;

const client = (client_id, redirect_uris) => ({
  client_id,
  redirect_uris,
  application_type: 'native',
  token_endpoint_auth_method: 'none',
  response_types: ['code'],
  grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
});

const configuration = {
  clients: [
    client('repo-service-cli', ['http://localhost/']),
    client('sextant-number', ['http://127.0.0.1/auth/oidc']),
    { ...client('no-devices', ['http://localhost/']), grant_types: ['authorization_code'] },
  ],
  cookies: { keys: ['of a test'] },
  claims: { openid: ['sub'], email: ['email'], profile: ['name'] },
  pkce: { required: () => true },
  features: {
    devInteractions: { enabled: false },
    deviceFlow: { enabled: true },
  },
  findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
  ttl: { AccessToken: 300, AuthorizationCode: 60, DeviceCode: 600, Grant: 600, IdToken: 300, Interaction: 600, Session: 600 },
};

const answers = {
  async approve(provider, request, response) {
    const { params } = await provider.interactionDetails(request, response);
    const grant = new provider.Grant({ accountId: 'alice', clientId: params.client_id });
    grant.addOIDCScope(params.scope);
    return { login: { accountId: 'alice' }, consent: { grantId: await grant.save() } };
  },
  async decline() {
    return { error: 'access_denied', error_description: 'Alice does not want to' };
  },
};

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, configuration);
  const handle = provider.callback();
  const pending = new Promise((resolve) => {
    provider.on('grant.error', (_context, error) => error.error === 'authorization_pending' && resolve());
  });
  server.on('request', async (request, response) => {
    const [, first, , answer] = request.url.split('/');
    if (request.method === 'POST' && request.url === '/test/expire-device-codes') {
      Object.defineProperty(provider.DeviceCode.prototype, 'isExpired', { get: () => true });
      response.writeHead(204).end();
    } else if (request.method === 'POST' && request.url === '/test/until-pending') {
      await pending;
      response.writeHead(204).end();
    } else if (first !== 'interaction') {
      handle(request, response);
    } else if (request.method === 'POST' && answers[answer]) {
      try {
        const result = await answers[answer](provider, request, response);
        await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
      } catch (error) {
        response.writeHead(500).end(String(error));
      }
    } else {
      response.writeHead(200).end('Do you want to sign in?');
    }
  });
  process.stdout.write(`${JSON.stringify({ issuer })}\n`);
});

process.stdin.resume().on('end', () => process.exit());
