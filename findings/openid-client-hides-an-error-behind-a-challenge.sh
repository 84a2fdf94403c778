#!/bin/sh
# openid-client 6.9.0 (and oauth4webapi 3.8.8 below it): if the token endpoint answers an OAuth error in JSON with
# a `WWW-Authenticate` header beside it, as RFC 6749 5.2 asks for with `invalid_client`, the thrown error has no
# `error`: the body is not looked at. A program that tells `invalid_grant` (log in again) from a failure by that
# member takes it for a failure, and a device login that is still pending ends.
#
# Seen: "plain: invalid_grant, with a challenge: undefined", "pending: any, pending with a challenge: undefined"
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm install --silent --no-audit --no-fund openid-client@6.9.0 oauth4webapi@3.8.8 >/dev/null

cat >challenge.mjs <<'JS'
import * as client from "openid-client";
const challenge = { "www-authenticate": 'Bearer realm="any"' };
const issuer = "https://any.example";
/** A client of a token endpoint that gives these answers. */
function configured(...answers) {
  const metadata = { issuer, token_endpoint: `${issuer}/token` };
  const configuration = new client.Configuration(metadata, "any", undefined, client.None());
  configuration[client.customFetch] = () => Promise.resolve(answers.shift());
  return configuration;
}
const refused = (error, headers) => Response.json({ error }, { status: 400, headers });
const refresh = (headers) =>
  client.refreshTokenGrant(configured(refused("invalid_grant", headers)), "any")
    .catch(({ error }) => error);
console.log(`plain: ${await refresh()}, with a challenge: ${await refresh(challenge)}`);

const device = { device_code: "any", user_code: "any", verification_uri: issuer, expires_in: 60, interval: 1 };
const token = () => Response.json({ access_token: "any", token_type: "bearer" });
const poll = (headers) =>
  client.pollDeviceAuthorizationGrant(configured(refused("authorization_pending", headers), token()), device)
    .then(({ access_token }) => access_token, ({ error }) => error);
console.log(`pending: ${await poll()}, pending with a challenge: ${await poll(challenge)}`);
JS

seen=$(node challenge.mjs)
echo "$seen"
[ "$seen" = "plain: invalid_grant, with a challenge: undefined
pending: any, pending with a challenge: undefined" ] || { echo "This has changed" >&2; exit 1; }
