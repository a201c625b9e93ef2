// A real OpenID provider for the tests of sign-in: oidc-provider, with a login that asks for no password.
// node provider.cjs FOLDER PORT CLIENT_URL; POST /as?user=..&roles=a,b says who is at the keyboard.
const [folder, port, client] = process.argv.slice(2);
const { pathToFileURL } = require("node:url");
const { join } = require("node:path");

(async () => {
  const { default: Provider } = await import(pathToFileURL(join(folder, "node_modules/oidc-provider/lib/index.js")));
  const issuer = `http://127.0.0.1:${port}`;
  const who = { user: "dana", roles: ["dpo"] };
  const provider = new Provider(issuer, {
    clients: [{
      client_id: "candor-console", client_secret: "a-secret-of-the-tests", grant_types: ["authorization_code"],
      response_types: ["code"], redirect_uris: [`${client}/console/callback`],
      backchannel_logout_uri: `${client}/console/logged-out`, backchannel_logout_session_required: true,
    }],
    claims: { openid: ["sub", "sid", "auth_time", "iss"], profile: ["name", "roles"] },
    conformIdTokenClaims: false,
    cookies: { keys: ["only in tests"] },
    features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true }, rpInitiatedLogout: { enabled: true } },
    pkce: { required: () => true },
    fetch: (url, options) => fetch(url, { ...options, dispatcher: undefined }),
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, name: `Name of ${id}`, roles: who.roles }) }),
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    loadExistingGrant: async ctx => {
      const grant = new provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
      grant.addOIDCScope("openid profile");
      await grant.save();
      return grant;
    },
  });
  provider.use(async (ctx, next) => {
    if (ctx.path === "/as") {
      who.user = ctx.query.user;
      who.roles = ctx.query.roles ? ctx.query.roles.split(",") : [];
      ctx.body = "ok";
    } else if (ctx.path.startsWith("/interaction/")) {
      await provider.interactionFinished(ctx.req, ctx.res, { login: { accountId: who.user } });
      ctx.respond = false;
    } else await next();
  });
  for (const event of ["server_error", "backchannel.error"]) provider.on(event, (...given) => console.error(event, given.at(-1)?.message ?? given));
  provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
})();
